"""Every route to every kind of caller, and its headers, over the handlers (ASVS V7.3, V8.2)."""

from dataclasses import dataclass, replace

import pytest

from portal.accounts.sessions import SessionStore, split_cookie
from portal.members import store as members
from portal.members.model import Record
from portal.web import csrf
from tests.fakes import FixedClock, MemoryDatabase
from tests.headers import faults
from tests.sessions_by_route import ROWS, SIGNED_IN, Caller, Row, Sessions, cases, name
from tests.unit.accounts.desk import Portal
from tests.unit.billing.house import House as Payments
from tests.unit.members.desk import TABLES, TEXTS, Desk, a_member
from tests.unit.pages.billing_desk import BillingDesk
from tests.unit.pages.test_receipt_pages import INVOICE, Counter
from tests.unit.portal.web import request
from tests.unit.template.loading import events, functions, load
from tests.webclient import Browser, Handler, Page

MINE = {"member_id": "0123456789abcdefghjkmnpqrs", "member_no": "001234"}
THEIRS = {"member_id": "zyxwvtsrqpnmkjhgfedcba9876", "member_no": "009876"}
OF_TEMPLATE = sorted(
    f"{event['Method'].upper()} {event['Path']}"
    for properties in functions(load()).values()
    for event in events(properties, "Api")
)
OF_THE_RECORD = ("/member/profile", "/member/email", "/member/mail-test")
PERSONAL = (MINE["member_no"], TEXTS["family_name"], TEXTS["email"], TEXTS["phone"])
"""What of the first member must not reach anybody else."""


@dataclass(frozen=True)
class House:
    """The function that serves a route, with something of the first member's in it."""

    app: Handler
    database: MemoryDatabase
    clock: FixedClock
    invoice_id: str = ""

    @classmethod
    def of(cls, row: Row) -> "House":
        """Return a new one for *row*."""
        if row.path == "/gmo/notification":
            payments = Payments()
            door = payments.door
            return cls(lambda event, _: door(event), payments.database, payments.clock)
        if "/receipt" in row.path:
            counter = Counter()
            return cls(counter.app, counter.database, counter.clock, INVOICE)
        if row.path.startswith("/member/billing"):
            desk = BillingDesk()
            _neighbour(desk.database)
            return cls(desk.app, desk.database, desk.clock, desk.house.bill().invoice_id)
        if row.path == "/member" or row.path.startswith(OF_THE_RECORD):
            member = Desk()
            _neighbour(member.database)
            return cls(member.app, member.database, member.clock)
        portal = Portal()
        return cls(portal.app, portal.database, portal.clock)

    def send(self, row: Row, cookie: str) -> Page:
        """Ask for a row's route as a browser with *cookie* does, a form with its token."""
        browser = Browser(self.app)
        if cookie:
            browser.cookies["__Host-session"] = cookie
        if row.method == "POST":
            browser.token = self._token(row, browser, cookie)
        params = {"invoice_id": self.invoice_id, "token": "x"}
        named = {key: value for key, value in params.items() if f"{{{key}}}" in row.path}
        return browser.send(row.method, row.path, **named)

    def _token(self, row: Row, browser: Browser, cookie: str) -> str:
        """Return the token that the page before has in its form."""
        parts = None if row.public else split_cookie(cookie)
        if parts:
            store = SessionStore(self.database, TABLES)
            (found,) = self.database.read([store.read_key(*parts)])
            session = store.parse(found if isinstance(found, dict) else None, self.clock())
            if session:
                return csrf.signed_in_token(session.csrf)
        token, made = csrf.signed_out_token(request())
        browser.cookies[csrf.COOKIE] = str(made).partition(";")[0].partition("=")[2]
        return token


def _neighbour(database: MemoryDatabase) -> None:
    own = {"family_name": "青木", "email": "aoki@example.jp", "phone": "0611112222"}
    record = Record.of({**TEXTS, **own})
    member = replace(a_member(), record=record, **THEIRS)  # type: ignore[arg-type]  # Two texts.
    database.commit(members.new(TABLES.members, member))


def shown(page: Page) -> str:
    """Return an answer as the table writes it."""
    return f"{page.status} {page.location}".strip()


def test_every_route_of_the_template_has_its_row_once() -> None:
    """A new route needs a row in tests/sessions_by_route.py: who may see what it answers."""
    assert sorted(row.route for row in ROWS) == OF_TEMPLATE


@pytest.mark.parametrize(("row", "caller"), cases(), ids=name)
def test_a_route_answers_each_caller_as_the_table_says(row: Row, caller: Caller) -> None:
    house = House.of(row)
    sessions = Sessions(house.database, TABLES, MINE, THEIRS, house.clock())

    for cookie in sessions.cookies(caller):
        page = house.send(row, cookie)
        assert shown(page).startswith(row.expected(caller)), (cookie, shown(page))
        assert faults({key.lower(): value[0] for key, value in page.headers.items()}) == []
        if caller is not Caller.FIRST:
            assert [text for text in PERSONAL if text.encode() in page.body] == []


@pytest.mark.parametrize("caller", sorted(set(Caller) - SIGNED_IN, key=str))
def test_no_page_of_a_member_reaches_somebody_without_a_session(caller: Caller) -> None:
    """The table itself: no row may let such a caller see a page of somebody's own."""
    own = [row for row in ROWS if "profile" in row.path or "billing" in row.path]
    seen = [row.route for row in own if row.expected(caller).startswith("200")]

    assert seen == []
