"""What a receipt shows, out of a payment that was booked and its invoice."""

from datetime import date

from portal.billing.model import Invoice, Payment
from portal.billing.receipts import ReceiptSnapshot, issuer_of, number
from portal.config import Society


def snapshot(payment: Payment, invoice: Invoice, society: Society, today: date) -> ReceiptSnapshot:
    """Return the receipt over what *payment* really brought; *today* is the JST day of issue."""
    return ReceiptSnapshot(
        member_id=invoice.member_id,
        invoice_id=invoice.invoice_id,
        number=number(invoice.fiscal_year, invoice.member_no, payment.attempt),
        name=payment.payer_name,
        workplace=payment.payer_workplace,
        title=invoice.title,
        fiscal_year=invoice.fiscal_year,
        amount=payment.paid_amount,
        received_on=invoice.paid_on or today,
        method=payment.method.value,
        order_id=payment.order_id,
        issued_on=today,
        issuer=issuer_of(society),
        tax_note=society.receipt_tax_note,
    )
