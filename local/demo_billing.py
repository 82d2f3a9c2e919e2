"""What the demo members owe and have paid, through the billing store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from local.demo_people import Person
from portal.billing import receipts
from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.store import BillingStore
from portal.clock import jst_date
from portal.config import Config
from portal.database import Database, Put
from portal.ids import crockford

DUES = 10_000
"""Yen a year in the demo; each society has its own."""
_ARREARS_YEARS = 3
_PAID_AGO = timedelta(days=5)
# Long enough for every way to pay, whenever the demo is started.
_OPEN_FOR = timedelta(days=180)


def fiscal_year(today: date) -> int:
    """Return the Japanese fiscal year, which begins in April."""
    return today.year if today.month >= 4 else today.year - 1


class DemoBilling:
    """Writes invoices and payments in the states that the demo shows."""

    def __init__(self, config: Config, database: Database, now: datetime) -> None:
        self._config = config
        self._table = config.tables.billing
        self._store = BillingStore(database, self._table)
        self._now = now
        self._today = jst_date(now)

    def writes(self, person: Person, member_id: str) -> Sequence[Put]:
        """Return the billing rows of one demo member."""
        this_year = fiscal_year(self._today)
        if person.state == "paid":
            return self._paid(self._invoice(person, member_id, this_year), person)
        years = _ARREARS_YEARS if person.state == "arrears" else 1
        return [
            write
            for year in range(this_year - years + 1, this_year + 1)
            for write in self._store.new_invoice(self._invoice(person, member_id, year))
        ]

    def _invoice(self, person: Person, member_id: str, year: int) -> Invoice:
        return Invoice(
            member_id=member_id,
            member_no=person.member_no,
            invoice_id=crockford(16).lower(),
            title=f"{year}年度 年会費",
            fiscal_year=year,
            amount=DUES,
            due_on=date(year + 1, 3, 31),
            closes_on=self._today + _OPEN_FOR,
        )

    def _paid(self, invoice: Invoice, person: Person) -> Sequence[Put]:
        payment = self._payment(invoice, person)
        settled = replace(
            invoice,
            state=InvoiceState.PAID,
            method=payment.method,
            attempts=payment.attempt,
            paid_order=payment.order_id,
            paid_on=jst_date(self._now - _PAID_AGO),
        )
        return [
            *self._store.new_invoice(settled),
            *self._store.new_payment(payment),
            receipts.written(self._table, self._receipt(settled, payment)),
        ]

    def _payment(self, invoice: Invoice, person: Person) -> Payment:
        paid_at = self._now - _PAID_AGO
        society = self._config.society
        return Payment(
            member_id=invoice.member_id,
            order_id=f"D26-{crockford(16)}",
            invoice_id=invoice.invoice_id,
            method=Method.CARD,
            amount=invoice.amount,
            attempt=1,
            created_at=paid_at,
            link_expires_at=paid_at + timedelta(hours=society.link_card_hours),
            term_days=0,
            state=PaymentState.PAID,
            paid_amount=invoice.amount,
            paid_at=paid_at,
            # The stand-in knows nothing of it, so nothing is left to be asked.
            next_ask_at=None,
            payer_name=_name(person),
            payer_workplace=person.record["workplace"],
        )

    def _receipt(self, invoice: Invoice, payment: Payment) -> receipts.ReceiptSnapshot:
        society = self._config.society
        received_on = invoice.paid_on or self._today
        return receipts.ReceiptSnapshot(
            member_id=invoice.member_id,
            invoice_id=invoice.invoice_id,
            number=receipts.number(invoice.fiscal_year, invoice.member_no, payment.attempt),
            name=payment.payer_name,
            workplace=payment.payer_workplace,
            title=invoice.title,
            fiscal_year=invoice.fiscal_year,
            amount=invoice.amount,
            received_on=received_on,
            method=payment.method.value,
            order_id=payment.order_id,
            issued_on=received_on,
            issuer=receipts.issuer_of(society),
            tax_note=society.receipt_tax_note,
        )


def _name(person: Person) -> str:
    # With the full-width space that Japanese forms put between family and given name.
    return f"{person.record['family_name']}\u3000{person.record['given_name']}"
