"""Settlement: the one function that turns GMO's answer into state.

read payment (version) → ask GMO → judge → one transaction on condition that the version is
unchanged. On a conflict GMO is asked again; an old answer is never applied a second time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal import audit
from portal.billing import receipts
from portal.billing.account import Reference
from portal.billing.ask import ask
from portal.billing.found import DONE, key
from portal.billing.issue_receipt import snapshot
from portal.billing.judge import ODD, Fact, Verdict, judge
from portal.billing.model import Invoice, Method, Payment, PaymentState
from portal.billing.ports import Gateway
from portal.billing.store import BillingStore
from portal.clock import Clock, iso, jst_date
from portal.config import Society
from portal.database import Contended, Database, Put, Rejected, Value, Write
from portal.gmo.model import Trade
from portal.log import count
from portal.mail.outbox import queued

TRIES = 4

type Also = Callable[[PaymentState], Sequence[Write]]


class UnknownOrderError(Exception):
    """No payment of ours has this order id."""


@dataclass(frozen=True)
class Settled:
    """How a payment and its invoice stand after GMO was asked, and what newly became true."""

    payment: Payment
    invoice: Invoice
    fact: Fact | None


@dataclass(frozen=True)
class Settlement:
    """Settles payments. *outbox* and *audit_table* are table names; *stage* is our ClientField3."""

    database: Database
    store: BillingStore
    gmo: Gateway
    clock: Clock
    society: Society
    stage: str
    outbox: str
    audit_table: str

    def settle(self, order_id: str, *, also: Also | None = None, stop: bool = False) -> Settled:
        """Ask GMO about an order and write what follows.

        *also* gives further writes for the same transaction, by the state the payment will have.
        With *stop* a link or slip that is still open is stopped at GMO.

        Raises UnknownOrderError; portal.gmo.errors when GMO gives no usable answer, and nothing
        is written then; Contended when others settle the same payment all the time.
        """
        found = self.store.reference(order_id)
        if found is None:
            raise UnknownOrderError
        for _ in range(TRIES):
            settled = self._once(found, also, stop=stop)
            if settled is not None:
                return settled
        raise Contended("payment settled by others")

    def _once(self, found: Reference, also: Also | None, *, stop: bool) -> Settled | None:
        rows = self.store.payment_and_invoice(found)
        if rows is None:
            raise UnknownOrderError
        payment, invoice = rows
        now = self.clock()
        answer = ask(self.gmo, payment, now, stop=stop)
        verdict = judge(payment, invoice, answer, self.stage, now)
        more = also(verdict.payment.state) if also else ()
        adds_up = self._adds_up(verdict)
        writes = [*self._writes(payment, invoice, verdict, now, adds_up=adds_up), *more]
        if not self._written(writes, self._along(verdict, now)):
            return None
        if verdict.fact:
            count("PaymentFact", fact=verdict.fact.value, method=payment.method.value)
        if not adds_up or _forgotten(verdict.payment):
            count("Discrepancy")
        return _settled(invoice, verdict)

    def _written(self, writes: Sequence[Write], along: Sequence[Write]) -> bool:
        """Commit; False when somebody else wrote the payment or invoice since it was read.

        What goes *along* and is refused is left out, so that it never keeps money from its invoice.
        """
        try:
            self.database.commit(*writes, *along)
        except Contended:
            return False
        except Rejected as rejected:
            if min(rejected.failed) < len(writes):
                return False
            kept = [one for n, one in enumerate(along, len(writes)) if n not in rejected.failed]
            return self._written(writes, kept)
        return True

    def _along(self, verdict: Verdict, now: datetime) -> list[Write]:
        """Return the writes that are wanted only where they still make sense.

        A mail may have been queued in a past that a restored table has forgotten; the other payment
        may be live no more, because it brought money that did not add up.
        """
        mail, payment = self._mail(verdict, now), verdict.payment
        along: list[Write] = [mail] if mail else []
        if verdict.stop_order:
            along.append(self.store.cancel_wanted(payment.member_id, verdict.stop_order, now))
        return along

    def _writes(
        self,
        payment: Payment,
        invoice: Invoice,
        verdict: Verdict,
        now: datetime,
        *,
        adds_up: bool,
    ) -> list[Write]:
        writes: list[Write] = [self.store.changed_payment(payment, verdict.payment)]
        if verdict.invoice != invoice:
            writes.append(self.store.changed_invoice(invoice, verdict.invoice))
        if _forgotten(verdict.payment):
            # Nobody will ask again, and our clock alone must not say that it is over.
            writes.append(self._discrepancy("unfinished", verdict, now))
        if verdict.fact is None:
            return writes
        writes.append(self.store.event(payment.order_id, verdict.fact, now, _evidence(verdict)))
        writes.append(self._audited(payment, verdict, now))
        if verdict.fact is Fact.PAID:
            made = snapshot(verdict.payment, verdict.invoice, self.society, jst_date(now))
            writes.append(receipts.written(self.store.table, made))
        if not adds_up:
            writes.append(self._discrepancy(verdict.fact.value, verdict, now))
        return writes

    def _audited(self, before: Payment, verdict: Verdict, now: datetime) -> Put:
        return audit.entry(
            self.audit_table,
            actor="gmo",
            action=f"payment.{verdict.fact}",
            subject=before.member_id,
            at=now,
            before={"state": before.state.value, "order_id": before.order_id},
            after={
                "state": verdict.payment.state.value,
                "invoice": verdict.invoice.state.value,
                "amount": verdict.payment.paid_amount,
                "receipt": _number(verdict) if verdict.fact is Fact.PAID else "",
            },
        )

    def _adds_up(self, verdict: Verdict) -> bool:
        """Tell whether there is nothing for the office, or just what it has closed already."""
        if verdict.fact is not Fact.AMOUNT_CHANGED:
            return verdict.fact not in ODD
        ident = f"{verdict.fact}#{verdict.payment.order_id}"
        known = self.database.get(self.store.table, key(ident)) or {}
        return known.get("open") == DONE and known.get("evidence") == _evidence(verdict)

    def _discrepancy(self, kind: str, verdict: Verdict, now: datetime) -> Write:
        return self.store.discrepancy(kind, verdict.payment.order_id, now, _evidence(verdict))

    def _mail(self, verdict: Verdict, now: datetime) -> Put | None:
        kind = _mail_kind(verdict)
        if not kind:
            return None
        payment = verdict.payment
        return queued(
            self.outbox,
            mail_id=f"{kind}#{payment.order_id}",
            kind=kind,
            member_id=payment.member_id,
            data=_mail_data(verdict),
            now=now,
        )


def _number(verdict: Verdict) -> str:
    invoice = verdict.invoice
    return receipts.number(invoice.fiscal_year, invoice.member_no, verdict.payment.attempt)


def _forgotten(payment: Payment) -> bool:
    """Tell whether a live payment will never be asked for again."""
    return payment.live and payment.next_ask_at is None


def _settled(before: Invoice, verdict: Verdict) -> Settled:
    """Return the rows with the versions they were written with."""
    written = verdict.invoice != before
    return Settled(
        replace(verdict.payment, version=verdict.payment.version + 1),
        replace(verdict.invoice, version=before.version + written),
        verdict.fact,
    )


def _mail_kind(verdict: Verdict) -> str:
    payment = verdict.payment
    if verdict.fact is Fact.PAID:
        return "card_paid" if payment.method is Method.CARD else "deposit_paid"
    if verdict.fact is Fact.SLIP_ISSUED:
        return "slip_issued"
    ran_out = verdict.fact is Fact.ENDED and payment.state is PaymentState.EXPIRED
    return "slip_expired" if ran_out and payment.slip and verdict.invoice.payable else ""


def _mail_data(verdict: Verdict) -> dict[str, Value]:
    payment, invoice = verdict.payment, verdict.invoice
    data: dict[str, Value] = {
        "invoice_id": invoice.invoice_id,
        "order_id": payment.order_id,
        "title": invoice.title,
        "amount": payment.amount,
    }
    if invoice.paid_on:
        data["paid_on"] = invoice.paid_on.isoformat()
    if payment.slip:
        slip = payment.slip
        data |= {
            "cvs_code": slip.cvs_code,
            "conf_no": slip.conf_no,
            "receipt_no": slip.receipt_no,
            "receipt_url": slip.receipt_url,
            "term": iso(slip.term) if slip.term else "",
        }
    return data


def _evidence(verdict: Verdict) -> Mapping[str, Value]:
    payment, chosen = verdict.payment, verdict.invoice.method
    return {
        "state": payment.state.value,
        "order_id": payment.order_id,
        "invoice_id": payment.invoice_id,
        "member_id": payment.member_id,
        "method": payment.method.value,
        "chosen_method": chosen.value if chosen else "",
        "amount": payment.amount,
        "paid_amount": payment.paid_amount,
        "access_id": payment.access_id,
        "invoice_state": verdict.invoice.state.value,
        **_told(verdict.trade),
    }


def _told(trade: Trade | None) -> Mapping[str, Value]:
    """Return what GMO said, so that the office sees what does not add up."""
    if trade is None:
        return {}
    return {
        "gmo_status": trade.status,
        "gmo_pay_type": trade.pay_type.value,
        "gmo_amount": trade.amount,
        "gmo_tax": trade.tax,
        "gmo_currency": trade.currency,
        "gmo_client_fields": list(trade.client_fields),
    }
