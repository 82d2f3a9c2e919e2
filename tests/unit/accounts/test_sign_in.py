"""Signing in: what is refused, what it costs, and who can make whom wait."""

from dataclasses import replace
from datetime import timedelta

import bcrypt
import pytest

from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.sign_in import (
    Disabled,
    InitialEnded,
    Refused,
    SignedIn,
    SignIn,
    Wait,
)
from portal.accounts.throttle import network_of
from portal.database import Contended, Item, Rejected, Unreachable, Update
from tests.unit.accounts.desk import (
    AWAY,
    COST,
    HOME,
    INITIAL,
    MEMBER_ID,
    NUMBER,
    OTHER,
    PASSWORD,
    PEPPERS,
    Desk,
)
from tests.unit.members.desk import TABLES

UNKNOWN = "999999"


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["", "midori77#", "Midori77# ", "Midori77", "x" * 200, "\x07"])
def test_a_wrong_password_opens_nothing(password: str) -> None:
    desk = Desk()
    assert desk.try_in(password) == Refused()
    assert desk.live_sessions() == 0


@pytest.mark.parametrize("number", ["1234", "0001234", "00123", UNKNOWN])
def test_another_number_opens_nothing(number: str) -> None:
    assert Desk().try_in(PASSWORD, number=number) == Refused()


def test_an_unknown_number_and_a_wrong_password_cost_the_same() -> None:
    """The same answer, round trips, rows and hashes: nothing tells which numbers exist."""
    costs = []
    for number in (NUMBER, UNKNOWN):
        desk = Desk()
        outcome = desk.try_in("Wrong1234", number=number)
        rows = {table: len(desk.rows(table)) for table in (TABLES.throttle, TABLES.audit)}
        costs.append((outcome, dict(desk.database.calls), rows, desk.work.costs))
    assert costs[0] == costs[1]
    assert costs[0][3] == [COST]


def test_the_whole_way_to_a_disabled_password_costs_the_same() -> None:
    costs = []
    for number in (NUMBER, UNKNOWN):
        desk = Desk()
        desk.fail(100, number=number)
        outcome = desk.try_in("Wrong1234", number=number)
        costs.append((outcome, dict(desk.database.calls), len(desk.work.costs)))
    assert costs[0] == costs[1]
    assert costs[0][0] == Disabled()


def test_an_ended_initial_password_leads_to_the_reset_and_opens_nothing() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True, age=timedelta(days=180))
    assert desk.try_in(INITIAL) == InitialEnded()
    assert desk.live_sessions() == 0
    assert desk.try_in("Wrong1234") == Refused()


def test_a_password_changed_meanwhile_opens_nothing() -> None:
    """The old password was right when it was looked at; the transaction finds it no longer is."""
    desk = Desk()

    def changed_meanwhile(secret: bytes, salt: bytes) -> bytes:
        row = desk.database.tables[TABLES.credentials][NUMBER, ""]
        row["password"] = {**_fields(row["password"]), "bcrypt": "another"}
        return bcrypt.hashpw(secret, salt)

    sign_in = replace(desk.sign_in, hasher=Hasher(lambda: PEPPERS, COST, changed_meanwhile))
    assert sign_in(desk.attempt(PASSWORD)) == Refused()
    assert desk.live_sessions() == 0


# Waiting ------------------------------------------------------------------------------------------


def test_after_five_failures_the_right_password_still_opens_at_once() -> None:
    desk = Desk()
    for _ in range(5):
        assert desk.try_in("Wrong1234") == Refused()
    assert isinstance(desk.try_in(PASSWORD), SignedIn)


def test_after_six_failures_even_the_right_password_waits() -> None:
    desk = Desk()
    for _ in range(6):
        assert desk.try_in("Wrong1234") == Refused()
    assert desk.try_in(PASSWORD) == Wait(timedelta(seconds=30))
    desk.clock.tick(seconds=30)
    assert isinstance(desk.try_in(PASSWORD), SignedIn)


def test_a_try_during_the_wait_is_neither_evaluated_nor_counted() -> None:
    desk = Desk()
    for _ in range(6):
        desk.try_in("Wrong1234")
    before, hashes = desk.rows(TABLES.throttle), len(desk.work.costs)
    for _ in range(10):
        assert isinstance(desk.try_in("Wrong1234"), Wait)
    assert desk.rows(TABLES.throttle) == before
    assert len(desk.work.costs) == hashes


def test_the_wait_is_told_alike_for_an_unknown_number() -> None:
    desk = Desk()
    for _ in range(6):
        desk.try_in("Wrong1234", number=UNKNOWN)
    assert desk.try_in("Wrong1234", number=UNKNOWN) == Wait(timedelta(seconds=30))


def test_networks_the_member_never_used_wait_together() -> None:
    desk = Desk()
    for host in range(6):
        desk.try_in("Wrong1234", f"198.51.{host}.1")
    assert isinstance(desk.try_in(PASSWORD, "198.51.100.1"), Wait)


def test_success_forgets_the_failures() -> None:
    desk = Desk()
    for _ in range(5):
        desk.try_in("Wrong1234")
    desk.signed_in(address=AWAY)
    assert not [row for row in desk.rows(TABLES.throttle) if str(row["pk"]).startswith(("U", "K"))]


def test_a_known_network_has_its_own_counter_and_keeps_its_own_wait() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    for _ in range(6):
        desk.try_in("Wrong1234", HOME)
    assert isinstance(desk.try_in(PASSWORD, HOME), Wait)
    assert isinstance(desk.try_in(PASSWORD, AWAY), SignedIn)


def test_an_attacker_with_any_number_of_addresses_keeps_no_member_out_of_a_known_network() -> None:
    """150 failures from as many networks: disabled elsewhere, open at home, all the while."""
    desk = Desk()
    desk.signed_in(address=HOME)
    for host in range(150):
        desk.fail(1, f"198.51.{host}.1")
    assert desk.try_in(PASSWORD, AWAY) == Disabled()
    assert isinstance(desk.try_in(PASSWORD, HOME), SignedIn)
    assert desk.try_in(PASSWORD, AWAY) == Disabled()


def test_a_network_is_forgotten_after_half_a_year() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    network = network_of(HOME)
    assert desk.credential.knows(network, desk.clock.tick(days=179))
    assert not desk.credential.knows(network, desk.clock.tick(days=1))


def test_at_most_twenty_networks_are_known_the_newest() -> None:
    desk = Desk()
    for host in range(25):
        desk.signed_in(address=f"203.0.{host}.1")
        desk.clock.tick(minutes=1)
    known = desk.credential.networks
    assert len(known) == 20
    assert "203.0.4.0/24" not in known
    assert "203.0.24.0/24" in known


def test_a_hundred_failures_in_a_row_disable_the_password_for_unknown_networks() -> None:
    desk = Desk()
    desk.fail(99)
    assert not desk.credential.disabled
    desk.fail(1)
    assert desk.credential.disabled
    assert desk.try_in(PASSWORD) == Disabled()


def test_a_disabled_password_stays_shut_when_its_counter_is_gone() -> None:
    desk = Desk()
    desk.fail(100)
    desk.database.tables.pop(TABLES.throttle)
    assert desk.try_in(PASSWORD) == Refused()


# Races and crashes --------------------------------------------------------------------------------


class Racing:
    """A database in which another try raises the counters just before ours, so many times."""

    def __init__(self, desk: Desk, times: int) -> None:
        self.desk, self.times = desk, times

    def commit(self, *writes: object) -> None:
        if self.times and all(isinstance(write, Update) for write in writes):
            self.times -= 1
            self.desk.try_in("Wrong1234")
        self.desk.database.commit(*writes)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.desk.database, name)


def raced(desk: Desk, times: int) -> SignIn:
    return replace(desk.sign_in, database=Racing(desk, times))  # type: ignore[arg-type]


def test_a_double_press_signs_in_though_the_other_press_raised_the_counter_first() -> None:
    desk = Desk()
    assert isinstance(raced(desk, 1)(desk.attempt(PASSWORD)), SignedIn)


def test_tries_sent_at_once_do_not_slip_past_the_wait() -> None:
    """Five failures stand; two tries read that at once; only one of them is evaluated."""
    desk = Desk()
    for _ in range(5):
        desk.try_in("Wrong1234")
    evaluated = len(desk.work.costs)
    assert isinstance(raced(desk, 1)(desk.attempt(PASSWORD)), Wait)
    assert len(desk.work.costs) == evaluated + 1


def test_whoever_is_raced_again_and_again_is_told_to_wait() -> None:
    desk = Desk()
    for _ in range(5):
        desk.database.fail_next.append(("write", Contended()))
    assert isinstance(desk.try_in(PASSWORD), Wait)
    assert desk.live_sessions() == 0


def test_a_crash_between_counter_and_session_loses_nothing() -> None:
    desk = Desk()

    def crash(*_: bytes) -> bytes:
        raise Unreachable

    with pytest.raises(Unreachable):
        replace(desk.sign_in, hasher=Hasher(lambda: PEPPERS, COST, crash))(desk.attempt(PASSWORD))
    assert {row["failures"] for row in desk.rows(TABLES.throttle)} == {1}
    assert desk.live_sessions() == 0
    assert isinstance(desk.try_in(PASSWORD), SignedIn)


def test_a_transaction_that_fails_leaves_no_session_and_no_forgotten_counter() -> None:
    desk = Desk()
    desk.try_in("Wrong1234")
    credentials = desk.credential

    class Failing(Racing):
        def commit(self, *writes: object) -> None:
            if len(writes) > 2:
                raise Contended
            super().commit(*writes)

    failing = replace(desk.sign_in, database=Failing(desk, 0))  # type: ignore[arg-type]
    with pytest.raises(Contended):
        failing(desk.attempt(PASSWORD))
    assert desk.live_sessions() == 0
    assert desk.credential == credentials
    assert {
        row["failures"] for row in desk.rows(TABLES.throttle) if row["pk"] == f"U#{NUMBER}"
    } == {2}


# The way in ---------------------------------------------------------------------------------------


def test_signing_in_costs_one_read_two_writes_and_one_hash() -> None:
    desk = Desk()
    assert isinstance(desk.try_in(PASSWORD), SignedIn)
    assert desk.database.calls == {"read": 1, "write": 2}
    assert desk.work.costs == [COST]


def test_the_session_is_the_members_and_knows_where_it_was_opened() -> None:
    desk = Desk()
    session = desk.signed_in(address=HOME)
    assert (session.member_id, session.member_no) == (MEMBER_ID, NUMBER)
    assert (session.network, session.device) == ("203.0.113.0/24", "test")
    assert not session.must_change


def test_an_initial_password_opens_a_session_that_must_change_it() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True, age=timedelta(days=179))
    outcome = desk.try_in(INITIAL)
    assert isinstance(outcome, SignedIn)
    assert outcome.must_change
    session = desk.session(outcome.cookie)
    assert session is not None
    assert session.must_change


@pytest.mark.parametrize(("days", "due"), [(0, False), (119, False), (120, True), (400, True)])
def test_the_message_is_due_from_120_days_of_japan_on(days: int, due: bool) -> None:
    desk = Desk()
    desk.enrol(PASSWORD, age=timedelta(days=days))
    outcome = desk.try_in(PASSWORD)
    assert isinstance(outcome, SignedIn)
    assert outcome.change_due is due


def test_days_are_counted_from_midnight_in_japan() -> None:
    """Set at 23:59 in Japan, 119 days and two minutes ago: that is 120 days of the calendar."""
    desk = Desk()
    desk.clock.now = desk.clock.now.replace(hour=15, minute=1)
    desk.enrol(PASSWORD, age=timedelta(days=119, minutes=2))
    outcome = desk.try_in(PASSWORD)
    assert isinstance(outcome, SignedIn)
    assert outcome.change_due


def test_the_session_the_browser_had_before_is_ended() -> None:
    desk = Desk()
    first = desk.try_in(PASSWORD)
    assert isinstance(first, SignedIn)
    desk.sign_in(replace(desk.attempt(PASSWORD), cookie=first.cookie))
    assert desk.session(first.cookie) is None
    assert desk.live_sessions() == 1


def test_two_devices_may_be_signed_in_at_once() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    desk.signed_in(address=AWAY)
    assert desk.live_sessions() == 2


def test_a_hash_of_an_old_pepper_is_renewed_and_the_password_keeps_its_age() -> None:
    desk = Desk()
    both = Peppers("p2", {**PEPPERS.keys, "p2": b"the next one"})
    desk.sign_in = replace(desk.sign_in, hasher=Hasher(lambda: both, COST))
    before = desk.credential
    desk.signed_in()
    after = desk.credential
    assert (after.password.pepper, after.history[0].pepper) == ("p2", "p2")
    assert after.password.set_at == before.password.set_at
    assert after.changed_on == before.changed_on
    desk.clock.tick(minutes=1)
    desk.signed_in()


def test_every_outcome_is_audited_and_a_failure_without_the_number() -> None:
    desk = Desk()
    desk.try_in("Wrong1234")
    desk.clock.tick(seconds=1)
    desk.try_in(PASSWORD)
    assert desk.audited() == ["sign_in_failed", "sign_in"]
    failed = min(desk.rows(TABLES.audit), key=lambda row: str(row["sk"]))
    assert NUMBER not in str(failed)


def test_neither_password_nor_token_is_written_anywhere() -> None:
    desk = Desk()
    desk.try_in(OTHER)
    outcome = desk.try_in(PASSWORD)
    assert isinstance(outcome, SignedIn)
    written = str(desk.database.tables)
    for secret in (OTHER, PASSWORD, outcome.cookie.split(".")[1]):
        assert secret not in written


def _fields(value: object) -> Item:
    assert isinstance(value, dict)
    return value


def test_a_rejected_transaction_is_the_members_business_only_when_the_password_changed() -> None:
    """Rejected comes from one condition alone: the hash is the one that was looked at."""
    desk = Desk()
    update = desk.credentials.signed_in(desk.credential, "n", desk.clock())
    desk.database.commit(update)
    desk.database.commit(update)
    desk.enrol(OTHER)
    with pytest.raises(Rejected):
        desk.database.commit(update)
