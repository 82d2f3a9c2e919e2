"""One warm worker that two members use in turn; run by test_one_warm_worker.py in a process.

Every function's handler is imported once, as Lambda keeps it, over the tables of the template. Each
member's things carry texts of their own. Whatever is answered to one of them is searched for the
other's, and in the end everything that the modules still hold.
"""

import gc
import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

from portal.accounts import reset
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import first_credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.aws import client
from portal.billing import receipts
from portal.billing.model import Invoice, InvoiceState, Method
from portal.billing.receipt_pdf import ReceiptPrinter
from portal.billing.receipts import ReceiptSnapshot
from portal.billing.store import BillingStore
from portal.clock import jst_date, utc_now
from portal.config import receipt_fonts
from portal.members import confirm_email
from portal.members import store as members
from portal.members.model import Record
from tests.adapters.house import TABLES, Dynamo, dynamo
from tests.sessions_by_route import ROWS
from tests.unit.members.desk import TEXTS, a_member
from tests.unit.receipts.samples import SNAPSHOT
from tests.webclient import Browser, Page

PEPPER = "an invented pepper"
PASSWORD, CHANGED, AGAIN = "Midori77#", "Akaneko8!", "Kuroneko9!"
ADDRESS = "192.0.2.10"
INVOICE = "/member/billing/{invoice_id}"
FUNCTIONS = ("login", "password", "member", "billing", "receipt", "gmo_webhook")


@dataclass(frozen=True)
class Person:
    """One of the two. *texts* are what no answer to the other may hold."""

    member_id: str
    member_no: str
    record: Record
    unpaid: str
    paid: str
    amount: int
    snapshot: ReceiptSnapshot

    @property
    def texts(self) -> tuple[str, ...]:
        """What is this person's alone; all but the last, the order, stands on some page."""
        own = ("family_name", "given_name", "family_name_kana", "email", "phone", "mobile")
        values = self.record.values()
        kept = tuple(values[name] for name in (*own, "street", "building", "workplace"))
        ids = (self.member_id, self.member_no, self.unpaid, self.paid, f"{self.amount:,}")
        return (*kept, *ids, self.snapshot.number, self.snapshot.order_id)


def person(letter: str, sign: str, digit: int) -> Person:
    """Return a person whose every text has a sign of their own in it."""
    kana = {"甲": "コウノ", "乙": "オツヤマ"}[sign]
    own = {
        "family_name": f"{sign}野",
        "given_name": f"{sign}子",
        "family_name_kana": kana,
        "street": f"{sign}町１−２−３",
        "building": f"{sign}荘",
        "phone": f"03{digit}1112222",
        "mobile": f"090{digit}3334444",
        "email": f"{letter}-only@example.jp",
        "workplace": f"{sign}病院",
    }
    member_id, amount = letter * 26, 10_000 + digit * 1_111
    number, paid = f"00{digit}{digit}{digit}{digit}", f"paid-{letter * 8}"
    snapshot = replace(
        SNAPSHOT,
        member_id=member_id,
        invoice_id=paid,
        number=f"2026-{number}-1",
        name=f"{sign}野 {sign}子",
        workplace=f"{sign}病院",
        amount=amount,
        order_id="D26-" + letter.upper() * 16,
    )
    record = Record.of({**TEXTS, **own})
    return Person(member_id, number, record, f"open-{letter * 8}", paid, amount, snapshot)


FIRST, SECOND = person("k", "甲", 4), person("z", "乙", 7)


def enrol(aws: Dynamo, who: Person) -> None:
    """Write a person's rows with the portal's own stores."""
    hasher = Hasher(lambda: Peppers("p1", {"p1": PEPPER.encode()}), 4)
    stored = hasher.hash(PASSWORD, utc_now() - timedelta(days=3))
    credential = first_credential(who.member_no, who.member_id, stored, PasswordPolicy())
    credential = replace(credential, must_change=False, initial_until=None)
    aws.database.commit(CredentialStore(aws.database, TABLES.credentials).create(credential))
    member = replace(
        a_member(),
        member_id=who.member_id,
        member_no=who.member_no,
        record=who.record,
        confirmed_email="",
    )
    aws.database.commit(members.new(TABLES.members, member))
    store = BillingStore(aws.database, TABLES.billing)
    for invoice in (invoice_of(who, 2026, who.unpaid), invoice_of(who, 2025, who.paid)):
        aws.database.commit(*store.new_invoice(invoice))
    aws.database.commit(receipts.written(TABLES.billing, who.snapshot))


def invoice_of(who: Person, year: int, invoice_id: str) -> Invoice:
    """Return one year's dues; the year before this one is paid."""
    today, is_paid = jst_date(utc_now()), invoice_id == who.paid
    return Invoice(
        member_id=who.member_id,
        member_no=who.member_no,
        invoice_id=invoice_id,
        title=f"{year}年度 年会費",
        fiscal_year=year,
        amount=who.amount,
        due_on=today + timedelta(days=60),
        closes_on=today + timedelta(days=120),
        state=InvoiceState.PAID if is_paid else InvoiceState.UNPAID,
        method=Method.CARD if is_paid else None,
        paid_on=today - timedelta(days=30) if is_paid else None,
    )


class Visit:
    """One person at one browser, who walks through every route."""

    def __init__(self, aws: Dynamo, who: Person, other: Person, answer: Any) -> None:
        self.aws, self.who, self.other = aws, who, other
        self.browser = Browser(answer)
        self.browser.source_ip = ADDRESS
        self.asked: set[str] = set()
        self.leaks: list[str] = []
        self.shown: set[str] = set()
        self.pdfs: list[bytes] = []

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> Page:
        """Ask for a page and search it for what is the other's."""
        return self._ask(method, path, form, self.who.unpaid, token="x")

    def _ask(
        self, method: str, path: str, form: Mapping[str, str] | None, invoice: str, token: str
    ) -> Page:
        self.asked.add(f"{method} {path.partition('?')[0]}")
        named = {"invoice_id": invoice, "token": token}
        params = {key: value for key, value in named.items() if f"{{{key}}}" in path}
        if method == "POST":
            body = urlencode({"csrf": self.browser.token, **(form or {})}).encode()
            page = self.browser.post_raw(path, body, **params)
        else:
            page = self.browser.send(method, path, **params)
        self._search(f"{method} {path}", page)
        return page

    def _search(self, route: str, page: Page) -> None:
        whole = page.body + json.dumps(page.headers, ensure_ascii=False).encode()
        for text in self.other.texts:
            if text.encode() in whole:
                self.leaks.append(f"{route}: {text}")
        self.shown.update(text for text in self.who.texts if text.encode() in whole)

    # The walk, in steps of one request or a few

    def steps(self) -> Iterator[None]:
        """Do one thing after the other; between two of them the other person is served."""
        for act in self._acts():
            act()
            yield

    def _acts(self) -> list[Callable[[], object]]:
        edited = {**self.who.record.values(), "building": f"{self.who.record.building}２"}
        new = {"new_password": CHANGED, "confirm_password": CHANGED}
        card, profile = {"method": "card"}, "/member/profile"
        return [
            lambda: self.ask("GET", "/"),
            lambda: self.ask("GET", "/member/login"),
            self._wrong_password,
            self._sign_in,
            lambda: self.ask("GET", "/member"),
            lambda: self.ask("GET", "/member/help"),
            lambda: self.ask("GET", "/member/contact"),
            lambda: self.ask("GET", "/member/sessions"),
            lambda: self.ask("POST", "/member/sessions", {"action": "others"}),
            lambda: self.ask("GET", "/member/password/expired"),
            lambda: self.ask("GET", profile),
            lambda: self.ask("GET", f"{profile}/edit"),
            # Errors: a form that is refused shows what was typed, a broken body, a foreign path.
            lambda: self.ask("POST", f"{profile}/edit", {**edited, "phone": "x", "version": "3"}),
            lambda: self.browser.post_raw(f"{profile}/edit", b"\xff\xfe"),
            lambda: self.ask("POST", f"{profile}/edit", {**edited, "version": "3"}),
            lambda: self.ask("POST", f"{profile}/edit", {**edited, "version": "2"}),
            lambda: self.ask("GET", f"{profile}/history"),
            lambda: self.ask("POST", "/member/mail-test"),
            lambda: self.ask("GET", f"/member/mail-test?test={utc_now():%Y%m%d%H}-1"),
            lambda: self.ask("GET", profile),
            lambda: self.ask("POST", f"{profile}/confirm"),
            lambda: self.ask("GET", "/member/billing"),
            lambda: self.ask("GET", INVOICE),
            lambda: self.ask("GET", f"{INVOICE}/start"),
            lambda: self.ask("GET", f"{INVOICE}/payment"),
            self._of_the_other,
            lambda: self.ask("POST", f"{INVOICE}/payment", card),
            lambda: self.ask("GET", INVOICE),
            self._receipt,
            self._address_confirmed,
            lambda: self.ask("GET", "/member/password"),
            lambda: self.ask("POST", "/member/password", {**new, "current_password": "Wrong1234"}),
            lambda: self.ask("POST", "/member/password", {**new, "current_password": PASSWORD}),
            lambda: self.ask("GET", f"{profile}/edit"),
            self._come_back,
            lambda: self.ask("POST", "/member/logout"),
            lambda: self.ask("GET", profile),
            lambda: self.ask("GET", "/member/password/forgot"),
            self._forgot,
            self._reset,
            lambda: self.ask("GET", "/member/billing"),
            *[lambda m=m: self.ask(m, "/{proxy+}") for m in ("GET", "POST", "PUT", "DELETE")],
            *[lambda m=m: self.ask(m, "/{proxy+}") for m in ("PATCH", "HEAD", "OPTIONS")],
        ]

    def _form(self, password: str) -> dict[str, str]:
        return {"member_no": self.who.member_no, "password": password}

    def _wrong_password(self) -> None:
        assert self.ask("POST", "/member/login", self._form("Wrong1234")).status == 422

    def _sign_in(self) -> None:
        assert self.ask("POST", "/member/login", self._form(PASSWORD)).status == 303

    def _of_the_other(self) -> None:
        for path in (INVOICE, f"{INVOICE}/start", f"{INVOICE}/payment", f"{INVOICE}/receipt.pdf"):
            page = self._ask("GET", path, None, self.other.unpaid, "x")
            assert page.status == 404, path

    def _receipt(self) -> None:
        path = f"{INVOICE}/receipt.pdf"
        self.pdfs.append(self._ask("GET", path, None, self.who.paid, "x").body)
        kind = {"addressee": "own"}
        self._ask("POST", f"{INVOICE}/receipt", kind, self.who.paid, "x")
        self.pdfs.append(self._ask("GET", path, None, self.who.paid, "x").body)

    def _address_confirmed(self) -> None:
        mail, now = self.who.record.email, utc_now()
        token, row = confirm_email.issue(
            TABLES.sessions, member_id=self.who.member_id, email=mail, now=now
        )
        self.aws.database.commit(row)
        path = "/member/email/{token}"
        assert self._ask("GET", path, None, "", token).status == 200
        self._ask("POST", path, None, "", token)

    def _come_back(self) -> None:
        own, self.browser.headers = self.browser.headers, {"sec-fetch-site": "cross-site"}
        self.ask("POST", "/member/billing/return", {"result": self.who.snapshot.order_id})
        self.browser.headers = own
        order = {"OrderID": self.who.snapshot.order_id}
        self.ask("POST", "/gmo/notification", order)

    def _forgot(self) -> None:
        form = {"member_no": self.who.member_no, "email": self.who.record.email}
        self.ask("POST", "/member/password/forgot", form)

    def _reset(self) -> None:
        token, row = reset.issue(
            TABLES.sessions,
            member_id=self.who.member_id,
            member_no=self.who.member_no,
            now=utc_now(),
        )
        self.aws.database.commit(row)
        path = "/member/password/reset/{token}"
        assert self._ask("GET", path, None, "", token).status == 200
        new = {"new_password": AGAIN, "confirm_password": AGAIN}
        assert self._ask("POST", path, new, "", token).status == 303

    def receipts_are_own(self) -> bool:
        """Tell whether each PDF is, to the byte, what the printer makes of this person's facts."""
        printer = ReceiptPrinter(receipt_fonts())
        own = printer.pdf(self.who.snapshot, reissued=False)
        return len(self.pdfs) == 2 and set(self.pdfs) == {own}


# What the modules still hold ----------------------------------------------------------------------


def held(texts: tuple[str, ...]) -> list[str]:
    """Return which of *texts* can still be reached from a module of the portal.

    Clients and everything else that is not ours are not entered: behind them lie moto's tables.
    """
    start = [
        module.__dict__
        for name, module in sys.modules.items()
        if name.startswith(("portal.", "functions."))
    ]
    seen = {id(sys.modules), *map(id, start)}
    found: set[str] = set()
    while start:
        one = start.pop()
        for near in gc.get_referents(one):
            if id(near) in seen or isinstance(near, ModuleType) or _foreign(near):
                continue
            seen.add(id(near))
            if isinstance(near, str | bytes):
                text = near if isinstance(near, str) else near.decode("utf-8", "replace")
                found.update(wanted for wanted in texts if wanted in text)
            start.append(near)
    return sorted(found)


def _foreign(one: object) -> bool:
    kind = one if isinstance(one, type) else type(one)
    globals_of = getattr(one, "__module__", None) if not isinstance(one, type) else None
    foreign = ("moto", "botocore", "tests", "logging", "__main__")
    return str(kind.__module__).startswith(foreign) or str(globals_of or "").startswith(foreign)


def main() -> None:
    """Serve both, and print what was found as one line of JSON."""
    with dynamo() as aws:
        secrets = client("secretsmanager")
        peppers = json.dumps({"current": "p1", "p1": PEPPER})
        for name, text in (("pepper", peppers), ("mask", "a mask"), ("gmo", "shoppass00")):
            secrets.create_secret(Name=name, SecretString=text)
        for who in (FIRST, SECOND):
            enrol(aws, who)
        handlers = [_handler(name) for name in FUNCTIONS]
        visits = (
            Visit(aws, FIRST, SECOND, _gateway(handlers)),
            Visit(aws, SECOND, FIRST, _gateway(handlers)),
        )
        with redirect_stdout(io.StringIO()):
            _serve(visits)
        sys.stdout.write(json.dumps(_report(visits)))


def _handler(name: str) -> Any:
    from importlib import import_module

    return import_module(f"functions.{name}.app").handler


def _gateway(handlers: list[Any]) -> Any:
    """Return one handler that asks those of all functions until one knows the route."""

    def answer(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        door = event["resource"] == "/gmo/notification"
        wanted = handlers[-1:] if door else handlers[:-1]
        answers = (handler(event, context) for handler in wanted)
        first: dict[str, Any] | None = None
        for one in answers:
            first = first or one
            if one["statusCode"] != 404:
                return dict(one)
        assert first is not None
        return first

    return answer


def _serve(visits: tuple[Visit, Visit]) -> None:
    """Serve both in turn; who is first changes with every step."""
    for number, _ in enumerate(zip(*(visit.steps() for visit in visits), strict=True)):
        if number % 2:
            visits[number % 4 // 2].ask("GET", "/member")
    assert {row.route for row in ROWS} == visits[0].asked == visits[1].asked


def _report(visits: tuple[Visit, Visit]) -> dict[str, Any]:
    gc.collect()
    return {
        "requests": sum(len(visit.asked) for visit in visits),
        "leaks": [leak for visit in visits for leak in visit.leaks],
        "unseen": [sorted({*visit.who.texts[:-1]} - visit.shown) for visit in visits],
        "receipts": [visit.receipts_are_own() for visit in visits],
        "held": held((*FIRST.texts, *SECOND.texts)),
    }


if __name__ == "__main__":
    main()
