"""The steps of waiting, counters that grow old, and networks."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.throttle import NOWHERE, Counter, Throttle, WaitingRules, minutes, network_of
from portal.database import Rejected
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import NOON

RULES = WaitingRules()
THROTTLE = Throttle("throttle", RULES)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (1, 0),
        (5, 0),
        (6, 30),
        (7, 60),
        (8, 120),
        (9, 240),
        (10, 480),
        (11, 960),
        (12, 1920),
        (13, 3600),
        (14, 3600),
        (100, 3600),
        (10**9, 3600),
    ],
)
def test_five_failures_are_free_then_the_wait_doubles_to_an_hour(
    failures: int, seconds: int
) -> None:
    assert RULES.wait_after(failures) == timedelta(seconds=seconds)


def raised(database: MemoryDatabase, times: int) -> Counter:
    """Raise one counter so often at one moment and return it as it is read then."""
    for _ in range(times):
        database.commit(THROTTLE.raised(read(database), NOON))
    return read(database)


def read(database: MemoryDatabase, after: timedelta = timedelta(0)) -> Counter:
    row = database.get("throttle", {"pk": "U#1"})
    return THROTTLE.parse("U#1", row, NOON + after)


def test_of_two_tries_that_read_the_same_counter_one_is_rejected() -> None:
    database = MemoryDatabase()
    for counter in (read(database), raised(database, 3)):
        database.commit(THROTTLE.raised(read(database), NOON))
        with pytest.raises(Rejected):
            database.commit(THROTTLE.raised(counter, NOON))


def test_the_wait_ends_to_the_second() -> None:
    database = MemoryDatabase()
    raised(database, 6)
    assert read(database, timedelta(seconds=29)).wait(NOON + timedelta(seconds=29))
    assert not read(database, timedelta(seconds=30)).wait(NOON + timedelta(seconds=30))


def test_a_quiet_day_begins_the_steps_anew_but_remembers_failures_in_a_row() -> None:
    database = MemoryDatabase()
    raised(database, 13)
    counter = read(database, RULES.quiet)
    assert (counter.recent, counter.failures) == (0, 13)


def test_a_counter_past_its_time_counts_from_nothing_though_its_row_is_still_there() -> None:
    """DynamoDB's TTL deletes days late, so the age is checked on read."""
    database = MemoryDatabase()
    raised(database, 13)
    later = NOON + RULES.remembered
    old = THROTTLE.parse("U#1", database.get("throttle", {"pk": "U#1"}), later)
    assert (old.failures, old.recent) == (0, 0)
    database.commit(THROTTLE.raised(old, later))
    assert THROTTLE.parse("U#1", database.get("throttle", {"pk": "U#1"}), later).failures == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("", NOWHERE),
        ("192.0.2", NOWHERE),
        ("test-invoke-source-ip", NOWHERE),
        ("192.0.2.1, 198.51.100.1", NOWHERE),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.ip_addresses(v=4), st.ip_addresses(v=6))
def test_every_address_has_a_network(four: object, six: object) -> None:
    assert network_of(str(four)).endswith(".0/24")
    assert network_of(str(six)).endswith(("/64", "/24"))


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.2, 1), (1, 1), (60, 1), (60.5, 2), (61, 2), (3600, 60)]
)
def test_waits_are_told_in_whole_minutes_never_too_few(seconds: float, shown: int) -> None:
    assert minutes(timedelta(seconds=seconds)) == shown
