"""Somebody who left the society seven years ago, with traces in every table."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from portal.accounts.reset import issue
from portal.billing import receipts
from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.rows import invoice_item, payment_item
from portal.database import Item, Put
from portal.mail.outbox import queued
from portal.members import draft, history, office_store
from portal.members.draft import Draft
from tests.unit.accounts.desk import HOME, MEMBER_ID, NUMBER
from tests.unit.members.desk import TABLES
from tests.unit.ops.test_access import Office

LEFT = date(2019, 11, 22)
"""Seven years before the office's day."""
LONG_AGO = datetime(2018, 5, 1, 3, 0, tzinfo=UTC)
PERSONAL = ("山田", "ヤマダ", "花子", "hanako", "中野", "0312345678", "203.0.113")


def an_invoice(**changes: object) -> Invoice:
    paid = Invoice(
        member_id=MEMBER_ID,
        member_no=NUMBER,
        invoice_id="invoice2018",
        title="2018年度 年会費",
        fiscal_year=2018,
        amount=12_000,
        due_on=date(2018, 6, 30),
        closes_on=date(2019, 3, 31),
        state=InvoiceState.PAID,
        method=Method.CARD,
        paid_order="D18-1",
        paid_on=date(2018, 5, 1),
    )
    return replace(paid, **changes)  # type: ignore[arg-type]  # Named by each test.


def a_payment(**changes: object) -> Payment:
    paid = Payment(
        member_id=MEMBER_ID,
        order_id="D18-1",
        invoice_id="invoice2018",
        method=Method.CARD,
        amount=12_000,
        attempt=1,
        created_at=LONG_AGO,
        link_expires_at=LONG_AGO,
        term_days=14,
        state=PaymentState.PAID,
        paid_amount=12_000,
        paid_at=LONG_AGO,
        payer_name="山田 花子",
        payer_workplace="中野病院",
    )
    return replace(paid, **changes)  # type: ignore[arg-type]  # Named by each test.


def a_receipt(office: Office) -> receipts.ReceiptSnapshot:
    return receipts.ReceiptSnapshot(
        member_id=MEMBER_ID,
        invoice_id="invoice2018",
        number="2018-001234-1",
        name="山田 花子",
        workplace="中野病院",
        title="2018年度 年会費",
        fiscal_year=2018,
        amount=12_000,
        received_on=date(2018, 5, 1),
        method="card",
        order_id="D18-1",
        issued_on=date(2018, 5, 1),
        issuer=receipts.issuer_of(office.desk.society),
        tax_note="不課税",
        addressee_kind=receipts.Addressee.WORKPLACE,
        addressed_on=date(2018, 5, 2),
    )


def puts(office: Office, *rows: Item) -> None:
    for row in rows:
        office.database.commit(Put(TABLES.billing, row))


def leaves(office: Office, on: date = LEFT) -> None:
    """Let the member leave on a day of the past, with the way in closed."""
    credentials = office.portal.credentials
    office.database.commit(
        office_store.withdrawal(TABLES.members, office.member(), on),
        credentials.close(office.portal.credential, office.portal.clock()),
    )


def mails(office: Office) -> None:
    """Leave two mails in the log: one of the member's, and a reset that was never sent."""
    data: dict[str, dict[str, str]] = {
        MEMBER_ID: {"to": "hanako@example.jp"},
        "": {"member_no": NUMBER, "email": "hanako@example.jp"},
    }
    for member_id, facts in data.items():
        office.database.commit(
            queued(
                TABLES.outbox,
                mail_id=f"mail#{member_id}",
                kind="mail",
                member_id=member_id,
                data=dict(facts),
                now=LONG_AGO,
            )
        )
    for row in office.database.tables[TABLES.outbox].values():
        row["state"] = "sent"
        row.pop("pending", None)


def runs(office: Office, *words: str) -> int:
    return office.types("anonymise", *words)


def left_of(office: Office) -> str:
    """Return all that is stored but the audit, as one text."""
    return repr({n: r for n, r in office.database.tables.items() if n != TABLES.audit})


def an_office(folder: Path) -> Office:
    """Return an office in which somebody with traces everywhere left seven years ago."""
    made = Office()
    made.folder, made.file = folder, folder / "会員.csv"
    database, now = made.database, made.portal.clock()
    made.portal.fail(3)
    made.portal.signed_in(address=HOME)
    before = made.member()
    after = replace(before, record=replace(before.record, workplace="中野第二病院"))
    old = a_receipt(made)
    replaced = {**receipts.to_item(old), "sk": f"{receipts.REPLACED}invoice2018#2018-001234-0"}
    puts(made, invoice_item(an_invoice()), payment_item(a_payment()))
    puts(made, receipts.to_item(old), replaced)
    _, link = issue(TABLES.sessions, member_id=MEMBER_ID, member_no=NUMBER, now=now)
    typed = Draft({"workplace": "中野病院"}, 3)
    database.commit(
        link,
        history.written(TABLES.members, before, after, by=history.MEMBER, now=now),
        draft.kept(TABLES.sessions, MEMBER_ID, typed, now),
    )
    mails(made)
    leaves(made)
    database.calls.clear()
    return made
