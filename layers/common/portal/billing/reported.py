"""What reports read of the billing table: invoices and payments, no links and no payers."""

from portal.billing.model import Invoice, Payment
from portal.billing.rows import INVOICE, PAYMENT, invoice_of, payment_of
from portal.database import Item

ATTRIBUTES = (
    "pk",
    "sk",
    "state",
    "amount",
    # Of an invoice
    "member_no",
    "title",
    "fiscal_year",
    "due_on",
    "closes_on",
    "live_order",
    "paid_order",
    "paid_on",
    # Of a payment
    "invoice_id",
    "method",
    "attempt",
    "created_at",
    "link_expires_at",
    "term_days",
    "paid_amount",
    "paid_at",
    "flag",
    "cancel_wanted",
    "last_result",
    "last_result_at",
    "slip",
)
BEGINS = (INVOICE, PAYMENT)

type Entry = Invoice | Payment


def parse(row: Item) -> Entry:
    """Read the named attributes of a row; what was not read is empty."""
    return invoice_of(row) if str(row["sk"]).startswith(INVOICE) else payment_of(row)
