"""What must hold after every single write, looked at through the database.

A broken rule is noted and not raised: the code under test has a last line of defence that would
turn an assertion into a line of its log.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.aws import marshal
from portal.billing.model import LIVE, RANK, PaymentState
from portal.database import Item
from tests.fakes import Place, Table

KEPT_FOREVER = ("EVT#", "REF")
EVIDENCE = ("body", "headers", "received_at", "source", "sha256")
"""What of a delivery never changes once it was kept."""


@dataclass(frozen=True)
class Change:
    """One row before and after a commit."""

    table: str
    place: Place
    old: Item | None
    new: Item | None

    @property
    def sort_key(self) -> str:
        """The row's kind, by its prefix."""
        return self.place[1]


@dataclass
class Watch:
    """Notes what broke, the states every payment went through, and what the streams will tell."""

    broken: list[str] = field(default_factory=list)
    moves: list[tuple[str, str, str]] = field(default_factory=list)
    """(order, state before, state after) of each payment, oldest first."""
    receipts: dict[str, str] = field(default_factory=dict)
    """Receipt number to the order that has it."""
    streams: dict[str, list[Item]] = field(default_factory=lambda: {"inbox": [], "outbox": []})

    def wrote(self, tables: Mapping[str, Table], changes: Sequence[Change]) -> None:
        """Look at what one commit changed."""
        for change in changes:
            self.broken += [f"{change.table} {change.place}: {why}" for why in self._one(change)]
            if change.old is None and change.new is not None and change.table in self.streams:
                self.streams[change.table].append(change.new)
        members = {c.place[0] for c in changes if c.sort_key.startswith(("PAY#", "INV#"))}
        for member in sorted(members):
            self.broken += one_live(tables["billing"], member)

    def _one(self, change: Change) -> Iterator[str]:
        if change.new is None:
            yield from ["a row was removed"] if change.old is not None else []
        elif change.table == "audit" and change.old is not None:
            yield "the past was changed"
        elif change.table == "inbox" and change.old is not None:
            changed = [name for name in EVIDENCE if change.old.get(name) != change.new.get(name)]
            yield from [f"evidence was changed: {changed}"] if changed else []
        elif change.table == "billing":
            yield from self._billing(change, change.new)

    def _billing(self, change: Change, new: Item) -> Iterator[str]:
        old, kind = change.old, change.sort_key
        if kind.startswith(KEPT_FOREVER) and old is not None:
            yield "the past was changed"
        if kind.startswith("PAY#"):
            yield from self._payment(kind[4:], old, new)
        if kind.startswith("INV#") and old is not None:
            settled = str(old.get("paid_order", ""))
            if settled and settled != new.get("paid_order"):
                yield "the payment that had paid it was exchanged"
        if kind.startswith("RCPT#"):
            number, order = str(new["number"]), str(new["order_id"])
            if self.receipts.setdefault(number, order) != order:
                yield f"receipt number {number} was given twice"

    def _payment(self, order: str, old: Item | None, new: Item) -> Iterator[str]:
        before, after = str(old["state"]) if old else "", str(new["state"])
        if before == after:
            return
        self.moves.append((order, before, after))
        if before and RANK[PaymentState(after)] <= RANK[PaymentState(before)]:
            yield f"the state fell from {before} to {after}"


def one_live(billing: Table, member: str) -> Iterator[str]:
    """Yield what is wrong with a member's invoices and their live payments."""
    payments = {str(row["sk"])[4:]: row for row in billing.partition(member, "PAY#")}
    for invoice in billing.partition(member, "INV#"):
        pointed = str(invoice.get("live_order", ""))
        held = payments.get(pointed, {}).get("flag") == "mismatch"
        live = [
            order
            for order, row in payments.items()
            if row["invoice_id"] == str(invoice["sk"])[4:]
            and row["state"] in LIVE
            and not row.get("cancel_wanted")
        ]
        open_now = invoice["state"] == "unpaid"
        if live != ([pointed] if pointed and open_now and not held else []):
            yield f"{invoice['sk']!s} {invoice['state']!s}: points at {pointed!r}, live are {live}"


def record(row: Item, number: int) -> dict[str, object]:
    """Return the record by which a stream tells of a new row."""
    keys = {name: marshal(row[name]) for name in ("pk", "sk") if name in row}
    image = {name: marshal(value) for name, value in row.items()}
    told = {"Keys": keys, "NewImage": image, "SequenceNumber": str(number)}
    return {"eventName": "INSERT", "dynamodb": told}
