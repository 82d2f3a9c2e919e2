"""会費支払明細 and one invoice: whose they are, and what is told in each standing."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from portal.billing.model import Invoice, InvoiceState, Method
from tests.unit.billing.house import OTHER_ID
from tests.unit.pages.billing_desk import BASE, ONE, PAYMENT, ROUTES, BillingDesk

START_TEXT = "会員情報確認 支払手続き"


def set_state(desk: BillingDesk, invoice: Invoice, state: InvoiceState) -> None:
    now = desk.house.invoice(invoice)
    desk.database.commit(desk.house.store.changed_invoice(now, replace(now, state=state)))


# Whose pages they are


@pytest.mark.parametrize(("method", "resource"), ROUTES)
def test_another_members_invoice_does_not_exist(method: str, resource: str) -> None:
    """Seen red by finding an invoice by its id alone."""
    desk = BillingDesk()
    theirs = desk.house.bill(member_id=OTHER_ID)
    browser = desk.browser
    page = (
        browser.get(resource, invoice_id=theirs.invoice_id)
        if method == "GET"
        else browser.post(resource, {"method": "card"}, invoice_id=theirs.invoice_id)
    )
    assert page.status == 404
    assert theirs.title not in page.text
    assert desk.house.account(OTHER_ID).payments == {}
    assert desk.house.gmo.calls == []


@pytest.mark.parametrize(("method", "resource"), ROUTES)
@pytest.mark.parametrize("invoice_id", ["nobody", "../x", "INV#", "０", "%00", "x" * 500])
def test_an_invoice_that_is_nobodys_does_not_exist(
    method: str, resource: str, invoice_id: str
) -> None:
    desk = BillingDesk()
    page = (
        desk.browser.get(resource, invoice_id=invoice_id)
        if method == "GET"
        else desk.browser.post(resource, {"method": "card"}, invoice_id=invoice_id)
    )
    assert page.status == 404


@pytest.mark.parametrize(("method", "resource"), [("GET", BASE), *ROUTES])
def test_without_a_session_every_page_leads_to_sign_in(method: str, resource: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.browser.cookies.clear()
    page = (
        desk.browser.get(resource, invoice_id=invoice.invoice_id)
        if method == "GET"
        else desk.browser.post(resource, {"method": "card"}, invoice_id=invoice.invoice_id)
    )
    assert (page.status, page.location) == (303, "/member/login")
    assert desk.house.payments() == []


@pytest.mark.parametrize("standing", ["unpaid", "linked", "slip", "paid", "unanswered", "ended"])
def test_no_get_writes_anything_or_calls_gmo(standing: str) -> None:
    desk = BillingDesk()
    made = {
        "unpaid": desk.house.bill,
        "linked": lambda: opened(desk, Method.CARD),
        "slip": lambda: opened(desk, Method.CVS),
        "paid": desk.paid,
        "unanswered": desk.unanswered,
        "ended": desk.ended,
    }
    invoice = made[standing]()
    desk.database.calls.clear()
    desk.house.gmo.calls.clear()
    desk.statement()
    for method, resource in ROUTES:
        if method == "GET":
            assert desk.get(resource, invoice).status in (200, 303)
    assert desk.database.calls["write"] == 0
    assert desk.house.gmo.calls == []


def opened(desk: BillingDesk, method: Method) -> Invoice:
    invoice = desk.house.bill()
    if method is Method.CVS:
        desk.house.slip(invoice)
    else:
        desk.house.card(invoice)
    return invoice


def test_the_statement_is_one_round_trip() -> None:
    desk = BillingDesk()
    desk.paid()
    desk.database.calls.clear()
    assert desk.statement().status == 200
    assert desk.database.calls == {"read": 1}


@pytest.mark.parametrize("resource", [ONE, PAYMENT])
def test_the_other_pages_are_one_round_trip_too(resource: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.database.calls.clear()
    assert desk.get(resource, invoice).status == 200
    assert desk.database.calls == {"read": 1}


def test_titles_are_escaped() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    now = desk.house.invoice(invoice)
    desk.database.commit(desk.house.store.changed_invoice(now, replace(now, title="<b>&")))
    assert "&lt;b&gt;&amp;" in desk.statement().text


def test_pages_that_only_read_load_neither_pydantic_nor_requests() -> None:
    program = (
        "import sys, functions.billing.pages;"
        "sys.exit('pydantic' in sys.modules or 'requests' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": "layers/common:."}, check=False
    )
    assert done.returncode == 0


# The statement's texts


def test_nothing_was_billed_yet() -> None:
    assert "会費のご請求はまだありません。" in BillingDesk().statement().text


def test_unpaid_leads_to_the_confirmation_of_the_record() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    text = desk.statement().text
    assert "未払い" in text
    assert f'href="{BASE}/{invoice.invoice_id}/start">{START_TEXT}</a>' in text
    assert "12,000円" in text
    assert "お支払い期限 2026年12月31日" in text


def test_an_open_link_leads_to_the_payment_page() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CARD)
    text = desk.statement().text
    assert "お支払い手続き中" in text
    assert f'href="{BASE}/{invoice.invoice_id}/payment"' in text
    assert START_TEXT not in text


def test_a_slip_tells_its_deadline_and_leads_to_its_numbers() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CVS)
    text = desk.statement().text
    assert "コンビニ支払い待ち（期限2026年12月6日）" in text
    assert f'href="{BASE}/{invoice.invoice_id}">支払番号を表示</a>' in text


def test_asked_and_not_answered_is_being_checked() -> None:
    desk = BillingDesk()
    desk.unanswered()
    assert "確認中" in desk.statement().text


def test_paid_offers_the_receipt() -> None:
    desk = BillingDesk()
    invoice = desk.paid()
    text = desk.statement().text
    assert "支払済" in text
    assert f'href="{BASE}/{invoice.invoice_id}/receipt.pdf">領収書</a>' in text
    assert "お支払い日 2026年11月22日" in text


def test_refunded_offers_no_receipt() -> None:
    desk = BillingDesk()
    invoice = desk.paid()
    payment = desk.house.last(invoice)
    desk.house.gmo.refund(payment.order_id)
    desk.house.settle(payment)
    text = desk.statement().text
    assert "返金済" in text
    assert "receipt.pdf" not in text


@pytest.mark.parametrize(
    ("state", "word"), [(InvoiceState.WAIVED, "免除"), (InvoiceState.CANCELLED, "取消")]
)
def test_what_the_office_settled_is_told_in_a_word(state: InvoiceState, word: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    set_state(desk, invoice, state)
    text = desk.statement().text
    assert word in text
    assert START_TEXT not in text
    assert word in desk.get(ONE, invoice).text


def test_an_ended_link_is_unpaid_again() -> None:
    desk = BillingDesk()
    desk.ended()
    assert START_TEXT in desk.statement().text


def test_arrears_come_first_and_the_oldest_of_them_on_top() -> None:
    desk = BillingDesk()
    paid = desk.paid()
    for year in (2028, 2025, 2027):
        desk.house.bill(year)
    years = re.findall(r"<h2[^>]*>(\d{4})年度", desk.statement().text)
    assert years == ["2025", "2027", "2028", str(paid.fiscal_year)]


# One invoice


def test_done_is_told_as_done() -> None:
    desk = BillingDesk()
    text = desk.get(ONE, desk.paid()).text
    assert "完了" in text
    assert "確認中" not in text


def test_being_checked_asks_nobody_to_pay_again_and_loads_itself() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CARD)
    desk.house.come_back(desk.house.last(invoice), "PAYSUCCESS")
    text = desk.get(ONE, invoice).text
    assert "確認中" in text
    assert "もう一度お支払いになる必要はありません" in text
    assert 'data-reload="4"' in text
    assert "完了" not in text


def test_a_failure_is_told_with_the_way_on() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CARD)
    desk.house.come_back(desk.house.last(invoice), "ERROR", "42G020000")
    text = desk.get(ONE, invoice).text
    assert "失敗" in text
    assert START_TEXT in text


def test_a_failure_the_browser_told_is_forgotten_once_money_came() -> None:
    """A late ERROR of the browser must not show a failure for a payment that went through."""
    desk = BillingDesk()
    invoice = desk.paid()
    desk.house.come_back(desk.house.last(invoice), "ERROR")
    text = desk.get(ONE, invoice).text
    assert "完了" in text
    assert "失敗" not in text


def test_a_waived_invoice_shows_no_old_failure() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CARD)
    desk.house.come_back(desk.house.last(invoice), "ERROR")
    set_state(desk, invoice, InvoiceState.WAIVED)
    text = desk.get(ONE, invoice).text
    assert "免除" in text
    assert "失敗" not in text


def test_familymart_gets_its_two_numbers_in_the_order_of_its_machine() -> None:
    desk = BillingDesk()
    text = desk.get(ONE, opened(desk, Method.CVS)).text
    first, second = text.index("第1番号（企業コード）"), text.index("第2番号（注文番号）")
    assert first < text.index("20020") < second < text.index("123456789012")
    assert "ファミリーマートでのお支払い" in text
    assert "お支払い期限" in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("00007", ("セブン-イレブン", "払込票番号")),
        ("10001", ("ローソン", "お客様番号", "確認番号")),
        ("10005", ("ミニストップ", "お客様番号", "確認番号")),
        ("10008", ("セイコーマート", "受付番号", "申込番号")),
        ("99999", ("コンビニエンスストア", "受付番号")),
    ],
)
def test_each_chain_is_told_in_its_own_words(code: str, words: tuple[str, ...]) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.house.slip(invoice, code)
    text = desk.get(ONE, invoice).text
    assert all(word in text for word in words)


def test_a_payment_with_a_wrong_amount_is_being_checked_and_offers_no_link() -> None:
    desk = BillingDesk()
    invoice = opened(desk, Method.CARD)
    payment = desk.house.last(invoice)
    desk.house.gmo.pay_card(payment.order_id)
    desk.house.gmo.alter(payment.order_id, amount=1)
    desk.house.settle(payment)
    assert "確認中" in desk.statement().text
    text = desk.get(PAYMENT, invoice).text
    assert payment.link_url not in text
    assert "お支払い手続きをやり直す" not in text
