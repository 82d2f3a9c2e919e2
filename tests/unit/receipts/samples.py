"""What the tests of receipts share: a snapshot, the font, and the printer with it."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.billing.receipt_pdf import ReceiptPrinter
from portal.billing.receipts import Issuer, ReceiptSnapshot
from portal.config import receipt_fonts

MEMBER = "0123456789abcdefghjkmnpqrs"
PAID_DAY = date(2026, 11, 22)

ISSUER = Issuer(
    name="日本消化器内視鏡技師会",
    address="東京都千代田区一番町1-1",
    phone="03-0000-0000",
    hours="09:00-17:00",
    mail="info@jgets.jp",
    registration_number="",
)

SNAPSHOT = ReceiptSnapshot(
    member_id=MEMBER,
    invoice_id="2026-annual",
    number="2026-001234-1",
    name="山田 花子",
    workplace="中野病院",
    title="2026年度 年会費",
    fiscal_year=2026,
    amount=10000,
    received_on=PAID_DAY,
    method="card",
    order_id="D26-ABCDEFGHJKMNPQRS",
    issued_on=date(2026, 11, 23),
    issuer=ISSUER,
    tax_note="不課税",
)


def a_receipt(**changes: Any) -> ReceiptSnapshot:
    """Return the sample with some fields changed."""
    return replace(SNAPSHOT, **changes)


@cache
def fonts() -> Path:
    """Return the folder with the receipt's font."""
    return receipt_fonts()


@cache
def printer() -> ReceiptPrinter:
    """Return one printer for all tests."""
    return ReceiptPrinter(fonts())
