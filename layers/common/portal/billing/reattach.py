"""After a restore of the table GMO may know orders that we do not: its ClientFields lead back."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from portal.billing.judge import METHOD
from portal.billing.model import Invoice, Payment, PaymentState
from portal.billing.ports import Gateway
from portal.billing.settle import UnknownOrderError
from portal.billing.store import BillingStore
from portal.billing.terms import terms
from portal.clock import Clock
from portal.config import Society
from portal.database import Contended, Database, Rejected, Value
from portal.gmo.errors import NotFound
from portal.gmo.model import PayType, Trade
from portal.log import count

_OURS = re.compile(r"D26-[0-9A-HJKMNP-TV-Z]{16}")


def ours(order_id: str) -> bool:
    """Tell whether an order has the form that we give to ours."""
    return _OURS.fullmatch(order_id) is not None


class UnknownToGmoError(UnknownOrderError):
    """The order looks like ours, and GMO's search knows no transaction of it, or not yet."""


@dataclass(frozen=True)
class Payer:
    """Whom a receipt can be made out to. *workplace* may be empty."""

    name: str = field(repr=False)
    workplace: str = field(repr=False)


NOBODY = Payer("", "")
"""The payer of a member whose record is not there."""


@dataclass(frozen=True)
class Reattachment:
    """Brings back payments that a restored table has forgotten.

    *payer* tells who a member is by now, as what was confirmed with 決定 is lost with the payment.
    """

    database: Database
    store: BillingStore
    gmo: Gateway
    clock: Clock
    society: Society
    stage: str
    payer: Callable[[str], Payer]

    def reattach(self, order_id: str) -> None:
        """Write the payment of an order that GMO knows and we do not.

        Raises UnknownOrderError when it cannot be ours, UnknownToGmoError when GMO may be behind
        itself, Contended when somebody else writes the invoice, and portal.gmo.errors when GMO is
        silent.
        The settlement that follows books it or finds what does not add up.
        """
        if not ours(order_id):
            raise UnknownOrderError
        trade = self._found(order_id)
        invoice_id, member_id, stage = trade.client_fields
        invoice = self.store.invoice(member_id, invoice_id) if member_id and invoice_id else None
        if invoice is None or stage != self.stage:
            self._orphan(order_id, trade)
            raise UnknownOrderError
        self._write(order_id, trade, invoice)

    def _found(self, order_id: str) -> Trade:
        for pay_type in (PayType.CARD, PayType.CVS):
            try:
                return self.gmo.search(order_id, pay_type)
            except NotFound:
                continue
        raise UnknownToGmoError

    def _write(self, order_id: str, trade: Trade, invoice: Invoice) -> None:
        now = self.clock()
        method = METHOD[trade.pay_type]
        ends = terms(self.society, method, now)
        payer = self.payer(invoice.member_id)
        free = invoice.payable and not invoice.live_order
        payment = Payment(
            member_id=invoice.member_id,
            order_id=order_id,
            invoice_id=invoice.invoice_id,
            method=method,
            amount=invoice.amount,
            attempt=invoice.attempts + 1,
            created_at=now,
            link_expires_at=ends.link_expires_at,
            term_days=ends.term_days,
            # Somebody has its link or slip, though we know the link no more.
            state=PaymentState.LINKED,
            # An invoice has one live payment: where it has another by now, this one is stopped.
            cancel_wanted=not free,
            next_ask_at=now,
            payer_name=payer.name,
            payer_workplace=payer.workplace,
        )
        counted = replace(invoice, attempts=payment.attempt)
        if free:
            counted = replace(counted, live_order=order_id, method=invoice.method or method)
        writes = (*self.store.new_payment(payment), self.store.changed_invoice(invoice, counted))
        event = self.store.event(order_id, "reattached", now, {"status": trade.status})
        try:
            self.database.commit(*writes, event)
        except Rejected:
            if self.store.reference(order_id) is None:
                raise Contended("invoice written by others") from None
            return  # Another delivery of the same order was quicker.
        count("Reattached")

    def _orphan(self, order_id: str, trade: Trade) -> None:
        now = self.clock()
        evidence: dict[str, Value] = {"status": trade.status, "amount": trade.total}
        self.database.commit(
            self.store.discrepancy("unknown_order_at_gmo", order_id, now, evidence)
        )
        count("OrphanOrder")
        count("Discrepancy")
