"""The year itself: a clock that jumps from one moment at which something happens to the next.

The schedules run as deployed: every full minute GMO is asked, every fifth the sweeps run, every
tenth from 9 to 18 o'clock in Japan the reminders. Runs that would find nothing due are skipped,
since they change nothing.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from random import Random

from benchmarks.simulate.office import CALLS_OF_A_PRESS, PAYER, OfficeOfTheYear
from benchmarks.simulate.people import STORIES, Life, Person
from benchmarks.simulate.rates import LIVES, Rates
from portal.billing.account import Account, account
from portal.billing.issue_invoice import Dues
from portal.billing.model import Method, Payment, PaymentState
from portal.billing.reminder_rows import SHARDS as REMIND_SHARDS
from portal.billing.rows import ASK_SHARDS
from portal.clock import JST, parse_iso
from portal.database import Item
from portal.web.http import parse_event
from tests.fake_gmo import CannotPay
from tests.faults.deployment import PlentyOfTime
from tests.faults.ground import FORM
from tests.faults.machine import Fault, Process, Race, Runner
from tests.faults.watch import record
from tests.unit.billing.house import TABLES, event
from tests.unit.pages.billing_desk import signed

FIRST_MORNING = datetime(2026, 4, 1, 9, 0, tzinfo=JST)
LAST_NIGHT = datetime(2027, 3, 31, 23, 59, tzinfo=JST)
DUES = Dues(2026, "2026年度 年会費", 12_000, date(2026, 12, 31), date(2027, 3, 31))
MINUTE = timedelta(minutes=1)
STEPS = {"ask": MINUTE, "sweep": 5 * MINUTE, "mail": 5 * MINUTE, "remind": 10 * MINUTE}
OFFICE_HOURS = range(9, 18)
CALLS_OF_A_RUN = 60
BATCH = 10
RUN_SECONDS, ANSWER_SECONDS = 120.0, 0.25
"""The settlement function's time, and what one answer of GMO takes of it."""

EVERY_CALL = {"issue_link", "reject_link", "search", "cancel_slip"}


class Year(OfficeOfTheYear):
    """A deployment, its members, and all that happens to them from April to March."""

    def __init__(self, members: int, seed: int, rates: Rates) -> None:
        super().__init__(FIRST_MORNING.astimezone(UTC))
        self.random = Random(seed)
        self.rates = rates
        self.seen: Counter[str] = Counter()
        self.silences: dict[str, list[tuple[datetime, datetime]]] = {"gmo": [], "ses": []}
        self._agenda: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()
        self._sequence = 0
        self._ran: dict[str, datetime] = {}
        for number in range(members):
            self._member(number)
        for name, times in (("gmo", rates.gmo_silences), ("ses", rates.ses_silences)):
            for _ in range(times):
                self._silence(name)

    def _member(self, number: int) -> None:
        member_id, member_no = f"{number:026d}", f"{number:06d}"
        self.join(member_id, member_no)
        self.bill(member_id, member_no, DUES)
        story = self.random.choices(list(LIVES), list(LIVES.values()))[0]
        self.seen[f"members: {story}"] += 1
        one = Person(number, Random(self.random.getrandbits(64)), self)
        self.at(self.clock() + one.arrives(), partial(self._go_on, STORIES[story](one)))

    def _silence(self, name: str) -> None:
        begins = self.clock() + timedelta(hours=self.random.uniform(24, 360 * 24))
        ends = begins + timedelta(hours=self.random.uniform(1, 3 if name == "gmo" else 4))
        self.silences[name].append((begins, ends))
        self.at(begins, partial(self._quiet, name, quiet=True))
        self.at(ends, partial(self._quiet, name, quiet=False))

    def _quiet(self, name: str, *, quiet: bool) -> None:
        if name == "ses":
            self.ses.down = quiet
        else:
            self.gmo.down = set(EVERY_CALL) if quiet else set()

    # The clock

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self._agenda, (moment, next(self._order), act))

    def live_on(self, until: datetime, progress: Callable[[datetime], None]) -> None:
        """Go from moment to moment until the year is over."""
        schedules = {
            "ask": self._ask,
            "sweep": self._sweep,
            "mail": self._mail,
            "remind": self._remind,
        }
        while True:
            runs = [(when, name) for name in schedules if (when := self._next_run(name))]
            first, name = min(runs, default=(until, ""))
            happens = self._agenda[0][0] if self._agenda else until
            if min(first, happens) >= until:
                return
            self.clock.now = max(self.clock.now, min(first, happens))
            progress(self.clock.now)
            if happens <= first:
                heapq.heappop(self._agenda)[2]()
            else:
                self._ran[name] = first
                schedules[name]()
            self._streams()

    def _next_run(self, name: str) -> datetime | None:
        """Return the next run of a schedule that would find something due."""
        due = self._due(name)
        if due is None:
            return None
        step = STEPS[name]
        earliest = max(
            parse_iso(due), self._ran[name] + step if name in self._ran else self.clock()
        )
        run = _rounded_up(earliest, step)
        return _within_hours(run) if name == "remind" else run

    def _due(self, name: str) -> str | None:
        tables = self.database.tables
        if name in ("sweep", "mail"):
            rows = tables[TABLES.inbox if name == "sweep" else TABLES.outbox]
            return rows.earliest("pending", "P", "due_at")
        begins, shards, order = (
            ("OPEN", ASK_SHARDS, "next_ask_at")
            if name == "ask"
            else ("REMIND", REMIND_SHARDS, "next_remind_at")
        )
        shard = "ask_shard" if name == "ask" else "remind_shard"
        billing = tables[TABLES.billing]
        due = (billing.earliest(shard, f"{begins}#{number}", order) for number in range(shards))
        return min((one for one in due if one), default=None)

    # What runs of ours

    def run(self, calls: int, work: Callable[[], object]) -> None:
        """Run a function, which rarely dies or meets a fault at one of its calls."""
        process = self._process(calls)
        before, self.machine.process = self.machine.process, process
        self.live(process, work)
        self.machine.process = before
        self.seen["runs of a function"] += 1
        self.seen["runs that died"] += process.crashed

    def _process(self, calls: int) -> Process:
        chance, rates = self.random.random(), self.rates
        faults: tuple[Fault, ...] = ()
        if chance < rates.crashed:
            faults = (Fault.CRASH_BEFORE, Fault.CRASH_AFTER)
        elif chance < rates.crashed + rates.throttled:
            faults = (Fault.BUSY, Fault.LOST, Fault.UNHEARD)
        if not faults:
            return Process()
        return Process({self.random.randint(1, calls): self.random.choice(faults)})

    def _ask(self) -> None:
        self.seen["runs of the schedule that asks GMO"] += 1
        asked = len(self.gmo.calls)

        def left() -> float:
            return RUN_SECONDS - ANSWER_SECONDS * (len(self.gmo.calls) - asked)

        self.run(CALLS_OF_A_RUN, lambda: self.portal.work({"task": "ask"}, left))

    def _sweep(self) -> None:
        self.run(CALLS_OF_A_RUN, lambda: self.portal.work({"task": "sweep"}, lambda: RUN_SECONDS))

    def _mail(self) -> None:
        self.run(CALLS_OF_A_RUN, lambda: self.portal.mailer({"task": "sweep"}, PlentyOfTime()))

    def _remind(self) -> None:
        self.seen["runs of the schedule that reminds"] += 1
        self.run(CALLS_OF_A_RUN, lambda: self.portal.reminding.run(lambda: RUN_SECONDS))

    def _streams(self) -> None:
        """Bring what is new; a batch whose run dies is not brought again, only swept."""
        while new := self.watch.streams["inbox"]:
            told = self._told(new)
            self.run(CALLS_OF_A_PRESS, partial(self.portal.work, told, lambda: RUN_SECONDS))
        while new := self.watch.streams["outbox"]:
            told = self._told(new)
            self.run(CALLS_OF_A_PRESS, partial(self.portal.mailer, told, PlentyOfTime()))

    def _told(self, new: list[Item]) -> dict[str, object]:
        batch, new[:] = new[:BATCH], new[BATCH:]
        self._sequence += BATCH
        return {"Records": [record(row, self._sequence + n) for n, row in enumerate(batch)]}

    # What members see and do (people.Around)

    def _go_on(self, life: Life) -> None:
        wait = next(life, None)
        if wait is not None:
            self.at(self.clock() + wait, partial(self._go_on, life))

    def press(self, member: int, method: Method) -> None:
        """Press 決定 or お支払い手続きをやり直す, now and then twice at once."""
        self.seen["presses"] += 1
        work = partial(self._pressed, member, method)
        if self.random.random() >= self.rates.clicked_twice:
            self.run(CALLS_OF_A_PRESS, work)
            return
        self.seen["presses twice at once"] += 1
        processes = [self._process(CALLS_OF_A_PRESS) for _ in range(2)]
        Race(self.machine, self.random).run(
            [Runner(one, partial(self.live, one, work)) for one in processes]
        )

    def _pressed(self, member: int, method: Method) -> None:
        account = self.portal.store.account(f"{member:026d}")
        (invoice,) = account.invoices
        opening = self.portal.opening
        if invoice.method is None:
            opening.decide(account, invoice, method, PAYER, "")
        else:
            opening.again(account, invoice, PAYER, "")

    def account(self, member: int) -> Account:
        """Return what the member's page shows; a page that fails is loaded again."""
        rows = self.database.tables[TABLES.billing].partition(f"{member:026d}", "")
        return account(rows)

    def _last(self, member: int) -> Payment | None:
        account = self.account(member)
        return account.last(account.invoices[0])

    def link(self, member: int) -> str:
        """Return the order of the member's latest link, if it is not over."""
        last = self._last(member)
        over = last is None or last.state not in (PaymentState.LINKED, PaymentState.SLIP)
        late = last is not None and self.clock() > last.link_expires_at
        if last is None or (over and last.state is not PaymentState.PAID):
            return ""
        return "" if late and last.state is PaymentState.LINKED else last.order_id

    def paid(self, member: int) -> bool:
        """Tell whether the member's page says 支払済."""
        return not self.account(member).invoices[0].payable

    def slip(self, order: str) -> bool:
        """Tell whether the order's slip can be paid."""
        trade = self.gmo.orders[order].trade
        return trade is not None and trade.slip_open

    def card(self, order: str) -> bool:
        """Pay by card."""
        return self._happens(order, lambda: self.gmo.pay_card(order))

    def decline(self, order: str) -> bool:
        """Have a card declined."""
        return self._happens(order, lambda: self.gmo.decline_card(order))

    def number(self, order: str) -> bool:
        """Get a store's number; GMO's nightly run ends it when its term has passed."""
        code = self.random.choice(["10001", "10002", "10005", "00007", "10008"])
        issued = self._happens(order, lambda: self.gmo.issue_slip(order, code))
        trade = self.gmo.orders[order].trade
        if issued and trade and trade.payment_term:
            self.at(trade.payment_term + timedelta(minutes=31), partial(self._end_slip, order))
        return issued

    def _end_slip(self, order: str) -> None:
        if self.slip(order):
            self._happens(order, lambda: self.gmo.expire_slip(order))

    def till(self, order: str, *, late: bool = False) -> bool:
        """Pay at the till."""
        known = order in self.gmo.orders and self.gmo.orders[order].trade is not None
        return known and self._happens(order, lambda: self.gmo.deposit(order, late=late))

    def refund(self, order: str) -> None:
        """Have the money given back in GMO's own pages; the office then has GMO asked."""
        if self.gmo.paid(order):
            self._happens(order, lambda: self.gmo.refund(order))
            self.run(CALLS_OF_A_PRESS, lambda: self.ask_about(order))

    def back(self, order: str, result: str) -> None:
        """Come back from GMO's page, unless the window is just closed."""
        if not order or self.random.random() >= self.rates.comes_back:
            return
        request = parse_event(event(signed(order, result), FORM), self.clock())
        self.run(CALLS_OF_A_PRESS, lambda: self.portal.come_back.take(request))

    def changed_at_gmo(self, order: str, happen: Callable[[], object]) -> None:
        """Let something happen to an order at GMO, which will notify of it."""
        self._happens(order, happen)

    def _happens(self, order: str, happen: Callable[[], object]) -> bool:
        try:
            self.gmo.change(order, happen)
        except CannotPay:
            return False
        trade = self.gmo.orders[order].trade
        if trade is not None:
            self.seen[f"GMO: {trade.pay_type.pay_method} {trade.status}"] += 1
        self._notify(self.gmo.notification(order))
        return True

    def _notify(self, body: bytes) -> None:
        self.seen["notifications"] += 1
        if self.random.random() < self.rates.lost:
            self.seen["notifications lost"] += 1
            return
        soon = timedelta(seconds=self.random.expovariate(1 / 5))
        self.at(self.clock() + soon, partial(self._post, body))
        if self.random.random() < self.rates.doubled:
            self.seen["notifications twice"] += 1
            later = soon + timedelta(minutes=self.random.uniform(0, 60))
            self.at(self.clock() + later, partial(self._post, body))

    def _post(self, body: bytes) -> None:
        """GMO posts; what is not answered with 0 it posts again an hour later."""
        before = len(self.kept)
        self.run(3, lambda: self.knock(body))
        if len(self.kept) == before:
            self.at(self.clock() + timedelta(hours=1), partial(self._post, body))

    def calm(self) -> None:
        """End all faults of functions; what GMO and members have begun goes on."""
        self.rates = replace(self.rates, crashed=0, throttled=0, lost=0, doubled=0)

    def night(self) -> None:
        """After the year's end: let happen what was still to come, such as the end of a slip."""
        while self._agenda and self._agenda[0][0] <= self.clock():
            heapq.heappop(self._agenda)[2]()


def _within_hours(run: datetime) -> datetime:
    """Return the run itself, or the first of the next morning when it falls into a night."""
    local = run.astimezone(JST)
    if local.hour in OFFICE_HOURS:
        return run
    morning = local.replace(hour=OFFICE_HOURS.start, minute=0)
    return (morning if local < morning else morning + timedelta(days=1)).astimezone(UTC)


def _rounded_up(moment: datetime, step: timedelta) -> datetime:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return start + -((start - moment) // step) * step
