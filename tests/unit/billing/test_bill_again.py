"""A year whose invoice was ended is billed once more; numbers and money never meet."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.billing.bill_again import ENDED, Bill, BillingAgain, held
from portal.billing.model import Flag, Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.office import Deed, Money, OfficeError
from tests.unit.billing.house import AMOUNT, CLOSES, TABLES, WORKPLACE, House
from tests.unit.billing.office_desk import WHY, office, rows, word
from tests.unit.billing.reminder_desk import (
    AFTER_14,
    AFTER_45,
    AFTER_60,
    BEFORE_7,
    BEFORE_30,
    reminders,
    run,
)

DUE = date(2026, 12, 31)
BILL = Bill(AMOUNT, DUE, CLOSES)
CASH = Money(Method.CASH, AMOUNT, date(2026, 11, 22), "山田 花子", WORKPLACE)


def planned(house: House, old: Invoice, bill: Bill = BILL) -> Deed:
    again = BillingAgain(house.store, TABLES.audit)
    return again.plan(house.account(), house.invoice(old), bill, word(house))


def billed_again(house: House, old: Invoice, bill: Bill = BILL) -> Invoice:
    deed = planned(house, old, bill)
    office(house).perform(deed)
    return house.invoice(deed.invoice)


def end(house: House, invoice: Invoice, state: InvoiceState) -> None:
    house.database.commit(
        house.store.changed_invoice(
            house.invoice(invoice), replace(house.invoice(invoice), state=state)
        )
    )


def cancelled(house: House) -> Invoice:
    invoice = house.bill()
    end(house, invoice, InvoiceState.CANCELLED)
    return invoice


def refunded_by_card(house: House) -> tuple[Invoice, Payment]:
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.gmo.refund(payment.order_id)
    house.settle(payment)
    return invoice, payment


# What is refused


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - ENDED))
def test_a_year_that_is_owed_or_paid_is_not_billed_again(state: InvoiceState) -> None:
    house = House()
    invoice = house.bill()
    end(house, invoice, state)
    with pytest.raises(OfficeError, match="取消・返金済・免除の請求ではありません"):
        planned(house, invoice)


def test_only_the_invoice_that_bills_the_year_is_replaced() -> None:
    """Seen red without the guard's condition: the first invoice would have had two heirs."""
    house = House()
    first = cancelled(house)
    billed_again(house, first)
    with pytest.raises(OfficeError, match="請求し直されています"):
        planned(house, first)


def test_of_two_who_bill_again_at_once_one_wins() -> None:
    house = House()
    old = cancelled(house)
    mine, theirs = planned(house, old), planned(house, old)
    office(house).perform(theirs)
    before = rows(house)
    with pytest.raises(OfficeError, match="ほかの処理"):
        office(house).perform(mine)
    assert rows(house) == before


def test_what_changed_since_it_was_planned_is_refused_whole() -> None:
    """A payment found after a restore counts an attempt, which the new invoice must not reuse."""
    house = House()
    old = cancelled(house)
    deed = planned(house, old)
    now = house.invoice(old)
    house.database.commit(house.store.changed_invoice(now, replace(now, attempts=7)))
    before = rows(house)
    with pytest.raises(OfficeError, match="ほかの処理"):
        office(house).perform(deed)
    assert rows(house) == before


@pytest.mark.parametrize("slip", [False, True], ids=["link", "slip"])
def test_while_the_old_payment_may_bring_money_nothing_new_is_billed(slip: bool) -> None:
    house = House()
    invoice = house.bill()
    live = house.slip(invoice) if slip else house.card(invoice)
    now = house.invoice(invoice)
    desk = office(house)
    desk.perform(desk.cancel(now, house.payment(live), word(house)))
    with pytest.raises(OfficeError, match="二重のお支払い"):
        planned(house, invoice)
    house.ask()
    assert house.payment(live).state is PaymentState.CANCELLED
    assert billed_again(house, invoice).payable


@pytest.mark.parametrize(
    ("bill", "why"),
    [
        (replace(BILL, amount=0), "1円以上"),
        (replace(BILL, amount=-1), "1円以上"),
        (replace(BILL, due_on=date(2026, 11, 21)), "期日が過ぎています"),
        (replace(BILL, closes_on=date(2026, 12, 30)), "最終日が支払期日より前"),
    ],
    ids=["nought", "negative", "past", "closed before due"],
)
def test_an_invoice_that_makes_no_sense_is_refused(bill: Bill, why: str) -> None:
    house = House()
    with pytest.raises(OfficeError, match=why):
        planned(house, cancelled(house), bill)


def test_a_plan_writes_nothing() -> None:
    house = House()
    old = cancelled(house)
    before = rows(house)
    planned(house, old)
    assert rows(house) == before


# What is written


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_year_is_billed_anew_and_the_old_invoice_stays(state: InvoiceState) -> None:
    house = House()
    old = house.bill()
    end(house, old, state)
    before = house.invoice(old)
    new = billed_again(house, old, replace(BILL, amount=10_000))
    assert house.invoice(old) == before
    assert (new.state, new.amount, new.fiscal_year) == (InvoiceState.UNPAID, 10_000, 2026)
    assert (new.live_order, new.method, new.paid_order) == ("", None, "")
    assert new.invoice_id != old.invoice_id
    assert new.next_remind_at is not None


def test_it_is_one_transaction_with_its_audit() -> None:
    house = House()
    old = cancelled(house)
    new = billed_again(house, old)
    assert len(house.database.commits[-1]) == 4
    (told,) = [
        row for row in house.database.rows(TABLES.audit) if row["action"] == "invoice.billed_again"
    ]
    assert (told["actor"], told["note"]) == ("office:山田", WHY)
    assert told["pk"] == old.member_id
    assert told["before"] == {
        "invoice_id": old.invoice_id,
        "state": "cancelled",
        "amount": AMOUNT,
    }
    assert told["after"] == {
        "invoice_id": new.invoice_id,
        "state": "unpaid",
        "amount": AMOUNT,
        "attempts": 0,
    }


def test_it_has_the_old_ones_title_and_an_id_of_its_own_of_the_same_form() -> None:
    house = House()
    old = cancelled(house)
    new = billed_again(house, old)
    assert new.title == old.title
    assert re.fullmatch(r"[0-9a-z]{16}", new.invoice_id)


def test_one_yen_is_an_amount() -> None:
    house = House()
    assert billed_again(house, cancelled(house), Bill(1, DUE, CLOSES)).amount == 1


def test_a_year_billed_again_is_still_billed_once() -> None:
    house = House()
    billed_again(house, cancelled(house))
    with pytest.raises(AssertionError):
        house.bill()


def test_a_year_can_be_billed_again_more_than_once() -> None:
    house = House()
    first = cancelled(house)
    second = billed_again(house, first)
    end(house, second, InvoiceState.CANCELLED)
    assert billed_again(house, second).payable


# Receipts and money


def paid_in_cash(house: House, invoice: Invoice) -> None:
    desk = office(house)
    desk.perform(desk.record(house.invoice(invoice), None, CASH, word(house)))


def paid_by_card(house: House, invoice: Invoice) -> None:
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)


@pytest.mark.parametrize("pay", [paid_in_cash, paid_by_card])
def test_receipt_numbers_go_on_counting_over_the_invoices_of_a_year(
    pay: Callable[[House, Invoice], None],
) -> None:
    """Seen red by letting the new invoice count its attempts from nought."""
    house = House()
    old, _ = refunded_by_card(house)
    new = billed_again(house, old)
    pay(house, new)
    void, good = house.receipt(old), house.receipt(new)
    assert void is not None
    assert good is not None
    assert (void.number, good.number) == ("2026-001234-1", "2026-001234-2")


def test_late_money_for_the_old_invoice_is_a_surplus_there_and_pays_nothing_new() -> None:
    house = House()
    old = house.bill()
    slip = house.slip(old)
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)
    end(house, old, InvoiceState.CANCELLED)
    new = billed_again(house, old)
    house.gmo.deposit(slip.order_id, late=True)
    house.settle(slip)
    assert house.payment(slip).flag is Flag.SURPLUS
    assert house.invoice(old).state is InvoiceState.CANCELLED
    assert house.invoice(new).payable
    assert [row["kind"] for row in house.discrepancies()] == ["surplus"]
    assert house.receipt(new) is None
    assert held(house.account(), house.invoice(old)) == AMOUNT


def test_money_that_was_booked_or_given_back_is_not_held() -> None:
    house = House()
    old, _ = refunded_by_card(house)
    assert held(house.account(), house.invoice(old)) == 0
    new = billed_again(house, old)
    paid_by_card(house, new)
    assert held(house.account(), house.invoice(new)) == 0


def test_whoever_has_paid_the_old_invoice_is_not_reminded_of_the_new_one() -> None:
    """Seen red without the look at the year's other invoices: the office holds the money."""
    house = House()
    old = house.bill()
    late = house.slip(old)
    house.gmo.expire_slip(late.order_id)
    house.settle(late)
    end(house, old, InvoiceState.CANCELLED)
    billed_again(house, old)
    house.gmo.deposit(late.order_id, late=True)
    house.settle(late)
    for day in (BEFORE_30, BEFORE_7, AFTER_14, AFTER_45, AFTER_60):
        run(house, day)
    assert reminders(house) == []
    desk = office(house)
    desk.perform(desk.refund(house.payment(late), house.invoice(old), word(house)))
    run(house, AFTER_60 + timedelta(days=1))
    assert len(reminders(house)) == 1
