"""Invoices and payments as plain values, and the pure rules about their states.

docs/payments.md has the same states and transitions as a table; a test holds the two together.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class PaymentState(StrEnum):
    """Where one attempt to pay, which is one order at GMO, stands."""

    CREATED = "created"
    """Our row exists; whether GMO knows the order is not yet known."""
    LINKED = "linked"
    """GMO gave a payment link. Declines and aborts on its page leave this state as it is."""
    SLIP = "slip"
    """A convenience-store number was issued and waits for its money."""
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    """GMO never told us a link, so nobody holds one."""
    PAID = "paid"
    REFUNDED = "refunded"


RANK = {
    PaymentState.CREATED: 0,
    PaymentState.LINKED: 1,
    PaymentState.SLIP: 2,
    PaymentState.EXPIRED: 3,
    PaymentState.CANCELLED: 3,
    PaymentState.ABANDONED: 3,
    PaymentState.PAID: 4,
    PaymentState.REFUNDED: 5,
}
"""Evidence never lowers the rank; states of one rank do not replace each other."""

LIVE = frozenset({PaymentState.CREATED, PaymentState.LINKED, PaymentState.SLIP})
DEAD = frozenset({PaymentState.EXPIRED, PaymentState.CANCELLED, PaymentState.ABANDONED})


def may_become(now: PaymentState, then: PaymentState) -> bool:
    """Tell whether evidence may move a payment from one state to another."""
    return RANK[then] > RANK[now]


class InvoiceState(StrEnum):
    """Where one payable item stands. Only an unpaid one can be paid."""

    UNPAID = "unpaid"
    PAID = "paid"
    REFUNDED = "refunded"
    WAIVED = "waived"
    CANCELLED = "cancelled"


class Method(StrEnum):
    """How an invoice is paid. A member chooses of CHOICES (the form field ``method``)."""

    CARD = "card"
    CVS = "cvs"
    BANK = "bank"
    CASH = "cash"


CHOICES = (Method.CARD, Method.CVS)
"""The ways of paying that lead to GMO."""

RECORDED = (Method.BANK, Method.CASH)
"""The ways of paying that only the office records; GMO knows nothing of them."""


class Flag(StrEnum):
    """Why money that came was not booked to the invoice."""

    MISMATCH = "mismatch"
    """Another amount, currency, or somebody else's ClientFields."""
    SURPLUS = "surplus"
    """The invoice was paid, waived or cancelled already."""


@dataclass(frozen=True)
class Slip:
    """What the payer needs at the store. ``term`` is an aware moment, the end of the last day."""

    cvs_code: str
    conf_no: str
    receipt_no: str
    receipt_url: str
    term: datetime | None


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """One payable item. Amounts are whole yen; days are JST dates.

    ``live_order`` is the order of the one payment that may still bring money, or empty.
    ``method`` is what 決定 fixed, until the office releases it. ``attempts`` counts payments.
    ``next_remind_at`` is when the member may next have to be reminded; it only plans, so it does
    not count when two invoices are compared.
    """

    member_id: str
    member_no: str
    invoice_id: str
    title: str
    fiscal_year: int
    amount: int
    due_on: date
    closes_on: date
    state: InvoiceState = InvoiceState.UNPAID
    method: Method | None = None
    live_order: str = ""
    attempts: int = 0
    paid_order: str = ""
    paid_on: date | None = None
    next_remind_at: datetime | None = field(default=None, compare=False)
    version: int = 1

    @property
    def payable(self) -> bool:
        """Whether money for it is expected."""
        return self.state is InvoiceState.UNPAID


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One attempt to pay an invoice. Moments are aware UTC.

    ``version`` counts the writes that the settlement depends on. ``asks`` counts answers of GMO.
    ``last_result`` and ``last_error`` are what the browser brought back, verified but only a hint.
    ``payer_name`` and ``payer_workplace`` are kept for the receipt as the member confirmed them.
    """

    member_id: str
    order_id: str
    invoice_id: str
    method: Method
    amount: int
    attempt: int
    created_at: datetime
    link_expires_at: datetime
    term_days: int
    state: PaymentState = PaymentState.CREATED
    version: int = 1
    link_url: str = field(default="", repr=False)
    slip: Slip | None = None
    access_id: str = field(default="", repr=False)
    paid_amount: int = 0
    paid_at: datetime | None = None
    flag: Flag | None = None
    cancel_wanted: bool = False
    asks: int = 0
    next_ask_at: datetime | None = None
    next_remind_at: datetime | None = field(default=None, compare=False)
    last_result: str = ""
    last_error: str = ""
    last_result_at: datetime | None = None
    payer_name: str = field(default="", repr=False)
    payer_workplace: str = field(default="", repr=False)

    @property
    def live(self) -> bool:
        """Whether money may still come by it without surprise."""
        return self.state in LIVE

    @property
    def ask_until(self) -> datetime:
        """When GMO's answer can no longer change: link, slip and the stores' delay are over."""
        return self.link_expires_at + timedelta(days=self.term_days + LATE_DAYS)


LATE_DAYS = 10
"""Days after a slip's term in which a store may still report its money."""

FIRST_ASKS = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60))
AFTER_PAID = (timedelta(days=1), timedelta(days=35))
"""A paid payment is asked for twice more, to see what was refunded from GMO's side."""

UNISSUED_AFTER = timedelta(seconds=60)
"""How long a created payment without a link is left to the request that is issuing it."""

STOP_EVERY = timedelta(minutes=5)
"""How often GMO is asked to stop a payment that must not be paid any more."""

OVERRUN = timedelta(hours=24)
"""3-D Secure begun before the link's end may complete after it."""


def next_ask(payment: Payment, now: datetime) -> datetime | None:
    """Return when GMO is to be asked next, or None when its answer is final.

    2, 5, 15 and 60 minutes after 決定, hourly for a day, every six hours then.
    """
    if payment.state is PaymentState.REFUNDED:
        return None
    if payment.state is PaymentState.PAID:
        started = payment.paid_at or payment.created_at
        return next((started + wait for wait in AFTER_PAID if started + wait > now), None)
    if payment.cancel_wanted and payment.live:
        later = now + STOP_EVERY
    else:
        later = _next_while_open(payment.created_at, now - payment.created_at)
    return later if later <= payment.ask_until else None


def _next_while_open(created: datetime, age: timedelta) -> datetime:
    for wait in FIRST_ASKS:
        if age < wait:
            return created + wait
    step = timedelta(hours=1) if age < timedelta(days=1) else timedelta(hours=6)
    return created + step * (age // step + 1)


class Standing(StrEnum):
    """What a member is told about one invoice, see the statement."""

    UNPAID = "unpaid"
    LINKED = "linked"
    SLIP = "slip"
    CHECKING = "checking"
    PAID = "paid"
    REFUNDED = "refunded"
    WAIVED = "waived"
    CANCELLED = "cancelled"


CLAIMED = frozenset({"PAYSUCCESS", "REQSUCCESS", "REQPROCESS", "CONFIRM"})
"""Results of the browser's return after which GMO's own answer is worth waiting for."""

FAILED = frozenset({"ERROR", "EXPIRED", "INVALID"})
"""Results after which the payer may be unable to go on with the same link."""

CLAIM_HOLDS = timedelta(hours=2)
"""How long an unconfirmed claim is shown as 確認中 before the link is offered again."""


def standing(invoice: Invoice, payment: Payment | None, now: datetime) -> Standing:
    """Return what is told about *invoice*, whose live payment is *payment*."""
    if invoice.state is not InvoiceState.UNPAID:
        return Standing(invoice.state.value)
    if payment is not None and payment.flag is Flag.MISMATCH:
        return Standing.CHECKING  # Money came that the office has to look at.
    if payment is None or not payment.live:
        return Standing.UNPAID
    if payment.state is PaymentState.SLIP:
        return Standing.SLIP
    if payment.state is PaymentState.CREATED or claimed(payment, now):
        return Standing.CHECKING
    return Standing.LINKED if now <= payment.link_expires_at else Standing.UNPAID


def claimed(payment: Payment, now: datetime) -> bool:
    """Tell whether the browser brought back a success that GMO has not confirmed yet."""
    recent = payment.last_result_at is not None and now - payment.last_result_at < CLAIM_HOLDS
    return recent and payment.last_result in CLAIMED


def link_ended(payment: Payment, now: datetime) -> bool:
    """Tell whether the payer may be unable to use the link, so that a way on must be offered."""
    if payment.state is not PaymentState.LINKED:
        return False
    lost = not payment.link_url  # Re-attached after a restore, which has forgotten the link.
    return lost or now > payment.link_expires_at or payment.last_result in FAILED
