"""One table of every route and what it answers to each kind of caller.

tests/unit/pages/test_sessions_by_route.py plays it over the handlers and
tests/stack/test_sessions_by_route.py over the deployed stack. Both fail while a route of
template.yaml has no row here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from portal.accounts.sessions import SessionStore, SessionTables
from portal.database import Database
from portal.ids import new_token

DOOR = "303 /member/login"
CHANGE_FIRST = "303 /member/password"


class Caller(Enum):
    """Whose browser asks; all but the first bring a session cookie."""

    NOBODY = "no session"
    MALFORMED = "a cookie that is none of ours"
    SWAPPED = "a member's id with the token of another member's session"
    IDLE = "a session whose idle time has ended"
    LATE = "a session whose twelve hours have ended"
    ENDED = "a session that was ended"
    FIRST = "a member who must change the password first"
    OTHER = "another member, signed in"


class Gate(Enum):
    """What a route asks of the caller, as the table of answers below reads it."""

    OPEN = "nothing"
    FIRST_CHANGE = "a session, also before the first password change"
    MEMBER = "a session whose initial password has been changed"


SIGNED_IN = frozenset({Caller.FIRST, Caller.OTHER})
"""Who has a live session, whose form token therefore is the session's."""

MALFORMED = (
    "x",
    ".",
    "a.b",
    "0" * 26 + "." + "A" * 43,
    "../../etc.passwd",
    "x" * 2_000,
    '"><script>.1',
)


@dataclass(frozen=True)
class Row:
    """One method of one route.

    *answer* is what a caller gets who passes the gate: the status, with the place where a redirect
    leads. *other* is the same for another member, where the address names something of ours.
    """

    route: str
    gate: Gate
    answer: str
    other: str = ""
    public: bool = False
    """Whether no session is looked at, so that the form's token is that of somebody signed out."""

    @property
    def method(self) -> str:
        """GET, POST or another."""
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """The resource as the template writes it."""
        return self.route.partition(" ")[2]

    def expected(self, caller: Caller) -> str:
        """Return the answer to *caller*."""
        passed = self.other or self.answer if caller is Caller.OTHER else self.answer
        if self.gate is Gate.OPEN:
            return passed
        if caller not in SIGNED_IN:
            return DOOR
        stopped = self.gate is Gate.MEMBER and caller is Caller.FIRST
        return CHANGE_FIRST if stopped else passed


_INVOICE = "/member/billing/{invoice_id}"
_RESET = "/member/password/reset/{token}"
_EMAIL = "/member/email/{token}"

ROWS = (
    Row("GET /", Gate.OPEN, "303 /member"),
    Row("GET /member/login", Gate.OPEN, "200"),
    # An empty form: what a route says to a caller whom it let in and who typed nothing.
    Row("POST /member/login", Gate.OPEN, "422", public=True),
    Row("POST /member/logout", Gate.FIRST_CHANGE, DOOR),
    Row("GET /member/help", Gate.OPEN, "200"),
    Row("GET /member/contact", Gate.OPEN, "200"),
    Row("GET /member/password", Gate.FIRST_CHANGE, "200"),
    Row("POST /member/password", Gate.FIRST_CHANGE, "422"),
    Row("GET /member/password/expired", Gate.MEMBER, "200"),
    Row("GET /member/password/forgot", Gate.OPEN, "200"),
    Row("POST /member/password/forgot", Gate.OPEN, "422"),
    # A link is its own proof and none of these callers has one; a session does not stand in for it.
    Row(f"GET {_RESET}", Gate.OPEN, "404"),
    Row(f"POST {_RESET}", Gate.OPEN, "404"),
    Row(f"GET {_EMAIL}", Gate.OPEN, "404"),
    Row(f"POST {_EMAIL}", Gate.OPEN, "404"),
    Row("GET /member/sessions", Gate.MEMBER, "200"),
    Row("POST /member/sessions", Gate.MEMBER, "400"),
    Row("GET /member", Gate.MEMBER, "200"),
    Row("GET /member/profile", Gate.MEMBER, "200"),
    Row("GET /member/profile/history", Gate.MEMBER, "200"),
    Row("GET /member/profile/edit", Gate.MEMBER, "200"),
    Row("POST /member/profile/edit", Gate.MEMBER, "422"),
    Row("POST /member/profile/confirm", Gate.MEMBER, "303 /member/profile?confirmed="),
    Row("GET /member/mail-test", Gate.MEMBER, "200"),
    Row("POST /member/mail-test", Gate.MEMBER, "303 /member/mail-test?test="),
    Row("GET /member/billing", Gate.MEMBER, "200"),
    Row(f"GET {_INVOICE}", Gate.MEMBER, "200", other="404"),
    Row(f"GET {_INVOICE}/start", Gate.MEMBER, "303", other="404"),
    Row(f"GET {_INVOICE}/payment", Gate.MEMBER, "200", other="404"),
    Row(f"POST {_INVOICE}/payment", Gate.MEMBER, "422", other="404"),
    Row(f"POST {_INVOICE}/receipt", Gate.MEMBER, "422", other="404"),
    Row(f"GET {_INVOICE}/receipt.pdf", Gate.MEMBER, "200", other="404"),
    # Where others post: a session is not looked at, and nothing they say is believed.
    Row("POST /member/billing/return", Gate.OPEN, "303 /member/billing", public=True),
    Row("POST /gmo/notification", Gate.OPEN, "200", public=True),
    *(Row(f"{method} /{{proxy+}}", Gate.OPEN, "404") for method in ("GET", "POST")),
    *(
        Row(f"{method} /{{proxy+}}", Gate.OPEN, "405")
        for method in ("PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
    ),
)


def cases() -> list[tuple[Row, Caller]]:
    """Return every row with every caller."""
    return [(row, caller) for row in ROWS for caller in Caller]


def name(case: object) -> str:
    """Return a case's name for pytest."""
    return case.route if isinstance(case, Row) else str(getattr(case, "name", case))


@dataclass(frozen=True)
class Sessions:
    """Makes what a caller's browser holds, by the portal's own store.

    *mine* and *theirs* are member id and number: of the member whose things are asked for, and of
    the other one.
    """

    database: Database
    tables: SessionTables
    mine: Mapping[str, str]
    theirs: Mapping[str, str]
    now: datetime

    def cookies(self, caller: Caller) -> list[str]:
        """Return the session cookies to try, one by one; an empty one is none."""
        made: Mapping[Caller, Callable[[], list[str]]] = {
            Caller.NOBODY: lambda: [""],
            Caller.MALFORMED: lambda: [*MALFORMED, f"{self.mine['member_id']}.{new_token()}"],
            Caller.SWAPPED: self._swapped,
            Caller.IDLE: lambda: [self._opened(self.mine, timedelta(minutes=30))],
            Caller.LATE: lambda: [self._kept_busy(self._opened(self.mine, timedelta(hours=12)))],
            Caller.ENDED: self._ended,
            Caller.FIRST: lambda: [self._opened(self.mine, must_change=True)],
            Caller.OTHER: lambda: [self._opened(self.theirs)],
        }
        return made[caller]()

    @property
    def _store(self) -> SessionStore:
        return SessionStore(self.database, self.tables)

    def _opened(
        self, who: Mapping[str, str], ago: timedelta = timedelta(0), *, must_change: bool = False
    ) -> str:
        cookie, put = self._store.create(
            who["member_id"],
            who["member_no"],
            now=self.now - ago,
            must_change=must_change,
            network="192.0.2.0/24",
            device="test",
        )
        self.database.commit(put)
        return cookie

    def _swapped(self) -> list[str]:
        token = self._opened(self.theirs).partition(".")[2]
        return [f"{self.mine['member_id']}.{token}"]

    def _ended(self) -> list[str]:
        cookie = self._opened(self.mine)
        self.database.commit(*self._store.delete_cookie(cookie))
        return [cookie]

    def _kept_busy(self, cookie: str) -> str:
        """Use a session of twelve hours ago all the time, so that only the absolute end counts."""
        member_id, token = cookie.split(".")
        at = self.now - timedelta(hours=12)
        while (at := at + timedelta(minutes=25)) < self.now:
            (row,) = self.database.read([self._store.read_key(member_id, token)])
            session = self._store.parse(row if isinstance(row, dict) else None, at)
            assert session is not None
            touched = self._store.touch(session, at)
            assert touched is not None
            self.database.commit(touched)
        return cookie
