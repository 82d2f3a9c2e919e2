"""Who stands at the door: nobody signed in, or a member with dues to pay."""

import re
from dataclasses import dataclass

from tests.audit.door import Visitor
from tests.stack.client import Client
from tests.stackfixture import LocalStack

_INVOICE = re.compile(r"/member/billing/([a-z0-9]{16})\b")


@dataclass(frozen=True)
class Member:
    """A member of the audit's own, with the oldest unpaid invoice."""

    member_no: str
    password: str
    invoice_id: str

    def sign_in(self, client: Client) -> None:
        """Sign in. Raises AssertionError when the portal says no."""
        answer = client.sign_in(self.member_no, self.password)
        assert answer.status == 303, (answer.status, answer.text[:300])


def new_member(stack: LocalStack) -> Member:
    """Return a member whose three years of dues are open."""
    person = stack.new_member("arrears")
    client = Client(stack.connect, stack.portal)
    client.sign_in(person.member_no, person.password)
    found = _INVOICE.search(client.get("/member/billing").html)
    assert found
    return Member(person.member_no, person.password, found.group(1))


def visitor(stack: LocalStack, member: Member | None) -> Visitor:
    """Return a visitor, signed in where there is a member."""
    return Visitor(stack.connect, stack.portal, member.sign_in if member else None)


def named(tool: str, member: Member | None) -> str:
    """Return a tool's name with whom it played."""
    return f"{tool}, signed {'in' if member else 'out'}"
