"""Issuing and stopping payment links."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from portal.clock import JST
from portal.gmo.client import Gmo, Shop
from portal.gmo.errors import Busy, Meaning, Refused, UnknownOutcome, Unsendable
from portal.gmo.link import LinkRequest, Payer, RejectOutcome, SlipTerms
from tests.unit.gmo.doubles import (
    CARD_ORDER,
    CVS_ORDER,
    SHOP,
    Answering,
    Captured,
    FakeTransport,
)

URL = (
    "https://stg.link.mul-pay.jp/v2/plus/tshop00000000/checkout/"
    "f16d05ec6b29248d2c61adb1e9263f78e4f7bace1b955014a2d17872cfe4064d"
)


def body_of(transport: FakeTransport) -> dict[str, Any]:
    """The last JSON body that was sent."""
    body: dict[str, Any] = json.loads(transport.sent[-1].body)
    return body


@pytest.mark.parametrize("reason", ["timeout", "connection"])
def test_no_answer_leaves_the_outcome_open(
    transport: FakeTransport, gmo: Gmo, card_request: LinkRequest, reason: str
) -> None:
    transport.answers.append(UnknownOutcome(reason))
    with pytest.raises(UnknownOutcome):
        gmo.issue_link(card_request)
    assert len(transport.sent) == 1, "nothing is repeated by itself"


@pytest.mark.parametrize("status", [302, 500, 502, 503, 504])
def test_a_server_error_or_redirect_is_not_read_whatever_it_says(
    answering: Answering, captured: Captured, card_request: LinkRequest, status: int
) -> None:
    for name in ("link_success.json", "link_errors.json"):
        with pytest.raises(UnknownOutcome):
            answering(captured(name), status).issue_link(card_request)


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>blocked</html>",
        b"null",
        b"0",
        b"[]",
        b"{}",
        b"[1, null, []]",
        b'{"LinkUrl"',
        b'"https://a.example/"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":null}',
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":""}',
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":["https://a.example/"]}',
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":"javascript:alert(1)"}',
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":"http://a.example/"}',
        b'{"OrderID":"D26-7Q2M9V0X4TBKC81H","LinkUrl":"https://a.example/ x"}',
        b'{"OrderID":"D26-0000000000000000","LinkUrl":"https://a.example/"}',
        b'{"OrderID":1,"LinkUrl":"https://a.example/"}',
    ],
)
def test_an_answer_without_a_usable_link_for_this_order_is_not_believed(
    answering: Answering, card_request: LinkRequest, body: bytes, status: int
) -> None:
    with pytest.raises(UnknownOutcome):
        answering(body, status, "text/html").issue_link(card_request)


def test_a_link_with_a_client_error_status_is_not_believed(
    answering: Answering, captured: Captured, card_request: LinkRequest
) -> None:
    with pytest.raises(UnknownOutcome):
        answering(captured("link_success.json"), 404).issue_link(card_request)


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", ["link_errors.json", "link_errors_upper.json"])
def test_errors_come_as_a_list_in_both_spellings(
    answering: Answering, captured: Captured, card_request: LinkRequest, name: str, status: int
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured(name), status).issue_link(card_request)
    assert raised.value.codes == (("EZ1", "EZ1003001"), ("EZ1", "EZ1004001"))


def test_one_error_may_come_without_a_list(
    answering: Answering, captured: Captured, card_request: LinkRequest
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured("link_error_object.json")).issue_link(card_request)
    assert raised.value.means(Meaning.CONFIGURATION)


def test_an_order_that_exists_is_refused_as_such(
    answering: Answering, captured: Captured, card_request: LinkRequest
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured("link_order_exists.json"), 400).issue_link(card_request)
    assert raised.value.means(Meaning.DUPLICATE)


def test_a_double_submission_leaves_the_outcome_open(
    answering: Answering, card_request: LinkRequest
) -> None:
    body = b'[{"errCode":"E90","errInfo":"E90010001"}]'
    with pytest.raises(UnknownOutcome) as raised:
        answering(body, 400).issue_link(card_request)
    assert raised.value.codes == (("E90", "E90010001"),)


def test_flow_control_is_busy(answering: Answering, card_request: LinkRequest) -> None:
    with pytest.raises(Busy):
        answering(b'[{"errCode":"E92","errInfo":"E92000002"}]', 400).issue_link(card_request)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"order_id": ""}, "transaction.OrderID"),
        ({"order_id": "D26_1"}, "transaction.OrderID"),
        ({"order_id": "D" * 28}, "transaction.OrderID"),
        ({"order_id": "D26-1\n"}, "transaction.OrderID"),
        ({"amount": 0}, "transaction.Amount"),
        ({"amount": -1}, "transaction.Amount"),
        ({"amount": 10_000_000_000}, "transaction.Amount"),
        ({"return_url": "/member/billing/return"}, "transaction.RetUrl"),
        ({"return_url": "https://x.example/" + "a" * 240}, "transaction.RetUrl"),
        ({"client_fields": ("a&b", "", "")}, "transaction.ClientField1"),
        ({"client_fields": ("", "a=b", "")}, "transaction.ClientField2"),
        ({"client_fields": ("", "", "a" * 101)}, "transaction.ClientField3"),
        ({"expires": datetime(2026, 11, 23)}, "transaction.PaymentExpireDate"),  # noqa: DTZ001
    ],
)
def test_what_breaks_the_limits_is_never_sent(
    transport: FakeTransport,
    gmo: Gmo,
    card_request: LinkRequest,
    change: dict[str, Any],
    fault: str,
) -> None:
    with pytest.raises(Unsendable) as raised:
        gmo.issue_link(replace(card_request, **change))
    assert fault in raised.value.fields
    assert transport.sent == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"days": 0}, "cvs.PaymentTermDay"),
        ({"days": 100}, "cvs.PaymentTermDay"),
        ({"contact": ""}, "cvs.ReceiptsDisp11"),
        ({"contact": "会" * 22}, "cvs.ReceiptsDisp11"),
        ({"contact": "𠮷"}, "cvs.ReceiptsDisp11"),
        ({"phone": "03-0000-00000"}, "cvs.ReceiptsDisp12"),
        ({"phone": "電話"}, "cvs.ReceiptsDisp12"),
        ({"hours": "9:00-17:00"}, "cvs.ReceiptsDisp13"),
    ],
)
def test_slip_terms_that_no_store_can_print_are_never_sent(
    gmo: Gmo, slip_request: LinkRequest, slip_terms: SlipTerms, change: dict[str, Any], fault: str
) -> None:
    with pytest.raises(Unsendable) as raised:
        gmo.issue_link(replace(slip_request, slip=replace(slip_terms, **change)))
    assert raised.value.fields == (fault,)


def test_no_slip_is_larger_than_a_store_takes(
    answering: Answering, captured: Captured, slip_request: LinkRequest
) -> None:
    body = captured("link_success.json").replace(CARD_ORDER.encode(), CVS_ORDER.encode())
    gmo = answering(body)
    with pytest.raises(Unsendable):
        gmo.issue_link(replace(slip_request, amount=300_001))
    assert gmo.issue_link(replace(slip_request, amount=300_000)).url == URL


def test_slip_terms_belong_to_slips_and_slips_need_them(
    gmo: Gmo, slip_request: LinkRequest, card_request: LinkRequest, slip_terms: SlipTerms
) -> None:
    for wrong in (replace(slip_request, slip=None), replace(card_request, slip=slip_terms)):
        with pytest.raises(Unsendable):
            gmo.issue_link(wrong)


def test_a_link_comes_back_with_its_address_and_time(
    answering: Answering, captured: Captured, card_request: LinkRequest
) -> None:
    link = answering(captured("link_success.json")).issue_link(card_request)
    assert link.url == URL
    assert link.process_date == datetime(2026, 11, 22, 10, 0, 3, tzinfo=JST)
    assert not link.warned


@pytest.mark.parametrize("name", ["link_warning.json", "link_warning_object.json"])
def test_a_warning_comes_with_the_link_as_list_or_object(
    answering: Answering, captured: Captured, card_request: LinkRequest, name: str
) -> None:
    link = answering(captured(name)).issue_link(card_request)
    assert (link.url, link.warned) == (URL, True)


@pytest.mark.parametrize("extra", ['"WarnList":null', '"WarnList":[]', '"AccessID":"1"'])
def test_no_warning_may_be_told_in_several_ways(
    answering: Answering, card_request: LinkRequest, extra: str
) -> None:
    body = f'\ufeff{{"OrderID":"{CARD_ORDER}","LinkUrl":"{URL}",{extra}}}'.encode()
    assert not answering(body, 200, "text/plain").issue_link(card_request).warned


def test_an_unencrypted_link_is_taken_only_from_an_unencrypted_gmo(
    transport: FakeTransport, answering: Answering, card_request: LinkRequest
) -> None:
    """That is the stand-in on the laptop."""
    answering(b'{"LinkUrl":"http://127.0.0.1:4580/checkout/1"}')
    local = Gmo(transport, "http://127.0.0.1:4580", SHOP)
    assert local.issue_link(card_request).url == "http://127.0.0.1:4580/checkout/1"


def test_a_card_link_asks_for_one_captured_payment_with_3d_secure(
    answering: Answering,
    captured: Captured,
    transport: FakeTransport,
    card_request: LinkRequest,
) -> None:
    answering(captured("link_success.json")).issue_link(card_request)
    assert transport.sent[0].url == ("https://gmo.example.com/payment/GetLinkplusUrlPayment.json")
    assert transport.sent[0].content_type == "application/json;charset=UTF-8"
    back = "https://portal.example.com/member/billing/return"
    assert body_of(transport) == {
        "configid": "dues01",
        "geturlparam": {
            "ShopID": "tshop00000000",
            "ShopPass": "tpass00000",
            "GuideMailSendFlag": "0",
            "ThanksMailSendFlag": "0",
        },
        "transaction": {
            "OrderID": CARD_ORDER,
            "Amount": "8000",
            "Tax": "0",
            "ClientField1": "2026-annual",
            "ClientField2": "4k8m2r6t0v3x5z7b9d1f2g4h6j",
            "ClientField3": "local",
            "PayMethods": ["credit"],
            "RetUrl": back,
            "CompleteUrl": back,
            "CancelUrl": back,
            "PaymentExpireDate": "202611232359",
            "ResultSkipFlag": "0",
        },
        "credit": {"JobCd": "CAPTURE", "Method": "1", "TdFlag": "2", "Tds2Type": "2"},
        "customer": {
            "CustomerName": "会員太郎",
            "CustomerKana": "カイインタロウ",
            "TelNo": "0300000000",
            "MailAddress": "m@example.com",
        },
    }


def test_a_slip_link_offers_nothing_but_the_store(
    answering: Answering, transport: FakeTransport, slip_request: LinkRequest
) -> None:
    body = f'{{"OrderID":"{CVS_ORDER}","LinkUrl":"{URL}"}}'.encode()
    answering(body).issue_link(replace(slip_request, payer=Payer()))
    sent = body_of(transport)
    assert sent["transaction"]["PayMethods"] == ["cvs"]
    assert sent["cvs"] == {
        "PaymentTermDay": "14",
        "ReceiptsDisp11": "会費係",
        "ReceiptsDisp12": "03-0000-0000",
        "ReceiptsDisp13": "09:00-17:00",
    }
    assert "credit" not in sent
    assert "customer" not in sent


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("reject_not_found.json", RejectOutcome.NOT_FOUND),
        ("reject_not_possible.json", RejectOutcome.NOT_POSSIBLE),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_a_link_that_cannot_be_stopped_is_an_outcome(
    answering: Answering, captured: Captured, name: str, outcome: RejectOutcome, status: int
) -> None:
    assert answering(captured(name), status).reject_link(CARD_ORDER) is outcome


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"<html>",
        b'{"Status":"INVALID"}',
        b'{"OrderID":"D26-0000000000000000","Status":"INVALID"}',
        b'[{"errCode":"EZ2","errInfo":"EZ2278002"},{"errCode":"E91","errInfo":"E91099999"}]',
    ],
)
def test_a_link_counts_as_stopped_only_when_gmo_names_it(answering: Answering, body: bytes) -> None:
    with pytest.raises(UnknownOutcome):
        answering(body).reject_link(CARD_ORDER)


def test_two_different_reasons_against_stopping_are_a_refusal(answering: Answering) -> None:
    body = b'[{"errCode":"EZ2","errInfo":"EZ2278002"},{"errCode":"EZ2","errInfo":"EZ2278010"}]'
    with pytest.raises(Refused):
        answering(body).reject_link(CARD_ORDER)


def test_a_wrong_shop_cannot_stop_a_link(answering: Answering) -> None:
    with pytest.raises(Refused):
        answering(b'[{"errCode":"EZ1","errInfo":"EZ1040002"}]', 400).reject_link(CARD_ORDER)


def test_a_link_is_stopped_by_its_order(
    answering: Answering, captured: Captured, transport: FakeTransport
) -> None:
    gmo = answering(captured("reject_success.json"))
    assert gmo.reject_link(CARD_ORDER) is RejectOutcome.STOPPED
    assert transport.sent[0].url.endswith("/payment/RejectLinkplusUrlPayment.json")
    assert body_of(transport) == {
        "ShopID": "tshop00000000",
        "ShopPass": "tpass00000",
        "OrderID": CARD_ORDER,
    }


def test_a_configuration_gmo_cannot_know_is_never_sent(
    transport: FakeTransport, card_request: LinkRequest
) -> None:
    gmo = Gmo(transport, "https://gmo.example.com", Shop("tshop00000000", "x", "dues 01"))
    with pytest.raises(Unsendable) as raised:
        gmo.issue_link(card_request)
    assert raised.value.fields == ("configid",)
