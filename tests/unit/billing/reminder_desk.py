"""What the tests of reminding share: a walk on a day, and what it queued."""

from dataclasses import replace
from datetime import UTC, date, datetime

from portal.billing.model import Invoice, InvoiceState
from portal.billing.remind import Reminding, Report
from portal.clock import JST
from portal.database import Item
from tests.unit.billing.house import MEMBER_ID, PLENTY, TABLES, House

MORNING = 9
DUE = date(2026, 12, 31)
BEFORE_30, BEFORE_7 = date(2026, 12, 1), date(2026, 12, 24)
AFTER_14, AFTER_45, AFTER_60 = date(2027, 1, 14), date(2027, 2, 14), date(2027, 3, 1)


def reminding(house: House) -> Reminding:
    return Reminding(house.database, house.store, house.clock, house.society, TABLES.outbox)


def go_to(house: House, day: date, hour: int = MORNING) -> None:
    house.clock.now = datetime(day.year, day.month, day.day, hour, tzinfo=JST).astimezone(UTC)


def run(
    house: House, day: date | None = None, *, seconds: float = PLENTY, most: int = 500
) -> Report:
    """Remind once, on *day* if given."""
    if day:
        go_to(house, day)
    return reminding(house).run(lambda: seconds, most=most)


def reminders(house: House) -> list[str]:
    """Return kind and step of the reminders that were ever queued."""
    told = [mail.split("#") for mail in house.mails()]
    return sorted(f"{one[0]} {one[-1]}" for one in told if "reminder" in one[0] or "warn" in one[0])


def row(house: House, invoice: Invoice) -> Item:
    found = house.database.get(
        TABLES.billing, {"pk": invoice.member_id, "sk": f"INV#{invoice.invoice_id}"}
    )
    assert found is not None
    return found


def stands(house: House, invoice: Invoice, state: InvoiceState) -> None:
    now = house.invoice(invoice)
    house.database.commit(house.store.changed_invoice(now, replace(now, state=state)))


def an_invoice(member_id: str = MEMBER_ID, number: int = 0) -> Invoice:
    """Return an unpaid invoice of a year nobody else bills."""
    return Invoice(
        member_id=member_id,
        member_no="001234",
        invoice_id=f"i{number:015}",
        title="2026年度 年会費",
        fiscal_year=3000 + number,
        amount=12_000,
        due_on=DUE,
        closes_on=date(2027, 3, 31),
    )


def bill_many(house: House, invoices: int, member_id: str = "") -> None:
    """Bill many invoices, each to another member unless one is named."""
    for number in range(invoices):
        made = an_invoice(member_id or f"{number:026}", number)
        house.database.commit(*house.store.new_invoice(made))
