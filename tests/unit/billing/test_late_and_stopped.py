"""Money that comes late, payments that are to be stopped, refunds, and the office."""

import pytest

from portal.billing.judge import Fact
from portal.billing.model import STOP_EVERY, Flag, InvoiceState, Payment, PaymentState
from portal.billing.release_method import NotReleasableError
from tests.fake_gmo import CannotPay, Fault
from tests.unit.billing.house import MEMBER_ID, House

# Late, stopped, refunded


def test_a_late_deposit_after_expiry_is_accepted() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.clock.tick(days=15)
    house.gmo.expire_slip(slip.order_id)
    assert house.settle(slip).payment.state is PaymentState.EXPIRED
    house.clock.tick(days=1)
    house.gmo.deposit(slip.order_id, late=True)
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.mails() == [
        f"deposit_paid#{slip.order_id}",
        f"slip_expired#{slip.order_id}",
        f"slip_issued#{slip.order_id}",
    ]


def test_three_d_secure_that_ends_after_the_link_is_accepted() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.clock.tick(hours=24, minutes=10)
    house.gmo.pay_card(payment.order_id, overrun=True)
    house.settle(payment)
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_the_other_live_payment_is_marked_in_the_same_transaction_and_then_stopped() -> None:
    house = House()
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.issue_slip(fresh.order_id)
    house.settle(fresh)
    house.gmo.deposit(old.order_id, late=True)
    house.settle(old)
    assert house.payment(fresh).cancel_wanted
    assert len(house.database.commits[-1]) == 7
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert not house.gmo.payable(fresh.order_id)
    with pytest.raises(CannotPay):
        house.gmo.deposit(fresh.order_id)


def marked(house: House) -> tuple[Payment, Payment]:
    """Return a paid old slip and the link that is to be stopped because of it."""
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.deposit(old.order_id, late=True)
    house.settle(old)
    return old, fresh


def test_a_link_that_is_to_be_stopped_is_rejected_at_gmo() -> None:
    house = House()
    _, fresh = marked(house)
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert house.gmo.orders[fresh.order_id].stopped


def test_stopping_is_tried_until_gmo_confirms() -> None:
    house = House()
    _, fresh = marked(house)
    house.gmo.down.add("reject_link")
    for _ in range(3):
        house.ask()
        assert house.payment(fresh).state is PaymentState.LINKED
        house.clock.tick(minutes=10)
    house.gmo.down.clear()
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED


def test_a_slip_that_gmo_neither_stops_nor_ends_becomes_a_task_after_its_last_question() -> None:
    house = House()
    _, fresh = marked(house)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.fail("cancel_slip", Fault.REFUSED, Fault.REFUSED)
    house.ask()
    assert house.payment(fresh).next_ask_at == house.clock() + STOP_EVERY
    house.clock.now = fresh.ask_until
    house.ask()
    assert house.payment(fresh).state is PaymentState.SLIP
    assert house.payment(fresh).next_ask_at is None
    assert [one["kind"] for one in house.discrepancies()] == ["unfinished"]


def test_money_that_is_quicker_than_the_stop_is_surplus() -> None:
    house = House()
    old, fresh = marked(house)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.deposit(fresh.order_id)
    house.ask()
    assert house.payment(fresh).flag is Flag.SURPLUS
    assert not house.payment(fresh).cancel_wanted
    assert house.invoice(house.account().invoices[0]).paid_order == old.order_id


def test_a_slip_paid_in_the_moment_of_stopping_is_surplus() -> None:
    house = House()
    _, fresh = marked(house)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.meanwhile = [lambda: house.gmo.deposit(fresh.order_id)]
    house.ask()
    assert house.payment(fresh).flag is Flag.SURPLUS


@pytest.mark.parametrize("status", ["VOID", "RETURN", "RETURNX", "CANCEL"])
def test_a_refund_from_gmos_side_is_seen_by_the_schedule(status: str) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.gmo.refund(payment.order_id, status)
    house.clock.tick(days=1, minutes=1)
    house.ask()
    assert house.payment(payment).state is PaymentState.REFUNDED
    assert house.invoice(invoice).state is InvoiceState.REFUNDED
    assert house.events(payment) == ["paid", "refunded"]


def test_a_payment_captured_and_returned_before_we_asked_leaves_the_invoice_open() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.refund(payment.order_id, "VOID")
    assert house.settle(payment).fact is Fact.REFUNDED
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert house.again(invoice).attempt == 2


# The office


def test_a_method_is_not_freed_while_a_payment_is_live() -> None:
    house = House()
    invoice = house.bill()
    house.card(invoice)
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


@pytest.mark.parametrize("invoice_id", ["", "nobody's"])
def test_the_method_of_no_invoice_is_not_freed(invoice_id: str) -> None:
    house = House()
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


def test_an_invoice_without_a_choice_has_nothing_to_free() -> None:
    house = House()
    invoice = house.bill()
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


def test_one_year_is_billed_once() -> None:
    house = House()
    house.bill()
    with pytest.raises(AssertionError):
        house.bill()
    assert len(house.account().invoices) == 1
