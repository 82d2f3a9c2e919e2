"""Spraying: different numbers are counted by network, slowed beyond a hundred, and alarmed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.accounts.sign_in import Disabled, Refused, SignedIn, Wait
from portal.accounts.throttle import network_of
from portal.database import Item, Unreachable, Update
from tests.fakes import MemoryDatabase
from tests.metrics import counted
from tests.unit.accounts.desk import AWAY, HOME, PASSWORD, Desk
from tests.unit.members.desk import TABLES

WRONG = "Spring2026"


def spray(desk: Desk, numbers: range, address: str = AWAY) -> list[object]:
    """Try one password once on each number."""
    return [desk.try_in(WRONG, address, str(100_000 + number)) for number in numbers]


def of_networks(desk: Desk) -> list[Item]:
    return [row for row in desk.rows(TABLES.throttle) if str(row["pk"]).startswith("NET#")]


class WithoutUpdates(MemoryDatabase):
    """A database that answers everything but the atomic count."""

    def __init__(self, real: MemoryDatabase) -> None:
        super().__init__()
        self.tables = real.tables

    def update(self, update: Update) -> Item:
        raise Unreachable(update.table)


# Counted ------------------------------------------------------------------------------------------


def test_different_numbers_are_counted_and_not_tries() -> None:
    desk = Desk()
    with counted(desk.clock) as metrics:
        for _ in range(3):
            spray(desk, range(4))
    (row,) = of_networks(desk)
    assert row["numbers"] == 4
    assert metrics.values("NumbersPerNetwork") == [1, 2, 3, 4]


def test_a_network_is_a_24_or_a_64() -> None:
    desk = Desk()
    for host in range(8):
        desk.try_in(WRONG, f"198.51.100.{host}", str(100_000 + host))
        desk.try_in(WRONG, f"2001:db8:1:2::{host}", str(200_000 + host))
    counts = {str(row["pk"]).split("#")[1]: row["numbers"] for row in of_networks(desk)}
    assert counts == {"198.51.100.0/24": 8, "2001:db8:1:2::/64": 8}


def test_a_number_that_fails_in_the_next_hour_too_is_counted_there_too() -> None:
    desk = Desk()
    spray(desk, range(5))
    desk.clock.tick(minutes=61)
    spray(desk, range(5))
    assert [row["numbers"] for row in of_networks(desk)] == [5, 5]


def test_one_forgetful_member_counts_as_one_number_in_each_hour() -> None:
    desk = Desk()
    desk.fail(20)
    assert {row["numbers"] for row in of_networks(desk)} == {1}


def test_a_right_password_counts_no_number() -> None:
    desk = Desk()
    desk.signed_in(address=AWAY)
    assert of_networks(desk) == []


def test_a_failure_in_a_network_the_member_uses_counts_no_number() -> None:
    desk = Desk()
    desk.signed_in(address=AWAY)
    desk.try_in(WRONG, AWAY)
    assert of_networks(desk) == []


def test_the_row_stays_small_however_many_numbers_it_counts() -> None:
    desk = Desk()
    spray(desk, range(100))
    (row,) = of_networks(desk)
    assert set(row) == {"pk", "numbers", "ttl"}


def test_a_count_that_could_not_be_written_leaves_the_number_counters_right() -> None:
    """The number's own counter was raised before; only one number too few is seen."""
    desk = Desk()
    desk.sign_in = replace(desk.sign_in, database=WithoutUpdates(desk.database))
    with pytest.raises(Unreachable):
        spray(desk, range(1))
    assert of_networks(desk) == []
    assert {row["failures"] for row in desk.rows(TABLES.throttle)} == {1}


# Slowed -------------------------------------------------------------------------------------------


def test_spraying_one_password_over_many_numbers_slows_its_network_down() -> None:
    desk = Desk()
    assert set(map(type, spray(desk, range(101)))) == {Refused}
    assert spray(desk, range(101, 103)) == [Wait(timedelta(seconds=30))] * 2
    assert isinstance(desk.try_in(PASSWORD, HOME), SignedIn)


def test_a_slowed_network_has_one_turn_every_thirty_seconds() -> None:
    desk = Desk()
    spray(desk, range(100))
    evaluated = 0
    for second in range(600):
        (outcome,) = spray(desk, range(1000 + second, 1001 + second))
        evaluated += isinstance(outcome, Refused)
        desk.clock.tick(seconds=1)
    assert evaluated == 600 // 30


def test_a_try_without_a_turn_is_neither_evaluated_nor_counted() -> None:
    desk = Desk()
    spray(desk, range(101))
    rows, hashes = desk.rows(TABLES.throttle), len(desk.work.costs)
    spray(desk, range(101, 150))
    assert desk.rows(TABLES.throttle) == rows
    assert len(desk.work.costs) == hashes


def test_the_next_hour_begins_anew() -> None:
    desk = Desk()
    spray(desk, range(101))
    desk.clock.tick(hours=1)
    assert spray(desk, range(101, 103)) == [Refused()] * 2


def test_members_behind_a_sprayed_address_sign_in_where_they_did_before() -> None:
    desk = Desk()
    desk.signed_in(address=AWAY)
    spray(desk, range(110))
    assert isinstance(desk.try_in(WRONG, AWAY, "200000"), Wait)
    assert isinstance(desk.try_in(PASSWORD, AWAY), SignedIn)


# Seen ---------------------------------------------------------------------------------------------


def test_a_network_beyond_fifty_numbers_is_named_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    spray(desk, range(50))
    assert "many numbers" not in caplog.text
    spray(desk, range(50, 51))
    (line,) = [one for one in caplog.records if one.message == "many numbers from one network"]
    assert (vars(line)["network"], vars(line)["numbers"]) == (network_of(AWAY), 51)


def test_a_number_that_passes_fifty_failures_in_a_row_is_told_once() -> None:
    desk = Desk()
    with counted(desk.clock) as metrics:
        desk.fail(50)
        assert metrics.values("NumberUnderAttack") == []
        desk.fail(60)
    assert metrics.values("NumberUnderAttack") == [1]
    assert isinstance(desk.try_in(PASSWORD, AWAY), Disabled)


def test_fifty_failures_in_a_network_the_member_uses_are_told_too() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    with counted(desk.clock) as metrics:
        desk.fail(60, HOME)
    assert metrics.values("NumberUnderAttack") == [1]
