"""What accounting keeps of somebody who left long ago: money, days and numbers, but no name.

Invoices have none. Payments lose the payer's, receipts, also replaced ones, their addressee; their
amounts, days and numbers stay as they were.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from portal.billing import receipts
from portal.billing.account import account
from portal.billing.discrepancies import WHENEVER
from portal.billing.found import OPEN
from portal.billing.model import PaymentState
from portal.billing.rows import PAYMENT
from portal.clock import jst_date
from portal.database import Database, Equals, Item, Path, Update, Value

_EVERYTHING = 1_000_000
_PAYER = ("payer_name", "payer_workplace")


class Held(StrEnum):
    """Why the names of somebody's payments are still needed."""

    UNPAID = "unpaid"
    UNDER_WAY = "under_way"
    ODD_MONEY = "odd_money"
    DISCREPANCY = "discrepancy"
    RECENT = "recent"


def disputed(database: Database, table: str) -> frozenset[str]:
    """Return what the open discrepancies are about, orders for the most part."""
    rows = database.due(table, "discrepancies", {"open": OPEN}, {"found_at": WHENEVER}, _EVERYTHING)
    return frozenset(str(row["subject"]) for row in rows)


def held(rows: Sequence[Item], disputes: frozenset[str], cutoff: date) -> Held | None:
    """Return why the rows of one member must stay as they are; None when they need not.

    *disputes* as of disputed(); papers younger than *cutoff*, a JST day, are kept as they are.
    """
    mine = account(rows)
    payments = mine.payments.values()
    if any(invoice.payable for invoice in mine.invoices):
        return Held.UNPAID
    if any(one.live for one in payments):
        return Held.UNDER_WAY
    if any(one.flag and one.state is PaymentState.PAID for one in payments):
        return Held.ODD_MONEY
    if disputes & {*mine.payments, *(one.invoice_id for one in mine.invoices)}:
        return Held.DISCREPANCY
    days = [jst_date(one.paid_at or one.created_at) for one in payments]
    days += [one.paid_on for one in mine.invoices if one.paid_on]
    days += [date.fromisoformat(str(row["issued_on"])) for row in rows if _is_receipt(row)]
    return Held.RECENT if any(day > cutoff for day in days) else None


def nameless(table: str, rows: Sequence[Item], placeholder: str) -> list[Update]:
    """Return the writes that take the names out of the rows of one member that still have any.

    Each is rejected when its row was changed since it was read.
    """
    payments = [_payment(table, row) for row in rows if _names_payer(row)]
    receipts_of = [row for row in rows if _is_receipt(row) and _names(row, placeholder)]
    return [*payments, *(_receipt(table, row, placeholder) for row in receipts_of)]


def _names_payer(row: Item) -> bool:
    return str(row["sk"]).startswith(PAYMENT) and any(name in row for name in _PAYER)


def _payment(table: str, row: Item) -> Update:
    # By the version, or a settlement that read the row before would write the name back.
    return Update(
        table,
        _key(row),
        add={"version": 1},
        remove=_PAYER,
        when=(Equals("version", row["version"]),),
    )


def _is_receipt(row: Item) -> bool:
    return str(row["sk"]).startswith((receipts.PREFIX, receipts.REPLACED))


def _names(row: Item, placeholder: str) -> bool:
    return row["name"] != placeholder or row.get("workplace") not in ("", None, placeholder)


def _receipt(table: str, row: Item, placeholder: str) -> Update:
    changed: dict[Path, Value] = {"name": placeholder}
    if row.get("workplace"):
        # It may be the addressee, which is never empty.
        changed["workplace"] = placeholder
    return Update(table, _key(row), set=changed, when=(Equals("number", row["number"]),))


def _key(row: Item) -> dict[str, str]:
    return {"pk": str(row["pk"]), "sk": str(row["sk"])}
