"""What GMO's answer means for a payment and its invoice: pure, the one place of these rules."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from portal.billing.model import (
    DEAD,
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Slip,
    may_become,
    next_ask,
)
from portal.clock import jst_date
from portal.gmo.model import PayType, Trade

CURRENCY = "JPN"
PAY_TYPE = {Method.CARD: PayType.CARD, Method.CVS: PayType.CVS}
METHOD = {pay_type: method for method, pay_type in PAY_TYPE.items()}


@dataclass(frozen=True)
class Answer:
    """What was learnt from GMO about one order.

    *trade* is None when GMO knows no transaction. *closed* is set when nobody can pay by the link
    any more, and says how the payment ended.
    """

    trade: Trade | None
    closed: PaymentState | None = None


class Fact(StrEnum):
    """What newly became true, for the event log, the mails and the office."""

    SLIP_ISSUED = "slip_issued"
    PAID = "paid"
    ENDED = "ended"
    REFUNDED = "refunded"
    MISMATCH = "mismatch"
    SURPLUS = "surplus"
    UNPAID_AT_GMO = "unpaid_at_gmo"
    """GMO said paid before and now says anything but paid or refunded."""
    AMOUNT_CHANGED = "amount_changed"
    """GMO still says paid, but another amount than was booked: ChangeTran, or a part given back."""


ODD = frozenset({Fact.MISMATCH, Fact.SURPLUS, Fact.UNPAID_AT_GMO, Fact.AMOUNT_CHANGED})
"""The facts that do not add up: each becomes a discrepancy of the same name."""


@dataclass(frozen=True)
class Verdict:
    """The rows as they are to be, and what newly became true (None: nothing but the asking)."""

    payment: Payment
    invoice: Invoice
    fact: Fact | None = None
    stop_order: str = ""
    """Another live payment of the invoice, to be stopped at GMO."""
    trade: Trade | None = None
    """What GMO said, as evidence."""


def judge(payment: Payment, invoice: Invoice, answer: Answer, stage: str, now: datetime) -> Verdict:
    """Return what *answer* makes of *payment* and *invoice* at *now*."""
    return replace(_judged(payment, invoice, answer, stage, now), trade=answer.trade)


def _judged(
    payment: Payment, invoice: Invoice, answer: Answer, stage: str, now: datetime
) -> Verdict:
    doubt = _doubt(payment, answer.trade)
    if doubt is not None:
        return Verdict(_asked(payment, now), invoice, doubt)
    target = target_state(answer)
    if target is None or not may_become(payment.state, target):
        return Verdict(_asked(payment, now), invoice)
    learnt = answer.trade.access_id if answer.trade else payment.access_id
    moved = replace(payment, state=target, access_id=learnt)
    if target is PaymentState.PAID:
        return _paid(moved, invoice, answer.trade, stage, now)
    if target is PaymentState.REFUNDED:
        return _refunded(moved, invoice, now)
    if target in DEAD:
        return Verdict(_asked(moved, now), released(invoice, payment), Fact.ENDED)
    # Of the states that GMO's answers speak of only this one is left: a slip was issued.
    slip = _slip(answer.trade) if answer.trade else None
    return Verdict(_asked(replace(moved, slip=slip), now), invoice, Fact.SLIP_ISSUED)


def target_state(answer: Answer) -> PaymentState | None:
    """Return the state that GMO's answer speaks of, or None when it says nothing new."""
    trade = answer.trade
    if trade is None:
        return answer.closed
    if trade.paid:
        return PaymentState.PAID
    if trade.refunded:
        return PaymentState.REFUNDED
    if trade.slip_open:
        return PaymentState.SLIP
    if trade.dead:
        expired = trade.status == "EXPIRED"
        return PaymentState.EXPIRED if expired else PaymentState.CANCELLED
    return answer.closed


def _doubt(payment: Payment, trade: Trade | None) -> Fact | None:
    """Return what GMO's answer has against a payment that we hold paid.

    Evidence never lowers the rank and never rewrites what was booked and receipted, but what we
    believe and GMO denies has to be looked at by a person.
    """
    if payment.state is not PaymentState.PAID:
        return None
    if trade is None or not tells_of_money(trade):
        return Fact.UNPAID_AT_GMO
    changed = trade.paid and trade.total != payment.paid_amount
    return Fact.AMOUNT_CHANGED if changed else None


def tells_of_money(trade: Trade | None) -> bool:
    """Tell whether GMO says that it took the money, also where it gave it back."""
    return trade is not None and (trade.paid or trade.refunded)


def _asked(payment: Payment, now: datetime) -> Payment:
    return replace(payment, asks=payment.asks + 1, next_ask_at=next_ask(payment, now))


def _paid(
    payment: Payment, invoice: Invoice, trade: Trade | None, stage: str, now: datetime
) -> Verdict:
    if trade is None:
        raise ValueError("paid without a trade")
    # A slip tells its FinishDate; where it does not, the day of this answer counts.
    paid_at = (trade.paid_at or now).astimezone(UTC)
    paid = replace(payment, paid_at=paid_at, paid_amount=trade.total, cancel_wanted=False)
    if not _ours(paid, trade, stage):
        # Should the office accept it, its receipt has to say by which way the money came.
        odd = replace(paid, flag=Flag.MISMATCH, method=METHOD[trade.pay_type])
        return Verdict(_asked(odd, now), invoice, Fact.MISMATCH)
    if not invoice.payable:
        return Verdict(_asked(replace(paid, flag=Flag.SURPLUS), now), invoice, Fact.SURPLUS)
    settled = booked(invoice, paid, paid_at)
    return Verdict(_asked(paid, now), settled, Fact.PAID, stop_order=other_live(invoice, payment))


def booked(invoice: Invoice, payment: Payment, paid_at: datetime) -> Invoice:
    """Return the invoice as it is once the money of *payment* was booked to it."""
    return replace(
        invoice,
        state=InvoiceState.PAID,
        live_order="",
        paid_order=payment.order_id,
        paid_on=jst_date(paid_at),
    )


def other_live(invoice: Invoice, payment: Payment) -> str:
    """Return the order of another payment that may still bring money for *invoice*, or nothing."""
    return invoice.live_order if invoice.live_order != payment.order_id else ""


def _ours(payment: Payment, trade: Trade, stage: str) -> bool:
    """Tell whether the money is what we asked for, from whom we asked it.

    GMO leaves Currency empty in some answers; an empty one is no contradiction.
    """
    fields = (payment.invoice_id, payment.member_id, stage)
    return (
        trade.pay_type is PAY_TYPE[payment.method]
        and trade.total == payment.amount
        and trade.currency in ("", CURRENCY)
        and trade.client_fields == fields
    )


def _refunded(payment: Payment, invoice: Invoice, now: datetime) -> Verdict:
    return Verdict(_asked(payment, now), given_back(invoice, payment), Fact.REFUNDED)


def given_back(invoice: Invoice, payment: Payment) -> Invoice:
    """Return the invoice as it is once the money of *payment* was given back."""
    if invoice.paid_order == payment.order_id and invoice.state is InvoiceState.PAID:
        return replace(invoice, state=InvoiceState.REFUNDED)
    return released(invoice, payment)


def released(invoice: Invoice, payment: Payment) -> Invoice:
    """Free the invoice for a new payment; the method stays as 決定 fixed it."""
    return replace(invoice, live_order="") if invoice.live_order == payment.order_id else invoice


def _slip(trade: Trade) -> Slip:
    term = trade.payment_term.astimezone(UTC) if trade.payment_term else None
    return Slip(trade.cvs_code, trade.conf_no, trade.receipt_no, trade.receipt_url, term)
