"""Reminders are looked at once more at the moment of sending, so that nobody who paid is reminded.

The row of the outbox names invoices and orders only. What the mail tells is read now, one row at
a time: the mailer may read the billing table and nothing else of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.billing.model import Invoice, Payment
from portal.billing.reminders import Told, enough_to_warn, held_back, slip_open
from portal.billing.store import BillingStore
from portal.clock import Clock, iso, jst_date
from portal.config import Society
from portal.database import Value
from portal.mail.deliver import Nothing
from portal.mail.outbox import Row

type Facts = Mapping[str, Value]

SETTLED = Nothing("paid, or nothing is to be paid any more")
ON_ITS_WAY = Nothing("money may be on its way, or a slip is open")
SLIP_OVER = Nothing("the slip is not open any more")
NOT_ENOUGH_YEARS = Nothing("fewer unpaid years than the warning is about")


@dataclass(frozen=True)
class ReminderFacts:
    """Reads what a reminder tells, or finds that there is nothing to tell any more."""

    store: BillingStore
    society: Society
    clock: Clock

    def __call__(self, row: Row) -> Facts | Nothing:
        """Return the facts of the mail's text, or why there is no mail."""
        by_kind: Mapping[str, Callable[[Row], Facts | Nothing]] = {
            Told.DUES: self._dues,
            Told.SLIP: self._slip,
            Told.WARNING: self._warning,
        }
        return by_kind[row.kind](row)

    def _dues(self, row: Row) -> Facts | Nothing:
        invoice = self.store.invoice(row.member_id, str(row.data.get("invoice_id")))
        if invoice is None or not invoice.payable:
            return SETTLED
        return {**_told(invoice), "today": self._today()} if self._owed(invoice) else ON_ITS_WAY

    def _warning(self, row: Row) -> Facts | Nothing:
        named = row.data.get("invoice_ids")
        idents = named if isinstance(named, list) else []
        found = [self.store.invoice(row.member_id, str(ident)) for ident in idents]
        unpaid = [one for one in found if one and one.payable and self._owed(one)]
        if not enough_to_warn(unpaid, self.society):
            return NOT_ENOUGH_YEARS
        return {"years": [_told(one) for one in unpaid], "today": self._today()}

    def _slip(self, row: Row) -> Facts | Nothing:
        payment = self.store.payment(row.member_id, str(row.data.get("order_id")))
        if payment is None:
            return SLIP_OVER
        invoice = self.store.invoice(row.member_id, payment.invoice_id)
        if invoice is None or not slip_open(payment, invoice, self.clock()):
            return SLIP_OVER
        return {**_told(invoice), **_numbers(payment)}

    def _owed(self, invoice: Invoice) -> bool:
        """Tell whether nothing is on its way for an unpaid invoice."""
        order = invoice.live_order
        live = self.store.payment(invoice.member_id, order) if order else None
        return held_back(invoice, [live] if live else [], self.clock()) is None

    def _today(self) -> str:
        return jst_date(self.clock()).isoformat()


def _told(invoice: Invoice) -> dict[str, Value]:
    return {
        "title": invoice.title,
        "amount": invoice.amount,
        "due_on": invoice.due_on.isoformat(),
    }


def _numbers(payment: Payment) -> dict[str, Value]:
    slip = payment.slip
    if slip is None:
        return {}
    return {
        "amount": payment.amount,
        "cvs_code": slip.cvs_code,
        "conf_no": slip.conf_no,
        "receipt_no": slip.receipt_no,
        "receipt_url": slip.receipt_url,
        "term": iso(slip.term) if slip.term else "",
    }
