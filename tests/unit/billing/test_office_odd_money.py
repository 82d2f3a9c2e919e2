"""Money that is not what was asked for: the office accepts it, or sets it aside."""

from dataclasses import replace

import pytest

from portal.billing.model import (
    Flag,
    InvoiceState,
    Method,
    PaymentState,
)
from portal.billing.office import OfficeError
from portal.gmo.model import PayType
from tests.unit.billing.house import TABLES, House
from tests.unit.billing.office_desk import (
    WAIVE,
    accept,
    done,
    mismatch,
    office,
    set_aside,
    with_invoice,
    word,
)


def test_accepted_money_pays_the_invoice_with_its_actual_amount() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    deed = accept(house, payment)
    paid = house.invoice(invoice)
    assert (paid.state, paid.paid_order, paid.live_order) == (
        InvoiceState.PAID,
        payment.order_id,
        "",
    )
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert (receipt.amount, receipt.number, receipt.method) == (11_000, deed.receipt, "card")
    assert house.payment(payment).flag is None
    assert "accepted" in house.events(payment)
    (mail,) = house.database.rows(TABLES.outbox)
    assert mail["pk"] == f"card_paid#{payment.order_id}"
    assert isinstance(mail["data"], dict)
    assert mail["data"]["amount"] == 11_000


def test_accepted_money_by_another_way_has_a_receipt_that_names_that_way() -> None:
    """A receipt for a card that says it was paid at a store would count as one for cash."""
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, Method.CVS)
    house.gmo.issue_slip(payment.order_id)
    order = house.gmo.orders[payment.order_id]
    assert order.trade is not None
    order.trade = replace(order.trade, pay_type=PayType.CARD, status="CAPTURE")
    house.clock.tick(days=5)
    house.settle(payment)
    (task,) = house.discrepancies()
    assert isinstance(task["evidence"], dict)
    assert (task["evidence"]["method"], task["evidence"]["chosen_method"]) == ("card", "cvs")
    accept(house, payment)
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert receipt.method == "card"
    assert f"card_paid#{payment.order_id}" in house.mails()


def test_accepted_money_that_is_given_back_at_gmo_is_seen() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    accept(house, payment)
    house.gmo.refund(payment.order_id)
    house.settle(payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_money_is_accepted_once() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    accept(house, payment)
    with pytest.raises(OfficeError, match="mismatch"):
        accept(house, payment)


def test_a_surplus_is_no_mismatch_to_accept() -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    done(house, invoice, WAIVE)
    house.gmo.deposit(payment.order_id)
    house.settle(payment)
    with pytest.raises(OfficeError, match="mismatch"):
        accept(house, payment)


def test_nothing_is_not_accepted_for_money() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice, amount=0)
    with pytest.raises(OfficeError, match="金額"):
        accept(house, payment)


def test_money_set_aside_lets_the_member_pay_again() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    set_aside(house, payment)
    assert house.invoice(invoice).live_order == ""
    after = house.payment(payment)
    assert (after.state, after.flag) == (PaymentState.PAID, Flag.MISMATCH)
    fresh = house.again(invoice)
    assert fresh.order_id != payment.order_id
    assert "set_aside" in house.events(payment)


def test_money_is_set_aside_once() -> None:
    house = House()
    payment = mismatch(house, house.bill())
    set_aside(house, payment)
    with pytest.raises(OfficeError, match="止めていません"):
        set_aside(house, payment)


def test_money_set_aside_and_accepted_after_all_stops_the_payment_begun_meanwhile() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    set_aside(house, payment)
    fresh = house.again(invoice)
    deed = accept(house, payment)
    assert deed.stopped == fresh.order_id
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert house.invoice(invoice).paid_order == payment.order_id


def test_a_mail_of_a_forgotten_past_does_not_keep_money_from_being_accepted() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    now, current = with_invoice(house, payment)
    desk = office(house)
    deed = desk.accept(now, current, None, word(house))
    house.database.commit(*deed.along)
    desk.perform(deed)
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert len(house.mails()) == 1
