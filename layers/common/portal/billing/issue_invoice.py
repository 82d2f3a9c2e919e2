"""Billing a year's dues to one member."""

from dataclasses import dataclass
from datetime import date, datetime

from portal import audit
from portal.billing.model import Invoice
from portal.billing.store import BillingStore
from portal.database import Database, Put, Rejected
from portal.ids import crockford


@dataclass(frozen=True)
class Dues:
    """What a year costs: whole yen, JST dates."""

    fiscal_year: int
    title: str
    amount: int
    due_on: date
    closes_on: date


def invoice_of(dues: Dues, *, member_id: str, member_no: str) -> Invoice:
    """Return a new invoice of a year's dues, with an id of its own."""
    return Invoice(
        member_id=member_id,
        member_no=member_no,
        invoice_id=crockford(16).lower(),
        title=dues.title,
        fiscal_year=dues.fiscal_year,
        amount=dues.amount,
        due_on=dues.due_on,
        closes_on=dues.closes_on,
    )


def issued(
    store: BillingStore,
    audit_table: str,
    invoice: Invoice,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> tuple[Put, Put, Put]:
    """Return the writes of a new invoice, refused when its year was billed already."""
    told = audit.entry(
        audit_table,
        actor=actor,
        action="invoice.issued",
        subject=invoice.member_id,
        at=now,
        after={"invoice_id": invoice.invoice_id, "amount": invoice.amount},
        note=reason,
    )
    return (*store.new_invoice(invoice), told)


def issue_invoice(
    database: Database,
    store: BillingStore,
    audit_table: str,
    *,
    member_id: str,
    member_no: str,
    dues: Dues,
    actor: str,
    now: datetime,
) -> Invoice | None:
    """Write the invoice of one year's dues; None when that year was billed already."""
    invoice = invoice_of(dues, member_id=member_id, member_no=member_no)
    try:
        database.commit(*issued(store, audit_table, invoice, actor=actor, now=now))
    except Rejected:
        return None
    return invoice
