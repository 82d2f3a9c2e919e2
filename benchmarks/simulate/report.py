"""What the year came to, in words and numbers, and its picture."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from benchmarks.simulate.picture import Picture
from benchmarks.simulate.rates import RATES
from benchmarks.simulate.year import FIRST_MORNING, LAST_NIGHT, Year
from portal.billing.rows import invoice_of
from portal.clock import parse_iso
from portal.gmo.model import PayType
from tests.faults.reread import REMINDERS
from tests.unit.billing.house import TABLES

ABOUT = (
    "Written by `make simulate`: the real code of the payments on a simulated clock, with a",
    "database, GMO and SES in memory that fail at stated rates. Nothing in it is measured at AWS",
    "or GMO, and how members behave is invented (`benchmarks/simulate/people.py`).",
)
NOTES = (
    "The slow ones are those whose notification was lost or met a silent GMO: they wait for the",
    "schedule. A mail may have come twice only after a crash between SES's yes and our mark; the",
    "table says how many did.",
)


@dataclass(frozen=True)
class Outcome:
    """The year, what was wrong at its end, and how long it took here."""

    year: Year
    members: int
    seed: int
    wrong: Sequence[str]
    seconds: float

    def line(self) -> str:
        """Return the line that sums it up."""
        lost = sum(text.startswith("LOST") for text in self.wrong)
        doubled = sum(text.startswith("DOUBLED") for text in self.wrong)
        others = len(self.wrong) - lost - doubled
        return f"{lost} lost, {doubled} doubled, {others} unmatched of {self.members} members"

    def markdown(self) -> str:
        """Return the report."""
        return "\n".join(self._lines()) + "\n"

    def picture(self) -> Picture:
        """Return what is to be drawn."""
        paid = [order.trade for order in self.year.gmo.orders.values() if order.trade]
        money = [
            (one.pay_type, one.tran_date or one.finish_date or FIRST_MORNING)
            for one in paid
            if one.paid or one.refunded
        ]
        return Picture(
            FIRST_MORNING,
            LAST_NIGHT,
            [when for way, when in money if way is PayType.CARD],
            [when for way, when in money if way is PayType.CVS],
            self.year.silences["gmo"],
            self.members,
            f"A dues year of {self.members} members: {self.line().partition(' of ')[0]}",
        )

    def _lines(self) -> Iterator[str]:
        yield from (
            "# A simulated dues year",
            "",
            *ABOUT,
            "",
            f"**{self.line()}**, seed {self.seed}.",
            "",
            "![the year](year.svg)",
            "",
            "## Faults",
            "",
            *_table(("what", "rate"), ((n.replace("_", " "), str(v)) for n, v in self._rates())),
            "",
            "## What happened",
            "",
            *_table(("what", "times"), ((what, f"{n:,}") for what, n in self._counts())),
            "",
            "## From GMO's money to the portal's books",
            "",
            *_table(("share of payments", "booked within"), self._delays()),
            "",
            *NOTES,
        )
        if self.wrong:
            yield from ("", "## Wrong", "", *(f"- {text}" for text in self.wrong))

    def _rates(self) -> list[tuple[str, float]]:
        return list(asdict(RATES).items())

    def _counts(self) -> Iterator[tuple[str, int]]:
        year = self.year
        yield from sorted(year.seen.items())
        invoices = [
            invoice_of(row).state.value
            for row in year.database.tables[TABLES.billing].values()
            if str(row["sk"]).startswith("INV#")
        ]
        yield from ((f"invoices {state}", n) for state, n in sorted(Counter(invoices).items()))
        yield "orders at GMO", len(year.gmo.orders)
        yield "questions to GMO", sum(call == "search" for call, _ in year.gmo.calls)
        yield "receipts", len(year.watch.receipts)
        reminders = Counter(
            f"{row['kind']!s} {row['state']!s}"
            for row in year.database.tables[TABLES.outbox].values()
            if row["kind"] in REMINDERS
        )
        yield from ((f"reminders: {what}", n) for what, n in sorted(reminders.items()))
        acts = Counter(what for what, _ in year.promised)
        yield from ((f"the office: {what}", n) for what, n in sorted(acts.items()))
        yield "mails that SES took", year.ses.taken.total()
        yield "mails that came twice after a crash", (year.ses.taken - _once(year)).total()
        kinds = Counter(
            str(row["kind"])
            for row in year.database.tables[TABLES.billing].values()
            if str(row["pk"]).startswith("DISC#") and row["sk"] == "DISC"
        )
        yield from ((f"discrepancies: {kind}", n) for kind, n in sorted(kinds.items()))

    def _delays(self) -> Iterator[tuple[str, str]]:
        waits = sorted(_waits(self.year))
        if not waits:
            return
        for share in (0.5, 0.9, 0.99, 0.999):
            yield f"{share:.1%}", _said(waits[int(share * len(waits))])
        yield "all", _said(waits[-1])


def _once(year: Year) -> Counter[str]:
    return Counter(dict.fromkeys(year.ses.taken, 1))


def _waits(year: Year) -> Iterator[timedelta]:
    for row in year.database.tables[TABLES.billing].values():
        if row.get("what") != "paid" or not str(row["sk"]).startswith("EVT#"):
            continue
        trade = year.gmo.orders[str(row["pk"]).removeprefix("ORDER#")].trade
        paid = (trade.tran_date or trade.finish_date) if trade else None
        booked: datetime = parse_iso(str(row["sk"]).split("#")[1])
        if paid:
            yield max(booked - paid, timedelta(0))


def _said(wait: timedelta) -> str:
    seconds = wait.total_seconds()
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _table(head: tuple[str, str], rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"| {head[0]} | {head[1]} |"
    yield "|---|---|"
    yield from (f"| {left} | {right} |" for left, right in rows)
