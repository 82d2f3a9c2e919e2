"""Made-up orders in the inbox's list: they cost a bounded part of each sweep and delay nobody.

Seen red by taking every order for a known one, and by ending after one batch.
"""

import pytest

from functions.settlement.work import SWEEP, UNKNOWN_ORDERS
from portal.billing.model import InvoiceState, Payment
from tests.fake_gmo import SHOP_ID
from tests.metrics import counted
from tests.unit.billing.house import PLENTY, House

MANY = 2 * UNKNOWN_ORDERS + SWEEP


def flood(house: House, number: int = MANY) -> None:
    """Post orders of our form that nobody ever made, and let their first try pass by."""
    for order in range(number):
        body = f"ShopID={SHOP_ID}&OrderID=D26-{order:016d}&Status=CAPTURE&PayType=0"
        house.knock(body.encode())
    house.stream()
    house.gmo.calls.clear()


def paid(house: House, year: int = 2026) -> Payment:
    """Return a payment whose notification is left to the sweep."""
    payment = house.card(house.bill(year))
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    return payment


def unknown_asked(house: House) -> list[str]:
    """Return the orders that GMO was asked for and does not know, each once, in order."""
    asked = [order for call, order in house.gmo.calls if call == "search"]
    return [one for one in dict.fromkeys(asked) if one not in house.gmo.orders]


def test_made_up_orders_in_front_do_not_delay_a_real_one() -> None:
    house = House()
    flood(house)
    house.clock.tick(minutes=1)
    payment = paid(house)
    house.clock.tick(minutes=2)
    house.sweep()
    (invoice,) = house.account().invoices
    assert (invoice.state, invoice.paid_order) == (InvoiceState.PAID, payment.order_id)
    first = next(order for call, order in house.gmo.calls if call == "search")
    assert first == payment.order_id


def test_one_run_asks_for_so_many_unknown_orders_and_drops_none() -> None:
    house = House()
    flood(house)
    house.clock.tick(minutes=1)
    assert house.sweep() == {"done": UNKNOWN_ORDERS, "left": MANY - UNKNOWN_ORDERS}
    assert len(unknown_asked(house)) == UNKNOWN_ORDERS
    assert len(house.pending()) == MANY


def test_each_unknown_order_gets_its_turn_in_a_later_run() -> None:
    house = House()
    flood(house)
    for _ in range(MANY // UNKNOWN_ORDERS + 1):
        house.clock.tick(minutes=5)
        house.sweep()
    assert len(unknown_asked(house)) == MANY


def test_an_unknown_order_is_put_off_without_a_try_being_counted() -> None:
    house = House()
    flood(house)
    house.clock.tick(minutes=1)
    house.sweep()
    tries = [row["tries"] for row in house.pending()]
    assert (tries.count(1), tries.count(2)) == (MANY - UNKNOWN_ORDERS, UNKNOWN_ORDERS)


def test_an_order_that_is_put_off_is_not_told_as_one_that_waits_for_us() -> None:
    house = House()
    for order in range(UNKNOWN_ORDERS + 1):
        body = f"ShopID={SHOP_ID}&OrderID=D26-{order:016d}&Status=CAPTURE&PayType=0"
        house.knock(body.encode())
    house.clock.tick(minutes=2)
    house.sweep()  # The stream never met them, so none has a try yet.
    house.clock.tick(minutes=30)
    with counted(house.clock) as metrics:
        house.sweep()
    assert metrics.values("OldestPendingDelivery") == []


def test_the_sweep_goes_on_beyond_one_batch() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    for _ in range(2 * SWEEP + 1):
        house.notify(payment.order_id)
    house.clock.tick(minutes=2)
    assert house.sweep() == {"done": 2 * SWEEP + 1, "left": 0}
    assert house.pending() == []


@pytest.mark.parametrize("seconds", [PLENTY, 120.0])
def test_the_sweep_stops_when_its_time_is_nearly_up(seconds: float) -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    for _ in range(SWEEP):
        house.notify(payment.order_id)
    house.clock.tick(minutes=2)
    left = iter([seconds, *[seconds] * 3, *[seconds / 6] * (2 * SWEEP)])
    done = house.work({"task": "sweep"}, lambda: next(left))["done"]
    assert 0 < done < 4
    assert len(house.pending()) == SWEEP - done


def test_the_sweep_asks_no_quicker_than_the_schedule() -> None:
    house = House()
    for year in (2024, 2025, 2026):
        paid(house, year)
    house.clock.tick(minutes=2)
    house.sweep()
    assert house.paused == [1 / house.asking.per_second] * 3
