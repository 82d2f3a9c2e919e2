"""The browser's way back from GMO: no session, nothing believed, always a page to look at.

Seen red by hashing the decoded text instead of the received one, and by answering 403.
"""

import pytest

from portal.billing.model import CHOICES, InvoiceState, Method, PaymentState
from portal.database import Contended, Item
from tests.unit.billing.house import TABLES
from tests.unit.pages.billing_desk import (
    ACCESS_PASS,
    BASE,
    ONE,
    PAYMENT,
    RETURN,
    BillingDesk,
    result_of,
    signature,
    signed,
)


def bytes_of(row: Item) -> bytes:
    body = row["body"]
    assert isinstance(body, bytes)
    return body


@pytest.fixture
def desk() -> BillingDesk:
    return BillingDesk()


def leads_to_the_statement(desk: BillingDesk, body: bytes) -> bool:
    page = desk.come_back(body)
    return (page.status, page.location) == (303, BASE)


# Nothing is believed that is not signed


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"result=",
        b"result=x",
        b"other=1",
        b"result=e30." + b"0" * 64,
        b"result=e30.zz",
        b"result=%00",
        b"result=a&result=b",
        b"result=%82%a0",
        b"result=" + b"A" * 70_000,
        b"\xff\xfe",
    ],
    ids=lambda body: repr(body[:14]),
)
def test_a_bad_or_missing_result_leads_to_the_statement(desk: BillingDesk, body: bytes) -> None:
    desk.house.card()
    before = len(desk.database.commits)
    assert leads_to_the_statement(desk, body)
    assert len(desk.database.commits) == before


def test_the_hash_of_another_result_is_no_signature(desk: BillingDesk) -> None:
    """Somebody replays a hash they once got under a text of their own."""
    payment = desk.house.card()
    seen = signature(result_of(payment.order_id, "PAYSTART"))
    payload = result_of(payment.order_id, "PAYSUCCESS").replace("=", "%3D")
    assert leads_to_the_statement(desk, f"result={payload}.{seen}".encode())
    assert desk.house.payment(payment).last_result == ""


def test_another_shops_signature_is_none(desk: BillingDesk) -> None:
    payment = desk.house.card()
    payload = result_of(payment.order_id)
    body = f"result={payload.replace('=', '%3D')}.{signature(payload, 'other')}".encode()
    assert leads_to_the_statement(desk, body)


def test_a_signed_success_that_gmo_does_not_know_of_pays_nothing(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.come_back(signed(payment.order_id))
    desk.house.stream()
    assert desk.house.payment(payment).state is PaymentState.LINKED
    assert desk.house.invoice(invoice).state is InvoiceState.UNPAID
    assert desk.house.mails() == []


def test_the_same_result_again_changes_nothing_of_a_paid_invoice(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    failed = signed(payment.order_id, "ERROR", "42G020000")
    desk.come_back(failed)
    desk.house.gmo.pay_card(payment.order_id)
    desk.come_back(signed(payment.order_id))
    desk.house.stream()
    desk.come_back(failed)
    desk.house.stream()
    assert desk.house.invoice(invoice).state is InvoiceState.PAID
    assert len(desk.house.mails()) == 1
    assert "完了" in desk.get(ONE, invoice).text


def test_it_is_the_only_route_without_a_form_token(desk: BillingDesk) -> None:
    bare = [route.path for route in desk.pages.routes() if not route.csrf]
    assert bare == [RETURN]


def test_a_get_is_not_answered_as_a_return(desk: BillingDesk) -> None:
    assert desk.browser.get(RETURN).status == 405


# The way back


@pytest.mark.parametrize("result", ["PAYSUCCESS", "REQSUCCESS", "PAYSTART", "ERROR", "NEWWORD"])
def test_a_signed_result_leads_to_its_invoice(desk: BillingDesk, result: str) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    page = desk.come_back(signed(payment.order_id, result))
    assert (page.status, page.location) == (303, f"{BASE}/{invoice.invoice_id}")
    assert desk.house.payment(payment).last_result == result
    assert desk.house.events(payment) == ["returned"]


def test_without_padding_the_hash_still_holds(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payload = result_of(desk.house.card(invoice).order_id).rstrip("=")
    page = desk.come_back(f"result={payload}.{signature(payload)}".encode())
    assert page.location.endswith(invoice.invoice_id)


def test_the_return_is_kept_as_evidence_and_has_gmo_asked(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.house.gmo.pay_card(payment.order_id)
    body = signed(payment.order_id)
    desk.come_back(body)
    (row,) = desk.house.pending()
    assert (row["kind"], row["order_id"]) == ("return", payment.order_id)
    assert b'"Result": "PAYSUCCESS"' in bytes_of(row)
    desk.house.stream()
    assert desk.house.invoice(invoice).state is InvoiceState.PAID


def test_the_access_password_that_a_return_brings_is_not_kept(desk: BillingDesk) -> None:
    payment = desk.house.card()
    desk.come_back(signed(payment.order_id))
    (row,) = desk.house.pending()
    kept = bytes_of(row)
    # Neither in plain text nor inside GMO's signed text, where it is base64.
    assert ACCESS_PASS.encode() not in kept
    assert b"result=" not in kept


def test_gmo_is_not_called_on_the_browsers_time(desk: BillingDesk) -> None:
    payment = desk.house.card()
    desk.house.gmo.calls.clear()
    desk.come_back(signed(payment.order_id))
    assert desk.house.gmo.calls == []


def test_a_return_that_meets_a_settlement_is_kept_and_not_an_error(desk: BillingDesk) -> None:
    """GMO notifies just before the browser comes back, so both may write at once."""
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.database.fail_next = [("write", Contended())]
    page = desk.come_back(signed(payment.order_id))
    assert page.location == f"{BASE}/{invoice.invoice_id}"
    assert len(desk.house.pending()) == 1


def test_a_return_of_a_forgotten_order_is_kept_and_re_attached(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.house.gmo.pay_card(payment.order_id)
    desk.house.forget(payment, invoice)
    assert leads_to_the_statement(desk, signed(payment.order_id))
    desk.house.stream()
    assert desk.house.invoice(invoice).state is InvoiceState.PAID


def test_after_a_return_the_invoice_asks_for_the_session_itself(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    location = desk.come_back(signed(payment.order_id)).location
    assert location == ONE.format(invoice_id=invoice.invoice_id)
    desk.browser.cookies.clear()
    assert desk.get(ONE, invoice).location == "/member/login"


def test_after_a_success_the_page_says_being_checked_until_gmo_has_said_so(
    desk: BillingDesk,
) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.come_back(signed(payment.order_id))
    assert "確認中" in desk.get(ONE, invoice).text
    assert "確認中" in desk.statement().text
    desk.house.gmo.pay_card(payment.order_id)
    desk.house.stream()
    assert "完了" in desk.get(ONE, invoice).text


def test_after_a_failure_the_same_page_still_leads_on(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.come_back(signed(payment.order_id, "EXPIRED", "EZ1043015"))
    assert "失敗" in desk.get(ONE, invoice).text
    assert "お支払い手続きをやり直す" in desk.get(PAYMENT, invoice).text


@pytest.mark.parametrize(
    ("result", "error"),
    [("ERROR", "42G020000"), ("EXPIRED", "EZ1043015"), ("INVALID", ""), ("ERROR", "E21020002")],
)
@pytest.mark.parametrize("method", CHOICES)
def test_each_failure_says_so_and_offers_the_way_on_and_asks_for_no_other_method(
    desk: BillingDesk, result: str, error: str, method: Method
) -> None:
    """失敗 is what the browser heard; nothing is given up by it, and money may still come."""
    invoice = desk.house.bill()
    payment = desk.house.decide(invoice, method)
    desk.come_back(signed(payment.order_id, result, error))
    page = desk.get(ONE, invoice)
    assert page.status == 200
    assert "失敗" in page.text
    assert "お支払いは完了していません" in page.text
    assert error not in page.text or not error
    assert "お支払い手続きをやり直す" in desk.get(PAYMENT, invoice).text
    after = desk.house.payment(payment)
    assert (after.state, after.last_result) == (PaymentState.LINKED, result)


def test_a_failure_that_money_overtook_is_told_as_done(desk: BillingDesk) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.come_back(signed(payment.order_id, "ERROR", "42G020000"))
    desk.house.gmo.pay_card(payment.order_id)
    desk.house.stream()
    page = desk.get(ONE, invoice).text
    assert "完了" in page
    assert "失敗" not in page


@pytest.mark.parametrize("result", ["CREATE", "SEND", "PAYSTART", "NEWWORD", ""])
def test_a_way_back_that_is_no_failure_is_not_called_one(desk: BillingDesk, result: str) -> None:
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.come_back(signed(payment.order_id, result))
    assert "失敗" not in desk.get(ONE, invoice).text
    assert desk.house.payment(payment).state is PaymentState.LINKED


def test_cookies_that_come_along_are_not_kept(desk: BillingDesk) -> None:
    payment = desk.house.card()
    desk.browser.post_raw(RETURN, signed(payment.order_id))
    (row,) = desk.database.rows(TABLES.inbox)
    headers = row["headers"]
    assert isinstance(headers, dict)
    assert "cookie" not in headers
