"""決定 and お支払い手続きをやり直す: one order at GMO, whatever is pressed how often.

Seen red by leaving the version out of the invoice's write (two orders), by opening a payment
without looking at ``live_order``, and by not rejecting the old order before the new one.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.billing.model import CHOICES, InvoiceState, Method, PaymentState
from portal.billing.open_payment import LinkRefusedError, MethodFixedError, MethodMissingError
from portal.database import Contended, Unreachable
from tests.fake_gmo import Fault
from tests.unit.billing.house import (
    PAYER,
    WORKPLACE,
    House,
)


def live_payments(house: House) -> list[str]:
    return [one.order_id for one in house.payments() if one.live]


# What must not happen


@pytest.mark.parametrize("method", CHOICES)
def test_pressing_twice_makes_one_order(method: Method) -> None:
    house = House()
    invoice = house.bill()
    first = house.decide(invoice, method)
    assert house.decide(invoice, method) == first
    assert list(house.gmo.orders) == [first.order_id]


def test_two_presses_at_once_have_one_winner_and_one_order() -> None:
    house = House()
    invoice = house.bill()
    account = house.account()
    house.database.before_commit = [lambda: house.decide(invoice)]
    house.opening.decide(account, account.invoices[0], Method.CARD, PAYER, WORKPLACE)
    assert len(house.payments()) == len(house.gmo.orders) == 1


def test_two_presses_with_different_methods_at_once_keep_the_winners() -> None:
    house = House()
    invoice = house.bill()
    account = house.account()
    house.database.before_commit = [lambda: house.decide(invoice, Method.CVS)]
    house.opening.decide(account, account.invoices[0], Method.CARD, PAYER, WORKPLACE)
    assert house.invoice(invoice).method is Method.CVS
    assert len(house.gmo.orders) == 1


def test_presses_that_meet_in_the_database_are_tried_again() -> None:
    """DynamoDB cancels one of two transactions on one row; that must not show an error."""
    house = House()
    invoice = house.bill()
    house.database.fail_next = [("write", Contended())]
    assert house.decide(invoice).state is PaymentState.LINKED


def test_a_link_is_kept_although_its_write_met_another_one() -> None:
    house = House()
    invoice = house.bill()
    house.database.before_commit = [
        lambda: None,
        lambda: house.database.fail_next.append(("write", Contended())),
    ]
    assert house.decide(invoice).state is PaymentState.LINKED


def test_another_method_after_the_choice_changes_nothing_and_says_which_stands() -> None:
    house = House()
    invoice = house.bill()
    first = house.card(invoice)
    with pytest.raises(MethodFixedError) as fixed:
        house.decide(invoice, Method.CVS)
    assert fixed.value.method is Method.CARD
    assert house.last(invoice) == first
    assert len(house.gmo.orders) == 1


def test_another_method_stays_refused_after_the_first_payment_ended() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.issue_slip(house.decide(invoice, Method.CVS).order_id)
    house.gmo.expire_slip(house.last(invoice).order_id)
    house.settle(house.last(invoice))
    with pytest.raises(MethodFixedError):
        house.decide(invoice, Method.CARD)


def test_the_first_button_does_not_open_a_second_payment_after_the_first_ended() -> None:
    """An old tab still shows 決定; only やり直す means a second payment."""
    house = House()
    invoice = house.bill()
    house.slip(invoice)
    house.gmo.expire_slip(house.last(invoice).order_id)
    house.settle(house.last(invoice))
    house.decide(invoice, Method.CVS)
    assert len(house.gmo.orders) == 1


@pytest.mark.parametrize("state", [one for one in InvoiceState if one is not InvoiceState.UNPAID])
def test_an_invoice_that_expects_no_money_opens_no_payment(state: InvoiceState) -> None:
    house = House()
    invoice = house.bill()
    house.database.commit(house.store.changed_invoice(invoice, replace(invoice, state=state)))
    account = house.account()
    house.opening.decide(account, account.invoices[0], Method.CARD, PAYER, WORKPLACE)
    house.opening.again(account, account.invoices[0], PAYER, WORKPLACE)
    assert house.payments() == []
    assert house.gmo.calls == []


def test_starting_again_before_anything_was_chosen_is_refused() -> None:
    house = House()
    with pytest.raises(MethodMissingError):
        house.again(house.bill())
    assert house.gmo.calls == []


def test_the_row_is_written_before_gmo_is_asked() -> None:
    """A crash in between leaves evidence, never an order without a row."""
    house = House()
    invoice = house.bill()
    account = house.account()
    house.database.fail_next = [("write", Unreachable("down"))]
    with pytest.raises(Unreachable):
        house.opening.decide(account, invoice, Method.CARD, PAYER, WORKPLACE)
    assert house.gmo.calls == []


def test_a_crash_after_gmos_answer_leaves_a_payment_that_the_schedule_gives_up() -> None:
    house = House()
    invoice = house.bill()
    house.database.before_commit = [
        lambda: None,
        lambda: house.database.fail_next.append(("write", Unreachable("crash"))),
    ]
    with pytest.raises(Unreachable):
        house.decide(invoice)
    payment = house.last(invoice)
    assert payment.state is PaymentState.CREATED
    house.clock.tick(seconds=61)
    house.ask()
    assert house.payment(payment).state is PaymentState.ABANDONED
    assert not house.gmo.payable(payment.order_id)
    assert house.invoice(invoice).live_order == ""


# GMO refuses, is silent, is busy


def test_refused_frees_the_method_and_the_invoice() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.REFUSED)
    with pytest.raises(LinkRefusedError):
        house.decide(invoice)
    now = house.invoice(invoice)
    assert (now.live_order, now.method) == ("", None)
    refused = house.last(invoice)
    assert refused.state is PaymentState.CANCELLED
    assert refused.next_ask_at is None
    assert house.events(refused) == ["refused"]
    assert house.decide(invoice, Method.CVS).state is PaymentState.LINKED


def test_what_gmo_would_never_take_is_refused_likewise() -> None:
    house = House()
    invoice = house.bill(amount=300_001)
    with pytest.raises(LinkRefusedError):
        house.decide(invoice, Method.CVS)
    assert live_payments(house) == []
    assert house.invoice(invoice).method is None


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TIMEOUT, Fault.BUSY])
def test_an_unknown_outcome_keeps_the_row_and_the_method(fault: Fault) -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", fault)
    payment = house.decide(invoice)
    assert payment.state is PaymentState.CREATED
    assert payment.link_url == ""
    now = house.invoice(invoice)
    assert (now.live_order, now.method) == (payment.order_id, Method.CARD)
    assert payment.next_ask_at == payment.created_at + timedelta(seconds=60)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TIMEOUT])
def test_the_next_press_rejects_once_and_opens_a_new_order_by_the_same_method(
    fault: Fault,
) -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", fault)
    lost = house.decide(invoice, Method.CVS)
    house.clock.tick(seconds=30)
    fresh = house.again(invoice)
    assert house.payment(lost).state is PaymentState.ABANDONED
    assert fresh.order_id != lost.order_id
    assert (fresh.state, fresh.method) == (PaymentState.LINKED, Method.CVS)
    assert house.gmo.calls.count(("reject_link", lost.order_id)) == 1
    assert not house.gmo.payable(lost.order_id)


def test_a_reject_without_an_answer_gives_the_order_up_all_the_same() -> None:
    """Nobody holds its link, so no money can come by it."""
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    lost = house.decide(invoice)
    house.clock.tick(seconds=30)
    house.gmo.down.add("reject_link")
    assert house.again(invoice).state is PaymentState.LINKED
    assert house.payment(lost).state is PaymentState.ABANDONED


def test_a_press_while_the_first_is_still_asking_gmo_changes_nothing() -> None:
    house = House()
    invoice = house.bill()
    house.database.before_commit = [
        lambda: None,
        lambda: house.database.fail_next.append(
            ("write", Unreachable("the first has not written"))
        ),
    ]
    with pytest.raises(Unreachable):
        house.decide(invoice)
    payment = house.last(invoice)
    house.clock.tick(seconds=24)
    assert house.again(invoice) == payment
    assert len(house.payments()) == 1


def test_once_issuing_has_ended_without_a_link_the_next_press_need_not_wait() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    payment = house.decide(invoice)
    fresh = house.again(invoice)
    assert house.payment(payment).state is PaymentState.ABANDONED
    assert (fresh.attempt, fresh.state) == (2, PaymentState.LINKED)
    assert not house.gmo.payable(payment.order_id)


def test_the_schedule_gives_up_an_unissued_order_after_a_minute() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    payment = house.decide(invoice)
    house.clock.tick(seconds=59)
    assert house.ask()["asked"] == 0
    house.clock.tick(seconds=2)
    house.ask()
    assert house.payment(payment).state is PaymentState.ABANDONED
    assert house.invoice(invoice).method is Method.CARD


def test_a_link_that_arrives_after_the_order_was_given_up_is_dropped_unseen() -> None:
    """The slow press finds the row changed; its link is at GMO but nobody gets it."""
    house = House()
    invoice = house.bill()
    account = house.account()

    def give_up() -> None:
        house.clock.tick(seconds=61)
        house.ask()

    house.database.before_commit = [lambda: None, give_up]
    house.opening.decide(account, account.invoices[0], Method.CARD, PAYER, WORKPLACE)
    payment = house.last(invoice)
    assert payment.state is PaymentState.ABANDONED
    assert payment.link_url == ""
    assert not house.gmo.payable(payment.order_id)


def test_an_unissued_order_that_gmo_will_not_stop_is_asked_for_instead() -> None:
    """EZ2278010 for an order without a link of ours: believe only what the search says."""
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    payment = house.decide(invoice)
    house.gmo.pay_card(payment.order_id)
    house.clock.tick(seconds=61)
    house.ask()
    assert house.payment(payment).state is PaymentState.PAID
    assert house.invoice(invoice).state is InvoiceState.PAID
