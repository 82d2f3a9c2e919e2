"""Who is reminded in the end: each step once, and nobody forgotten who still owes.

The steps are counted here anew from society.toml's days, not by the rules of the code under test.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta

from portal.billing.account import Account
from portal.billing.model import Invoice, InvoiceState, PaymentState
from portal.clock import jst_date, parse_iso
from tests.faults.ground import Ground, society
from tests.faults.reread import REMINDERS
from tests.unit.billing.house import TABLES


def reminded(world: Ground, accounts: Iterable[Account]) -> Iterator[str]:
    """Yield what is wrong with the reminders."""
    rows = [
        row for row in world.database.tables[TABLES.outbox].values() if row["kind"] in REMINDERS
    ]
    days = Counter(
        (str(row["kind"]), _about(row["data"]), jst_date(parse_iso(str(row["created_at"]))))
        for row in rows
    )
    # Red by "a step of reminding is told once". No two steps of one kind fall on the same day.
    if twice := [one for one, times in days.items() if times > 1]:
        yield f"DOUBLED reminders {twice}"
    told = {str(row["pk"]) for row in rows}
    for account in accounts:
        for invoice in account.invoices:
            due = _due(world, account, invoice)
            # Red by "who owes is reminded".
            if due and told.isdisjoint({due, *_warnings(invoice)}):
                yield f"LOST reminder {due}"


def _warnings(invoice: Invoice) -> Iterator[str]:
    """Yield the warnings of an invoice, which are later steps than all others."""
    for days in society().reminders_warning_days_before_due:
        yield f"qualification_warning#{invoice.member_id}#{invoice.invoice_id}#{days}"


def _about(data: object) -> str:
    assert isinstance(data, dict)
    return str(data.get("order_id") or data["invoice_id"])


def _due(world: Ground, account: Account, invoice: Invoice) -> str:
    """Return the mail that must have gone of an invoice by now, or nothing."""
    # Of a year that was billed again the old invoice may hold money that waits for the office.
    year = [one.invoice_id for one in account.invoices if one.fiscal_year == invoice.fiscal_year]
    mine = [one for one in account.payments.values() if one.invoice_id in year]
    waits = any(one.flag is not None and one.state is PaymentState.PAID for one in mine)
    if invoice.state is not InvoiceState.UNPAID or waits:
        return ""
    today = jst_date(world.clock())
    come = [
        days
        for days in society().reminders_days_before_due
        if invoice.due_on - timedelta(days=days) <= today
    ]
    if not come:
        return ""
    return f"dues_reminder#{invoice.member_id}#{invoice.invoice_id}#{min(come)}"
