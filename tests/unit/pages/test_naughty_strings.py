"""The Big List of Naughty Strings through every field of every form.

Each text is refused with a page that shows it escaped, or stored as the record's rules say; none
ends in a 500, none reaches a log. A new form has to join the table of tests/stack/forms.py, and
then this one.

Seen red: with ``autoescape=False`` in portal.web.render the page gave back less than was typed;
with the posted form among the facts of the line "request" a log held it; with ``int(typed)`` at the
head of ``fold`` the answer was 500.
"""

import logging
from collections import Counter as Counts
from collections.abc import Callable, Collection, Mapping
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from portal.members.checks import check
from portal.members.fields import BY_NAME, NAMES
from tests.naughty import NAUGHTY
from tests.stack.client import Answer
from tests.stack.forms import ROWS
from tests.unit.accounts.desk import NUMBER, PASSWORD
from tests.unit.accounts.desk import Portal as Accounts
from tests.unit.billing.house import House
from tests.unit.members.desk import Desk as Record
from tests.unit.pages.billing_desk import PAYMENT, RETURN, BillingDesk
from tests.unit.pages.test_receipt_pages import INVOICE, RESOURCE, Counter
from tests.webclient import Browser, Page

EDIT = "/member/profile/edit"
NEW = {"new_password": "Momiji2026xyz", "confirm_password": "Momiji2026xyz"}
LONGEST_BY_CHANCE = 10
"""Shorter texts (`0`, `True`, `password`) stand in pages and logs for reasons of their own."""

TYPED = {"member_no", "email", *NAMES} - {"prefecture"}
"""Fields that a page gives back for another try; a prefecture is chosen from a list."""

ECHOED = 60
"""Characters of what was typed that at least come back."""

type Send = Callable[[Mapping[str, str]], Page]


def _login() -> tuple[Send, dict[str, str]]:
    portal = Accounts()
    portal.browser.get("/member/login")

    def send(form: Mapping[str, str]) -> Page:
        # Else the wait after five wrong passwords would answer for the rest of the list.
        portal.database.tables.pop("throttle", None)
        return portal.browser.post("/member/login", form)

    return send, {"member_no": "007654", "password": "Wrong1234"}


def _change() -> tuple[Send, dict[str, str]]:
    portal = Accounts()
    portal.browser.get("/member/login")
    portal.browser.post("/member/login", {"member_no": NUMBER, "password": PASSWORD})
    portal.browser.get("/member/password")

    def send(form: Mapping[str, str]) -> Page:
        portal.database.tables.pop("throttle", None)
        return portal.browser.post("/member/password", form)

    return send, {"current_password": "Wrong1234", **NEW}


def _forgot() -> tuple[Send, dict[str, str]]:
    portal = Accounts()
    portal.browser.get("/member/password/forgot")

    def send(form: Mapping[str, str]) -> Page:
        portal.database.tables.pop("throttle", None)
        return portal.browser.post("/member/password/forgot", form)

    return send, {"member_no": "007654", "email": "nobody@example.jp"}


def _with_token(browser: Browser, path: str, token: str) -> Send:
    browser.get(path, token=token)

    def send(form: Mapping[str, str]) -> Page:
        body = urlencode({"csrf": browser.token, **form}).encode()
        return browser.post_raw(path, body, token=token)

    return send


def _reset() -> tuple[Send, dict[str, str]]:
    portal = Accounts()
    link = portal.link()
    # Two different entries, so that the link is not used up.
    return _with_token(portal.browser, "/member/password/reset/{token}", link), {
        "new_password": "Momiji2026xyz",
        "confirm_password": "Momiji2026abc",
    }


def _edit() -> tuple[Send, dict[str, str]]:
    desk = Record()
    desk.browser.get(EDIT)

    def send(form: Mapping[str, str]) -> Page:
        return desk.browser.post(EDIT, form)

    return send, {**desk.form(), "invoice": "", "action": "save"}


def _confirm() -> tuple[Send, dict[str, str]]:
    desk = Record()
    desk.browser.get("/member/profile")

    def send(form: Mapping[str, str]) -> Page:
        return desk.browser.post("/member/profile/confirm", form)

    return send, {"version": "3", "invoice": ""}


def _pay() -> tuple[Send, dict[str, str]]:
    desk = BillingDesk()
    invoice = desk.house.bill()

    def send(form: Mapping[str, str]) -> Page:
        return desk.browser.post(PAYMENT, form, invoice_id=invoice.invoice_id)

    return send, {"method": "card"}


def _receipt() -> tuple[Send, dict[str, str]]:
    counter = Counter()

    def send(form: Mapping[str, str]) -> Page:
        return counter.browser.post(RESOURCE, form, invoice_id=INVOICE)

    return send, {"addressee": "self"}


def _come_back() -> tuple[Send, dict[str, str]]:
    desk = BillingDesk()
    return lambda form: desk.come_back(urlencode(form).encode()), {"result": ""}


def _sessions() -> tuple[Send, dict[str, str]]:
    portal = Accounts()
    portal.browser.get("/member/login")
    portal.browser.post("/member/login", {"member_no": NUMBER, "password": PASSWORD})
    portal.browser.get("/member/sessions")
    return lambda form: portal.browser.post("/member/sessions", form), {"session": "others"}


FORMS: Mapping[str, Callable[[], tuple[Send, dict[str, str]]]] = {
    "/member/login": _login,
    "/member/password": _change,
    "/member/password/forgot": _forgot,
    "/member/password/reset/{token}": _reset,
    "/member/sessions": _sessions,
    EDIT: _edit,
    "/member/profile/confirm": _confirm,
    PAYMENT: _pay,
    RESOURCE: _receipt,
    RETURN: _come_back,
}
ROW_OF = {row.path: row for row in ROWS}
FIELDS_OF_FORMS = [
    (path, one.name)
    for path in FORMS
    for one in ROW_OF[path].fields
    # The record's own fields have a test of their own, which looks at what is kept, too.
    if path != EDIT or one.name not in NAMES
]
PARTS = 6
"""The list is long for one test on a slow machine."""

SECRET = {"password", "current_password", "new_password", "confirm_password"}


class _Tags(HTMLParser):
    """Counts what a page is built of, and what no page of ours has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.scripts = 0
        self.foreign: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in FOREIGN or any(name.startswith("on") for name, _ in attrs):
            self.foreign.append(self.get_starttag_text() or tag)


FOREIGN = {"img", "iframe", "object", "embed", "base", "audio", "video", "x", "title1", "math"}


def assert_clean(page: Page, names: Collection[str], typed: str) -> None:
    """The page is built as ever, whatever was typed, and gives it back unless it is a secret."""
    if page.status == 303:
        return
    tags = _Tags(page.text)
    assert (tags.scripts, tags.foreign) == (1, [])
    if SECRET & set(names):
        assert len(typed) < LONGEST_BY_CHANCE or escape(typed) not in page.text
    for form in Answer(page.status, (), page.body, "").forms:
        for name in TYPED & set(names) & form.fields.keys():
            shown = form.fields[name]
            assert typed.startswith(shown)
            assert len(shown) >= min(len(typed), ECHOED)


@pytest.mark.parametrize(("path", "name"), FIELDS_OF_FORMS)
def test_every_text_is_refused_or_taken_and_never_an_error(
    path: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    send, right = FORMS[path]()
    allowed = ROW_OF[path].refused | {303}
    caplog.set_level(logging.INFO)

    for typed in NAUGHTY:
        caplog.clear()
        page = send({**right, name: typed})
        assert page.status in allowed, (typed, page.status)
        assert_clean(page, {name}, typed)
        assert_not_told(caplog.records, typed)


@pytest.mark.parametrize("part", range(PARTS))
def test_the_record_keeps_each_text_as_the_rules_say_or_not_at_all(
    part: int, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Record()
    desk.browser.get(EDIT)
    caplog.set_level(logging.INFO)
    kept: Counts[str] = Counts()

    for typed in NAUGHTY[part::PARTS]:
        caplog.clear()
        expected = {name: check(BY_NAME[name], typed) for name in NAMES}
        good = {name: one.value for name, one in expected.items() if one.problem is None}
        before = desk.stored
        page = desk.browser.post(EDIT, desk.form(**dict.fromkeys(NAMES, typed)))
        assert (page.status, desk.stored) == (422, before), typed
        for name in NAMES:
            assert (f'<a href="#{name}">' in page.text) == (name not in good), (name, typed)
        assert_clean(page, NAMES, typed)

        form = {**before.record.values(), "version": str(before.version)}
        page = desk.browser.post(EDIT, form | dict.fromkeys(good, typed))
        assert page.status == 303, typed
        assert desk.stored.record.values() == before.record.values() | good
        for name, value in good.items():
            assert_keepable(name, value)
        kept.update(name for name in good if typed.strip())
        assert_not_told(caplog.records, typed)
    # Letters, digits and signs are an address like any other, so the test sees many texts kept.
    assert min(kept[name] for name in ("city", "street", "building", "workplace")) > 30


def assert_keepable(name: str, value: str) -> None:
    """What is kept lies inside JIS X 0208 (or ASCII for an address of mail) and stays as it is."""
    value.encode("ascii" if name == "email" else "euc_jp")
    assert value.replace("\u3000", "").isprintable()
    assert check(BY_NAME[name], value).value == value


def assert_not_told(records: list[logging.LogRecord], typed: str) -> None:
    """No log line of the request holds what was typed."""
    told = "\n".join(str(value) for record in records for value in vars(record).values())
    assert len(typed) < LONGEST_BY_CHANCE or typed not in told, typed


def test_gmos_door_takes_every_text_in() -> None:
    house = House()
    for typed in NAUGHTY:
        body = urlencode({"OrderID": typed, "Status": typed}).encode()
        answer = house.door(Browser().event("POST", "/gmo/notification", body))
        assert (answer["statusCode"], answer["body"]) == (200, "0")
    house.stream()
    assert house.pending() == []


def test_every_form_with_fields_is_in_the_table() -> None:
    assert {row.path for row in ROWS if row.fields} == set(FORMS) | {"/gmo/notification"}
