"""What a member reads of money that the office recorded, accepted or gave back."""

from datetime import date

import pytest

from portal.billing.bill_again import Bill, BillingAgain
from portal.billing.model import Invoice, Method
from portal.billing.office import Money, Office, Word
from portal.billing.receipts import Addressee
from portal.billing.reissue_receipt import Named, Renaming, standing_receipt
from tests.unit.billing.house import AMOUNT, TABLES
from tests.unit.pages.billing_desk import BASE, ONE, BillingDesk


def office(desk: BillingDesk) -> Office:
    house = desk.house
    return Office(house.database, house.store, house.society, TABLES.outbox, TABLES.audit)


def word(desk: BillingDesk) -> Word:
    return Word("office:山田", "極秘の理由", desk.clock())


def recorded(desk: BillingDesk, method: Method, amount: int = AMOUNT) -> Invoice:
    """Have money recorded for an invoice whose link is still open."""
    invoice = desk.house.bill()
    live = desk.house.card(invoice)
    money = Money(method, amount, date(2026, 11, 20), "山田 花子", "")
    act = office(desk)
    act.perform(act.record(desk.house.invoice(invoice), live, money, word(desk)))
    return invoice


@pytest.mark.parametrize(("method", "words"), [(Method.BANK, "銀行振込"), (Method.CASH, "現金")])
def test_recorded_money_is_told_as_paid_with_its_way_day_and_receipt(
    method: Method, words: str
) -> None:
    """Seen red by showing the method that 決定 fixed."""
    desk = BillingDesk()
    invoice = recorded(desk, method)
    statement = desk.browser.get(BASE)
    assert "支払済" in statement.text
    assert "領収書" in statement.text
    assert "2026年11月20日" in statement.text
    page = desk.browser.get(ONE, invoice_id=invoice.invoice_id)
    assert words in page.text
    assert "クレジットカード" not in page.text
    assert "お支払い額" not in page.text


def test_another_amount_than_was_billed_is_shown_beside_it() -> None:
    desk = BillingDesk()
    invoice = recorded(desk, Method.BANK, AMOUNT - 440)
    page = desk.browser.get(ONE, invoice_id=invoice.invoice_id)
    assert "お支払い額" in page.text
    assert "11,560円" in page.text


def test_of_a_receipt_to_another_name_the_member_reads_which_number_ended() -> None:
    desk = BillingDesk()
    invoice = recorded(desk, Method.BANK)
    now = desk.house.invoice(invoice)
    old = standing_receipt(desk.house.account(), now)
    renaming = Renaming(desk.house.store, desk.house.society, TABLES.audit)
    workplace = Named(Addressee.WORKPLACE, "中野病院")
    office(desk).perform(renaming.plan(now, old, workplace, word(desk))[1])
    page = desk.browser.get(ONE, invoice_id=invoice.invoice_id)
    assert "中野病院 御中" in page.text
    assert f"前の領収書（番号 {old.number}）は無効" in page.text
    assert "極秘の理由" not in page.text


def test_the_offices_reason_and_name_are_not_shown() -> None:
    desk = BillingDesk()
    invoice = recorded(desk, Method.CASH)
    for page in (desk.browser.get(BASE), desk.browser.get(ONE, invoice_id=invoice.invoice_id)):
        assert "極秘の理由" not in page.text
        assert "office:" not in page.text


@pytest.mark.parametrize("method", ["bank", "cash"])
def test_a_member_cannot_choose_what_only_the_office_records(method: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    page = desk.browser.post(f"{ONE}/payment", {"method": method}, invoice_id=invoice.invoice_id)
    assert page.status == 422
    assert desk.house.payments() == []


def test_money_given_back_is_told_and_its_receipt_is_gone() -> None:
    desk = BillingDesk()
    invoice = recorded(desk, Method.BANK)
    account = desk.house.account()
    now = desk.house.invoice(invoice)
    act = office(desk)
    act.perform(act.refund(account.payments[now.paid_order], now, word(desk)))
    page = desk.browser.get(ONE, invoice_id=invoice.invoice_id)
    assert "返金済" in page.text
    assert "receipt" not in page.text


def test_a_year_billed_again_is_told_beside_the_cancelled_one_and_can_be_paid() -> None:
    desk = BillingDesk()
    house = desk.house
    old = house.bill()
    act = office(desk)
    act.perform(act.cancel(old, None, word(desk)))
    bill = Bill(old.amount, old.due_on, old.closes_on)
    again = BillingAgain(house.store, TABLES.audit)
    act.perform(again.plan(house.account(), house.invoice(old), bill, word(desk)))
    statement = desk.browser.get(BASE).text
    assert "取消" in statement
    assert "会員情報確認 支払手続き" in statement
    assert statement.index("会員情報確認 支払手続き") < statement.index("取消")
