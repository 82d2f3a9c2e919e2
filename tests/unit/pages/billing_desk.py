"""What the tests of the billing pages share: a house with a portal and one member signed in."""

import base64
import json
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

from functions.billing.come_back import ComeBack
from functions.billing.pages import BillingPages
from portal.accounts.sessions import SessionStore
from portal.billing.model import Invoice, Method
from portal.members import store as members
from portal.web.app import App
from portal.web.csrf import signed_in_token
from portal.web.render import Renderer
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES, House
from tests.unit.members.desk import a_member, config
from tests.webclient import Browser, Page

SHOP_PASS = "shoppass00"
TODAY = date(2026, 11, 22)
BASE = "/member/billing"
ONE = f"{BASE}/{{invoice_id}}"
START = f"{ONE}/start"
PAYMENT = f"{ONE}/payment"
RETURN = f"{BASE}/return"
ROUTES = [("GET", ONE), ("GET", START), ("GET", PAYMENT), ("POST", PAYMENT)]

ACCESS_PASS = "5ec4e7" * 5
"""What opens a payment at GMO together with the shop password."""


class BillingDesk:
    """The pages of billing over a House; the member confirmed the record today."""

    def __init__(self, confirmed_on: date | None = TODAY) -> None:
        self.house = House()
        self.clock = self.house.clock
        self.database = self.house.database
        member = replace(a_member(), confirmed_on=confirmed_on)
        self.database.commit(members.new(TABLES.members, member))
        renderer = Renderer(lambda: self.house.society)
        come_back = ComeBack(self.database, self.house.store, self.house.inbox, SHOP_PASS)
        self.pages = BillingPages(
            config(), self.database, renderer, lambda: self.house.opening, lambda: come_back
        )
        self.app = App(config(), self.database, self.clock, renderer, self.pages.routes())
        self.browser = self.sign_in(MEMBER_ID)

    def sign_in(self, member_id: str) -> Browser:
        """Return a browser in which a member has just signed in, with a form token of it."""
        cookie, put = SessionStore(self.database, TABLES).create(
            member_id,
            MEMBER_NO,
            now=self.clock(),
            must_change=False,
            network="192.0.2.0/24",
            device="test",
        )
        self.database.commit(put)
        browser = Browser(self.app)
        browser.cookies["__Host-session"] = cookie
        browser.token = signed_in_token(str(put.item["csrf"]))
        return browser

    def confirm(self, day: date) -> None:
        """Have the record confirmed on a day."""
        member = members.parse(self.database.rows(TABLES.members)[0])
        self.database.commit(members.confirm(TABLES.members, member, day))

    def later(self, **step: float) -> None:
        """Let time pass and sign in again, as no session lasts for days."""
        self.clock.tick(**step)
        self.browser = self.sign_in(MEMBER_ID)

    # Pages

    def statement(self) -> Page:
        """GET 会費支払明細."""
        return self.browser.get(BASE)

    def get(self, resource: str, invoice: Invoice) -> Page:
        """GET a page of an invoice."""
        return self.browser.get(resource, invoice_id=invoice.invoice_id)

    def decide(self, invoice: Invoice, method: str | None = None) -> Page:
        """POST 決定 or, without a method, お支払い手続きをやり直す."""
        form = {} if method is None else {"method": method}
        return self.browser.post(PAYMENT, form, invoice_id=invoice.invoice_id)

    def come_back(self, body: bytes) -> Page:
        """POST what GMO's page has the browser bring: cross-site, hence without a cookie."""
        browser = Browser(self.app)
        browser.headers = {"sec-fetch-site": "cross-site", "origin": "https://link.example.com"}
        page = browser.post_raw(RETURN, body)
        assert browser.cookies == {}
        return page

    # Invoices in every standing

    def paid(self, method: Method = Method.CARD) -> Invoice:
        """Return a paid invoice."""
        invoice = self.house.bill()
        if method is Method.CARD:
            payment = self.house.card(invoice)
            self.house.gmo.pay_card(payment.order_id)
        else:
            payment = self.house.slip(invoice)
            self.house.gmo.deposit(payment.order_id)
        self.house.settle(payment)
        return invoice

    def unanswered(self) -> Invoice:
        """Return an invoice whose link was asked for without an answer."""
        invoice = self.house.bill()
        self.house.gmo.down.add("issue_link")
        self.house.card(invoice)
        self.house.gmo.down.clear()
        return invoice

    def ended(self) -> Invoice:
        """Return an invoice whose link has passed its date."""
        invoice = self.house.bill()
        self.house.card(invoice)
        self.later(hours=25)
        self.confirm(TODAY + timedelta(days=1))
        return invoice


def result_of(order_id: str, result: str = "PAYSUCCESS", error: str | None = None) -> str:
    """Return the JSON that GMO signs, in base64url."""
    inner = {
        "AccessID": "0" * 32,
        "AccessPass": ACCESS_PASS,
        "OrderID": order_id,
        "Result": result,
        "Processdate": "20261122120000",
        "ErrCode": error and error[:3],
        "ErrInfo": error,
        "Paymethod": "credit",
    }
    return base64.urlsafe_b64encode(json.dumps({"transactionresult": inner}).encode()).decode()


def signature(payload: str, key: str = SHOP_PASS) -> str:
    """Return GMO's hash over the part as sent."""
    return sha256(f"{payload}{key}".encode()).hexdigest()


def signed(order_id: str, result: str = "PAYSUCCESS", error: str | None = None) -> bytes:
    """Return the form a browser brings back."""
    payload = result_of(order_id, result, error)
    return f"result={payload.replace('=', '%3D')}.{signature(payload)}".encode()
