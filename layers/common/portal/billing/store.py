"""Rows of the billing table: the only place that knows how invoices and payments are kept.

==================  ======================  ====================================================
pk                  sk                      holds
==================  ======================  ====================================================
member id           ``INV#{invoice_id}``    an invoice; sparse index ``reminders`` while unpaid
member id           ``PAY#{order_id}``      a payment; sparse index ``asks`` while GMO may change,
                                            and ``reminders`` while its slip is open
member id           ``DUES#{year}``         guard: one invoice of annual dues a year
member id           ``RCPT#{invoice_id}``   a receipt's snapshot (portal.billing.receipts)
``ORDER#{order}``   ``REF``                 whose payment an order is
``ORDER#{order}``   ``EVT#{moment}#…``      what happened to it, append only
``DISC#…``          ``DISC``                something that does not add up (portal.billing.found)
==================  ======================  ====================================================
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.billing.found import found
from portal.billing.model import (
    LIVE,
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Slip,
)
from portal.billing.reminder_rows import planned_at
from portal.billing.reminders import first_look, first_slip_look
from portal.clock import iso, parse_iso
from portal.database import (
    Database,
    Equals,
    Exists,
    Get,
    Item,
    Key,
    Missing,
    OneOf,
    Put,
    Query,
    Update,
    Value,
)
from portal.ids import crockford

ASK_SHARDS = 8
INVOICE, PAYMENT, RECEIPT, DUES = "INV#", "PAY#", "RCPT#", "DUES#"


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
        mine = [one for one in self.payments.values() if one.invoice_id == invoice.invoice_id]
        return max(mine, key=lambda one: one.attempt, default=None)


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


class BillingStore:
    """Reads, and writes to be committed, for the billing table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self.table = table

    # Reads

    def account_query(self, member_id: str) -> Query:
        """Return the query that finds everything of one member."""
        return Query(self.table, member_id)

    def invoice_get(self, member_id: str, invoice_id: str) -> Get:
        """Return the read of one invoice."""
        return Get(self.table, _key(member_id, INVOICE + invoice_id))

    def account(self, member_id: str) -> Account:
        """Read everything of one member."""
        return account(self._database.query(self.account_query(member_id)))

    def reference(self, order_id: str) -> Reference | None:
        """Find whose payment an order is."""
        row = self._database.get(self.table, _key(f"ORDER#{order_id}", "REF"))
        if row is None:
            return None
        return Reference(order_id, str(row["member_id"]), str(row["invoice_id"]))

    def payment_and_invoice(self, found: Reference) -> tuple[Payment, Invoice] | None:
        """Read a payment with its invoice at one moment's consistency each."""
        payment, invoice = self._database.read(
            [
                Get(self.table, _key(found.member_id, PAYMENT + found.order_id)),
                self.invoice_get(found.member_id, found.invoice_id),
            ]
        )
        if not isinstance(payment, dict) or not isinstance(invoice, dict):
            return None
        return payment_of(payment), invoice_of(invoice)

    def invoice(self, member_id: str, invoice_id: str) -> Invoice | None:
        """Read one invoice of one member."""
        row = self._database.get(self.table, _key(member_id, INVOICE + invoice_id))
        return invoice_of(row) if row else None

    def payment(self, member_id: str, order_id: str) -> Payment | None:
        """Read one payment of one member."""
        row = self._database.get(self.table, _key(member_id, PAYMENT + order_id))
        return payment_of(row) if row else None

    def to_be_asked(self, shard: int, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (member id, order id) of one shard's payments that are due, oldest first."""
        rows = self._database.due(
            self.table, "asks", {"ask_shard": f"OPEN#{shard}"}, {"next_ask_at": iso(now)}, limit
        )
        return [(str(row["pk"]), str(row["sk"])[len(PAYMENT) :]) for row in rows]

    # Writes

    def new_invoice(self, invoice: Invoice) -> tuple[Put, Put]:
        """Return the writes of a year's dues; the guard keeps the year from being billed twice.

        An unpaid invoice is noted for reminding, see portal.billing.reminders.
        """
        planned = replace(invoice, next_remind_at=invoice.next_remind_at or first_look(invoice))
        guard: Item = {
            **_key(invoice.member_id, f"{DUES}{invoice.fiscal_year}"),
            "invoice_id": invoice.invoice_id,
        }
        return (
            Put(self.table, _invoice_item(planned), when=(Missing("pk"),)),
            Put(self.table, guard, when=(Missing("pk"),)),
        )

    def new_payment(self, payment: Payment) -> tuple[Put, Put]:
        """Return the writes of a payment and of the reference from its order."""
        reference: Item = {
            **_key(f"ORDER#{payment.order_id}", "REF"),
            "member_id": payment.member_id,
            "invoice_id": payment.invoice_id,
        }
        return (
            Put(self.table, _payment_item(payment), when=(Missing("pk"),)),
            Put(self.table, reference, when=(Missing("pk"),)),
        )

    def changed_payment(self, before: Payment, after: Payment) -> Put:
        """Return the write that replaces a payment nobody else has changed meanwhile."""
        if after.state is not before.state:
            after = replace(after, next_remind_at=first_slip_look(after))
        item = _payment_item(after) | {"version": before.version + 1}
        return Put(self.table, item, when=(Equals("version", before.version),))

    def changed_invoice(self, before: Invoice, after: Invoice) -> Put:
        """Return the write that replaces an invoice nobody else has changed meanwhile."""
        item = _invoice_item(after) | {"version": before.version + 1}
        return Put(self.table, item, when=(Equals("version", before.version),))

    def hint(self, found: Reference, result: str, error: str, now: datetime) -> Update:
        """Return the write that notes what the browser brought back from GMO."""
        return Update(
            self.table,
            _key(found.member_id, PAYMENT + found.order_id),
            set={"last_result": result, "last_error": error, "last_result_at": iso(now)},
            # The version moves on, so that a settlement under way does not overwrite the hint.
            add={"version": 1},
            when=(Exists("pk"),),
        )

    def cancel_wanted(self, member_id: str, order_id: str, now: datetime) -> Update:
        """Return the write that has a live payment stopped at GMO by the schedule."""
        return Update(
            self.table,
            _key(member_id, PAYMENT + order_id),
            set={"cancel_wanted": True, "next_ask_at": iso(now), "ask_shard": _shard(order_id)},
            add={"version": 1},
            when=(OneOf("state", tuple(sorted(LIVE))),),
        )

    def ask_later(self, member_id: str, order_id: str, when: datetime) -> Update:
        """Return the write that puts a payment GMO was silent about behind the others."""
        return Update(
            self.table,
            _key(member_id, PAYMENT + order_id),
            set={"next_ask_at": iso(when)},
            when=(Exists("next_ask_at"),),
        )

    def event(self, order_id: str, what: str, now: datetime, data: Mapping[str, Value]) -> Put:
        """Return the write that appends to an order's log."""
        item: Item = {
            **_key(f"ORDER#{order_id}", f"EVT#{iso(now)}#{crockford(6)}"),
            "what": what,
            "data": dict(data),
        }
        return Put(self.table, item, when=(Missing("pk"),))

    def discrepancy(
        self, kind: str, subject: str, now: datetime, evidence: Mapping[str, Value]
    ) -> Update:
        """Return the write that opens (or counts once more) something that does not add up."""
        return found(self.table, kind, subject, now, evidence)


def _key(pk: str, sk: str) -> Key:
    return {"pk": pk, "sk": sk}


def _shard(order_id: str) -> str:
    return f"OPEN#{zlib.crc32(order_id.encode()) % ASK_SHARDS}"


def _invoice_item(invoice: Invoice) -> Item:
    return {
        **_key(invoice.member_id, INVOICE + invoice.invoice_id),
        "member_no": invoice.member_no,
        "title": invoice.title,
        "fiscal_year": invoice.fiscal_year,
        "amount": invoice.amount,
        "due_on": invoice.due_on.isoformat(),
        "closes_on": invoice.closes_on.isoformat(),
        "state": invoice.state.value,
        "attempts": invoice.attempts,
        "version": invoice.version,
        **_present(
            method=invoice.method.value if invoice.method else "",
            live_order=invoice.live_order,
            paid_order=invoice.paid_order,
            paid_on=invoice.paid_on.isoformat() if invoice.paid_on else "",
        ),
        **planned_at(invoice.member_id, invoice.next_remind_at if invoice.payable else None),
    }


def invoice_of(row: Item) -> Invoice:
    """Read an invoice's row."""
    text = _Texts(row)
    return Invoice(
        member_id=text["pk"],
        member_no=text["member_no"],
        invoice_id=text["sk"][len(INVOICE) :],
        title=text["title"],
        fiscal_year=text.number("fiscal_year"),
        amount=text.number("amount"),
        due_on=date.fromisoformat(text["due_on"]),
        closes_on=date.fromisoformat(text["closes_on"]),
        state=InvoiceState(text["state"]),
        method=Method(text["method"]) if text["method"] else None,
        live_order=text["live_order"],
        attempts=text.number("attempts"),
        paid_order=text["paid_order"],
        paid_on=date.fromisoformat(text["paid_on"]) if text["paid_on"] else None,
        next_remind_at=text.moment("next_remind_at"),
        version=text.number("version"),
    )


def _payment_item(payment: Payment) -> Item:
    return {
        **_key(payment.member_id, PAYMENT + payment.order_id),
        "invoice_id": payment.invoice_id,
        "method": payment.method.value,
        "amount": payment.amount,
        "attempt": payment.attempt,
        "created_at": iso(payment.created_at),
        "link_expires_at": iso(payment.link_expires_at),
        "term_days": payment.term_days,
        "state": payment.state.value,
        "version": payment.version,
        "asks": payment.asks,
        **_present(
            link_url=payment.link_url,
            access_id=payment.access_id,
            paid_amount=payment.paid_amount,
            paid_at=_moment(payment.paid_at),
            flag=payment.flag.value if payment.flag else "",
            cancel_wanted=payment.cancel_wanted,
            last_result=payment.last_result,
            last_error=payment.last_error,
            last_result_at=_moment(payment.last_result_at),
            payer_name=payment.payer_name,
            payer_workplace=payment.payer_workplace,
            next_ask_at=_moment(payment.next_ask_at),
            ask_shard=_shard(payment.order_id) if payment.next_ask_at else "",
            slip=_slip_item(payment.slip) if payment.slip else "",
        ),
        **planned_at(payment.member_id, payment.next_remind_at),
    }


def payment_of(row: Item) -> Payment:
    """Read a payment's row."""
    text = _Texts(row)
    slip = row.get("slip")
    return Payment(
        member_id=text["pk"],
        order_id=text["sk"][len(PAYMENT) :],
        invoice_id=text["invoice_id"],
        method=Method(text["method"]),
        amount=text.number("amount"),
        attempt=text.number("attempt"),
        created_at=parse_iso(text["created_at"]),
        link_expires_at=parse_iso(text["link_expires_at"]),
        term_days=text.number("term_days"),
        state=PaymentState(text["state"]),
        version=text.number("version"),
        link_url=text["link_url"],
        slip=_slip_of(slip) if isinstance(slip, dict) else None,
        access_id=text["access_id"],
        paid_amount=text.number("paid_amount"),
        paid_at=text.moment("paid_at"),
        flag=Flag(text["flag"]) if text["flag"] else None,
        cancel_wanted=bool(row.get("cancel_wanted")),
        asks=text.number("asks"),
        next_ask_at=text.moment("next_ask_at"),
        next_remind_at=text.moment("next_remind_at"),
        last_result=text["last_result"],
        last_error=text["last_error"],
        last_result_at=text.moment("last_result_at"),
        payer_name=text["payer_name"],
        payer_workplace=text["payer_workplace"],
    )


def _slip_item(slip: Slip) -> Item:
    return {
        "cvs_code": slip.cvs_code,
        "conf_no": slip.conf_no,
        "receipt_no": slip.receipt_no,
        "receipt_url": slip.receipt_url,
        "term": _moment(slip.term),
    }


def _slip_of(item: Item) -> Slip:
    text = _Texts(item)
    return Slip(
        text["cvs_code"],
        text["conf_no"],
        text["receipt_no"],
        text["receipt_url"],
        text.moment("term"),
    )


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""


def _present(**values: Value) -> Item:
    """Leave out what is empty, so that sparse indexes stay sparse."""
    return {name: value for name, value in values.items() if value}


class _Texts:
    """Typed reading of a row; an absent attribute is empty."""

    def __init__(self, row: Item) -> None:
        self._row = row

    def __getitem__(self, name: str) -> str:
        return str(self._row.get(name, ""))

    def number(self, name: str) -> int:
        value = self._row.get(name, 0)
        return value if isinstance(value, int) else 0

    def moment(self, name: str) -> datetime | None:
        return parse_iso(self[name]) if self[name] else None
