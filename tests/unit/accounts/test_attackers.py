"""What attackers with many addresses, or many tries at once, can and cannot do to a member."""

import hashlib
import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.accounts.hashing import Hasher
from portal.accounts.sign_in import Attempt, Disabled, Outcome, Refused, SignedIn, Wait
from portal.accounts.throttle import network_of
from portal.database import Contended, Delete, Found, Item, Read, Update, Write
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import (
    AWAY,
    COST,
    HOME,
    NUMBER,
    PASSWORD,
    PEPPERS,
    CountedWork,
    Desk,
)
from tests.unit.members.desk import TABLES

PHONE = "2001:db8:77:1:abcd::5"
"""The member's telephone; its provider gives it another address of the same /64 each day."""


class QuickWork(CountedWork):
    """A stand-in for bcrypt that takes no time, for thousands of tries."""

    def __call__(self, secret: bytes, salt: bytes) -> bytes:
        self.costs.append(int(salt[4:6]))
        return salt[:29] + hashlib.sha256(salt[:29] + secret).hexdigest()[:31].encode()


def quick(desk: Desk) -> Desk:
    """Give the desk quick hashes and enrol its member anew."""
    desk.work = QuickWork()
    desk.hasher = Hasher(lambda: PEPPERS, COST, desk.work)
    desk.sign_in = replace(desk.sign_in, hasher=desk.hasher)
    desk.enrol(PASSWORD)
    return desk


# Any number of addresses --------------------------------------------------------------------------


def foreign(chance: random.Random) -> str:
    """Return a random address outside the networks that the member uses."""
    while True:
        bits = chance.getrandbits
        address = str(IPv4Address(bits(32)) if chance.random() < 0.5 else IPv6Address(bits(128)))
        if network_of(address) not in {network_of(HOME), network_of(PHONE)}:
            return address


def attack(desk: Desk, chance: random.Random, tries: int) -> None:
    """Try wrong passwords from a new address each time, as fast as it helps, or faster."""
    for _ in range(tries):
        outcome = desk.try_in("Wrong1234", foreign(chance))
        assert isinstance(outcome, Refused | Wait | Disabled)
        if isinstance(outcome, Wait) and chance.random() < 0.9:
            desk.clock.tick(seconds=outcome.wait.total_seconds())


def shifted(address: str, chance: random.Random) -> str:
    """Return another address of the member's network."""
    if ":" in address:
        return str(IPv6Address(int(IPv6Address(address)) ^ chance.getrandbits(64)))
    return str(IPv4Address(int(IPv4Address(address)) ^ chance.getrandbits(8)))


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_no_number_of_addresses_keeps_a_member_out_of_the_networks_the_member_uses(
    seed: int,
) -> None:
    """Each example attacks from 300 random addresses, IPv4 and IPv6, none of a known network.

    Seen red by letting a known network wait for the common counter too.
    """
    desk, chance = quick(Desk()), random.Random(seed)
    for address in (HOME, PHONE):
        desk.signed_in(address=address)
    for _ in range(6):
        attack(desk, chance, 50)
        for address in (HOME, PHONE):
            mistyped = chance.randrange(5)
            for _ in range(mistyped):
                assert desk.try_in("Midori77", shifted(address, chance)) == Refused()
            assert isinstance(desk.try_in(PASSWORD, shifted(address, chance)), SignedIn)


def test_thousands_of_addresses_disable_the_password_for_unknown_networks_only() -> None:
    """3,000 addresses in as many networks, while the member is on holiday."""
    desk, chance = quick(Desk()), random.Random(20261122)
    for address in (HOME, PHONE):
        desk.signed_in(address=address)
    attack(desk, chance, 3000)
    assert desk.credential.disabled
    # 100 tries were evaluated, and the password is disabled for everybody elsewhere.
    assert len(desk.work.costs) == 2 + 100
    assert desk.try_in(PASSWORD, AWAY) == Disabled()
    for address in (HOME, PHONE):
        assert isinstance(desk.try_in(PASSWORD, shifted(address, chance)), SignedIn)
    # Signing in at home does not open the way for others again; a new password does.
    assert desk.try_in(PASSWORD, AWAY) == Disabled()


def test_a_reset_by_mail_lifts_what_a_thousand_addresses_did() -> None:
    desk = quick(Desk())
    attack(desk, random.Random(1), 1000)
    setter = replace(desk.setter, hasher=desk.hasher)
    replace(desk.reset, setter=setter)(desk.link(), "Akaneko8!", desk.origin(AWAY))
    assert isinstance(desk.try_in("Akaneko8!", "203.0.99.1"), SignedIn)


class Storm(MemoryDatabase):
    """A database whose common counter others write all the time: no transaction gets to it."""

    def __init__(self, real: MemoryDatabase) -> None:
        super().__init__()
        self.tables = real.tables

    def commit(self, *writes: Write) -> None:
        touched = {write.key["pk"] for write in writes if isinstance(write, Update | Delete)}
        if len(writes) > 1 and f"U#{NUMBER}" in touched:
            raise Contended
        super().commit(*writes)


def test_a_storm_on_the_common_counter_stops_no_sign_in_at_home() -> None:
    """Seen red by deleting the common counter in the second try as well."""
    desk = Desk()
    desk.signed_in(address=HOME)
    desk.try_in("Wrong1234", AWAY)
    desk.sign_in = replace(desk.sign_in, database=Storm(desk.database))
    assert isinstance(desk.try_in(PASSWORD, HOME), SignedIn)


# Many tries at once -------------------------------------------------------------------------------


class Serial(MemoryDatabase):
    """The database in memory for threads: each call is one atomic step, as in DynamoDB."""

    def __init__(self, real: MemoryDatabase) -> None:
        super().__init__()
        self.tables = real.tables
        self._one = threading.RLock()

    def read(self, reads: Sequence[Read]) -> list[Found]:
        with self._one:
            return super().read(reads)

    def commit(self, *writes: Write) -> None:
        with self._one:
            super().commit(*writes)

    def update(self, update: Update) -> Item:
        with self._one:
            return super().update(update)


def burst(desk: Desk, attempts: Sequence[Attempt]) -> list[Outcome]:
    """Let all attempts begin at the same moment, each in a thread of its own."""
    sign_in = replace(desk.sign_in, database=Serial(desk.database))
    start = threading.Barrier(len(attempts))

    def one(attempt: Attempt) -> Outcome:
        start.wait(timeout=30)
        return sign_in(attempt)

    with ThreadPoolExecutor(len(attempts)) as threads:
        return list(threads.map(one, attempts))


@pytest.mark.parametrize("known", [False, True])
def test_of_fifty_tries_at_once_no_more_than_six_are_evaluated(known: bool) -> None:
    """Five are free, the sixth starts the wait. Seen red by raising without a condition."""
    desk = quick(Desk())
    if known:
        desk.signed_in(address=AWAY)
        desk.work.costs.clear()
    outcomes = burst(desk, [desk.attempt("Wrong1234")] * 50)
    assert len(desk.work.costs) == outcomes.count(Refused()) <= 6
    assert sum(isinstance(one, Wait) for one in outcomes) == 50 - outcomes.count(Refused())


@pytest.mark.parametrize("known", [False, True])
def test_of_fifty_tries_at_once_at_the_free_limit_one_is_evaluated(known: bool) -> None:
    desk = quick(Desk())
    if known:
        desk.signed_in(address=AWAY)
    for _ in range(5):
        desk.try_in("Wrong1234")
    desk.work.costs.clear()
    outcomes = burst(desk, [desk.attempt("Wrong1234")] * 50)
    assert (len(desk.work.costs), outcomes.count(Refused())) == (1, 1)


def test_of_fifty_tries_at_once_from_as_many_networks_no_more_than_six_are_evaluated() -> None:
    desk = quick(Desk())
    burst(desk, [desk.attempt("Wrong1234", f"198.51.{host}.1") for host in range(50)])
    assert len(desk.work.costs) <= 6


def test_of_fifty_numbers_at_once_from_a_slowed_network_one_is_evaluated() -> None:
    """Seen red by taking the turn without its condition."""
    desk = quick(Desk())
    for number in range(100):
        desk.try_in("Spring2026", AWAY, str(100_000 + number))
    for _ in range(3):
        desk.work.costs.clear()
        burst(desk, [desk.attempt("Spring2026", number=str(200_000 + n)) for n in range(50)])
        assert len(desk.work.costs) == 1
        desk.clock.tick(seconds=30)


def test_of_fifty_numbers_at_once_each_is_counted() -> None:
    """Seen red by writing the count that was read, and one more."""
    desk = quick(Desk())
    burst(desk, [desk.attempt("Spring2026", number=str(200_000 + n)) for n in range(50)])
    (row,) = [row for row in desk.rows(TABLES.throttle) if str(row["pk"]).startswith("NET#")]
    assert row["numbers"] == 50


def test_one_number_tried_at_once_counts_once() -> None:
    desk = quick(Desk())
    burst(desk, [desk.attempt("Wrong1234")] * 50)
    (row,) = [row for row in desk.rows(TABLES.throttle) if str(row["pk"]).startswith("NET#")]
    assert row["numbers"] == 1


def test_waits_are_what_the_burst_is_told() -> None:
    desk = quick(Desk())
    outcomes = burst(desk, [desk.attempt("Wrong1234")] * 50)
    assert {one for one in outcomes if isinstance(one, Wait)} == {Wait(timedelta(seconds=30))}
