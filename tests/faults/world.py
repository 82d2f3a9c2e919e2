"""A world of two members, their dues, GMO, SES and DynamoDB, in which anything may happen.

Each action takes its chances from the *random* it is given: the driver's for volume, Hypothesis's
where a failure is to be made small. An action is what one person or one machine does; what it
raises is what a page or a function would answer, and the world goes on.
"""

import contextlib
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from random import Random
from typing import Any

from portal.billing.issue_invoice import Dues
from portal.billing.model import Method
from portal.web.http import parse_event
from tests.fake_gmo import CannotPay
from tests.faults.deployment import PlentyOfTime
from tests.faults.ground import FORM
from tests.faults.machine import Fault, Process, Race, Runner
from tests.faults.past import RestorableWorld
from tests.faults.told import ses_tells
from tests.faults.watch import record
from tests.unit.billing.house import NOON, PAYER, PLENTY, WORKPLACE, event
from tests.unit.pages.billing_desk import signed

MEMBERS = ("0123456789abcdefghjkmnpqrs", "zyxwvtsrqpnmkjhgfedcba9876")
YEARS = (2025, 2026)
AMOUNTS = {2025: 11_000, 2026: 12_000}
BATCH = 10
FAULTY = 0.4
"""The share of requests that meet faults."""
CLAIMS = ("CAPTURE", "PAYSUCCESS", "REQSUCCESS", "EXPIRED", "RETURN", "CANCEL", "NONSENSE")
RESULTS = ("PAYSUCCESS", "REQSUCCESS", "PAYSTART", "ERROR", "EXPIRED", "INVALID")
LATE_TAKEN_DAYS = 9
"""Days after a slip's term in which late money still comes; docs/payments.md counts on ten."""
REFUND_SEEN_DAYS = 34
"""Days after a payment in which a refund is surely seen, notified or not; later ones may not."""

_FAULTS = list(Fault)


DUE = {
    (0, 2025): date(2026, 3, 31),
    (0, 2026): date(2026, 9, 25),
    (1, 2025): date(2026, 11, 10),
    (1, 2026): date(2026, 12, 24),
}
"""When the members' years are due: the steps of reminding fall into the days of a life."""


def dues(member: int, year: int) -> Dues:
    """Return what a year costs one of the members."""
    due = DUE[member, year]
    return Dues(year, f"{year}年度 年会費", AMOUNTS[year], due, date(2027, 12, 31))


class World(RestorableWorld):
    """All that is, and what may happen to it."""

    def __init__(self) -> None:
        super().__init__(NOON)
        self.notices: list[bytes] = []
        """What GMO has still to post."""
        self.races = 0
        self.faults = 0
        self._sequence = 0
        for place, member_id in enumerate(MEMBERS):
            self.join(member_id, f"{place + 1:06d}")
            for year in YEARS:
                self.bill(member_id, f"{place + 1:06d}", dues(place, year))

    # How a request runs

    def request(self, random: Random, work: Callable[[], object]) -> None:
        """Run one request, which may meet one or two faults, to its end or its death."""
        process = self._process(random)
        before, self.machine.process = self.machine.process, process
        try:
            self._counted(process, work)
        finally:
            self.machine.process = before
        self.database.remember()

    def happen(self, act: Callable[[], object]) -> None:
        """Let something happen outside, if it can."""
        with contextlib.suppress(CannotPay):
            act()

    def race(self, random: Random) -> None:
        """Let two or three requests run at once, one going on at each call of a port."""
        acts = [self._racer(random) for _ in range(random.choice([2, 2, 3]))]
        if random.random() < 0.5:
            acts[1] = acts[0]
        runners = []
        for act in acts:
            # Each has its own chances, so that who goes on first does not change what each does.
            process, own = self._process(random), Random(random.getrandbits(32))
            if act == acts[0]:
                own = Random(7)
            runners.append(Runner(process, partial(self._counted, process, partial(act, own))))
        self.races += 1
        Race(self.machine, random).run(runners)
        self.database.remember()

    def _racer(self, random: Random) -> Callable[[Random], None]:
        # The office is seldom at work; else most invoices would end by its word.
        office = random.random() < 0.15
        return random.choice(list(self.office_acts().values()) if office else self.racing())

    def _process(self, random: Random) -> Process:
        armed: dict[int, Fault] = {}
        if random.random() < FAULTY:
            for _ in range(random.choice([1, 1, 1, 2, 4])):
                armed[random.randint(1, 12)] = random.choice(_FAULTS)
        return Process(armed, lagging=random.random() < 0.1)

    def _counted(self, process: Process, work: Callable[[], object]) -> None:
        armed = len(process.armed)
        self.live(process, work)
        self.faults += armed - len(process.armed)

    # What members do: each of these is one request

    def decide(self, random: Random) -> None:
        """決定 with one of the methods."""
        (account, found), method = self._read(random), random.choice(list(Method))
        self.portal.opening.decide(account, found, method, PAYER, WORKPLACE)

    def again(self, random: Random) -> None:
        """お支払い手続きをやり直す."""
        account, found = self._read(random)
        self.portal.opening.again(account, found, PAYER, WORKPLACE)

    def come_back(self, random: Random) -> None:
        """The browser comes back from GMO with whatever result."""
        order, result = self._order(random), random.choice(RESULTS)
        body = signed(order, result, "42G020000" if result == "ERROR" else None)
        if random.random() < 0.1:
            body = body[:-1] + b"0"
        self.portal.come_back.take(parse_event(event(body, FORM), self.clock()))

    # What payers, stores and GMO do: nothing of ours runs

    def pay(self, random: Random) -> None:
        """The payer uses a link, of whatever age, in the way it offers."""
        order = self._order(random)
        if self.gmo.orders[order].request.pay_type.pay_method == "credit":
            overrun = random.random() < 0.3
            self.changed_at_gmo(order, lambda: self.gmo.pay_card(order, overrun=overrun))
        else:
            code = random.choice(["10001", "10002", "10005", "00007", "10008"])
            self.changed_at_gmo(order, lambda: self.gmo.issue_slip(order, code))

    def decline(self, random: Random) -> None:
        """The card is refused; GMO tells of that as well."""
        order = self._order(random)
        self.changed_at_gmo(order, lambda: self.gmo.decline_card(order))

    def till(self, random: Random) -> None:
        """Somebody pays a slip at the till, in time or (after its end) late."""
        order = random.choice(self._orders("REQSUCCESS", "EXPIRED"))
        trade = self.gmo.orders[order].trade
        assert trade is not None
        assert trade.payment_term is not None
        late = trade.status == "EXPIRED"
        if late and (self.clock() - trade.payment_term).days >= LATE_TAKEN_DAYS:
            raise CannotPay(order)
        told = random.random() < 0.8
        self.changed_at_gmo(order, lambda: self.gmo.deposit(order, late=late, told_when=told))

    def refund(self, random: Random) -> None:
        """The office gives a card's money back in GMO's own pages."""
        order = random.choice(self._orders("CAPTURE"))
        trade = self.gmo.orders[order].trade
        assert trade is not None
        assert trade.tran_date is not None
        if (self.clock() - trade.tran_date).days >= REFUND_SEEN_DAYS:
            raise CannotPay(order)
        self.changed_at_gmo(
            order, lambda: self.gmo.refund(order, random.choice(["VOID", "RETURN"]))
        )

    def wrong_money(self, random: Random) -> None:
        """Money that is not what we asked for: amount, currency, ClientFields or way of paying."""
        order = self._order(random)
        other = ("0" * 16, MEMBERS[0], "production")
        self.changed_at_gmo(order, lambda: self._wrong(random, order, other))
        self.odd.add(order)

    def _wrong(self, random: Random, order: str, other: tuple[str, str, str]) -> None:
        wrong = random.choice(["amount", "tax", "currency", "fields", "way"])
        if wrong == "way":
            self.gmo.pay_otherwise(order)
            return
        self.gmo.pay_card(order)
        self.gmo.alter(
            order,
            amount=1 if wrong == "amount" else None,
            tax=1 if wrong == "tax" else None,
            currency="USD" if wrong == "currency" else None,
            client_fields=other if wrong == "fields" else None,
        )

    def lose_notice(self, random: Random) -> None:
        """A notification never arrives."""
        if self.notices:
            self.notices.pop(random.randrange(len(self.notices)))

    def outage(self, random: Random) -> None:
        """GMO or SES goes down, silent, or behind itself; or comes back."""
        match random.choice(["gmo", "ses", "lag", "back", "back", "back"]):
            case "gmo":
                calls = ["issue_link", "reject_link", "search", "cancel_slip"]
                self.gmo.down = set(random.sample(calls, random.randint(1, 4)))
            case "ses":
                self.ses.down = True
            case "lag":
                self.gmo.lagging = not self.gmo.lagging
            case "back":
                self.gmo.down, self.ses.down = set(), False

    def wait(self, random: Random) -> None:
        """Time passes, and with it the nights in which GMO ends slips."""
        self.clock.tick(
            minutes=random.choice([1, 1, 2, 5, 12, 61, 6 * 60, 26 * 60, 4 * 24 * 60, 9 * 24 * 60])
        )
        self.night()

    def night(self) -> None:
        """GMO's nightly run ends slips whose term has passed."""
        for order in self._orders("REQSUCCESS", needed=False):
            trade = self.gmo.orders[order].trade
            if trade and trade.payment_term and self.clock() > trade.payment_term:
                self.changed_at_gmo(order, partial(self.gmo.expire_slip, order))

    # What comes to the door: each of these is one request

    def notify(self, random: Random) -> None:
        """GMO posts one of its notifications, in no order; what we did not keep comes again."""
        if not self.notices:
            return
        body = self.notices.pop(random.randrange(len(self.notices)))
        doubled = random.random() < 0.2
        if self.knock(body) != "0" or doubled:
            self.notices.append(body)

    def forge(self, random: Random) -> None:
        """Somebody posts what GMO never said, of our orders or of others."""
        known = self._order(random)
        order = random.choice([known, known, "D26-ABCDEFGHJKMNPQRS", "../etc/passwd", ""])
        shop = random.choice(["tshop00000000", "tshop00000000", "tshop99999999"])
        text = f"ShopID={shop}&OrderID={order}&Status={random.choice(CLAIMS)}&Amount=1&Tax=0"
        if random.random() < 0.2:
            text += "&ErrInfo=E00000000"
        self.knock(text.encode())

    def tamper(self, random: Random) -> None:
        """A notification arrives with some of its bytes changed, or cut off."""
        if not self.notices:
            return
        body = bytearray(random.choice(self.notices))
        for _ in range(random.randint(1, 4)):
            body[random.randrange(len(body))] = random.randrange(256)
        self.knock(bytes(body[: random.randint(1, len(body))]))

    # What AWS calls: each of these is one request

    def sweep(self, _random: Random) -> None:
        """The five-minute sweep of the inbox."""
        self.portal.work({"task": "sweep"}, lambda: PLENTY)

    def ask(self, _random: Random) -> None:
        """The one-minute schedule."""
        self.portal.work({"task": "ask"}, lambda: PLENTY)

    def mail_sweep(self, _random: Random) -> None:
        """The five-minute sweep of the outbox."""
        self.portal.mailer({"task": "sweep"}, PlentyOfTime())

    def inbox_stream(self, random: Random) -> None:
        """The inbox's stream brings new rows, or loses them."""
        self._stream(random, "inbox", lambda told: self.portal.work(told, lambda: PLENTY))

    def outbox_stream(self, random: Random) -> None:
        """The outbox's stream brings new rows, or loses them."""
        self._stream(random, "outbox", lambda told: self.portal.mailer(told, PlentyOfTime()))

    def mail_event(self, random: Random) -> None:
        """SES tells what became of a mail."""
        ses_tells(self, random)

    def _stream(
        self, random: Random, name: str, call: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        batch, left = self.watch.streams[name][:BATCH], self.watch.streams[name][BATCH:]
        self.watch.streams[name] = left
        if not batch or random.random() < 0.2:
            return
        if random.random() < 0.3:
            self.watch.streams[name] = batch + left  # It will be brought a second time.
        self._sequence += len(batch)
        numbers = range(self._sequence - len(batch), self._sequence)
        told = [record(row, number) for row, number in zip(batch, numbers, strict=True)]
        failed = call({"Records": told})["batchItemFailures"]
        if failed:
            place = int(failed[0]["itemIdentifier"]) - numbers[0]
            self.watch.streams[name] = batch[place:] + left

    # What may happen

    def requests(self) -> dict[str, Callable[[Random], None]]:
        """Return the actions in which code of ours runs."""
        return {
            act.__name__: act
            for act in (
                *(self.decide, self.again, self.come_back, self.notify, self.forge, self.tamper),
                *(self.sweep, self.ask, self.mail_sweep, self.inbox_stream, self.outbox_stream),
                *(self.remind, self.mail_event),
            )
        }

    def events(self) -> dict[str, Callable[[Random], None]]:
        """Return the actions of the world outside."""
        return {
            act.__name__: act
            for act in (
                *(self.pay, self.decline, self.till, self.refund, self.wrong_money),
                *(self.lose_notice, self.outage, self.wait, self.copy_table, self.restore_table),
            )
        }

    def racing(self) -> Sequence[Callable[[Random], None]]:
        """Return what may run beside something else, beside the office's acts."""
        return (*self.requests().values(), self.pay, self.till, self.again, self.ask, self.decide)

    # Parts

    def changed_at_gmo(self, order: str, happen: Callable[[], object]) -> None:
        """Let something happen to an order at GMO, which will notify of it."""
        self.gmo.change(order, happen)
        self.notices.append(self.gmo.notification(order))

    def _order(self, random: Random) -> str:
        """Choose an order whose link somebody has seen, dead or forgotten or not. Or CannotPay."""
        seen = list(self.watch.links)
        newest = seen[-3:] if random.random() < 0.7 else seen
        if not newest:
            raise CannotPay
        return random.choice(newest)

    def _orders(self, *statuses: str, needed: bool = True) -> list[str]:
        """Return the orders whose trade stands so. Raises CannotPay when one is *needed*."""
        found = [
            o for o, one in self.gmo.orders.items() if one.trade and one.trade.status in statuses
        ]
        if needed and not found:
            raise CannotPay
        return found
