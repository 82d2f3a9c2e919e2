"""Server-side sessions: the only thing a browser holds is `member_id.token`.

A session is a row under its member (pk = member id, sk = `S#` + SHA-256 of the token), so a
stolen copy of the table opens nothing, a token is good under one member only, and the list of a
member's devices is a plain query. Both ends are checked on read, because DynamoDB's TTL deletes
hours late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from portal.clock import epoch, iso, parse_iso
from portal.database import (
    AtMost,
    Database,
    Delete,
    Equals,
    Get,
    Item,
    Key,
    Put,
    Query,
    Update,
    Value,
)
from portal.ids import digest, new_token, split_owned

COOKIE_NAME = "__Host-session"
COOKIE_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
# A session opened with an initial password leads to the change page and nowhere else.
FIRST_CHANGE = timedelta(minutes=10)
# Writing the idle time on each page would double what a page costs.
TOUCH_EVERY = timedelta(minutes=5)

SESSION_PREFIX = "S#"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a notice.
_DEVICE_LENGTH = 200


@dataclass(frozen=True)
class Session:
    """One signed-in browser. Moments are aware UTC; *csrf* is 32 hex digits.

    *device* is the browser in plain words (``devices.in_words``). *notice* is what the first page
    after its making may tell: ``PASSWORD_CHANGED`` or nothing.
    """

    member_id: str
    member_no: str
    token_hash: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    idle_until: datetime
    ends_at: datetime
    must_change: bool
    network: str = ""
    device: str = ""
    notice: str = ""


class SessionTables(Protocol):
    """What of the configured tables a session needs."""

    @property
    def sessions(self) -> str:
        """The table of sessions and reset tokens."""


def session_cookie(value: str) -> str:
    """Return the Set-Cookie text that hands *value* to the browser until it closes."""
    return f"{COOKIE_NAME}={value}; {COOKIE_ATTRIBUTES}"


def expired_cookie() -> str:
    """Return the Set-Cookie text that takes the session cookie away."""
    return f"{COOKIE_NAME}=; Max-Age=0; {COOKIE_ATTRIBUTES}"


def split_cookie(value: str) -> tuple[str, str] | None:
    """Return (member id, token) of a cookie, or None when it cannot be one of ours."""
    return split_owned(value)


class SessionStore:
    """The only place that reads and writes session rows."""

    def __init__(self, database: Database, tables: SessionTables) -> None:
        self._database = database
        self._table = tables.sessions

    def read_key(self, member_id: str, token: str) -> Get:
        """Return the read that finds the session of this cookie."""
        return Get(self._table, _key(member_id, digest(token)))

    def parse(self, item: Item | None, now: datetime) -> Session | None:
        """Return the session in *item*, or None when there is none or it has ended."""
        if item is None:
            return None
        session = _from_item(item)
        return session if now < min(session.idle_until, session.ends_at) else None

    def lapsed(self, item: Item, now: datetime) -> Session | None:
        """Return a session that time has ended lately, so that its last form can be kept.

        One that was ended on purpose has no row any more.
        """
        session = _from_item(item)
        ended_at = min(session.idle_until, session.ends_at)
        return session if ended_at <= now < session.ends_at + ABSOLUTE else None

    def touch(self, session: Session, now: datetime) -> Update | None:
        """Return the write that moves the idle end, or None when one was made lately.

        The conditions let a session that was ended meanwhile stay ended, and let one of two
        pages that load at once do the write.
        """
        if now - session.seen_at < TOUCH_EVERY:
            return None
        idle_until = min(now + _idle(session.must_change), session.ends_at)
        return Update(
            self._table,
            _key(session.member_id, session.token_hash),
            set={"seen_at": iso(now), "idle_until": iso(idle_until)},
            when=(Equals("csrf", session.csrf), AtMost("seen_at", iso(session.seen_at))),
        )

    def create(
        self,
        member_id: str,
        member_no: str,
        *,
        now: datetime,
        must_change: bool,
        network: str,
        device: str,
        notice: str = "",
    ) -> tuple[str, Put]:
        """Return the cookie's value and the write that makes a new session of it."""
        token = new_token()
        ends_at = now + (FIRST_CHANGE if must_change else ABSOLUTE)
        session = Session(
            member_id=member_id,
            member_no=member_no,
            token_hash=digest(token),
            csrf=digest(new_token())[:32],
            created_at=now,
            seen_at=now,
            idle_until=min(now + _idle(must_change), ends_at),
            ends_at=ends_at,
            must_change=must_change,
            network=network,
            device=device[:_DEVICE_LENGTH],
            notice=notice,
        )
        return f"{member_id}.{token}", Put(self._table, _to_item(session))

    def delete(self, session: Session) -> Delete:
        """Return the write that ends *session*."""
        return Delete(self._table, _key(session.member_id, session.token_hash))

    def delete_cookie(self, value: str) -> list[Delete]:
        """Return the write that ends the session of a cookie; none when it is not one of ours.

        It needs no read: whoever holds the token may end its session. A new sign-in ends the
        session that the browser had before (ASVS V7.2.4).
        """
        parts = split_cookie(value)
        return [Delete(self._table, _key(parts[0], digest(parts[1])))] if parts else []

    def read_all(self, member_id: str) -> Query:
        """Return the read that finds the rows of all sessions of a member."""
        return Query(self._table, member_id, prefix=SESSION_PREFIX)

    def parse_all(self, rows: Sequence[Item], now: datetime) -> list[Session]:
        """Return the sessions in *rows* that have not ended, the newest first."""
        found = (self.parse(item, now) for item in rows)
        return sorted((s for s in found if s), key=lambda s: s.created_at, reverse=True)

    def all(self, member_id: str, now: datetime) -> list[Session]:
        """Return the member's sessions that have not ended, the newest first."""
        return self.parse_all(self._rows(member_id), now)

    def delete_all(self, member_id: str, keep: Session | None = None) -> list[Delete]:
        """Return the writes that end every session of the member except *keep*."""
        kept = SESSION_PREFIX + keep.token_hash if keep else ""
        rows = self._rows(member_id)
        return [
            Delete(self._table, {"pk": member_id, "sk": str(row["sk"])})
            for row in rows
            if row["sk"] != kept
        ]

    def _rows(self, member_id: str) -> Sequence[Item]:
        return self._database.query(self.read_all(member_id))


def _key(member_id: str, token_hash: str) -> Key:
    return {"pk": member_id, "sk": SESSION_PREFIX + token_hash}


def _idle(must_change: bool) -> timedelta:
    return FIRST_CHANGE if must_change else IDLE


def _to_item(session: Session) -> Item:
    fields: dict[str, Value] = {
        "member_no": session.member_no,
        "csrf": session.csrf,
        "created_at": iso(session.created_at),
        "seen_at": iso(session.seen_at),
        "idle_until": iso(session.idle_until),
        "ends_at": iso(session.ends_at),
        "must_change": session.must_change,
        "network": session.network,
        "device": session.device,
        "notice": session.notice,
        "kind": "session",
        "ttl": epoch(session.ends_at),
    }
    return {**_key(session.member_id, session.token_hash), **fields}


def _from_item(item: Item) -> Session:
    return Session(
        member_id=str(item["pk"]),
        member_no=str(item["member_no"]),
        token_hash=str(item["sk"]).removeprefix(SESSION_PREFIX),
        csrf=str(item["csrf"]),
        created_at=parse_iso(str(item["created_at"])),
        seen_at=parse_iso(str(item["seen_at"])),
        idle_until=parse_iso(str(item["idle_until"])),
        ends_at=parse_iso(str(item["ends_at"])),
        must_change=bool(item["must_change"]),
        network=str(item.get("network", "")),
        device=str(item.get("device", "")),
        notice=str(item.get("notice", "")),
    )
