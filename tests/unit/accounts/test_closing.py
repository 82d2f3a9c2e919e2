"""A way in that the office closed: nothing opens it, and nothing tells that it is closed."""

from dataclasses import replace

import pytest

from portal.accounts.change_password import SessionGone
from portal.accounts.closing import CloseAccess, OpenAccess
from portal.accounts.end_sessions import Actor
from portal.accounts.new_password import Changed
from portal.accounts.reset import LinkEnded, unconditional_end
from portal.accounts.sign_in import InitialEnded, Refused, SignedIn
from portal.database import Contended, Delete, Item, Query, Read, Unreachable
from tests.unit.accounts.desk import (
    AWAY,
    HOME,
    INITIAL,
    MEMBER_ID,
    NUMBER,
    OTHER,
    PASSWORD,
    Desk,
)
from tests.unit.members.desk import TABLES

BY = Actor("office:山田", reason="退会届")


def links(member_id: str) -> list[Delete]:
    return [unconditional_end(TABLES.sessions, member_id)]


def closer(desk: Desk) -> CloseAccess:
    return CloseAccess(desk.database, desk.credentials, desk.sessions, links, TABLES.audit)


def close(desk: Desk) -> int | None:
    return closer(desk)(NUMBER, BY, desk.clock())


def reopen(desk: Desk) -> bool:
    return OpenAccess(desk.database, desk.credentials, TABLES.audit)(
        desk.credential, BY, desk.clock()
    )


def closed_desk() -> Desk:
    desk = Desk()
    desk.signed_in(address=HOME)
    close(desk)
    return desk


@pytest.mark.parametrize("address", [HOME, AWAY], ids=["known network", "new network"])
def test_the_right_password_is_a_wrong_one(address: str) -> None:
    desk = closed_desk()
    assert desk.try_in(PASSWORD, address) == Refused()
    assert desk.audited()[-1] == "sign_in_failed"
    assert desk.live_sessions() == 0


def test_an_initial_password_is_a_wrong_one_before_and_after_its_life() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True)
    close(desk)
    assert desk.try_in(INITIAL) == Refused()
    desk.clock.tick(days=200)
    assert desk.try_in(INITIAL) == Refused()
    reopen(desk)
    assert desk.try_in(INITIAL, HOME) == InitialEnded()


def test_every_session_and_the_mailed_link_end_in_one_transaction() -> None:
    desk = Desk()
    desk.signed_in(address=HOME)
    desk.signed_in(address=AWAY)
    link = desk.link()
    desk.database.calls.clear()
    assert close(desk) == 2
    assert desk.database.calls["write"] == 1
    assert desk.rows(TABLES.sessions) == []
    assert desk.reset(link, OTHER, desk.origin()) == LinkEnded()


def test_more_sessions_than_fit_one_transaction_end() -> None:
    desk = Desk()
    for _ in range(205):
        _, row = desk.sessions.create(
            MEMBER_ID, NUMBER, now=desk.clock(), must_change=False, network="", device=""
        )
        desk.database.commit(row)
    assert close(desk) == 205
    assert desk.rows(TABLES.sessions) == []


def test_a_link_that_is_mailed_at_that_moment_sets_no_password() -> None:
    desk = closed_desk()
    link = desk.link()
    assert desk.reset(link, OTHER, desk.origin()) == LinkEnded()
    assert desk.live_sessions() == 0


def test_a_change_that_was_typed_before_changes_nothing() -> None:
    desk = Desk()
    session = desk.signed_in()
    close(desk)
    before = desk.credential
    assert desk.change(session, PASSWORD, OTHER, desk.origin()) == SessionGone()
    assert desk.credential == before


def test_a_sign_in_at_the_same_moment_does_not_survive() -> None:
    """Its session was made after the sessions were listed; the credential's version tells."""
    desk = Desk()

    class SignInMeanwhile:
        times = 1

        def query(self, query: Query) -> list[Item]:
            found = desk.database.query(query)
            if self.times:
                self.times -= 1
                desk.signed_in()
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(desk.database, name)

    racing = SignInMeanwhile()
    sessions = type(desk.sessions)(racing, TABLES)  # type: ignore[arg-type]
    assert replace(closer(desk), sessions=sessions)(NUMBER, BY, desk.clock()) == 1
    assert desk.live_sessions() == 0


def test_a_sign_in_that_looked_before_and_writes_after_is_refused() -> None:
    desk = Desk()

    class ClosedMeanwhile:
        def read(self, reads: list[Read]) -> object:
            found = desk.database.read(reads)
            close(desk)
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(desk.database, name)

    login = replace(desk.sign_in, database=ClosedMeanwhile())  # type: ignore[arg-type]
    assert login(desk.attempt(PASSWORD)) == Refused()
    assert desk.live_sessions() == 0


def test_a_closed_or_unknown_number_is_not_closed_again() -> None:
    desk = closed_desk()
    before = desk.credential
    desk.clock.tick(days=1)
    assert close(desk) is None
    assert closer(desk)("999999", BY, desk.clock()) is None
    assert desk.credential == before


def test_a_row_that_stays_busy_is_an_error_to_be_tried_again() -> None:
    desk = Desk()
    desk.database.fail_next += [("write", Contended())] * 3
    with pytest.raises(Contended):
        close(desk)
    assert not desk.credential.closed


def test_when_the_transaction_fails_nothing_is_closed_and_nobody_signed_out() -> None:
    desk = Desk()
    desk.signed_in()
    desk.database.fail_next.append(("write", Unreachable()))
    with pytest.raises(Unreachable):
        close(desk)
    assert not desk.credential.closed
    assert desk.live_sessions() == 1


def test_opening_gives_the_password_and_the_known_networks_back() -> None:
    desk = closed_desk()
    networks = desk.credential.networks
    assert reopen(desk)
    assert desk.credential.networks == networks
    assert isinstance(desk.try_in(PASSWORD, AWAY), SignedIn)
    assert isinstance(desk.reset(desk.link(), OTHER, desk.origin()), Changed)


def test_opening_what_is_not_closed_does_nothing() -> None:
    desk = Desk()
    assert not reopen(desk)
    assert desk.audited() == []


def test_closing_and_opening_say_who_when_and_why() -> None:
    desk = Desk()
    desk.signed_in()
    close(desk)
    desk.clock.tick(minutes=1)
    reopen(desk)
    closed, opened = (
        next(row for row in desk.rows(TABLES.audit) if row["action"] == action)
        for action in ("access_closed", "access_opened")
    )
    for row in (closed, opened):
        assert (row["pk"], row["actor"], row["note"]) == (MEMBER_ID, "office:山田", "退会届")
    after = closed["after"]
    assert isinstance(after, dict)
    assert after["ended"] == 1
    assert opened["before"] == {"closed_at": after["closed_at"]}
