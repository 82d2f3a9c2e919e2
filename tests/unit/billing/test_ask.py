"""Asking GMO about one payment: what is asked, what is stopped, and what is believed of it.

Seen red by make mutate: by not asking the other way of paying, by giving up a link at once that GMO
cannot stop, and by having GMO stop what it had said was paid.
"""

from dataclasses import replace

import pytest

from portal.billing.ask import ask
from portal.billing.judge import Answer
from portal.billing.model import Flag, InvoiceState, Method, Payment, PaymentState
from portal.gmo.model import PayType
from tests.fake_gmo import Fault
from tests.unit.billing.house import House


def asked(house: House, payment: Payment, *, stop: bool = False) -> tuple[Answer, list[str]]:
    """Ask about a payment; return the answer and the calls that it took."""
    house.gmo.calls.clear()
    answer = ask(house.gmo, payment, house.clock(), stop=stop)
    assert {order for _, order in house.gmo.calls} == {payment.order_id}
    return answer, [call for call, _ in house.gmo.calls]


# Links


def test_what_gmo_says_of_a_declined_card_is_handed_on() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    trade = house.gmo.orders[payment.order_id].trade
    assert asked(house, payment) == (Answer(trade), ["search"])


@pytest.mark.parametrize("status", ["CAPTURE", "VOID"])
@pytest.mark.parametrize("hours", [0, 50])
def test_what_was_paid_or_given_back_is_not_stopped(status: str, hours: int) -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.say(payment.order_id, status)
    house.clock.tick(hours=hours)
    trade = house.gmo.orders[payment.order_id].trade
    assert asked(house, payment, stop=True) == (Answer(trade), ["search"])


def test_a_dead_slip_is_not_looked_for_any_further() -> None:
    house = House()
    payment = house.decide(house.bill(), Method.CVS)
    house.gmo.issue_slip(payment.order_id)
    house.gmo.expire_slip(payment.order_id)
    house.clock.tick(days=9)
    trade = house.gmo.orders[payment.order_id].trade
    assert asked(house, payment) == (Answer(trade), ["search"])


def test_a_card_that_is_charged_while_its_link_is_being_stopped_is_found_at_once() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.decline_card(payment.order_id)
    house.come_back(payment, "ERROR")
    house.gmo.meanwhile = [lambda: house.gmo.pay_card(payment.order_id)]
    assert house.again(invoice).order_id == payment.order_id
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_a_link_that_has_run_out_is_stopped_at_gmo_by_its_order() -> None:
    house = House()
    payment = house.card()
    house.clock.tick(hours=48)
    answer, calls = asked(house, payment)
    assert answer == Answer(None, PaymentState.EXPIRED)
    assert calls == ["search", "search", "reject_link"]


def test_money_by_a_way_that_was_not_offered_is_found_when_a_slips_link_runs_out() -> None:
    """GMO offers one way of paying; should it ever take the other, the money is not overlooked."""
    house = House()
    payment = house.decide(house.bill(), Method.CVS)
    house.gmo.issue_slip(payment.order_id)
    order = house.gmo.orders[payment.order_id]
    assert order.trade is not None
    order.trade = replace(order.trade, pay_type=PayType.CARD, status="CAPTURE")
    house.clock.tick(days=5)
    settled = house.settle(payment)
    assert (settled.payment.state, settled.payment.flag) == (PaymentState.PAID, Flag.MISMATCH)


# Links that GMO never told us


def lost(house: House) -> Payment:
    """Return a payment whose link GMO knows and we do not."""
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    payment = house.card()
    assert payment.state is PaymentState.CREATED
    return payment


def test_a_link_nobody_holds_is_stopped_and_given_up() -> None:
    house = House()
    payment = lost(house)
    house.clock.tick(seconds=60)
    assert asked(house, payment) == (Answer(None, PaymentState.ABANDONED), ["reject_link"])


def test_a_link_nobody_holds_is_given_up_although_gmo_does_not_answer() -> None:
    house = House()
    payment = lost(house)
    house.clock.tick(seconds=60)
    house.gmo.down.add("reject_link")
    assert asked(house, payment)[0] == Answer(None, PaymentState.ABANDONED)


@pytest.mark.parametrize("seconds", [1, 24 * 3600 - 1])
def test_a_link_nobody_holds_and_gmo_cannot_stop_is_kept_for_a_day_after_its_date(
    seconds: int,
) -> None:
    house = House()
    payment = lost(house)
    house.clock.tick(hours=24, seconds=seconds)
    assert asked(house, payment) == (Answer(None), ["reject_link", "search"])


def test_a_link_nobody_holds_is_given_up_a_day_after_its_date() -> None:
    house = House()
    payment = lost(house)
    house.clock.tick(hours=48)
    assert asked(house, payment)[0] == Answer(None, PaymentState.ABANDONED)


def test_money_by_a_link_that_we_thought_nobody_held_is_found() -> None:
    house = House()
    payment = lost(house)
    house.gmo.pay_card(payment.order_id)
    house.clock.tick(seconds=60)
    trade = house.gmo.orders[payment.order_id].trade
    assert asked(house, payment) == (Answer(trade), ["reject_link", "search"])
