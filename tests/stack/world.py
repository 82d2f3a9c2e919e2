"""The browsers that send bad input, and the pages that must look the same afterwards."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from tests.stack.backstage import Backstage
from tests.stack.client import FORM, Answer, Client
from tests.stack.forms import INVOICE, MEMBER_NO, PASSWORD, VERSION, Row, Who
from tests.stack.paying import Payer
from tests.stackfixture import LocalStack

_FRESH = count(1)
_TOKEN = re.compile(r"/member/password/reset/(\S+)")
_EMAIL_TOKEN = re.compile(r"/member/email/(\S+)")
EMAIL_LINK = "/member/email/{token}"


def stranger(stack: LocalStack) -> Client:
    """A visitor of a network of this run's own, as failures are counted by network."""
    run = os.getpid()
    return Client(stack.connect, stack.portal, f"10.{run >> 8 & 255}.{run & 255}.7")


@dataclass
class World:
    """Two members, a visitor, a reset link and an address's link that nobody has used."""

    stack: LocalStack
    payer: Payer
    paid: Payer
    token: str
    email_token: str
    guest: Client

    @classmethod
    def made(cls, stack: LocalStack, backstage: Backstage) -> "World":
        """Make the members; one has confirmed the record today and may choose a method."""
        payer, paid, guest = (
            Payer.signed_in(stack),
            Payer.signed_in(stack, "paid"),
            stranger(stack),
        )
        payer.choice()
        links = reset_token(payer, guest, backstage), email_token(stack, backstage)
        return cls(stack, payer, paid, *links, guest)

    def client(self, who: Who) -> Client:
        """Return the browser of somebody."""
        return {Who.GUEST: self.guest, Who.MEMBER: self.payer.client, Who.PAID: self.paid.client}[
            who
        ]

    def path(self, row: Row) -> str:
        """Return a path of that route that leads somewhere."""
        payer = self.paid if row.who is Who.PAID else self.payer
        return self.filled(row.path, payer).replace("{proxy+}", "member/nowhere")

    def filled(self, path: str, payer: Payer | None = None) -> str:
        """Return a path with an invoice and the token that its link was mailed with."""
        token = self.email_token if path == EMAIL_LINK else self.token
        invoice_id = (payer or self.payer).invoice_id
        return path.replace("{invoice_id}", invoice_id).replace("{token}", token)

    def form(self, row: Row) -> dict[str, str]:
        """Return a form of that route that is right in every field, its token included."""
        values = {
            MEMBER_NO: f"99{next(_FRESH):05d}",
            PASSWORD: self.payer.person.password,
            VERSION: self._version(),
            INVOICE: self.payer.invoice_id,
        }
        filled = {one.name: values.get(one.good, one.good) for one in row.fields}
        return {"csrf": self.csrf(row.who), **filled}

    def _version(self) -> str:
        edit = self.payer.client.get("/member/profile/edit")
        return edit.form(action="/member/profile/edit").fields["version"]

    def csrf(self, who: Who) -> str:
        """Return a form token that is good in somebody's browser."""
        page = "/member/login" if who is Who.GUEST else "/member/contact"
        return self.client(who).get(page).forms[0].fields["csrf"]

    def send(self, row: Row, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a body as it is, from a page of the portal itself unless *headers* say otherwise."""
        told = {"Content-Type": FORM, "Origin": self.stack.portal, **(headers or {})}
        return self.client(row.who).request("POST", self.path(row), body, told)

    def seen(self) -> dict[str, str]:
        """Return what the members see of everything that is theirs, and the pages of the links."""
        pages = {
            f"{payer.person.state} {path}": payer.client.get(path).text
            for payer, path in (
                (self.payer, "/member/profile"),
                (self.payer, self.payer.path),
                (self.paid, self.paid.path),
            )
        }
        reset = self.guest.get(f"/member/password/reset/{self.token}")
        email = self.guest.get(self.filled(EMAIL_LINK))
        return {**pages, "reset": reset.text, "email": email.text}


def reset_token(payer: Payer, guest: Client, backstage: Backstage) -> str:
    """Ask for a reset mail and return the token of its link, which is in the newest mail."""
    wish = {"member_no": payer.person.member_no, "email": payer.address}
    asked = guest.submit(guest.get("/member/password/forgot"), wish, button="再設定メールを送る")
    assert asked.status == 303
    found = _TOKEN.search(backstage.mails(payer.address)[0]["text"])
    assert found
    return found.group(1)


def email_token(stack: LocalStack, backstage: Backstage) -> str:
    """Have a member of its own change the address; return the token mailed to the new one."""
    member = Payer.signed_in(stack)
    new = f"new-{member.address}"
    edit = member.client.get("/member/profile/edit")
    assert member.client.submit(edit, {"email": new}, button="保存").status == 303
    found = _EMAIL_TOKEN.search(backstage.mails(new)[0]["text"])
    assert found
    return found.group(1)
