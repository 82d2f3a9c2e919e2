"""Rows of the billing table: the only place that knows how invoices and payments are kept.

==================  ======================  ====================================================
pk                  sk                      holds
==================  ======================  ====================================================
member id           ``INV#{invoice_id}``    an invoice; sparse index ``reminders`` while unpaid
member id           ``PAY#{order_id}``      a payment; sparse index ``asks`` while GMO may change,
                                            and ``reminders`` while its slip is open
member id           ``DUES#{year}``         guard: the one invoice that bills a year
member id           ``RCPT#{invoice_id}``   a receipt's snapshot (portal.billing.receipts)
``ORDER#{order}``   ``REF``                 whose payment an order is
``ORDER#{order}``   ``EVT#{moment}#…``      what happened to it, append only
``DISC#…``          ``DISC``                something that does not add up (portal.billing.found)
``RATES#{year}``    ``KIND#{kind}``         what a year costs a kind (portal.billing.rates)
==================  ======================  ====================================================
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from portal.billing.account import Account, Reference, account
from portal.billing.found import found
from portal.billing.model import LIVE, Invoice, Payment
from portal.billing.reminders import first_look, first_slip_look
from portal.billing.rows import (
    DUES,
    INVOICE,
    PAYMENT,
    invoice_item,
    invoice_of,
    key,
    payment_item,
    payment_of,
    shard_of,
)
from portal.clock import iso
from portal.database import (
    Check,
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
        return Get(self.table, key(member_id, INVOICE + invoice_id))

    def account(self, member_id: str) -> Account:
        """Read everything of one member."""
        return account(self._database.query(self.account_query(member_id)))

    def reference(self, order_id: str) -> Reference | None:
        """Find whose payment an order is."""
        row = self._database.get(self.table, _reference_key(order_id))
        return _reference(order_id, row) if row else None

    def references(self, order_ids: Sequence[str]) -> dict[str, Reference]:
        """Find whose payments several orders are, by order; those that are nobody's are left out.

        They are read together: at most so many as one read of the database takes.
        """
        rows = self._database.read([Get(self.table, _reference_key(one)) for one in order_ids])
        return {
            order_id: _reference(order_id, row)
            for order_id, row in zip(order_ids, rows, strict=True)
            if isinstance(row, dict)
        }

    def payment_and_invoice(self, found: Reference) -> tuple[Payment, Invoice] | None:
        """Read a payment with its invoice at one moment's consistency each."""
        payment, invoice = self._database.read(
            [
                Get(self.table, key(found.member_id, PAYMENT + found.order_id)),
                self.invoice_get(found.member_id, found.invoice_id),
            ]
        )
        if not isinstance(payment, dict) or not isinstance(invoice, dict):
            return None
        return payment_of(payment), invoice_of(invoice)

    def invoice(self, member_id: str, invoice_id: str) -> Invoice | None:
        """Read one invoice of one member."""
        row = self._database.get(self.table, key(member_id, INVOICE + invoice_id))
        return invoice_of(row) if row else None

    def payment(self, member_id: str, order_id: str) -> Payment | None:
        """Read one payment of one member."""
        row = self._database.get(self.table, key(member_id, PAYMENT + order_id))
        return payment_of(row) if row else None

    def billed_by(self, member_id: str, fiscal_year: int) -> str:
        """Return the id of the invoice that bills a year's dues to a member, or nothing."""
        row = self._database.get(self.table, key(member_id, f"{DUES}{fiscal_year}"))
        return str(row["invoice_id"]) if row else ""

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
        return (
            Put(self.table, invoice_item(planned), when=(Missing("pk"),)),
            Put(self.table, _guard(invoice), when=(Missing("pk"),)),
        )

    def invoice_again(self, old: Invoice, new: Invoice) -> tuple[Put, Put, Check]:
        """Return the writes that bill a year anew, whose guard names *old*, which must not change.

        *old* itself is not written: it stays what it was, and so do its payments.
        """
        invoice, guard = self.new_invoice(new)
        unchanged = Check(
            self.table,
            key(old.member_id, INVOICE + old.invoice_id),
            when=(Equals("version", old.version),),
        )
        return invoice, replace(guard, when=(Equals("invoice_id", old.invoice_id),)), unchanged

    def new_payment(self, payment: Payment) -> tuple[Put, Put]:
        """Return the writes of a payment and of the reference from its order."""
        reference: Item = {
            **_reference_key(payment.order_id),
            "member_id": payment.member_id,
            "invoice_id": payment.invoice_id,
        }
        return (
            Put(self.table, payment_item(payment), when=(Missing("pk"),)),
            Put(self.table, reference, when=(Missing("pk"),)),
        )

    def changed_payment(self, before: Payment, after: Payment) -> Put:
        """Return the write that replaces a payment nobody else has changed meanwhile."""
        if after.state is not before.state:
            after = replace(after, next_remind_at=first_slip_look(after))
        item = payment_item(after) | {"version": before.version + 1}
        return Put(self.table, item, when=(Equals("version", before.version),))

    def changed_invoice(self, before: Invoice, after: Invoice) -> Put:
        """Return the write that replaces an invoice nobody else has changed meanwhile."""
        item = invoice_item(after) | {"version": before.version + 1}
        return Put(self.table, item, when=(Equals("version", before.version),))

    def hint(self, found: Reference, result: str, error: str, now: datetime) -> Update:
        """Return the write that notes what the browser brought back from GMO."""
        return Update(
            self.table,
            key(found.member_id, PAYMENT + found.order_id),
            set={"last_result": result, "last_error": error, "last_result_at": iso(now)},
            # The version moves on, so that a settlement under way does not overwrite the hint.
            add={"version": 1},
            when=(Exists("pk"),),
        )

    def cancel_wanted(self, member_id: str, order_id: str, now: datetime) -> Update:
        """Return the write that has a live payment stopped at GMO by the schedule."""
        return Update(
            self.table,
            key(member_id, PAYMENT + order_id),
            set={"cancel_wanted": True, "next_ask_at": iso(now), "ask_shard": shard_of(order_id)},
            add={"version": 1},
            when=(OneOf("state", tuple(sorted(LIVE))),),
        )

    def ask_later(self, member_id: str, order_id: str, when: datetime) -> Update:
        """Return the write that puts a payment GMO was silent about behind the others."""
        return Update(
            self.table,
            key(member_id, PAYMENT + order_id),
            set={"next_ask_at": iso(when)},
            when=(Exists("next_ask_at"),),
        )

    def ask_at(self, payment: Payment, when: datetime) -> Update:
        """Return the write that has GMO asked about a payment as it stands, at *when*.

        It is rejected when another moment was planned since *payment* was read: what must be
        stopped now is not put off. The version stays, so that a link which is just being issued to
        a member is not dropped: whoever writes the payment later has asked GMO, or plans it anew.
        """
        planned = payment.next_ask_at
        return Update(
            self.table,
            key(payment.member_id, PAYMENT + payment.order_id),
            set={"next_ask_at": iso(when), "ask_shard": shard_of(payment.order_id)},
            when=(
                Equals("state", payment.state.value),
                Equals("next_ask_at", iso(planned)) if planned else Missing("next_ask_at"),
            ),
        )

    def event(self, order_id: str, what: str, now: datetime, data: Mapping[str, Value]) -> Put:
        """Return the write that appends to an order's log."""
        item: Item = {
            **key(f"ORDER#{order_id}", f"EVT#{iso(now)}#{crockford(6)}"),
            "what": what,
            "data": dict(data),
        }
        return Put(self.table, item, when=(Missing("pk"),))

    def discrepancy(
        self, kind: str, subject: str, now: datetime, evidence: Mapping[str, Value]
    ) -> Update:
        """Return the write that opens (or counts once more) something that does not add up."""
        return found(self.table, kind, subject, now, evidence)


def _reference_key(order_id: str) -> Key:
    return key(f"ORDER#{order_id}", "REF")


def _reference(order_id: str, row: Item) -> Reference:
    return Reference(order_id, str(row["member_id"]), str(row["invoice_id"]))


def _guard(invoice: Invoice) -> Item:
    """Return the row that says which invoice bills a year's dues to a member."""
    return {
        **key(invoice.member_id, f"{DUES}{invoice.fiscal_year}"),
        "invoice_id": invoice.invoice_id,
    }
