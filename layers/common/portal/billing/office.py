"""What the office records about an invoice: money past GMO, waivers, cancellations, refunds.

Every act is first a :class:`Deed`, which says what would be written, and is then performed in one
transaction with its audit entry and the order's log. Nothing is overwritten or deleted: a payment
of the invoice that may still bring money is marked, so that the schedule stops it at GMO, and money
that comes all the same is a surplus.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from portal import audit
from portal.billing import receipts
from portal.billing.issue_receipt import snapshot
from portal.billing.judge import booked, given_back, other_live
from portal.billing.model import (
    RECORDED,
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
)
from portal.billing.store import BillingStore
from portal.billing.words import STATE_WORDS
from portal.clock import JST, jst_date
from portal.config import Society
from portal.database import Contended, Database, Item, Put, Rejected, Value, Write
from portal.ids import crockford
from portal.mail.outbox import queued

ORDER_PREFIX = "OFF-"
"""Begins the order of a recorded payment. GMO and the schedule never hear of such an order."""

ORDER_DIGITS = 16
NOON = time(12)


def new_order_id() -> str:
    """Return the order of a recorded payment: random, as GMO's orders are."""
    return f"{ORDER_PREFIX}{crockford(ORDER_DIGITS)}"


class OfficeError(Exception):
    """What the office wants cannot be done; ``reason`` says why in the office's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Word:
    """Who wants it (for the audit, ``office:NAME``), why, and when."""

    actor: str
    reason: str
    now: datetime


@dataclass(frozen=True)
class Money:
    """Money that came past GMO: whole yen, and the JST day it came."""

    method: Method
    amount: int
    paid_on: date
    payer_name: str
    payer_workplace: str


@dataclass(frozen=True)
class Deed:
    """What would be written; nothing has happened yet.

    *stopped* is the order of a payment that the schedule will stop at GMO, or empty. *receipt* is
    the number of a receipt that would be issued, or empty. *along* is left out when it is refused.
    """

    invoice: Invoice
    writes: tuple[Write, ...]
    payment: Payment | None = None
    stopped: str = ""
    receipt: str = ""
    along: tuple[Write, ...] = ()


@dataclass(frozen=True)
class Office:
    """Plans and performs what the office records. *outbox* and *audit_table* are table names.

    *order_id* names recorded payments; only tests that must be repeatable hand in another.

    Every planning method raises OfficeError when the act makes no sense as things stand.
    """

    database: Database
    store: BillingStore
    society: Society
    outbox: str
    audit_table: str
    order_id: Callable[[], str] = new_order_id

    # Plans

    def record(self, invoice: Invoice, live: Payment | None, money: Money, word: Word) -> Deed:
        """Plan to book a bank transfer or cash: a paid payment of its own, with a receipt."""
        _payable(invoice)
        _checked(money, word.now)
        payment = _recorded(self.order_id(), invoice, money, word.now)
        after = replace(booked(invoice, payment, _noon(money.paid_on)), attempts=payment.attempt)
        made = snapshot(payment, after, self.society, jst_date(word.now))
        data = {**_facts(payment), "invoice_id": invoice.invoice_id}
        # GMO does not know the order, so no reference may lead a notification to it.
        new, _ = self.store.new_payment(payment)
        return Deed(
            invoice=after,
            payment=payment,
            stopped=live.order_id if live else "",
            receipt=made.number,
            writes=(
                self.store.changed_invoice(invoice, after),
                new,
                receipts.written(self.store.table, made),
                self._event(payment, "recorded", word, data),
                self._audited("invoice.recorded", invoice, after, word, data),
                *self._stop(live, word),
            ),
        )

    def waive(self, invoice: Invoice, live: Payment | None, word: Word) -> Deed:
        """Plan to let the member off: nothing is to be paid any more."""
        return self._ended(invoice, live, InvoiceState.WAIVED, word)

    def cancel(self, invoice: Invoice, live: Payment | None, word: Word) -> Deed:
        """Plan to take the invoice back, which should not have been made."""
        return self._ended(invoice, live, InvoiceState.CANCELLED, word)

    def refund(self, payment: Payment, invoice: Invoice, word: Word) -> Deed:
        """Plan to note that the money of *payment* was given back past GMO; its receipt is void."""
        if payment.state is not PaymentState.PAID:
            raise OfficeError("入金済の支払いではありません")
        refunded = replace(payment, state=PaymentState.REFUNDED, next_ask_at=None)
        after = given_back(invoice, payment)
        return self._about(payment, refunded, invoice, after, what="refunded_outside", word=word)

    def ask_again(self, payment: Payment, invoice: Invoice, word: Word) -> Deed:
        """Plan to have GMO asked now, so that a refund made in its 管理画面 is seen."""
        if payment.state is not PaymentState.PAID or payment.method in RECORDED:
            raise OfficeError("GMO で入金済の支払いではありません")
        asked = replace(payment, next_ask_at=word.now)
        return self._about(payment, asked, invoice, invoice, what="ask_wanted", word=word)

    def accept(self, payment: Payment, invoice: Invoice, live: Payment | None, word: Word) -> Deed:
        """Plan to book money that is not what was asked for, with its actual amount."""
        _mismatched(payment)
        _payable(invoice)
        if payment.paid_amount <= 0 or payment.paid_at is None:
            raise OfficeError("入金の金額が分からないため、入金済にできません")
        accepted = replace(payment, flag=None)
        after = booked(invoice, payment, payment.paid_at)
        made = snapshot(accepted, after, self.society, jst_date(word.now))
        other = live if other_live(invoice, payment) else None
        deed = self._about(payment, accepted, invoice, after, what="accepted", word=word)
        issued = receipts.written(self.store.table, made)
        return replace(
            deed,
            receipt=made.number,
            stopped=other.order_id if other else "",
            writes=(*deed.writes, issued, *self._stop(other, word)),
            along=(self._mail(accepted, after, word.now),),
        )

    def set_aside(self, payment: Payment, invoice: Invoice, word: Word) -> Deed:
        """Plan to let the member pay again, while the mismatched money waits for the office."""
        _mismatched(payment)
        if invoice.live_order != payment.order_id:
            raise OfficeError("この入金は請求を止めていません")
        after = replace(invoice, live_order="")
        return self._about(payment, payment, invoice, after, what="set_aside", word=word)

    # The act

    def perform(self, deed: Deed) -> None:
        """Write all of a deed or nothing. Raises OfficeError when something changed meanwhile."""
        try:
            self.database.commit(*deed.writes, *deed.along)
        except Contended:
            raise OfficeError(MEANWHILE) from None
        except Rejected as rejected:
            if not deed.along or min(rejected.failed) < len(deed.writes):
                raise OfficeError(MEANWHILE) from None
            # A mail that was queued before a restore is not sent twice.
            self.perform(replace(deed, along=()))

    # Parts

    def _ended(
        self, invoice: Invoice, live: Payment | None, state: InvoiceState, word: Word
    ) -> Deed:
        _payable(invoice)
        after = replace(invoice, state=state, live_order="")
        return Deed(
            invoice=after,
            stopped=live.order_id if live else "",
            writes=(
                self.store.changed_invoice(invoice, after),
                self._audited(f"invoice.{state.value}", invoice, after, word, {}),
                *self._stop(live, word),
            ),
        )

    def _stop(self, live: Payment | None, word: Word) -> Sequence[Write]:
        """Return the writes that have a live payment stopped at GMO by the schedule."""
        if live is None:
            return ()
        if not live.live:
            raise OfficeError(
                "確認中の入金があります。"
                "先に payments accept か set-aside か refund を行ってください"
            )
        return (
            self.store.cancel_wanted(live.member_id, live.order_id, word.now),
            self._event(live, "cancel_wanted", word, {}),
        )

    def _about(
        self,
        before: Payment,
        after: Payment,
        invoice: Invoice,
        changed: Invoice,
        *,
        what: str,
        word: Word,
    ) -> Deed:
        """Return the deed that changes a payment, and its invoice where that changes too."""
        writes: list[Write] = [self.store.changed_payment(before, after)]
        if changed != invoice:
            writes.append(self.store.changed_invoice(invoice, changed))
        facts = _facts(after)
        writes.append(self._event(after, what, word, facts))
        writes.append(self._audited(f"payment.{what}", invoice, changed, word, facts))
        return Deed(invoice=changed, payment=after, writes=tuple(writes))

    def _event(self, payment: Payment, what: str, word: Word, data: Item) -> Put:
        told: dict[str, Value] = {**data, "by": word.actor, "why": word.reason}
        return self.store.event(payment.order_id, what, word.now, told)

    def _audited(
        self, action: str, before: Invoice, after: Invoice, word: Word, facts: Item
    ) -> Put:
        return audit.entry(
            self.audit_table,
            actor=word.actor,
            action=action,
            subject=before.member_id,
            at=word.now,
            before=_standing(before),
            after={**_standing(after), **facts},
            note=word.reason,
        )

    def _mail(self, payment: Payment, invoice: Invoice, now: datetime) -> Put:
        kind = "card_paid" if payment.method is Method.CARD else "deposit_paid"
        data: dict[str, Value] = {
            "invoice_id": invoice.invoice_id,
            "order_id": payment.order_id,
            "title": invoice.title,
            "amount": payment.paid_amount,
            "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else "",
        }
        return queued(
            self.outbox,
            mail_id=f"{kind}#{payment.order_id}",
            kind=kind,
            member_id=payment.member_id,
            data=data,
            now=now,
        )


MEANWHILE = "確かめている間にほかの処理がありました。もう一度確かめてください"


def _payable(invoice: Invoice) -> None:
    if not invoice.payable:
        raise OfficeError(f"未払いの請求ではありません（{STATE_WORDS[invoice.state]}）")


def _mismatched(payment: Payment) -> None:
    if payment.state is not PaymentState.PAID or payment.flag is not Flag.MISMATCH:
        raise OfficeError("請求と合わない入金（mismatch）ではありません")


def _checked(money: Money, now: datetime) -> None:
    if money.method not in RECORDED:
        raise OfficeError("銀行振込（bank）か現金（cash）だけを記録できます")
    if money.amount <= 0:
        raise OfficeError("金額は1円以上です")
    if money.paid_on > jst_date(now):
        raise OfficeError("入金日が未来の日付です")


def _recorded(order_id: str, invoice: Invoice, money: Money, now: datetime) -> Payment:
    return Payment(
        member_id=invoice.member_id,
        order_id=order_id,
        invoice_id=invoice.invoice_id,
        method=money.method,
        amount=invoice.amount,
        attempt=invoice.attempts + 1,
        created_at=now,
        link_expires_at=now,
        term_days=0,
        state=PaymentState.PAID,
        paid_amount=money.amount,
        paid_at=_noon(money.paid_on),
        payer_name=money.payer_name,
        payer_workplace=money.payer_workplace,
    )


def _noon(day: date) -> datetime:
    """Return a moment that lies within a day in Japan."""
    return datetime.combine(day, NOON, JST)


def _standing(invoice: Invoice) -> Item:
    return {
        "invoice_id": invoice.invoice_id,
        "state": invoice.state.value,
        "live_order": invoice.live_order,
    }


def _facts(payment: Payment) -> Item:
    return {
        "order_id": payment.order_id,
        "payment": payment.state.value,
        "method": payment.method.value,
        "amount": payment.amount,
        "paid_amount": payment.paid_amount,
    }
