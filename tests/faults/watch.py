"""What must hold after every single write, looked at through the database.

A broken rule is noted and not raised: the code under test has a last line of defence that would
turn an assertion into a line of its log. Beside each rule stands the break of broken.py by which it
was seen red.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from portal.billing.model import LIVE, RANK, PaymentState
from portal.database import Item
from portal.expressions import marshal
from tests.fakes import Place, Table

KEPT_FOREVER = ("EVT#", "REF")
EVIDENCE = ("body", "headers", "received_at", "source", "sha256")
"""What of a delivery never changes once it was kept."""
BECOMES = {"unpaid": {"paid", "waived", "cancelled"}, "paid": {"refunded"}}
"""What an invoice may become; what is not named stays as it is for good."""


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
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a delivery was taken off the list, by its id and outcome."""
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(order, what) of every line that was ever written into an order's log."""
    settled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(invoice, state) of every move of an invoice."""
    links: dict[str, str] = field(default_factory=dict)
    """Order to link of all links that a member's page has ever shown, oldest first."""
    streams: dict[str, list[Item]] = field(default_factory=lambda: {"inbox": [], "outbox": []})

    def wrote(self, tables: Mapping[str, Table], changes: Sequence[Change]) -> None:
        """Look at what one commit changed."""
        for change in changes:
            self._count(change)
            why = [*self._one(change), *self._task(tables, change)]
            self.broken += [f"{change.table} {change.place}: {one}" for one in why]
            if change.old is None and change.new is not None and change.table in self.streams:
                self.streams[change.table].append(change.new)
        members = {c.place[0] for c in changes if c.sort_key.startswith(("PAY#", "INV#"))}
        for member in sorted(members):
            self.broken += one_live(tables["billing"], member)

    def _count(self, change: Change) -> None:
        """Note what happened, so that it is known also after a restore has forgotten it."""
        old, new = change.old or {}, change.new or {}
        if change.table == "inbox" and "pending" in old and "pending" not in new:
            self.ended[change.place[0], str(new.get("outcome"))] += 1
        if change.table != "billing":
            return
        if change.sort_key.startswith("PAY#") and new.get("link_url"):
            self.links.setdefault(change.sort_key[4:], str(new["link_url"]))
        if change.sort_key.startswith("EVT#") and change.old is None:
            self.told[change.place[0].removeprefix("ORDER#"), str(new["what"])] += 1
        if change.sort_key.startswith("INV#") and old and old.get("state") != new.get("state"):
            self.settled[change.sort_key[4:], str(new["state"])] += 1

    def _one(self, change: Change) -> Iterator[str]:
        # Red by "a delivery is never removed".
        if change.new is None:
            yield from ["a row was removed"] if change.old is not None else []
        elif change.table == "audit" and change.old is not None:
            # Red by "the audit is append only".
            yield "the past was changed"
        elif change.table == "inbox" and change.old is not None:
            # Red by "a delivery stays as it came".
            changed = [name for name in EVIDENCE if change.old.get(name) != change.new.get(name)]
            yield from [f"evidence was changed: {changed}"] if changed else []
        elif change.table == "billing":
            yield from self._billing(change, change.new)

    def _billing(self, change: Change, new: Item) -> Iterator[str]:
        old, kind = change.old, change.sort_key
        # Red by "the log of an order is append only".
        if kind.startswith(KEPT_FOREVER) and old is not None:
            yield "the past was changed"
        if kind.startswith("PAY#"):
            yield from self._payment(kind[4:], old, new)
        if kind.startswith("INV#") and old is not None:
            yield from _invoice(old, new)
        if kind.startswith(("PAY#", "INV#")):
            yield from _planned(new)
        # Red by "receipt numbers are unique" and "receipt numbers go on counting ...".
        if kind.startswith("RCPT#"):
            number, order = str(new["number"]), str(new["order_id"])
            if self.receipts.setdefault(number, order) != order:
                yield f"receipt number {number} was given twice"

    def _payment(self, order: str, old: Item | None, new: Item) -> Iterator[str]:
        before, after = str(old["state"]) if old else "", str(new["state"])
        if before == after:
            return
        self.moves.append((order, before, after))
        # Red by "the state never falls in rank".
        if before and RANK[PaymentState(after)] <= RANK[PaymentState(before)]:
            yield f"the state fell from {before} to {after}"

    def _task(self, tables: Mapping[str, Table], change: Change) -> Iterator[str]:
        """Yield what is wrong with a change of a discrepancy: nothing but a person closes it."""
        old, new = change.old, change.new
        if change.sort_key != "DISC" or old is None or new is None:
            return
        closed = new["open"] == "done" and old["open"] == "open"
        # Red by "who closed a discrepancy stays with it".
        if closed != (_number(new, "closings") > _number(old, "closings")):
            yield "it was closed without a word, or closed twice"
        # Red by "a find opens a closed discrepancy again".
        if _number(new, "times") > _number(old, "times") and new["open"] != "open":
            yield "it was found again, and nobody has to look"
        # Red by "a discrepancy that holds its invoice is not closed".
        if closed and new["kind"] == "mismatch" and _held(tables["billing"], str(new["subject"])):
            yield "it was closed, and the member still reads 確認中"


def _number(row: Item, name: str) -> int:
    value = row.get(name, 0)
    return value if isinstance(value, int) else 0


def _held(billing: Table, order: str) -> bool:
    reference = billing.get((f"ORDER#{order}", "REF"))
    if reference is None:
        return False
    invoice = billing[str(reference["member_id"]), f"INV#{reference['invoice_id']!s}"]
    return invoice["state"] == "unpaid" and invoice.get("live_order") == order


def _invoice(old: Item, new: Item) -> Iterator[str]:
    """Yield what is wrong with a change of an invoice."""
    settled = str(old.get("paid_order", ""))
    # Red by "an invoice is paid once".
    if settled and settled != new.get("paid_order"):
        yield "the payment that had paid it was exchanged"
    before, after = str(old["state"]), str(new["state"])
    # Red by "what was waived or cancelled is never paid" and "an invoice is paid once".
    if before != after and after not in BECOMES.get(before, set()):
        yield f"the invoice was {before} and became {after}"


def _planned(new: Item) -> Iterator[str]:
    """Yield what is wrong with a row of the index of reminding."""
    # Red by "what is paid is not looked at for reminding".
    if "next_remind_at" in new and new["state"] not in ("unpaid", "slip"):
        yield f"it is {new['state']!s} and to be reminded of"


def one_live(billing: Table, member: str) -> Iterator[str]:
    """Yield what is wrong with a member's invoices and their live payments.

    Red by "of two presses at once one opens a payment" and "the other live payment of a paid
    invoice is stopped".
    """
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
