"""SearchTradeMulti: every answer GMO is known to give, and what must not be believed."""

from datetime import datetime
from urllib.parse import parse_qs

import pytest

from portal.clock import JST
from portal.gmo.client import Gmo
from portal.gmo.errors import Busy, Meaning, NotFound, Refused, UnknownOutcome
from portal.gmo.model import PayType, Trade
from tests.unit.gmo.doubles import (
    CARD_ORDER,
    CVS_ORDER,
    IDPASS,
    Answering,
    Captured,
    FakeTransport,
)

HTML = b"<html><body>503 ErrCode=M01&ErrInfo=M01004002&Status=CAPTURE&AccessID=1&Amount=1</body>"


@pytest.mark.parametrize("reason", ["timeout", "connection"])
def test_no_answer_leaves_the_outcome_open(transport: FakeTransport, gmo: Gmo, reason: str) -> None:
    transport.answers.append(UnknownOutcome(reason))
    with pytest.raises(UnknownOutcome, match=reason):
        gmo.search(CARD_ORDER, PayType.CARD)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_not_read_whatever_it_says(
    answering: Answering, captured: Captured, status: int
) -> None:
    for body in (b"", HTML, captured("search_multi_card_success.txt")):
        with pytest.raises(UnknownOutcome) as raised:
            answering(body, status, IDPASS).search(CARD_ORDER, PayType.CARD)
        assert raised.value.status == status


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307])
def test_a_redirect_or_an_unexpected_success_is_not_an_answer(
    answering: Answering, captured: Captured, status: int
) -> None:
    gmo = answering(captured("search_multi_card_success.txt"), status)
    with pytest.raises(UnknownOutcome):
        gmo.search(CARD_ORDER, PayType.CARD)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\r\n",
        HTML,
        b"\r\n  " + HTML,
        b"OK",
        b'{"status":"CAPTURE"}',
        b"Status=CAPTURE",
        b"Status=CAPTURE&AccessID=1",
        b"Status=&AccessID=1&Amount=8000",
        b"Status=CAPTURE&AccessID=1&Amount=",
        b"Status=CAPTURE&AccessID=1&Amount=eight",
        b"Status=CAPTURE&AccessID=1&Amount=-8000",
        b"Status=CAPTURE&AccessID=1&Amount=8000.0",
        b"Status=CAPTURE&AccessID=1&Amount=8000&Tax=x",
        b"Status=CAPTURE&AccessID=1&Amount=" + b"9" * 5000,
        b"\xff\xfe\x00=&&&==",
    ],
)
def test_an_answer_that_is_cut_off_or_no_answer_is_not_believed(
    answering: Answering, body: bytes
) -> None:
    with pytest.raises(UnknownOutcome, match="format"):
        answering(body).search(CARD_ORDER, PayType.CARD)


def test_a_page_of_a_firewall_is_not_an_answer(answering: Answering) -> None:
    with pytest.raises(UnknownOutcome) as raised:
        answering(HTML, 403, "text/html").search(CARD_ORDER, PayType.CARD)
    assert raised.value.status == 403


def test_a_trade_with_a_client_error_status_is_not_believed(
    answering: Answering, captured: Captured
) -> None:
    gmo = answering(captured("search_multi_card_success.txt"), 404)
    with pytest.raises(UnknownOutcome):
        gmo.search(CARD_ORDER, PayType.CARD)


def test_an_answer_for_another_way_of_paying_is_not_believed(
    answering: Answering, captured: Captured
) -> None:
    gmo = answering(captured("search_multi_card_success.txt"))
    with pytest.raises(UnknownOutcome, match="another way"):
        gmo.search(CARD_ORDER, PayType.CVS)


def test_an_answer_that_echoes_another_order_is_not_believed(
    answering: Answering, captured: Captured
) -> None:
    gmo = answering(captured("search_trade_unprocessed.txt"))
    with pytest.raises(UnknownOutcome, match="another order"):
        gmo.search(CVS_ORDER, PayType.CARD)


@pytest.mark.parametrize("name", ["search_multi_not_found.txt", "search_trade_not_found.txt"])
@pytest.mark.parametrize("status", [200, 400])
def test_an_order_that_nobody_began_to_pay_is_not_found(
    answering: Answering, captured: Captured, name: str, status: int
) -> None:
    with pytest.raises(NotFound):
        answering(captured(name), status, IDPASS).search(CARD_ORDER, PayType.CARD)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (
            "search_multi_errors.txt",
            (("M01", "M01051005"), ("M01", "M01051011"), ("M01", "M01004002")),
        ),
        ("search_multi_errors_two.txt", (("M01", "M01051001"), ("M01", "M01004002"))),
        ("search_multi_wrong_shop.txt", (("M01", "M01002002"),)),
    ],
)
def test_errors_come_in_pairs_with_http_200(
    answering: Answering, captured: Captured, name: str, codes: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured(name)).search(CARD_ORDER, PayType.CARD)
    assert raised.value.codes == codes


def test_a_wrong_shop_is_a_matter_of_configuration(
    answering: Answering, captured: Captured
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured("search_multi_wrong_shop.txt")).search(CARD_ORDER, PayType.CARD)
    assert raised.value.means(Meaning.CONFIGURATION)


def test_flow_control_is_busy(answering: Answering, captured: Captured) -> None:
    with pytest.raises(Busy):
        answering(captured("search_throttled.txt")).search(CARD_ORDER, PayType.CARD)


def test_a_paid_card_is_read_in_full(answering: Answering, captured: Captured) -> None:
    found = answering(captured("search_multi_card_success.txt")).search(CARD_ORDER, PayType.CARD)
    assert found == Trade(
        pay_type=PayType.CARD,
        status="CAPTURE",
        amount=8000,
        tax=0,
        currency="JPN",
        job_cd="CAPTURE",
        access_id="5a1b7c90d24e63f8a05c1e7b94d2f683",
        access_pass="c07d3e5f18a249b6d5e0f7182c3a4b96",
        client_fields=("2026-annual", "4k8m2r6t0v3x5z7b9d1f2g4h6j", "local"),
        forward="2a99662",
        approve=" 019292",
        tran_id="2611221012111111111111811578",
        process_date=datetime(2026, 11, 22, 10, 12, 31, tzinfo=JST),
    )
    assert found.paid
    assert found.paid_at == found.process_date


def test_a_paid_slip_is_read_in_full(answering: Answering, captured: Captured) -> None:
    found = answering(captured("search_multi_cvs_paysuccess.txt")).search(CVS_ORDER, PayType.CVS)
    assert found.paid
    assert found.paid_at == datetime(2026, 11, 25, 19, 30, 7, tzinfo=JST)
    assert found.receipt_date == datetime(2026, 11, 25, 19, 30, 5, tzinfo=JST)
    assert found.payment_term == datetime(2026, 12, 6, 23, 59, 59, tzinfo=JST)
    assert (found.cvs_code, found.conf_no, found.receipt_no) == ("10001", "3814", "100482917365")
    assert found.receipt_url.startswith("https://stg.link.mul-pay.jp/receipt/")


@pytest.mark.parametrize(
    ("name", "pay_type", "true"),
    [
        ("search_multi_card_success.txt", PayType.CARD, {"paid"}),
        ("search_multi_card_return.txt", PayType.CARD, {"refunded"}),
        ("search_multi_card_declined.txt", PayType.CARD, set()),
        ("search_multi_card_2013_capture.txt", PayType.CARD, set()),
        ("search_trade_unprocessed.txt", PayType.CARD, set()),
        ("search_multi_cvs_reqsuccess.txt", PayType.CVS, {"slip_open"}),
        ("search_multi_cvs_paysuccess.txt", PayType.CVS, {"paid"}),
        ("search_multi_cvs_expired.txt", PayType.CVS, {"dead"}),
        ("search_multi_cvs_cancel.txt", PayType.CVS, {"dead"}),
    ],
)
def test_each_known_answer_says_one_thing(
    answering: Answering, captured: Captured, name: str, pay_type: PayType, true: set[str]
) -> None:
    found = answering(captured(name)).search(CARD_ORDER, pay_type)
    said = {word for word in ("paid", "refunded", "slip_open", "dead") if getattr(found, word)}
    assert said == true


def test_only_the_first_equals_sign_separates(answering: Answering) -> None:
    body = b"Status=NEW=ONE&AccessID=a+b%20c==&Amount=1&Tax=&ClientField1=x=y&PayType=0\r\n"
    found = answering(body).search(CARD_ORDER, PayType.CARD)
    assert (found.status, found.access_id) == ("NEW=ONE", "a+b%20c==")
    assert (found.client_fields[0], found.tax) == ("x=y", 0)


def test_of_a_key_that_comes_twice_the_first_stands(answering: Answering) -> None:
    body = b"Status=AUTH&AccessID=1&Amount=1&Status=CAPTURE"
    assert answering(body).search(CARD_ORDER, PayType.CARD).status == "AUTH"


def test_windows_31j_is_read(answering: Answering) -> None:
    body = "Status=AUTH&AccessID=1&Amount=1&ClientField1=髙橋①".encode("cp932")
    found = answering(body, 200, IDPASS).search(CARD_ORDER, PayType.CARD)
    assert found.client_fields[0] == "髙橋①"


def test_an_unknown_status_is_kept_and_means_nothing(answering: Answering) -> None:
    found = answering(b"Status=TRADING&AccessID=1&Amount=1").search(CARD_ORDER, PayType.CARD)
    assert found.status == "TRADING"
    assert not any((found.paid, found.refunded, found.slip_open, found.dead))


@pytest.mark.parametrize("content_type", ["", "text/html", "application/json", "text/plain"])
def test_what_counts_is_what_the_body_says(
    answering: Answering, captured: Captured, content_type: str
) -> None:
    body = captured("search_multi_card_success.txt")
    assert answering(body, 200, content_type).search(CARD_ORDER, PayType.CARD).paid


def test_the_question_holds_the_shop_the_order_and_the_way(
    answering: Answering, captured: Captured, transport: FakeTransport
) -> None:
    answering(captured("search_multi_cvs_expired.txt")).search(CVS_ORDER, PayType.CVS)
    (sent,) = transport.sent
    assert sent.url == "https://gmo.example.com/payment/SearchTradeMulti.idPass"
    assert sent.content_type == "application/x-www-form-urlencoded"
    assert parse_qs(sent.body.decode()) == {
        "ShopID": ["tshop00000000"],
        "ShopPass": ["tpass00000"],
        "OrderID": [CVS_ORDER],
        "PayType": ["3"],
    }
