"""A member who pays: through the portal's pages to GMO's hosted page and back."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.stack.client import Answer, Client
from tests.stackfixture import LocalStack

CARD = {"card_number": "4111111111111111", "expire": "1230", "cvc": "123"}
SLIP = {"cvs": "00007", "name": "佐藤花子", "kana": "サトウハナコ", "tel": "0312345678"}
SETTLED_WITHIN = 30
"""Seconds from GMO's word to the statement, with cold workers on a busy machine."""


@dataclass
class Payer:
    """One signed-in member with one unpaid invoice."""

    stack: LocalStack
    client: Client
    invoice_id: str

    @classmethod
    def signed_in(cls, stack: LocalStack, state: str = "unpaid") -> "Payer":
        """Sign a new member in and find the first invoice to be paid."""
        member = stack.new_member(state)
        client = Client(stack.connect, stack.portal)
        client.sign_in(member.member_no, member.password)
        found = re.search(r"/member/billing/([a-z0-9]+)/start", client.get("/member/billing").html)
        assert found
        return cls(stack, client, found.group(1))

    @property
    def path(self) -> str:
        """The invoice's page."""
        return f"/member/billing/{self.invoice_id}"

    def chosen(self, method: str) -> str:
        """Confirm the record, choose *method*, press 決定; return the link to GMO's page."""
        edit = self.client.follow(self.client.get(f"{self.path}/start"))
        choice = self.client.follow(self.client.submit(edit, {}, button="変更なし"))
        decided = self.client.submit(choice, {"method": method}, button="決定")
        return self.link(self.client.follow(decided))

    def link(self, page: Answer) -> str:
        """Return where 「GMO お支払い手続きページ」 leads."""
        found = re.search(rf'href="({re.escape(self.stack.gmo)}/[^"]+)"', page.html)
        assert found, page.text
        return found.group(1)

    def come_back(self, shown: Answer) -> Answer:
        """Press the button that leads back: a cross-site POST, which carries no cookie."""
        action = urlsplit(self.stack.portal + "/member/billing/return")
        form = shown.form(action=action.geturl())
        stranger = Client(self.stack.connect, self.stack.portal)
        headers = {"Origin": self.stack.gmo, "Sec-Fetch-Site": "cross-site"}
        return stranger.post(action.path, form.fields, headers)

    def await_text(self, text: str) -> str:
        """Look at the statement until it says *text*."""
        return until(lambda: self.client.get("/member/billing").text, lambda now: text in now)


class Gmo:
    """The stand-in: its hosted pages and its controls."""

    def __init__(self, stack: LocalStack) -> None:
        self._client = Client(urlsplit(stack.gmo).netloc, stack.gmo)

    def fill_in(self, link: str, values: Mapping[str, str]) -> Answer:
        """Open the hosted page, send its first form, and return the page that follows."""
        page = self._client.get(urlsplit(link).path)
        answer = self._client.post(
            urlsplit(page.forms[0].action).path, page.forms[0].filled(values)
        )
        return self._client.follow(answer) if answer.status == 303 else answer

    def order_of(self, link: str) -> dict[str, Any]:
        """Return what the stand-in knows of the order behind a link."""
        orders: list[dict[str, Any]] = json.loads(self._client.get("/_standin/orders").body)
        return next(order for order in orders if order["link"] == link)

    def deposit(self, order_id: str) -> None:
        """Let the money of a slip arrive at the store."""
        assert self._client.post(f"/_standin/orders/{order_id}/deposit", {}).status == 200

    def faults(self, **words: str) -> None:
        """Set how the stand-in misbehaves from now on."""
        body = json.dumps(words).encode()
        json_type = {"Content-Type": "application/json"}
        assert self._client.request("POST", "/_standin/faults", body, json_type).status == 200


def until[T](look: Callable[[], T], fits: Callable[[T], bool]) -> T:
    """Look again and again until it *fits*, and fail with what was seen last."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while not fits(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.3)
    return seen
