"""Sums of invoices and of money that came: pure, in whole yen, over entries in any order.

Each adder takes one entry after the other and keeps sums alone, so that a society of any size is
summed in the same room.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.reported import Entry
from portal.clock import jst_date

CAME = frozenset({PaymentState.PAID, PaymentState.REFUNDED})
"""The states of payments whose money came, though it may have gone again."""


@dataclass(frozen=True)
class Sum:
    """How many, and how many yen together."""

    number: int = 0
    yen: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.number + other.number, self.yen + other.yen)

    def plus(self, yen: int) -> "Sum":
        """Return the sum with one more."""
        return Sum(self.number + 1, self.yen + yen)


@dataclass
class Billed:
    """Invoices by what became of them, of one fiscal year or, with None, of all."""

    year: int | None = None
    by_state: dict[InvoiceState, Sum] = field(
        default_factory=lambda: dict.fromkeys(InvoiceState, Sum())
    )

    def add(self, entry: Entry) -> None:
        """Count an invoice; a payment is none."""
        if isinstance(entry, Invoice) and self.year in (None, entry.fiscal_year):
            self.by_state[entry.state] = self.by_state[entry.state].plus(entry.amount)

    @property
    def total(self) -> Sum:
        """All that was billed: paid, open, waived, cancelled and given back together."""
        return sum(self.by_state.values(), Sum())


class By(StrEnum):
    """What is summed together."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def begins(self, day: date) -> date:
        """Return the first day of what *day* is summed in; a week begins on Monday."""
        if self is By.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is By.MONTH else day

    def after(self, begins: date) -> date:
        """Return the first day after what begins on *begins*."""
        if self is By.MONTH:
            return (begins + timedelta(days=31)).replace(day=1)
        return begins + timedelta(days=7 if self is By.WEEK else 1)


@dataclass(frozen=True)
class Came:
    """Money of one payment, on the JST day it came; *gone*: it was given back later."""

    invoice_id: str
    day: date
    method: Method
    yen: int
    gone: bool


@dataclass
class Line:
    """The money of a day, a week or a month. *gone* is the part of it that was given back later."""

    by_method: dict[Method, Sum] = field(default_factory=lambda: dict.fromkeys(Method, Sum()))
    gone: Sum = field(default_factory=Sum)

    def add(self, came: Came) -> None:
        """Count money."""
        self.by_method[came.method] = self.by_method[came.method].plus(came.yen)
        if came.gone:
            self.gone = self.gone.plus(came.yen)

    @property
    def total(self) -> Sum:
        """All that came."""
        return sum(self.by_method.values(), Sum())

    @property
    def kept(self) -> int:
        """Yen that came and were not given back."""
        return self.total.yen - self.gone.yen


@dataclass
class Received:
    """Money that was booked to invoices of one fiscal year or, with None, of all.

    *astray* is what came and belongs to no invoice yet: another amount, or a second time. Rows of a
    table come in no order, so a payment may be seen before its invoice; it waits for the end.
    """

    year: int | None = None
    by: By = By.DAY
    lines: dict[date, Line] = field(default_factory=dict)
    astray: Sum = field(default_factory=Sum)
    _wanted: set[str] = field(default_factory=set)
    _others: set[str] = field(default_factory=set)
    _waiting: list[tuple[Came, bool]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Count the money of a payment, or note whose year it is."""
        if isinstance(entry, Invoice):
            if self.year is not None:
                of_year = entry.fiscal_year == self.year
                (self._wanted if of_year else self._others).add(entry.invoice_id)
            return
        came = _came(entry)
        if came is None or came.invoice_id in self._others:
            return
        if self.year is None or came.invoice_id in self._wanted:
            self._count(came, astray=entry.flag is not None)
        else:
            self._waiting.append((came, entry.flag is not None))

    def end(self) -> None:
        """Count what waited for its invoice."""
        waited, self._waiting = self._waiting, []
        for came, astray in waited:
            if came.invoice_id in self._wanted:
                self._count(came, astray=astray)

    def in_order(self) -> Iterator[tuple[date, Line]]:
        """Yield the lines by their days."""
        yield from sorted(self.lines.items())

    @property
    def total(self) -> Line:
        """All lines as one."""
        whole = Line()
        for line in self.lines.values():
            whole.gone += line.gone
            for method, one in line.by_method.items():
                whole.by_method[method] += one
        return whole

    def _count(self, came: Came, *, astray: bool) -> None:
        if astray:
            # What was given back is nobody's task any more.
            self.astray = self.astray if came.gone else self.astray.plus(came.yen)
            return
        self.lines.setdefault(self.by.begins(came.day), Line()).add(came)


def _came(payment: Payment) -> Came | None:
    if payment.state not in CAME or payment.paid_at is None:
        return None
    return Came(
        payment.invoice_id,
        jst_date(payment.paid_at),
        payment.method,
        payment.paid_amount,
        payment.state is PaymentState.REFUNDED,
    )
