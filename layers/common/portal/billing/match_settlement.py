"""The settlement file against our payments, line by line: what agrees, and what does not.

Nothing is booked by it. What does not agree becomes a discrepancy, once: the same file again
writes nothing, and neither does it open what the office has closed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from portal.billing import found
from portal.billing.model import CHOICES, Payment, PaymentState
from portal.billing.settlement_file import Line, Unreadable
from portal.billing.store import BillingStore
from portal.clock import jst_date
from portal.database import Database, Value, Write

HELD = frozenset({PaymentState.PAID, PaymentState.REFUNDED})


class Outcome(StrEnum):
    """How an order of the file, or a payment of ours, compares. All but the first two differ."""

    AGREED = "agreed"
    REFUND_AGREED = "refund_agreed"
    DIFFERS = "file_differs"
    NOT_PAID = "file_not_paid"
    REFUND = "file_refund"
    UNKNOWN = "file_unknown_order"
    MISSING = "file_missing"


DIFFERENCES = tuple(one for one in Outcome if one not in (Outcome.AGREED, Outcome.REFUND_AGREED))


@dataclass(frozen=True)
class Finding:
    """One order with how it compares. *evidence* names nothing that changes from run to run."""

    outcome: Outcome
    order_id: str
    evidence: Mapping[str, Value]


@dataclass(frozen=True)
class Result:
    """All of one file. *period* is what our payments were looked at for, if any."""

    findings: tuple[Finding, ...]
    unreadable: tuple[Unreadable, ...]
    lines: int
    period: tuple[date, date] | None

    @property
    def counts(self) -> Counter[Outcome]:
        """How many orders compare how."""
        return Counter(one.outcome for one in self.findings)

    @property
    def differences(self) -> tuple[Finding, ...]:
        """What does not agree."""
        return tuple(one for one in self.findings if one.outcome in DIFFERENCES)


@dataclass
class _Order:
    paid: int = 0
    given_back: int = 0
    lines: list[Line] = field(default_factory=list)


def match(
    lines: Iterable[Line | Unreadable],
    payments: Iterable[Payment],
    period: tuple[date, date] | None = None,
) -> Result:
    """Compare. Without *period* it is from the first to the last day that the file names."""
    read = list(lines)
    good = [one for one in read if isinstance(one, Line)]
    ours = {one.order_id: one for one in payments if one.method in CHOICES}
    orders = _by_order(good)
    days = [one.day for one in good if one.day]
    looked = period or ((min(days), max(days)) if days else None)
    findings = [_compared(ident, told, ours.get(ident)) for ident, told in orders.items()]
    findings += [
        Finding(Outcome.MISSING, ident, _ours(one))
        for ident, one in ours.items()
        if ident not in orders and looked and _paid_within(one, looked)
    ]
    unreadable = tuple(one for one in read if isinstance(one, Unreadable))
    return Result(tuple(findings), unreadable, len(read), looked)


def _by_order(lines: Iterable[Line]) -> dict[str, _Order]:
    orders: dict[str, _Order] = {}
    for line in lines:
        told = orders.setdefault(line.order_id, _Order())
        told.lines.append(line)
        told.paid += max(line.amount, 0)
        told.given_back += max(-line.amount, 0)
    return orders


def _compared(order_id: str, told: _Order, payment: Payment | None) -> Finding:
    outcome = Outcome.UNKNOWN if payment is None else _outcome(told, payment)
    evidence: dict[str, Value] = {
        "order_id": order_id,
        "file_paid": told.paid,
        "file_given_back": told.given_back,
        "file_days": [one.day.isoformat() for one in told.lines if one.day],
        "file_methods": [one.method.value for one in told.lines if one.method],
        **(_ours(payment) if payment else {}),
    }
    return Finding(outcome, order_id, evidence)


def _outcome(told: _Order, payment: Payment) -> Outcome:
    if payment.state not in HELD:
        return Outcome.NOT_PAID
    methods = {one.method for one in told.lines if one.method}
    if methods - {payment.method} or told.paid not in (0, payment.paid_amount):
        return Outcome.DIFFERS
    if not told.paid and not told.given_back:
        return Outcome.DIFFERS  # A line over nothing confirms no money.
    if not told.given_back:
        return Outcome.AGREED
    whole = told.given_back == payment.paid_amount
    if payment.state is PaymentState.REFUNDED and whole:
        return Outcome.REFUND_AGREED
    return Outcome.REFUND


def _paid_within(payment: Payment, period: tuple[date, date]) -> bool:
    if payment.state not in HELD or payment.paid_at is None:
        return False
    return period[0] <= jst_date(payment.paid_at) <= period[1]


def _ours(payment: Payment) -> dict[str, Value]:
    return {
        "order_id": payment.order_id,
        "invoice_id": payment.invoice_id,
        "member_id": payment.member_id,
        "state": payment.state.value,
        "method": payment.method.value,
        "paid_amount": payment.paid_amount,
    }


def note(
    database: Database, store: BillingStore, finding: Finding, now: datetime, *along: Write
) -> bool:
    """Open a discrepancy; False when the very same was noted before, open or closed.

    What goes *along* is written in the same transaction, and not where nothing is noted.
    """
    known = database.get(store.table, found.key(f"{finding.outcome}#{finding.order_id}"))
    if known is not None and known.get("evidence") == finding.evidence:
        return False
    database.commit(
        store.discrepancy(finding.outcome.value, finding.order_id, now, finding.evidence), *along
    )
    return True
