"""The receipt's two routes: the addressee, once, and the PDF of one's own paid invoice."""

import re
from datetime import date
from urllib.parse import unquote

import pytest

from functions.receipt.pages import ReceiptPages, attachment
from portal.accounts.sessions import SessionStore
from portal.billing import receipts
from portal.billing.model import Invoice, InvoiceState, Method
from portal.billing.receipts import Addressee, ReceiptSnapshot
from portal.billing.store import BillingStore
from portal.config import load_society
from portal.database import Write
from portal.web.app import App
from portal.web.csrf import signed_in_token
from portal.web.render import Renderer
from tests.fakes import FixedClock, MemoryDatabase
from tests.unit.members.desk import NOON, TABLES, config
from tests.unit.receipts.samples import MEMBER, PAID_DAY, SNAPSHOT, a_receipt, printer
from tests.webclient import Browser, Page

RESOURCE = "/member/billing/{invoice_id}/receipt"
INVOICE = "2026-annual"
HERE = f"/member/billing/{INVOICE}"
OTHER = "z" * 26


class CountingPrinter:
    """Keeps what it was asked to print."""

    def __init__(self) -> None:
        self.printed: list[tuple[ReceiptSnapshot, bool]] = []

    def pdf(self, snapshot: ReceiptSnapshot, *, reissued: bool) -> bytes:
        """Return bytes that stand for a PDF."""
        self.printed.append((snapshot, reissued))
        return b"%PDF-"


class Overtaken(MemoryDatabase):
    """Lets somebody else write ``first`` just before the next write."""

    def __init__(self) -> None:
        super().__init__()
        self.first: Write | None = None

    def commit(self, *writes: Write) -> None:
        """Be overtaken, then write."""
        first, self.first = self.first, None
        if first:
            super().commit(first)
        super().commit(*writes)


class Counter:
    """A portal with one member signed in who paid one invoice."""

    def __init__(
        self,
        snapshot: ReceiptSnapshot | None = SNAPSHOT,
        state: InvoiceState = InvoiceState.PAID,
        member_id: str = MEMBER,
        database: MemoryDatabase | None = None,
    ) -> None:
        self.database = database or MemoryDatabase()
        self.clock = FixedClock(NOON)
        self.printer = CountingPrinter()
        invoice = Invoice(
            member_id=MEMBER,
            member_no="001234",
            invoice_id=INVOICE,
            title="2026年度 年会費",
            fiscal_year=2026,
            amount=10000,
            due_on=date(2026, 12, 31),
            closes_on=date(2027, 3, 31),
            state=state,
            method=Method.CARD,
        )
        self.database.commit(*BillingStore(self.database, TABLES.billing).new_invoice(invoice))
        if snapshot:
            self.database.commit(receipts.written(TABLES.billing, snapshot))
        society = load_society()
        renderer = Renderer(lambda: society)
        pages = ReceiptPages(self.database, TABLES, renderer, self.printer)
        self.app = App(config(), self.database, self.clock, renderer, pages.routes())
        self.browser = self.sign_in(member_id)
        self.database.calls.clear()

    def sign_in(self, member_id: str, *, must_change: bool = False) -> Browser:
        """Return a browser in which a member has just signed in, with a form token of it."""
        cookie, put = SessionStore(self.database, TABLES).create(
            member_id,
            "001234",
            now=self.clock(),
            must_change=must_change,
            network="192.0.2.0/24",
            device="test",
        )
        self.database.commit(put)
        browser = Browser(self.app)
        browser.cookies["__Host-session"] = cookie
        browser.token = signed_in_token(str(put.item["csrf"]))
        return browser

    def choose(self, addressee: str = "self", invoice_id: str = INVOICE) -> Page:
        """Post the choice."""
        return self.browser.post(RESOURCE, {"addressee": addressee}, invoice_id=invoice_id)

    def download(self, invoice_id: str = INVOICE) -> Page:
        """Get the PDF."""
        return self.browser.get(f"{RESOURCE}.pdf", invoice_id=invoice_id)

    @property
    def stored(self) -> ReceiptSnapshot:
        """The receipt as it is stored now."""
        item = self.database.get(TABLES.billing, receipts.key(MEMBER, INVOICE))
        assert item is not None
        return receipts.parse(item)


# The addressee -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), [("self", "山田 花子"), ("workplace", "中野病院")])
def test_the_choice_is_kept_and_leads_back_to_the_invoice(kind: str, name: str) -> None:
    counter = Counter()
    page = counter.choose(kind)
    assert (page.status, page.location) == (303, HERE)
    assert counter.stored.shown_addressee == name
    assert counter.stored.addressed_on == date(2026, 11, 22)


def test_a_second_choice_changes_nothing_and_is_no_error() -> None:
    counter = Counter()
    counter.choose("workplace")
    before = counter.stored
    counter.clock.tick(days=0.01)
    page = counter.choose("self")
    assert (page.status, page.location) == (303, HERE)
    assert counter.stored == before


def test_of_two_tabs_the_first_choice_stands() -> None:
    """The second tab read the receipt before the first had written."""
    database = Overtaken()
    counter = Counter(database=database)
    today = date(2026, 11, 22)
    database.first = receipts.addressed(TABLES.billing, SNAPSHOT, Addressee.WORKPLACE, today)
    page = counter.choose("self")
    assert (page.status, page.location) == (303, HERE)
    assert counter.stored.addressee_kind is Addressee.WORKPLACE


@pytest.mark.parametrize(
    "addressee", ["", "free", "株式会社ほげ", "SELF", " self", "self\n", "<b>", "😀", "x" * 5000]
)
def test_anything_but_the_two_choices_is_asked_again_and_changes_nothing(addressee: str) -> None:
    counter = Counter()
    page = counter.choose(addressee)
    assert page.status == 422
    assert "宛名を選んでください" in page.text
    assert '<a href="#addressee">' in page.text
    assert not counter.stored.chosen


def test_a_missing_field_is_asked_again() -> None:
    counter = Counter()
    assert counter.browser.post(RESOURCE, {}, invoice_id=INVOICE).status == 422


def test_a_field_sent_twice_is_refused() -> None:
    counter = Counter()
    body = f"csrf={counter.browser.token}&addressee=self&addressee=workplace".encode()
    assert counter.browser.post_raw(RESOURCE, body, invoice_id=INVOICE).status == 400
    assert not counter.stored.chosen


def test_without_a_workplace_at_the_time_of_paying_it_cannot_be_chosen() -> None:
    counter = Counter(a_receipt(workplace=""))
    page = counter.choose("workplace")
    assert page.status == 422
    assert "勤務先は選べません" in page.text
    assert 'value="workplace"' not in page.text
    assert not counter.stored.chosen


def test_the_page_that_asks_again_can_be_answered() -> None:
    counter = Counter()
    page = counter.choose("")
    assert re.search(rf'action="{HERE}/receipt"', page.text)
    assert "ご本人（山田 花子 様）" in page.text
    assert "勤務先（中野病院 御中）" in page.text
    assert counter.choose("self").status == 303


def test_names_are_escaped_on_the_page() -> None:
    page = Counter(a_receipt(workplace="<b>&病院")).choose("")
    assert "&lt;b&gt;&amp;病院" in page.text


@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_a_token_of_ours_nothing_is_chosen(token: str) -> None:
    counter = Counter()
    counter.browser.token = token
    assert counter.choose().status == 403
    assert not counter.stored.chosen


def test_a_foreign_page_chooses_nothing() -> None:
    counter = Counter()
    counter.browser.headers = {"origin": "https://evil.example"}
    assert counter.choose().status == 403
    assert not counter.stored.chosen


def test_the_choice_costs_one_read_and_one_write() -> None:
    counter = Counter()
    counter.choose()
    assert counter.database.calls == {"read": 1, "write": 1}


# The PDF -----------------------------------------------------------------------------------------


def test_the_receipt_is_a_download_that_no_cache_keeps() -> None:
    page = Counter().download()
    assert (page.status, page.body) == (200, b"%PDF-")
    assert page.headers["Content-Type"] == ["application/pdf"]
    assert page.headers["Cache-Control"] == ["no-store"]
    (disposition,) = page.headers["Content-Disposition"]
    plain, japanese = disposition.removeprefix("attachment; ").split("; ")
    assert plain == 'filename="receipt-2026-001234-1.pdf"'
    assert unquote(japanese) == "filename*=UTF-8''領収書_2026-001234-1.pdf"


def test_a_real_receipt_comes_out_of_the_gateways_base64_whole() -> None:
    counter = Counter()
    society = load_society()
    renderer = Renderer(lambda: society)
    pages = ReceiptPages(counter.database, TABLES, renderer, printer())
    browser = Browser(App(config(), counter.database, counter.clock, renderer, pages.routes()))
    browser.cookies = counter.browser.cookies
    body = browser.get(f"{RESOURCE}.pdf", invoice_id=INVOICE).body
    assert body == printer().pdf(SNAPSHOT, reissued=False)


def test_before_a_choice_the_receipt_names_the_member() -> None:
    counter = Counter()
    counter.download()
    ((printed, reissued),) = counter.printer.printed
    assert (printed.shown_addressee, reissued) == ("山田 花子", False)


def test_downloading_changes_nothing() -> None:
    counter = Counter()
    before = counter.database.rows(TABLES.billing)
    for _ in range(3):
        counter.download()
        counter.clock.tick(minutes=1)
    assert counter.database.rows(TABLES.billing) == before
    assert counter.database.calls["write"] == 0


def test_the_download_costs_one_read() -> None:
    counter = Counter()
    counter.download()
    assert counter.database.calls == {"read": 1}


@pytest.mark.parametrize(
    ("later", "reissued"),
    [
        # It is noon in Japan at the start, so the day ends twelve hours later.
        ({"hours": 0}, False),
        ({"hours": 11, "minutes": 59}, False),
        ({"hours": 12}, True),
        ({"days": 30}, True),
    ],
)
def test_the_mark_comes_with_midnight_in_japan(later: dict[str, float], reissued: bool) -> None:
    counter = Counter()
    counter.choose()
    counter.clock.tick(**later)
    # The session has ended by then; the member signs in again.
    counter.browser = counter.sign_in(MEMBER)
    assert counter.download().status == 200
    assert counter.printer.printed[-1][1] is reissued


def test_a_receipt_that_the_office_issued_to_another_name_is_downloaded_with_the_mark() -> None:
    counter = Counter()
    old = a_receipt()
    new = a_receipt(
        number="2026-001234-2",
        replaces=old.number,
        addressee_kind=Addressee.WORKPLACE,
        addressed_on=PAID_DAY,
    )
    counter.database.commit(*receipts.replaced(TABLES.billing, old, new, PAID_DAY))
    assert counter.download().status == 200
    assert counter.printer.printed[-1] == (new, True)


def test_twice_on_the_first_day_both_copies_are_without_the_mark() -> None:
    """A download that failed on a phone must not cost the member the plain copy."""
    counter = Counter()
    counter.choose()
    counter.download()
    counter.download()
    assert [reissued for _, reissued in counter.printer.printed] == [False, False]


# Whose, and when ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [state for state in InvoiceState if state is not InvoiceState.PAID]
)
def test_only_a_paid_invoice_has_a_receipt(state: InvoiceState) -> None:
    counter = Counter(state=state)
    assert counter.download().status == 404
    assert counter.choose().status == 404
    assert not counter.stored.chosen
    assert counter.printer.printed == []


def test_a_paid_invoice_without_a_snapshot_has_none() -> None:
    """Paid with another amount: that is for the office to clear up first."""
    counter = Counter(snapshot=None)
    assert counter.download().status == 404
    assert counter.choose().status == 404


def test_somebody_elses_receipt_is_not_found() -> None:
    counter = Counter(member_id=OTHER)
    assert counter.download().status == 404
    assert counter.choose().status == 404
    assert not counter.stored.chosen


def test_an_unknown_invoice_is_not_found() -> None:
    counter = Counter()
    assert counter.download("2025-annual").status == 404
    assert counter.choose(invoice_id="2025-annual").status == 404


@pytest.mark.parametrize("invoice_id", ["../x", "", "あ", "a" * 2000, "a#b", "x\0"])
def test_what_cannot_be_an_invoice_is_not_even_looked_up(invoice_id: str) -> None:
    """DynamoDB refuses keys of more than 1,024 bytes, which must not look like our fault."""
    counter = Counter()
    assert counter.download(invoice_id).status == 404
    assert counter.choose(invoice_id=invoice_id).status == 404
    assert counter.database.calls == {}


def test_without_a_session_both_lead_to_sign_in() -> None:
    counter = Counter()
    counter.browser.cookies.clear()
    assert counter.download().location == "/member/login"
    counter.browser.token = ""
    assert counter.choose().location == "/member/login"


def test_before_the_first_password_change_there_are_no_receipts() -> None:
    counter = Counter()
    counter.browser = counter.sign_in(MEMBER, must_change=True)
    assert counter.download().location == "/member/password"


def test_the_choice_is_not_offered_as_a_page_of_its_own() -> None:
    assert Counter().browser.get(RESOURCE, invoice_id=INVOICE).status == 405


def test_a_file_name_is_made_of_the_number_alone() -> None:
    assert attachment('2026-"\r\n;x-1').startswith('attachment; filename="receipt-2026-____')
    assert "\r" not in attachment("\r\n")
    assert SNAPSHOT.number in attachment(SNAPSHOT.number)
