"""The schedule: every payment GMO may still change is asked for; a lost notification costs time.

Seen red by not putting a silent payment behind the others, and by not looking at the time left.
"""

from datetime import timedelta
from itertools import count

import pytest

from portal.billing.model import InvoiceState, Payment, PaymentState
from portal.database import Contended, Unreachable
from tests.fake_gmo import Fault
from tests.unit.billing.house import TABLES, House


def several(house: House, number: int) -> list[Payment]:
    """Return that many payments with links, each of another year's dues, all due to be asked."""
    payments = [house.card(house.bill(2000 + year)) for year in range(number)]
    house.clock.tick(minutes=3)
    return payments


def searched(house: House) -> list[str]:
    return [order for call, order in house.gmo.calls if call == "search"]


def test_a_lost_notification_costs_nothing_but_time() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.clock.tick(seconds=119)
    assert house.ask() == {"asked": 0, "left": 0}
    house.clock.tick(seconds=1)
    assert house.ask() == {"asked": 1, "left": 0}
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_a_payment_is_asked_for_at_each_of_its_times_and_not_between() -> None:
    house = House()
    payment = house.card()
    asked = []
    for minute in range(1, 200):
        house.clock.tick(minutes=1)
        if house.ask()["asked"]:
            asked.append(minute)
    assert asked == [2, 5, 15, 60, 120, 180]
    assert house.payment(payment).asks == 6


def test_nothing_is_asked_for_ever() -> None:
    house = House()
    payment = house.card()
    house.clock.tick(hours=49)
    house.ask()
    assert house.payment(payment).state is PaymentState.EXPIRED
    house.clock.tick(days=9)
    assert house.ask()["asked"] == 1
    assert house.payment(payment).next_ask_at is None
    house.clock.tick(days=400)
    assert house.ask()["asked"] == 0


def test_the_most_overdue_is_asked_first() -> None:
    house = House()
    payments = []
    for year in range(3):
        payments.append(house.card(house.bill(2000 + year)))
        house.clock.tick(minutes=1)
    house.clock.tick(minutes=5)
    house.gmo.calls.clear()
    shards = {one.order_id: str(house.row(one)["ask_shard"]) for one in payments}
    house.ask()
    for shard in set(shards.values()):
        expected = [one.order_id for one in payments if shards[one.order_id] == shard]
        assert [order for order in searched(house) if shards[order] == shard] == expected


def test_a_payment_gmo_is_silent_about_does_not_starve_the_others() -> None:
    house = House()
    silent, *others = several(house, 4)
    house.gmo.silent.add(silent.order_id)
    for one in others:
        house.gmo.pay_card(one.order_id)
    assert house.ask()["asked"] == 4
    assert all(house.payment(one).state is PaymentState.PAID for one in others)
    assert house.payment(silent).next_ask_at == house.clock() + timedelta(minutes=10)


def test_a_gmo_that_is_silent_about_everything_is_left_alone_for_this_run() -> None:
    house = House()
    several(house, 8)
    house.gmo.down.add("search")
    assert house.ask() == {"asked": 5, "left": 3}


def test_silence_about_some_never_keeps_the_rest_from_being_asked_next_time() -> None:
    house = House()
    payments = several(house, 8)
    house.gmo.down.add("search")
    house.ask()
    house.gmo.down.clear()
    for one in payments:
        house.gmo.pay_card(one.order_id)
    assert house.ask()["asked"] == 3
    house.clock.tick(minutes=10)
    house.ask()
    assert all(house.payment(one).state is PaymentState.PAID for one in payments)


def test_busy_ends_the_run_at_once_and_nothing_is_postponed() -> None:
    house = House()
    payments = several(house, 4)
    house.gmo.fail("search", Fault.BUSY)
    assert house.ask() == {"asked": 1, "left": 3}
    due = house.clock()
    assert all((house.payment(one).next_ask_at or due) <= due for one in payments)
    assert house.ask()["asked"] == 4


def test_asking_stops_when_the_time_is_up_and_goes_on_next_run() -> None:
    house = House()
    several(house, 6)
    left = count(37, -1)  # One second passes per look; 35 are kept in reserve.
    first = house.asking.run(lambda: next(left) - 35)
    assert (first.asked, first.left) == (2, 4)
    assert house.ask()["asked"] == 4


def test_the_function_keeps_a_fifth_of_its_time() -> None:
    """With 300 seconds, asking stops when 60 are left."""
    house = House()
    several(house, 6)
    left = iter([300.0, 62.0, 61.0, 59.0])
    assert house.work({"task": "ask"}, lambda: next(left)) == {"asked": 2, "left": 4}


def test_no_more_than_five_a_second_are_asked() -> None:
    house = House()
    several(house, 4)
    house.ask()
    assert house.paused == [0.2] * 4


def test_a_payment_others_settle_all_the_time_is_put_behind() -> None:
    house = House()
    (payment,) = several(house, 1)
    house.database.fail_next = [("write", Contended())] * 4
    assert house.ask()["asked"] == 1
    assert house.payment(payment).next_ask_at == house.clock() + timedelta(minutes=10)


def test_a_database_without_an_answer_fails_the_run() -> None:
    house = House()
    several(house, 1)
    house.database.fail_next = [("write", Unreachable("down"))] * 2
    with pytest.raises(Unreachable):
        house.ask()


def test_a_database_that_fails_once_is_told_apart_from_what_nobody_foresaw(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Seen red by leaving it to the last line of defence."""
    house = House()
    several(house, 3)
    house.database.fail_next = [("write", Unreachable("put_item: ReadTimeoutError"))]
    with caplog.at_level("INFO"):
        assert house.ask()["asked"] == 3
    counted = {name for record in caplog.records for name in vars(record)}
    assert "DatabaseUnreachable" in counted
    assert "UnexpectedError" not in counted
    soon = house.clock() + timedelta(minutes=10)
    assert [one.next_ask_at for one in house.payments()].count(soon) == 1


def test_a_row_that_cannot_be_read_does_not_starve_the_others() -> None:
    house = House()
    broken, *_rest = several(house, 4)
    rows = house.database.tables[TABLES.billing]
    rows[broken.member_id, f"PAY#{broken.order_id}"]["state"] = "no such state"
    assert house.ask()["asked"] == 4
    house.clock.tick(minutes=3)
    assert house.ask()["asked"] == 3


def test_all_shards_are_read() -> None:
    """Each run reads eight short lists, so no partition of the index becomes hot."""
    house = House()
    payments = several(house, 30)
    assert len({str(house.row(one)["ask_shard"]) for one in payments}) > 4
    assert house.ask() == {"asked": 30, "left": 0}


def test_that_gmo_did_not_answer_is_told_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    """A certificate nobody vouches for ends as "connection" too, see the transport's tests."""
    house = House()
    (payment,) = several(house, 1)
    house.gmo.down.add("search")
    house.ask()
    (line,) = [vars(one) for one in caplog.records if one.message == "no answer of GMO"]
    assert line["order"] == payment.order_id
    assert "connection" in line["why"]
