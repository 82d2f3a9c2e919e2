"""A member who pays: through the portal's pages to GMO's hosted page and back."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from local.demo_people import Person
from tests.stack.client import Answer, Client
from tests.stackfixture import LocalStack

CARD = {"card_number": "4111111111111111", "expire": "1230", "cvc": "123"}
DECLINED = CARD | {"card_number": "4999000000000002"}
ASKS_3D_SECURE = CARD | {"card_number": "4100000000005000"}
SLIP = {"cvs": "00007", "name": "佐藤花子", "kana": "サトウハナコ", "tel": "0312345678"}

WITHOUT_FAULTS = {"notifications": "normal", "search": "normal", "link": "normal"} | {
    "return": "normal"
}
SETTLED_WITHIN = 30
"""Seconds from GMO's word to the statement, with cold workers on a busy machine."""

_INVOICE = re.compile(r"/member/billing/([a-z0-9]{16})\b")

TO_GMO = "GMO お支払い手続きページ"
AGAIN = "お支払い手続きをやり直す"
SAVE_AND_PAY = "変更してお支払い手続きへ"


@dataclass
class Payer:
    """One signed-in member with one invoice."""

    stack: LocalStack
    client: Client
    invoice_id: str
    person: Person

    @classmethod
    def signed_in(cls, stack: LocalStack, state: str = "unpaid") -> "Payer":
        """Sign a new member in and find the first invoice, which is the oldest to be paid."""
        member = stack.new_member(state)
        client = Client(stack.connect, stack.portal)
        client.sign_in(member.member_no, member.password)
        found = _INVOICE.search(client.get("/member/billing").html)
        assert found
        return cls(stack, client, found.group(1), member)

    @property
    def path(self) -> str:
        """The invoice's page."""
        return f"/member/billing/{self.invoice_id}"

    @property
    def address(self) -> str:
        """Where this member's mails go."""
        return self.person.record["email"]

    def choice(self) -> Answer:
        """Save the record, as the manual has it, and return the page お支払い方法."""
        edit = self.client.follow(self.client.get(f"{self.path}/start"))
        return self.client.follow(self.client.submit(edit, {}, button=SAVE_AND_PAY))

    def press(self, choice: Answer, method: str) -> Answer:
        """Choose *method* and press 決定."""
        return self.client.submit(choice, {"method": method}, button="決定")

    def chosen(self, method: str) -> str:
        """Choose *method*, press 決定; return the link to GMO's page."""
        return self.link(self.client.follow(self.press(self.choice(), method)))

    def again(self) -> Answer:
        """Press お支払い手続きをやり直す on the payment page; return the answer."""
        return self.client.submit(self.client.get(f"{self.path}/payment"), {}, button=AGAIN)

    def link(self, page: Answer) -> str:
        """Return where 「GMO お支払い手続きページ」 leads, which is GMO and nowhere else."""
        address = page.link(TO_GMO)
        assert address.startswith(f"{self.stack.gmo}/")
        return address

    def come_back(self, shown: Answer) -> Answer:
        """Press the button that leads back: a cross-site POST, which carries no cookie."""
        return self.bring_back(self.result(shown))

    def result(self, shown: Answer) -> str:
        """Return the signed result that the button of GMO's page would send."""
        return shown.form(action=f"{self.stack.portal}/member/billing/return").fields["result"]

    def bring_back(self, result: str) -> Answer:
        """POST a result as a browser does that comes from GMO's page."""
        stranger = Client(self.stack.connect, self.stack.portal)
        headers = {"Origin": self.stack.gmo, "Sec-Fetch-Site": "cross-site"}
        return stranger.post("/member/billing/return", {"result": result}, headers)

    def statement(self) -> str:
        """Return what 会費支払明細 says."""
        return self.client.get("/member/billing").text

    def invoice(self) -> str:
        """Return what the invoice's page says."""
        return self.client.get(self.path).text

    def await_text(self, text: str) -> str:
        """Look at the statement until it says *text*."""
        return until(self.statement, lambda now: text in now)

    def receipt(self) -> Answer:
        """Ask for the PDF."""
        return self.client.get(f"{self.path}/receipt.pdf")


class Gmo:
    """The stand-in: its hosted pages and its controls."""

    def __init__(self, stack: LocalStack) -> None:
        self._client = Client(urlsplit(stack.gmo).netloc, stack.gmo)
        self._shop = stack.aws.settings_of_functions()["GMO_SHOP_ID"]
        self._seen = {order["order_id"] for order in self.orders()}

    # The hosted pages

    def fill_in(self, link: str, values: Mapping[str, str]) -> Answer:
        """Open the hosted page, send its first form, and return the page that follows."""
        return self.press(self.open(link), values)

    def open(self, link: str) -> Answer:
        """Open the hosted page, as the payer's browser does."""
        return self._client.get(urlsplit(link).path)

    def press(self, page: Answer, values: Mapping[str, str], button: str = "") -> Answer:
        """Send the first form of a hosted page and return the page that follows."""
        form = page.forms[0]
        answer = self._client.post(
            urljoin(page.path, urlsplit(form.action).path), form.filled(values, button)
        )
        return self._client.follow(answer) if answer.status == 303 else answer

    # The controls

    def orders(self) -> list[dict[str, Any]]:
        """Return every order, newest first."""
        orders: list[dict[str, Any]] = json.loads(self._client.get("/_standin/orders").body)
        return orders

    def new_orders(self) -> list[dict[str, Any]]:
        """Return the orders that came since this test began, newest first."""
        return [order for order in self.orders() if order["order_id"] not in self._seen]

    def order_of(self, link: str) -> dict[str, Any]:
        """Return what the stand-in knows of the order behind a link."""
        return next(order for order in self.orders() if order["link"] == link)

    def deposit(self, order_id: str) -> None:
        """Let the money of a slip arrive at the store."""
        self._act(order_id, "deposit")

    def expire(self, order_id: str) -> None:
        """Let a slip, or a link without one, run out."""
        self._act(order_id, "expire")

    def refund(self, order_id: str) -> None:
        """Return a card payment on GMO's own page."""
        self._act(order_id, "refund")

    def _act(self, order_id: str, word: str) -> None:
        assert self._client.post(f"/_standin/orders/{order_id}/{word}", {}).status == 200

    def faults(self, **words: str) -> None:
        """Set how the stand-in misbehaves from now on."""
        self.told("faults", words)

    def returns(self, word: str) -> None:
        """Set how the way back misbehaves; ``return`` is no name for an argument."""
        self.told("faults", {"return": word})

    def well(self) -> None:
        """Have the stand-in behave, and send whatever it holds back."""
        self.told("faults", WITHOUT_FAULTS)
        self.flush()

    def flush(self) -> None:
        """Send every notification that was held back."""
        self.told("notifications/flush", {})

    def forge(self, order_id: str, **fields: str) -> None:
        """Send a notification that nothing happened for; it is accepted like any other."""
        self.told("notifications/forge", {"OrderID": order_id, "ShopID": self._shop, **fields})

    def notifications(self, order_id: str) -> list[dict[str, Any]]:
        """Return what was sent about an order, newest first, with what was answered."""
        sent: list[dict[str, Any]] = json.loads(self._client.get("/_standin/notifications").body)
        return [letter for letter in sent if letter["order_id"] == order_id]

    def told(self, control: str, words: Mapping[str, str]) -> Any:
        """POST words to a control and return its answer."""
        json_type = {"Content-Type": "application/json"}
        body = json.dumps(words).encode()
        answer = self._client.request("POST", f"/_standin/{control}", body, json_type)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


def until[T](look: Callable[[], T], fits: Callable[[T], bool]) -> T:
    """Look again and again until it *fits*, and fail with what was seen last."""
    deadline = time.monotonic() + SETTLED_WITHIN
    while not fits(seen := look()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    return seen
