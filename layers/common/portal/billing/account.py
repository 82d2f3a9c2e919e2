"""All that is billed to one member, as one read of their partition finds it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.billing.model import Invoice, Payment
from portal.billing.rows import INVOICE, PAYMENT, RECEIPT, invoice_of, payment_of
from portal.database import Item


@dataclass(frozen=True)
class Reference:
    """Whose payment an order is."""

    order_id: str
    member_id: str
    invoice_id: str


@dataclass(frozen=True)
class Account:
    """All that is billed to one member, as one query found it."""

    invoices: tuple[Invoice, ...]
    payments: Mapping[str, Payment]
    receipts: Mapping[str, Item]

    def invoice(self, invoice_id: str) -> Invoice | None:
        """Return one invoice of this member or None."""
        return next((one for one in self.invoices if one.invoice_id == invoice_id), None)

    def live(self, invoice: Invoice) -> Payment | None:
        """Return the payment that may still bring money for *invoice*."""
        return self.payments.get(invoice.live_order)

    def last(self, invoice: Invoice) -> Payment | None:
        """Return the latest payment of *invoice*, live or not."""
        return max(self.payments_of(invoice), key=lambda one: one.attempt, default=None)

    def payments_of(self, invoice: Invoice) -> list[Payment]:
        """Return all payments of *invoice*, in no order."""
        return [one for one in self.payments.values() if one.invoice_id == invoice.invoice_id]


def account(rows: Sequence[Item]) -> Account:
    """Sort the rows of a member's partition."""
    return Account(
        tuple(invoice_of(row) for row in rows if str(row["sk"]).startswith(INVOICE)),
        {
            str(row["sk"])[len(PAYMENT) :]: payment_of(row)
            for row in rows
            if str(row["sk"]).startswith(PAYMENT)
        },
        {str(row["sk"])[len(RECEIPT) :]: row for row in rows if str(row["sk"]).startswith(RECEIPT)},
    )
