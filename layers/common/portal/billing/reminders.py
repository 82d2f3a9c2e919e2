"""When a member is reminded of what: pure rules. The steps are the society's (society.toml).

An invoice's steps are days before (or, negative, after) its due date, in Japan's calendar. Of all
steps that have come only the latest is told, so that days without a run are not made up for by a
heap of mails. Nobody is reminded whose money is on its way: while a slip is open its own reminder
goes instead, and while GMO is being asked, or the office looks into money, the step waits.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.billing.model import (
    Invoice,
    Payment,
    PaymentState,
    Standing,
    standing,
)
from portal.clock import JST, jst_date
from portal.config import Society

LOOK_AHEAD = timedelta(days=90)
"""From so long before its due date on an invoice is looked at; no step may be earlier."""


class Told(StrEnum):
    """The mails that remind."""

    DUES = "dues_reminder"
    WARNING = "qualification_warning"
    SLIP = "slip_reminder"


class Why(StrEnum):
    """Why nothing is told when an invoice or a slip is looked at."""

    EARLY = "no step has come yet"
    SLIP = "its slip is open"
    CHECKING = "money may be on its way"
    OVER = "nothing is open any more"


@dataclass(frozen=True)
class Step:
    """One step of reminding. *days_before_due* is negative after the due date."""

    told: Told
    days_before_due: int

    def falls_on(self, invoice: Invoice) -> date:
        """Return the day of the step for an invoice."""
        return invoice.due_on - timedelta(days=self.days_before_due)


@dataclass(frozen=True)
class Decision:
    """What one look ends with: a step to tell, or why none; and when to look again, if ever."""

    next_at: datetime | None
    step: Step | None = None
    why: Why | None = None
    years: tuple[Invoice, ...] = ()
    """Of a warning: the unpaid years, the oldest first."""


def first_look(invoice: Invoice) -> datetime | None:
    """Return when a new invoice is looked at first, or None when it is not to be paid."""
    return _begins(invoice.due_on - LOOK_AHEAD) if invoice.payable else None


def first_slip_look(payment: Payment) -> datetime | None:
    """Return when a payment that has just become what it is is looked at: at once, if a slip."""
    term = payment.slip.term if payment.slip else None
    return payment.created_at if term and payment.state is PaymentState.SLIP else None


def steps(society: Society) -> tuple[Step, ...]:
    """Return the society's steps in the order of their days."""
    made = [Step(Told.DUES, days) for days in society.reminders_days_before_due]
    made += [Step(Told.WARNING, days) for days in society.reminders_warning_days_before_due]
    return tuple(sorted(made, key=lambda one: -one.days_before_due))


def decide(
    invoice: Invoice,
    invoices: Collection[Invoice],
    payments: Collection[Payment],
    society: Society,
    now: datetime,
) -> Decision:
    """Say what is told of *invoice* at *now*; the others and the payments are the same member's."""
    today, tomorrow = jst_date(now), _begins(jst_date(now) + timedelta(days=1))
    if not invoice.payable:
        return Decision(None, why=Why.OVER)
    waits = held_back(invoice, payments, now, invoices)
    if waits is Why.CHECKING:
        return Decision(tomorrow, why=waits)
    if waits is Why.SLIP:
        return Decision(max([tomorrow, *_after_slips(invoice, payments)]), why=waits)
    following = _following(invoice, society, today)
    step = _latest(invoice, invoices, payments, society, now)
    if step is None:
        return Decision(following, why=Why.EARLY)
    warned = overdue_years(invoices, payments, now) if step.told is Told.WARNING else ()
    return Decision(following, step, years=warned)


def decide_slip(payment: Payment, invoice: Invoice, society: Society, now: datetime) -> Decision:
    """Say whether the slip's reminder goes at *now*."""
    term = payment.slip.term if payment.slip else None
    if term is None or not slip_open(payment, invoice, now):
        return Decision(None, why=Why.OVER)
    days = society.reminders_slip_days_before_term
    reminded_on = jst_date(term) - timedelta(days=days)
    if jst_date(now) < reminded_on:
        return Decision(_begins(reminded_on), why=Why.EARLY)
    return Decision(None, Step(Told.SLIP, days))


def slip_open(payment: Payment, invoice: Invoice, now: datetime) -> bool:
    """Tell whether the member is still to pay by this slip."""
    if payment.state is not PaymentState.SLIP or payment.cancel_wanted or payment.slip is None:
        return False
    return invoice.payable and (payment.slip.term is None or now <= payment.slip.term)


def held_back(
    invoice: Invoice,
    payments: Collection[Payment],
    now: datetime,
    invoices: Collection[Invoice] = (),
) -> Why | None:
    """Return why an unpaid invoice is not to be reminded of now, or None when it may be.

    *invoices* are the same member's: of a year that was billed again the old one may hold money.
    """
    mine = [one for one in payments if one.invoice_id == invoice.invoice_id]
    if any(one.state is PaymentState.SLIP for one in mine):
        return Why.SLIP
    live = next((one for one in mine if one.order_id == invoice.live_order), None)
    same_year = {one.invoice_id for one in invoices if one.fiscal_year == invoice.fiscal_year}
    year = {invoice.invoice_id} | same_year
    waiting = any(one.invoice_id in year and _waits(one) for one in payments)
    checking = standing(invoice, live, now) is Standing.CHECKING
    return Why.CHECKING if waiting or checking else None


def overdue_years(
    invoices: Collection[Invoice], payments: Collection[Payment], now: datetime
) -> tuple[Invoice, ...]:
    """Return the invoices past their due date that nothing is on its way for, oldest first."""
    today = jst_date(now)
    unpaid = [
        one
        for one in invoices
        if one.payable and one.due_on < today and held_back(one, payments, now, invoices) is None
    ]
    return tuple(sorted(unpaid, key=lambda one: (one.fiscal_year, one.due_on)))


def enough_to_warn(unpaid: Collection[Invoice], society: Society) -> bool:
    """Tell whether so many years are unpaid that the qualification is at stake."""
    return years(unpaid) >= society.reminders_warning_years


def years(unpaid: Collection[Invoice]) -> int:
    """Return of how many fiscal years the invoices are."""
    return len({one.fiscal_year for one in unpaid})


def _latest(
    invoice: Invoice,
    invoices: Collection[Invoice],
    payments: Collection[Payment],
    society: Society,
    now: datetime,
) -> Step | None:
    """Return the latest step that has come. A warning counts only for the newest overdue year."""
    unpaid = overdue_years(invoices, payments, now)
    warned = enough_to_warn(unpaid, society) and unpaid[-1].invoice_id == invoice.invoice_id
    come = [
        one
        for one in steps(society)
        if one.falls_on(invoice) <= jst_date(now) and (warned or one.told is Told.DUES)
    ]
    return come[-1] if come else None


def _following(invoice: Invoice, society: Society, today: date) -> datetime | None:
    """Return when the next step falls, or None when this was the last."""
    days = (one.falls_on(invoice) for one in steps(society))
    return next((_begins(day) for day in days if day > today), None)


def _after_slips(invoice: Invoice, payments: Collection[Payment]) -> list[datetime]:
    """Return for each open slip of the invoice the day after its term."""
    mine = [one for one in payments if one.invoice_id == invoice.invoice_id]
    slips = [one.slip for one in mine if one.state is PaymentState.SLIP]
    terms = [slip.term for slip in slips if slip and slip.term]
    return [_begins(jst_date(term) + timedelta(days=1)) for term in terms]


def _waits(payment: Payment) -> bool:
    """Tell whether its money was neither booked nor given back."""
    return payment.flag is not None and payment.state is PaymentState.PAID


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), JST)
