"""Changing the password, and its history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.accounts.change_password import (
    ChangeWait,
    SessionGone,
    WrongCurrent,
)
from portal.accounts.new_password import Changed, Faulty
from portal.accounts.policy import Fault
from portal.accounts.sign_in import Refused, SignedIn
from portal.database import Contended, Query, Unreachable
from tests.unit.accounts.desk import (
    AWAY,
    HOME,
    INITIAL,
    MEMBER_ID,
    OTHER,
    PASSWORD,
    Desk,
)
from tests.unit.members.desk import TABLES


def changed(desk: Desk, new: str, current: str = PASSWORD) -> None:
    """Sign in with *current* and change to *new*."""
    desk.clock.tick(minutes=1)
    session = desk.signed_in(current)
    assert isinstance(desk.change(session, current, new, desk.origin()), Changed)


@pytest.mark.parametrize("new", ["short1A", "alllower1", "NoDigits!", "Has space1", "全角Aa12345"])
def test_a_password_against_the_rules_costs_no_hash_and_changes_nothing(new: str) -> None:
    desk = Desk()
    session = desk.signed_in()
    before, hashes = desk.credential, len(desk.work.costs)
    assert isinstance(desk.change(session, PASSWORD, new, desk.origin()), Faulty)
    assert desk.credential == before
    assert len(desk.work.costs) == hashes


@pytest.mark.parametrize("current", ["", "Wrong1234", "midori77#", OTHER])
def test_without_the_present_password_nothing_changes(current: str) -> None:
    desk = Desk()
    session = desk.signed_in()
    before = desk.credential
    assert desk.change(session, current, OTHER, desk.origin()) == WrongCurrent()
    assert desk.credential == before
    assert "password_change_refused" in desk.audited()


def test_an_open_browser_is_no_place_to_guess_the_present_password() -> None:
    desk = Desk()
    session = desk.signed_in()
    for _ in range(6):
        assert desk.change(session, "Wrong1234", OTHER, desk.origin()) == WrongCurrent()
    wait = ChangeWait(timedelta(seconds=30))
    assert desk.change(session, PASSWORD, OTHER, desk.origin()) == wait
    desk.clock.tick(seconds=30)
    assert isinstance(desk.change(session, PASSWORD, OTHER, desk.origin()), Changed)


def test_the_last_three_passwords_set_are_refused_the_present_one_included() -> None:
    desk = Desk()
    changed(desk, "Second22!")
    changed(desk, "Third333!", "Second22!")
    session = desk.signed_in("Third333!")
    for used in (PASSWORD, "Second22!", "Third333!"):
        outcome = desk.change(session, "Third333!", used, desk.origin())
        assert outcome == Faulty((Fault.RECENT,))


def test_the_fourth_last_may_be_used_again() -> None:
    desk = Desk()
    changed(desk, "Second22!")
    changed(desk, "Third333!", "Second22!")
    changed(desk, "Fourth44!", "Third333!")
    changed(desk, PASSWORD, "Fourth44!")
    assert len(desk.credential.history) == 3


def test_the_initial_password_counts_as_one_of_the_three() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True)
    session = desk.signed_in(INITIAL)
    assert desk.change(session, "", INITIAL, desk.origin()) == Faulty((Fault.RECENT,))


def test_the_first_time_the_present_password_is_not_asked() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True)
    session = desk.signed_in(INITIAL)
    outcome = desk.change(session, "", OTHER, desk.origin())
    assert isinstance(outcome, Changed)
    after = desk.credential
    assert (after.must_change, after.initial_until) == (False, None)
    assert desk.try_in(INITIAL) == Refused()
    opened = desk.session(outcome.cookie)
    assert opened is not None
    assert not opened.must_change


def test_a_first_change_session_is_worth_nothing_once_the_password_was_changed() -> None:
    """Two tabs: the second must not set a password without the present one."""
    desk = Desk()
    desk.enrol(INITIAL, first=True)
    stale = desk.signed_in(INITIAL)
    desk.enrol(PASSWORD)
    assert desk.change(stale, "", OTHER, desk.origin()) == SessionGone()


def test_an_ordinary_session_does_not_pass_as_a_first_change_after_a_re_issue() -> None:
    desk = Desk()
    session = desk.signed_in()
    desk.enrol(INITIAL, first=True)
    assert desk.change(session, INITIAL, OTHER, desk.origin()) == SessionGone()


def test_a_member_whose_number_now_belongs_to_another_is_signed_out() -> None:
    desk = Desk()
    session = replace(desk.signed_in(), member_id="z" * 26)
    assert desk.change(session, PASSWORD, OTHER, desk.origin()) == SessionGone()


def test_a_change_ends_every_session_and_opens_one_new() -> None:
    desk = Desk()
    desk.signed_in(address=AWAY)
    session = desk.signed_in()
    outcome = desk.change(session, PASSWORD, OTHER, desk.origin())
    assert isinstance(outcome, Changed)
    (left,) = desk.sessions.all(MEMBER_ID, desk.clock())
    assert left == desk.session(outcome.cookie)
    assert left.token_hash != session.token_hash


def test_a_hundred_and_more_sessions_end_too() -> None:
    desk = Desk()
    for _ in range(205):
        session = desk.signed_in()
    assert isinstance(desk.change(session, PASSWORD, OTHER, desk.origin()), Changed)
    assert desk.live_sessions() == 1


def test_a_sign_in_at_the_same_moment_does_not_survive_the_change() -> None:
    """Someone with the old password signs in after the sessions were listed."""
    desk = Desk()
    session = desk.signed_in()

    class SignInMeanwhile:
        times = 1

        def query(self, query: Query) -> object:
            found = desk.database.query(query)
            if self.times:
                self.times -= 1
                desk.clock.tick(seconds=1)
                desk.signed_in(address=AWAY)
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(desk.database, name)

    sessions = type(desk.sessions)(SignInMeanwhile(), TABLES)  # type: ignore[arg-type]
    setter = replace(desk.setter, sessions=sessions)
    change = replace(desk.change, setter=setter)
    assert isinstance(change(session, PASSWORD, OTHER, desk.origin()), Changed)
    assert desk.live_sessions() == 1


def test_a_change_makes_a_mailed_reset_link_void() -> None:
    desk = Desk()
    token = desk.link()
    session = desk.signed_in()
    desk.change(session, PASSWORD, OTHER, desk.origin())
    assert not isinstance(desk.reset(token, "Nextone9!", desk.origin()), Changed)


def test_the_member_is_told_by_mail_in_the_same_transaction() -> None:
    desk = Desk()
    session = desk.signed_in()
    desk.change(session, PASSWORD, OTHER, desk.origin())
    (mail,) = desk.rows(TABLES.outbox)
    assert (mail["kind"], mail["member_id"], mail["data"]) == ("password_changed", MEMBER_ID, {})
    assert desk.audited()[-1] == "password_changed"


def test_each_of_two_changes_within_one_moment_is_told() -> None:
    desk = Desk()
    desk.change(desk.signed_in(), PASSWORD, OTHER, desk.origin())
    assert isinstance(desk.reset(desk.link(), "Nextone9!", desk.origin()), Changed)
    assert len(desk.rows(TABLES.outbox)) == 2


def test_when_the_transaction_fails_no_mail_no_session_no_password() -> None:
    desk = Desk()
    session = desk.signed_in()
    desk.database.fail_next.append(("write", Unreachable()))
    before = desk.credential
    with pytest.raises(Unreachable):
        desk.change(session, PASSWORD, OTHER, desk.origin())
    assert desk.credential == before
    assert desk.rows(TABLES.outbox) == []
    assert desk.live_sessions() == 1


def test_endless_contention_is_an_error_to_be_tried_again() -> None:
    desk = Desk()
    session = desk.signed_in()
    desk.database.fail_next += [("write", Contended())] * 3
    with pytest.raises(Contended):
        desk.change(session, PASSWORD, OTHER, desk.origin())


def test_afterwards_the_new_password_opens_and_the_old_one_does_not() -> None:
    desk = Desk()
    changed(desk, OTHER)
    assert desk.try_in(PASSWORD) == Refused()
    assert isinstance(desk.try_in(OTHER), SignedIn)


def test_a_change_from_a_known_network_opens_a_disabled_password_again() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    desk.fail(100)
    session = desk.signed_in(address=HOME)
    desk.change(session, PASSWORD, OTHER, desk.origin(HOME))
    assert isinstance(desk.try_in(OTHER, AWAY), SignedIn)


def test_no_password_is_written_anywhere() -> None:
    desk = Desk()
    changed(desk, OTHER)
    written = str(desk.database.tables)
    assert PASSWORD not in written
    assert OTHER not in written
