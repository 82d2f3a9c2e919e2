"""決定 and what follows it: one order at GMO for one invoice, whatever is pressed how often.

決定 writes the payment and ``live_order`` in one transaction, so of two presses one wins and the
other is shown the same page. Only then GMO is asked for a link.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal import audit
from portal.billing.account import Account
from portal.billing.judge import PAY_TYPE, released
from portal.billing.model import (
    UNISSUED_AFTER,
    Invoice,
    Method,
    Payment,
    PaymentState,
    link_ended,
    next_ask,
)
from portal.billing.ports import Gateway
from portal.billing.settle import Settlement
from portal.billing.store import BillingStore
from portal.billing.terms import offered, terms
from portal.clock import Clock
from portal.config import Society
from portal.database import Contended, Database, Put, Rejected, Write
from portal.gmo.errors import Busy, GmoError, Refused, UnknownOutcome, Unsendable
from portal.gmo.link import LinkRequest, Payer, SlipTerms
from portal.ids import crockford
from portal.log import count, logger

ORDER_PREFIX = "D26-"
ORDER_DIGITS = 16
CONFLICTS = 4
"""How often a write that met another transaction is tried again."""
IN_FLIGHT = timedelta(seconds=25)
"""How long a request that is issuing a link may take; the function's own time-out is longer."""

NO_LINK = "NO_LINK"
"""Kept as the payment's last result when issuing ended without a link, so that nobody needs to wait
for a request that may still be in flight."""


def in_flight(payment: Payment, now: datetime) -> bool:
    """Tell whether another request may be getting the link of *payment* at this moment."""
    young = now - payment.created_at < IN_FLIGHT
    return payment.state is PaymentState.CREATED and young and payment.last_result != NO_LINK


class PaymentError(Exception):
    """Never raised directly.

    ::

        PaymentError
        ├── MethodFixedError     another method was chosen before; .method says which
        ├── MethodMissingError   nothing was chosen, or what is not offered
        ├── StillOpenError       the last payment may still bring money; try again later
        └── LinkRefusedError     GMO definitely refused; the method is free again
    """


class MethodFixedError(PaymentError):
    """決定 was pressed before with another method, which stands until the office releases it."""

    def __init__(self, method: Method) -> None:
        super().__init__(method.value)
        self.method = method


class MethodMissingError(PaymentError):
    """No method was chosen, or one that is not offered for this invoice now."""


class StillOpenError(PaymentError):
    """GMO did not stop the last payment, so a second one might take the money twice."""


class LinkRefusedError(PaymentError):
    """GMO refused our request for a link: our fault, and the operators are told."""


def new_order_id() -> str:
    """Return an OrderID: random, since a restored table would count the same numbers again."""
    return f"{ORDER_PREFIX}{crockford(ORDER_DIGITS)}"


@dataclass(frozen=True)
class PaymentOpening:
    """Opens payments. *return_url* is where GMO sends the browser afterwards.

    *order_id* names new orders; only tests that must be repeatable hand in another.
    """

    database: Database
    store: BillingStore
    gmo: Gateway
    settlement: Settlement
    clock: Clock
    society: Society
    stage: str
    return_url: str
    audit_table: str
    order_id: Callable[[], str] = new_order_id

    def decide(
        self, account: Account, invoice: Invoice, method: Method, payer: Payer, workplace: str
    ) -> None:
        """決定: fix the method and open the first payment. Pressing again changes nothing.

        Raises MethodFixedError, MethodMissingError, LinkRefusedError.
        """
        if invoice.method not in (None, method):
            raise MethodFixedError(invoice.method or method)
        if not invoice.payable or invoice.live_order:
            return
        if method not in offered(self.society, invoice, self.clock()):
            raise MethodMissingError
        if account.last(invoice) and invoice.method:
            return  # The first one ended; only お支払い手続きをやり直す opens another.
        self._open(invoice, method, payer, workplace)

    def again(self, account: Account, invoice: Invoice, payer: Payer, workplace: str) -> None:
        """お支払い手続きをやり直す: a new payment by the same method once the last one is over.

        Raises MethodMissingError when nothing was ever chosen, LinkRefusedError, and
        portal.gmo.errors when GMO must be asked first and gives no answer.
        """
        if not invoice.payable:
            return
        if invoice.method is None:
            raise MethodMissingError
        live = account.live(invoice)
        if live is not None:
            if not self._may_close(live):
                return
            settled = self.settlement.settle(live.order_id, stop=True)
            invoice = settled.invoice
            if settled.payment.live:
                raise StillOpenError
        if invoice.payable and not invoice.live_order and invoice.method:
            self._open(invoice, invoice.method, payer, workplace)

    def _may_close(self, live: Payment) -> bool:
        now = self.clock()
        if live.state is PaymentState.CREATED:
            return not in_flight(live, now)
        return link_ended(live, now)

    def _open(self, invoice: Invoice, method: Method, payer: Payer, workplace: str) -> None:
        payment = self._new(invoice, method, payer, workplace)
        taken = replace(
            invoice, method=method, live_order=payment.order_id, attempts=payment.attempt
        )
        won = self._committed(
            *self.store.new_payment(payment),
            self.store.changed_invoice(invoice, taken),
            self._audited(payment),
        )
        if won:  # Else another press won; its page is shown to both.
            self._issue(payment, replace(taken, version=invoice.version + 1), payer)

    def _committed(self, *writes: Write) -> bool:
        """Write all; False when somebody else was quicker.

        Two presses in one moment meet as a conflict that says nothing of who wins, so it is tried
        again. Raises Contended when that does not help.
        """
        for _ in range(CONFLICTS):
            with suppress(Contended):
                return self._once(writes)
        return self._once(writes)

    def _once(self, writes: Sequence[Write]) -> bool:
        try:
            self.database.commit(*writes)
        except Rejected:
            return False
        return True

    def _new(self, invoice: Invoice, method: Method, payer: Payer, workplace: str) -> Payment:
        now = self.clock()
        ends = terms(self.society, method, now)
        return Payment(
            member_id=invoice.member_id,
            order_id=self.order_id(),
            invoice_id=invoice.invoice_id,
            method=method,
            amount=invoice.amount,
            attempt=invoice.attempts + 1,
            created_at=now,
            link_expires_at=ends.link_expires_at,
            term_days=ends.term_days,
            next_ask_at=now + UNISSUED_AFTER,
            payer_name=payer.name,
            payer_workplace=workplace,
        )

    def _issue(self, payment: Payment, invoice: Invoice, payer: Payer) -> None:
        try:
            link = self.gmo.issue_link(self._request(payment, payer))
        except (Refused, Unsendable) as error:
            self._refused(payment, invoice, error)
            raise LinkRefusedError from None
        except (UnknownOutcome, Busy) as error:
            # The row stays as evidence; nobody holds a link, so no money can come by it.
            logger.warning("link unknown", extra={"order": payment.order_id, "why": str(error)})
            count("LinkUnknown")
            self._without_link(payment)
            return
        linked = replace(payment, state=PaymentState.LINKED, link_url=link.url)
        linked = replace(linked, next_ask_at=next_ask(linked, self.clock()))
        if not self._committed(self.store.changed_payment(payment, linked)):
            # It was given up meanwhile. The link is dropped unseen, so nobody can pay by it.
            count("LinkDropped")

    def _without_link(self, payment: Payment) -> None:
        noted = replace(payment, last_result=NO_LINK, last_result_at=self.clock())
        with suppress(Rejected, Contended):  # Only the waiting time depends on it.
            self.database.commit(self.store.changed_payment(payment, noted))

    def _refused(self, payment: Payment, invoice: Invoice, error: GmoError) -> None:
        logger.error("link refused", extra={"order": payment.order_id, "why": str(error)})
        count("LinkRefused")
        now = self.clock()
        free = replace(released(invoice, payment), method=None)
        cancelled = replace(payment, state=PaymentState.CANCELLED, next_ask_at=None)
        # Where it was given up meanwhile, the invoice is free already.
        self._committed(
            self.store.changed_payment(payment, cancelled),
            self.store.changed_invoice(invoice, free),
            self.store.event(payment.order_id, "refused", now, {"why": str(error)}),
        )

    def _request(self, payment: Payment, payer: Payer) -> LinkRequest:
        society = self.society
        slip = SlipTerms(
            days=payment.term_days,
            contact=society.slip_contact,
            phone=society.contact_phone,
            hours=society.contact_hours,
        )
        return LinkRequest(
            order_id=payment.order_id,
            pay_type=PAY_TYPE[payment.method],
            amount=payment.amount,
            return_url=self.return_url,
            expires=payment.link_expires_at,
            client_fields=(payment.invoice_id, payment.member_id, self.stage),
            slip=slip if payment.method is Method.CVS else None,
            payer=payer,
        )

    def _audited(self, payment: Payment) -> Put:
        return audit.entry(
            self.audit_table,
            actor=payment.member_id,
            action="payment.opened",
            subject=payment.member_id,
            at=payment.created_at,
            after={
                "order_id": payment.order_id,
                "invoice_id": payment.invoice_id,
                "method": payment.method.value,
                "amount": payment.amount,
            },
        )
