"""What the office gives back: past GMO, or at GMO, which is then asked."""

from dataclasses import replace

import pytest

from portal.billing.model import (
    InvoiceState,
    PaymentState,
)
from portal.billing.office import OfficeError
from tests.unit.billing.house import House
from tests.unit.billing.office_desk import (
    RECORD,
    done,
    mismatch,
    office,
    refund,
    with_invoice,
    word,
)


def test_a_refund_past_gmo_voids_the_receipt_and_asks_no_more() -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    house.gmo.deposit(payment.order_id)
    house.settle(payment)
    refund(house, payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED
    after = house.payment(payment)
    assert (after.state, after.next_ask_at) == (PaymentState.REFUNDED, None)
    assert "refunded_outside" in house.events(payment)
    house.clock.tick(days=40)
    assert house.ask()["asked"] == 0
    assert house.settle(payment).payment.state is PaymentState.REFUNDED
    assert house.discrepancies() == []


def test_recorded_money_can_be_given_back() -> None:
    house = House()
    invoice = house.bill()
    deed = done(house, invoice, RECORD)
    assert deed.payment is not None
    refund(house, deed.payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_a_refund_of_a_surplus_leaves_the_paid_invoice_alone() -> None:
    house = House()
    invoice = house.bill()
    late = house.slip(invoice)
    done(house, invoice, RECORD)
    house.gmo.deposit(late.order_id)
    house.settle(late)
    before = house.invoice(invoice)
    refund(house, late)
    assert house.invoice(invoice) == before
    assert house.payment(late).state is PaymentState.REFUNDED


def test_a_refund_of_a_mismatch_frees_the_invoice() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    refund(house, payment)
    now = house.invoice(invoice)
    assert (now.state, now.live_order) == (InvoiceState.UNPAID, "")


@pytest.mark.parametrize("state", [one for one in PaymentState if one is not PaymentState.PAID])
def test_what_was_never_paid_is_not_given_back(state: PaymentState) -> None:
    house = House()
    payment, invoice = with_invoice(house, house.card())
    with pytest.raises(OfficeError, match="入金済"):
        office(house).refund(replace(payment, state=state), invoice, word(house))


def test_a_refund_made_at_gmo_long_ago_is_seen_once_the_office_has_it_asked() -> None:
    """After 35 days nobody asks any more."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    for days in (2, 40):
        house.clock.tick(days=days)
        house.ask()
    house.gmo.refund(payment.order_id)
    assert house.ask()["asked"] == 0
    desk = office(house)
    desk.perform(desk.ask_again(*with_invoice(house, payment), word(house)))
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_gmo_is_not_asked_about_recorded_money_not_even_on_wish() -> None:
    house = House()
    deed = done(house, house.bill(), RECORD)
    assert deed.payment is not None
    with pytest.raises(OfficeError, match="GMO"):
        office(house).ask_again(*with_invoice(house, deed.payment), word(house))
