"""Members who press, pay and come back in random order while the stand-in misbehaves.

Each step is one thing that a browser, a payer, a store, the office at GMO, a forger or the schedule
does on the deployed stack. The same seed does the same steps; how fast the streams are is not in
its hands.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.stack.backstage import Backstage
from tests.stack.client import Answer, Client
from tests.stack.paying import AGAIN, ASKS_3D_SECURE, CARD, DECLINED, SLIP, TO_GMO, Gmo, Payer
from tests.stackfixture import LocalStack

DECIDE = "決定"
FAULTS = {
    "notifications": ["normal", "drop", "duplicate", "delay", "reverse", "tamper"],
    "search": ["normal", "normal", "down", "lag", "throttled"],
    "link": ["normal", "normal", "normal", "down", "throttled"],
    "return": ["normal", "normal", "never"],
}
SLOW = {"search": "slow", "link": "timeout_after_commit", "return": "before_notification"}
"""Faults that take seconds of every answer; a run has each of them once, for one step."""

STORES = ["00007", "10001", "10002", "10005", "10008"]
CLAIMS = ["CAPTURE", "PAYSUCCESS", "RETURN", "EXPIRED"]

type Step = Callable[[], object]


@dataclass
class RandomPayments:
    """Some members on one stack, and what was done to them."""

    stack: LocalStack
    backstage: Backstage
    gmo: Gmo
    random: Random
    payers: list[Payer] = field(default_factory=list)
    links: list[tuple[Payer, str]] = field(default_factory=list)
    """Each link that a member's page has shown, with whose it is."""
    results: list[tuple[Payer, str]] = field(default_factory=list)
    """Signed results that pages of GMO would have sent back."""
    doubted: set[str] = field(default_factory=set)
    """Orders that somebody forged a notification for, or that a lagging search may have denied."""
    seen: Counter[str] = field(default_factory=Counter)

    def join(self, members: int) -> None:
        """Sign members in who have each saved their record today and owe one year."""
        for _ in range(members):
            payer = Payer.signed_in(self.stack)
            payer.choice()
            self.payers.append(payer)

    def live(self, steps: int) -> None:
        """Do so many random steps, with each slow fault in force during one of them."""
        slow = dict(zip(self.random.sample(range(steps), len(SLOW)), SLOW.items(), strict=True))
        for number in range(steps):
            if number in slow:
                part, word = slow[number]
                self.gmo.told("faults", {part: word})
            name, step = self._chosen()
            with suppress(CannotError):
                step()
                self.seen[name] += 1
            if number in slow:
                self.gmo.told("faults", {slow[number][0]: "normal"})

    def _chosen(self) -> tuple[str, Step]:
        weights: dict[Step, int] = {
            self.press: 14,
            self.press_twice_at_once: 2,
            self.pay: 12,
            self.come_back: 3,
            self.till: 5,
            self.run_out: 4,
            self.give_back: 1,
            self.forge: 2,
            self.fault: 6,
            self.flush: 2,
            self.ask: 5,
            self.sweep: 2,
        }
        step = self.random.choices(list(weights), list(weights.values()))[0]
        return step.__name__, step

    # Browsers

    def press(self) -> None:
        """Open the page お支払い方法 and press what it offers."""
        self._pressed(self.random.choice(self.payers), self._method())

    def press_twice_at_once(self) -> None:
        """Two tabs of one browser press in one moment, maybe not the same."""
        payer = self.random.choice(self.payers)
        other = Client(self.stack.connect, self.stack.portal)
        other.cookies = dict(payer.client.cookies)
        tabs = [payer, Payer(self.stack, other, payer.invoice_id, payer.person)]
        methods = [self._method(), self._method()]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self._pressed, tabs, methods))

    def _method(self) -> str:
        return self.random.choice(["card", "cvs"])

    def _pressed(self, payer: Payer, method: str) -> None:
        page = self._page(payer)
        offered = {text for form in page.forms for _, _, text in form.buttons}
        values = {"method": method} if DECIDE in offered else {}
        button = next((one for one in (DECIDE, AGAIN) if one in offered), "")
        if not button:
            return
        answer = payer.client.submit(page, values, button=button)
        # 422: another method stands; 503: GMO gave no answer about the payment before.
        assert answer.status in (303, 422, 503), (answer.status, answer.text[:400])
        self._noted(payer, self._page(payer))

    def _page(self, payer: Payer) -> Answer:
        page = payer.client.get(f"{payer.path}/payment")
        page = payer.client.follow(page) if page.status == 303 else page
        assert page.status == 200, (page.status, page.text[:400])
        return page

    def _noted(self, payer: Payer, page: Answer) -> None:
        for address, text in page.links:
            if text == TO_GMO and (payer, address) not in self.links:
                self.links.append((payer, address))

    def come_back(self) -> None:
        """A browser brings a signed result back, maybe an old one."""
        payer, result = self._one_of(self.results)
        assert payer.bring_back(result).status == 303

    # Payers, stores, the office at GMO

    def pay(self) -> None:
        """Use one of the links that were ever shown, in the way it offers."""
        payer, link = self._one_of(self.links)
        page = self.gmo.open(link)
        if not page.forms:
            return
        card = self.random.choice([CARD, CARD, CARD, DECLINED, ASKS_3D_SECURE])
        slip = SLIP | {"cvs": self.random.choice(STORES)}
        values = card if "card_number" in page.html else slip
        if "card_number" not in page.html and 'name="cvs"' not in page.html:
            return  # Paid, stopped or over: the page has no form to pay by.
        shown = self.gmo.press(page, values)
        if card is ASKS_3D_SECURE and "認証する" in shown.text:
            shown = self.gmo.press(shown, {}, self.random.choice(["認証する", "キャンセル"]))
        self._result_of(payer, shown)

    def _result_of(self, payer: Payer, shown: Answer) -> None:
        way_back = f"{self.stack.portal}/member/billing/return"
        for form in shown.forms:
            if form.action == way_back:
                self.results.append((payer, form.fields["result"]))

    def till(self) -> None:
        """Pay a slip, in time or late."""
        self.gmo.deposit(self._order("REQSUCCESS", "EXPIRED", method="cvs"))

    def run_out(self) -> None:
        """A slip runs out."""
        self.gmo.expire(self._order("REQSUCCESS", method="cvs"))

    def give_back(self) -> None:
        """A card's money is returned on GMO's own page."""
        self.gmo.refund(self._order("CAPTURE", method="card"))

    # What goes wrong

    def forge(self) -> None:
        """Somebody posts what GMO never said."""
        order = self._one_of(self.orders())["order_id"]
        self.doubted.add(order)
        shop = self.random.choice([{}, {}, {"ShopID": "tshop99999999"}])
        self.gmo.forge(order, Status=self.random.choice(CLAIMS), **shop)

    def fault(self) -> None:
        """Another part of the stand-in goes wrong, or all is well again."""
        part = self.random.choice(list(FAULTS))
        word = self.random.choice(FAULTS[part])
        if word == "lag":
            self.doubted |= {order["order_id"] for order in self.orders()}
        self.gmo.told("faults", {part: word})

    def flush(self) -> None:
        """What the stand-in held back is sent."""
        self.gmo.flush()

    # The schedule

    def ask(self) -> None:
        """The schedule finds one of the payments due."""
        order = self._one_of(self.ours())
        if self.random.random() < 0.3:
            self.backstage.long_ago(order)
        if self.backstage.due(order):
            self.backstage.task("ask")

    def sweep(self) -> None:
        """The sweep finds what waits due."""
        self.backstage.sweep()

    # What there is

    def ours(self) -> list[str]:
        """Return the orders in our own rows, oldest first."""
        return [
            order
            for payer in self.payers
            for order in self.backstage.orders_of_invoice(payer.person.member_no, payer.invoice_id)
        ]

    def orders(self) -> list[dict[str, Any]]:
        """Return what the stand-in knows of our members' orders, oldest first."""
        mine = set(self.ours())
        return [one for one in reversed(self.gmo.new_orders()) if one["order_id"] in mine]

    def _order(self, *statuses: str, method: str) -> str:
        """Choose an order by its state; a link without a slip may be EXPIRED as well."""
        linked = {link for _, link in self.links}
        found = [
            str(one["order_id"])
            for one in self.orders()
            if one["status"] in statuses and one["method"] == method and one["link"] in linked
        ]
        return self._one_of(found)

    def _one_of[T](self, found: list[T]) -> T:
        if not found:
            raise CannotError
        return self.random.choice(found[-6:])


class CannotError(Exception):
    """There is nothing yet that this could be done to."""
