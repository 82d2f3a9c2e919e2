"""Sessions: their ends, their cookie, and what a stolen table is worth."""

from datetime import timedelta

import pytest

from portal.accounts.sessions import (
    ABSOLUTE,
    FIRST_CHANGE,
    IDLE,
    TOUCH_EVERY,
    Session,
    SessionStore,
    expired_cookie,
    session_cookie,
    split_cookie,
)
from portal.clock import epoch
from portal.database import Rejected
from tests.fakes import FixedClock, MemoryDatabase
from tests.unit.accounts.desk import MEMBER_ID, NOON, NUMBER
from tests.unit.members.desk import TABLES


class Desk:
    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self.clock = FixedClock(NOON)
        self.store = SessionStore(self.database, TABLES)

    def open(self, *, must_change: bool = False, device: str = "test") -> str:
        cookie, put = self.store.create(
            MEMBER_ID,
            NUMBER,
            now=self.clock(),
            must_change=must_change,
            network="203.0.113.0/24",
            device=device,
        )
        self.database.commit(put)
        return cookie

    def find(self, cookie: str) -> Session | None:
        parts = split_cookie(cookie)
        assert parts is not None
        (row,) = self.database.read([self.store.read_key(*parts)])
        return self.store.parse(row if isinstance(row, dict) else None, self.clock())

    def touch(self, session: Session) -> None:
        update = self.store.touch(session, self.clock())
        assert update is not None
        self.database.commit(update)


def opened(desk: Desk, *, must_change: bool = False) -> tuple[str, Session]:
    cookie = desk.open(must_change=must_change)
    session = desk.find(cookie)
    assert session is not None
    return cookie, session


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        MEMBER_ID,
        f"{MEMBER_ID}.",
        f".{'a' * 43}",
        f"{MEMBER_ID}.{'a' * 42}",
        f"{MEMBER_ID}.{'a' * 44}",
        f"{MEMBER_ID.upper()}.{'a' * 43}",
        f"{MEMBER_ID}.{'あ' * 43}",
        f"{MEMBER_ID}.{'a' * 43}\n",
        f"../{MEMBER_ID}.{'a' * 43}",
        "x" * 5000,
    ],
)
def test_a_cookie_of_another_shape_is_not_looked_up(value: str) -> None:
    assert split_cookie(value) is None
    assert Desk().store.delete_cookie(value) == []


def test_a_token_is_good_under_its_own_member_only() -> None:
    desk = Desk()
    _, token = desk.open().split(".")
    assert desk.find(f"{'z' * 26}.{token}") is None


def test_the_table_does_not_hold_the_token() -> None:
    desk = Desk()
    _, token = desk.open().split(".")
    assert token not in str(desk.database.tables)


def test_without_a_page_a_session_ends_after_thirty_minutes() -> None:
    desk = Desk()
    cookie = desk.open()
    desk.clock.tick(seconds=IDLE.total_seconds() - 1)
    assert desk.find(cookie) is not None
    desk.clock.tick(seconds=1)
    assert desk.find(cookie) is None


def test_with_pages_it_ends_after_twelve_hours() -> None:
    desk = Desk()
    cookie, session = opened(desk)
    while desk.clock() < NOON + ABSOLUTE - timedelta(minutes=20):
        desk.clock.tick(minutes=20)
        desk.touch(session)
        session = desk.find(cookie) or session
    assert desk.find(cookie) is not None
    desk.clock.now = NOON + ABSOLUTE - timedelta(seconds=1)
    assert desk.find(cookie) is not None
    desk.clock.now = NOON + ABSOLUTE
    assert desk.find(cookie) is None


def test_the_absolute_end_holds_whatever_the_idle_end_says() -> None:
    desk = Desk()
    cookie = desk.open()
    (row,) = desk.database.tables[TABLES.sessions].values()
    row["idle_until"] = "9999-01-01T00:00:00.000000Z"
    desk.clock.now = NOON + ABSOLUTE
    assert desk.find(cookie) is None


def test_a_session_for_the_first_change_ends_after_ten_minutes_whatever_happens() -> None:
    desk = Desk()
    cookie, session = opened(desk, must_change=True)
    desk.clock.tick(minutes=6)
    desk.touch(session)
    desk.clock.now = NOON + FIRST_CHANGE
    assert desk.find(cookie) is None


def test_the_idle_time_is_written_at_most_every_five_minutes() -> None:
    desk = Desk()
    _, session = opened(desk)
    assert desk.store.touch(session, NOON + TOUCH_EVERY - timedelta(seconds=1)) is None
    assert desk.store.touch(session, NOON + TOUCH_EVERY) is not None


def test_a_session_that_was_ended_is_not_brought_back_by_a_late_page() -> None:
    desk = Desk()
    cookie, session = opened(desk)
    desk.database.commit(desk.store.delete(session))
    desk.clock.tick(minutes=10)
    with pytest.raises(Rejected):
        desk.touch(session)
    assert desk.find(cookie) is None


def test_of_two_pages_at_once_one_writes() -> None:
    desk = Desk()
    _, session = opened(desk)
    desk.clock.tick(minutes=10)
    desk.touch(session)
    desk.clock.tick(seconds=1)
    with pytest.raises(Rejected):
        desk.touch(session)


def test_all_sessions_but_one_are_ended_and_reset_links_are_none() -> None:
    desk = Desk()
    kept, session = opened(desk)
    others = [desk.open(), desk.open()]
    writes = desk.store.delete_all(MEMBER_ID, keep=session)
    desk.database.commit(*writes)
    assert desk.find(kept) == session
    assert [desk.find(cookie) for cookie in others] == [None, None]
    assert desk.store.all(MEMBER_ID, desk.clock()) == [session]


def test_each_session_has_its_own_token_and_form_secret() -> None:
    desk = Desk()
    (first, one), (second, two) = opened(desk), opened(desk)
    assert first != second
    assert one.csrf != two.csrf
    assert len(bytes.fromhex(one.csrf)) == 16


def test_a_row_outlives_its_session_only_until_dynamodb_deletes_it() -> None:
    desk = Desk()
    desk.open()
    (row,) = desk.database.rows(TABLES.sessions)
    assert row["ttl"] == epoch(NOON + ABSOLUTE)


def test_a_long_browser_name_is_cut() -> None:
    desk = Desk()
    session = desk.find(desk.open(device="x" * 5000))
    assert session is not None
    assert len(session.device) == 200


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts() -> None:
    wanted = "; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert session_cookie("v") == f"__Host-session=v{wanted}"
    assert expired_cookie() == f"__Host-session=; Max-Age=0{wanted}"
