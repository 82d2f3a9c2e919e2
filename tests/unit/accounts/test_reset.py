"""Reset by mail: the request that tells nothing, and the link that is good once."""

from dataclasses import replace
from datetime import timedelta

import bcrypt
import pytest

from portal.accounts.hashing import Hasher
from portal.accounts.new_password import Changed, Faulty
from portal.accounts.policy import Fault
from portal.accounts.reset import LIFE, LinkEnded, find
from portal.accounts.sign_in import Refused, SignedIn
from portal.accounts.throttle import network_of
from portal.database import Unreachable
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

NETWORK = network_of(HOME)


# The link -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "x",
        f"{MEMBER_ID}.",
        f"{MEMBER_ID}.{'a' * 43}",
        f"{'z' * 26}.{'a' * 43}",
        "../../etc/passwd",
        "<script>",
        "😀" * 60,
        "a" * 5000,
    ],
)
def test_a_made_up_link_opens_nothing(token: str) -> None:
    desk = Desk()
    desk.link()
    assert desk.reset(token, OTHER, desk.origin()) == LinkEnded()
    assert find(desk.database, TABLES.sessions, token, desk.clock()) is None


def test_a_link_is_good_for_thirty_minutes() -> None:
    desk = Desk()
    token = desk.link()
    desk.clock.tick(seconds=LIFE.total_seconds())
    assert desk.reset(token, OTHER, desk.origin()) == LinkEnded()


def test_a_link_is_good_just_before() -> None:
    desk = Desk()
    token = desk.link()
    desk.clock.tick(seconds=LIFE.total_seconds() - 1)
    assert isinstance(desk.reset(token, OTHER, desk.origin()), Changed)


def test_a_link_is_good_once() -> None:
    desk = Desk()
    token = desk.link()
    assert isinstance(desk.reset(token, OTHER, desk.origin()), Changed)
    assert desk.reset(token, "Nextone9!", desk.origin()) == LinkEnded()


def test_only_the_newest_link_is_good() -> None:
    desk = Desk()
    old, new = desk.link(), desk.link()
    assert desk.reset(old, OTHER, desk.origin()) == LinkEnded()
    assert isinstance(desk.reset(new, OTHER, desk.origin()), Changed)


def test_looking_at_a_link_uses_nothing_up() -> None:
    """Mail scanners open links before the member does."""
    desk = Desk()
    token = desk.link()
    for _ in range(3):
        assert find(desk.database, TABLES.sessions, token, desk.clock()) is not None
    assert isinstance(desk.reset(token, OTHER, desk.origin()), Changed)


def test_a_link_used_at_the_same_moment_is_used_once() -> None:
    """The other press commits while this one hashes: its condition fails, the next look tells."""
    desk = Desk()
    token = desk.link()
    pressed: list[object] = []

    def press_once(secret: bytes, salt: bytes) -> bytes:
        if not pressed:
            pressed.append(desk.reset(token, "Nextone9!", desk.origin()))
        return bcrypt.hashpw(secret, salt)

    setter = replace(desk.setter, hasher=Hasher(lambda: PEPPERS, COST, press_once))
    assert replace(desk.reset, setter=setter)(token, OTHER, desk.origin()) == LinkEnded()
    assert isinstance(pressed[0], Changed)


def test_a_newer_link_sent_at_the_same_moment_makes_the_older_void() -> None:
    desk = Desk()
    token = desk.link()
    newer: list[str] = []

    def mail_once(secret: bytes, salt: bytes) -> bytes:
        if not newer:
            newer.append(desk.link())
        return bcrypt.hashpw(secret, salt)

    setter = replace(desk.setter, hasher=Hasher(lambda: PEPPERS, COST, mail_once))
    assert replace(desk.reset, setter=setter)(token, OTHER, desk.origin()) == LinkEnded()
    assert isinstance(desk.reset(newer[0], OTHER, desk.origin()), Changed)


def test_a_password_against_the_rules_leaves_the_link_good() -> None:
    desk = Desk()
    token = desk.link()
    assert isinstance(desk.reset(token, "short", desk.origin()), Faulty)
    assert desk.reset(token, PASSWORD, desk.origin()) == Faulty((Fault.RECENT,))
    assert isinstance(desk.reset(token, OTHER, desk.origin()), Changed)


def test_when_the_transaction_fails_the_link_stays_good() -> None:
    desk = Desk()
    token = desk.link()
    desk.database.fail_next.append(("write", Unreachable()))
    with pytest.raises(Unreachable):
        desk.reset(token, OTHER, desk.origin())
    assert isinstance(desk.reset(token, OTHER, desk.origin()), Changed)


def test_a_link_of_a_number_that_moved_to_another_member_opens_nothing() -> None:
    desk = Desk()
    token = desk.link()
    desk.database.tables[TABLES.credentials][NUMBER, ""]["member_id"] = "z" * 26
    assert desk.reset(token, OTHER, desk.origin()) == LinkEnded()


def test_the_table_does_not_hold_the_token() -> None:
    desk = Desk()
    token = desk.link()
    assert token.split(".")[1] not in str(desk.database.tables)


def test_a_reset_ends_all_sessions_tells_the_member_and_signs_in() -> None:
    desk = Desk()
    desk.signed_in(address=AWAY)
    outcome = desk.reset(desk.link(), OTHER, desk.origin())
    assert isinstance(outcome, Changed)
    assert desk.sessions.all(MEMBER_ID, desk.clock()) == [desk.session(outcome.cookie)]
    assert [row["kind"] for row in desk.rows(TABLES.outbox)] == ["password_changed"]
    assert desk.audited()[-1] == "password_reset"


def test_it_works_for_a_disabled_password() -> None:
    desk = Desk()
    desk.fail(100)
    assert isinstance(desk.reset(desk.link(), OTHER, desk.origin()), Changed)
    assert not desk.credential.disabled
    assert isinstance(desk.try_in(OTHER, "192.0.2.200"), SignedIn)


def test_it_works_for_a_member_who_never_signed_in() -> None:
    desk = Desk()
    desk.enrol(INITIAL, first=True, age=timedelta(days=500))
    assert isinstance(desk.reset(desk.link(), OTHER, desk.origin()), Changed)
    assert not desk.credential.must_change
    assert desk.try_in(INITIAL) == Refused()
    assert isinstance(desk.try_in(OTHER), SignedIn)


# The request --------------------------------------------------------------------------------------


def test_one_row_is_written_whoever_is_known() -> None:
    costs = []
    for number, email in ((NUMBER, "hanako@example.jp"), ("999999", "nobody@example.jp")):
        desk = Desk()
        assert desk.request_reset(number, email, NETWORK, desk.clock()) is None
        (row,) = desk.rows(TABLES.outbox)
        assert (row["kind"], row["data"]) == (
            "reset_request",
            {"member_no": number, "email": email},
        )
        costs.append(dict(desk.database.calls))
    assert costs[0] == costs[1]


def test_three_requests_an_hour_are_queued_and_the_fourth_says_the_same() -> None:
    desk = Desk()
    for _ in range(5):
        assert desk.request_reset(NUMBER, "hanako@example.jp", NETWORK, desk.clock()) is None
    assert len(desk.rows(TABLES.outbox)) == 3
    desk.clock.tick(hours=1)
    desk.request_reset(NUMBER, "Hanako@example.jp", NETWORK, desk.clock())
    assert len(desk.rows(TABLES.outbox)) == 4


def test_a_stranger_cannot_use_up_a_members_requests() -> None:
    desk = Desk()
    for _ in range(3):
        desk.request_reset(NUMBER, "stranger@example.jp", NETWORK, desk.clock())
    desk.request_reset(NUMBER, "hanako@example.jp", NETWORK, desk.clock())
    assert len(desk.rows(TABLES.outbox)) == 4


def test_the_address_is_not_in_the_rows_key() -> None:
    """Keys end up in logs and metrics of the table."""
    desk = Desk()
    desk.request_reset(NUMBER, "hanako@example.jp", NETWORK, desk.clock())
    (row,) = desk.rows(TABLES.outbox)
    assert "hanako" not in str(row["pk"])


def test_one_network_may_ask_a_hundred_times_an_hour() -> None:
    desk = Desk()
    desk.clock.now = desk.clock.now.replace(minute=20)
    for number in range(100):
        assert desk.request_reset(str(number), "a@example.jp", NETWORK, desk.clock()) is None
    assert desk.request_reset("100", "a@example.jp", NETWORK, desk.clock()) == timedelta(minutes=40)
    assert len(desk.rows(TABLES.outbox)) == 100
    desk.clock.tick(minutes=40)
    assert desk.request_reset("100", "a@example.jp", NETWORK, desk.clock()) is None
