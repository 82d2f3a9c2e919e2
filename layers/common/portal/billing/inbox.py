"""The inbox: what GMO and returning browsers say, kept as it came before anything is done with it.

Each delivery is a row of its own; sameness is settlement's business, not the door's.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.clock import epoch, iso, parse_iso
from portal.database import Database, Exists, Item, Missing, Put, Update
from portal.ids import crockford

PENDING = "P"
GRACE = timedelta(minutes=2)
"""How long a new row is left to the stream before the sweep takes it."""

BODY_KEPT = 32 * 1024
BODY_HEAD = 8 * 1024
KEPT = timedelta(days=400)
KEPT_UNMATCHED = timedelta(days=30)
NOTIFICATION, RETURN = "notification", "return"
NOT_CONFIRMED = "not confirmed by GMO"
"""What becomes of a delivery whose claim GMO's own answer denied to the end."""

UNKNOWN = "unknown order"
"""What becomes of a delivery whose order neither we nor GMO know."""

WHENEVER = "9"
"""A moment after all others."""


@dataclass(frozen=True)
class Delivery:
    """One row of the inbox. ``tries`` counts how often it was applied without success."""

    inbox_id: str
    kind: str
    body: bytes
    content_type: str
    order_id: str
    received_at: datetime
    tries: int


@dataclass(frozen=True)
class Stored:
    """A delivery with what became of it so far. *outcome* is empty while it never was applied."""

    delivery: Delivery
    pending: bool
    outcome: str
    waiting_for: str


class InboxStore:
    """Reads, and writes to be committed, for the inbox table."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def received(
        self,
        kind: str,
        body: bytes,
        *,
        headers: Mapping[str, str],
        source: str,
        now: datetime,
        order_id: str = "",
    ) -> Put:
        """Return the write that keeps a delivery; of an oversize body the head and its hash."""
        item: Item = {
            "pk": f"{iso(now)}#{crockford(10)}",
            "kind": kind,
            "body": body if len(body) <= BODY_KEPT else body[:BODY_HEAD],
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "headers": dict(_kept(headers)),
            "content_type": headers.get("content-type", "")[:200],
            "source": source,
            "received_at": iso(now),
            "order_id": order_id,
            "tries": 0,
            "pending": PENDING,
            "due_at": iso(now + GRACE),
            "ttl": epoch(now + KEPT),
        }
        return Put(self._table, item, when=(Missing("pk"),))

    def due(self, now: datetime, limit: int) -> list[str]:
        """Return the ids of deliveries whose time has come, the longest waiting first.

        The index may be a moment behind, and gives no more than keys: read the row before acting.
        """
        return self._listed(iso(now), limit)

    def pending(self, limit: int) -> Iterator[Stored]:
        """Yield deliveries that are on the list, whenever their time comes."""
        for inbox_id in self._listed(WHENEVER, limit):
            one = self.find(inbox_id)
            if one is not None and one.pending:
                yield one

    def _listed(self, until: str, limit: int) -> list[str]:
        rows = self._database.due(
            self._table, "pending", {"pending": PENDING}, {"due_at": until}, limit
        )
        return [str(row["pk"]) for row in rows]

    def find(self, inbox_id: str) -> Stored | None:
        """Read one delivery; None when it never came or was kept long enough."""
        row = self._database.get(self._table, {"pk": inbox_id})
        return _stored(row) if row else None

    def again(self, one: Delivery, now: datetime) -> Update:
        """Return the write that puts a delivery on the list once more, as if it had just come.

        It is rejected when the delivery is there no more.
        """
        kept = max(one.received_at + KEPT, now + KEPT_UNMATCHED)
        return Update(
            self._table,
            {"pk": one.inbox_id},
            set={
                "pending": PENDING,
                "due_at": iso(now),
                "tries": 0,
                "waiting_for": "replay",
                "ttl": epoch(kept),
            },
            add={"replays": 1},
            when=(Exists("pk"),),
        )

    def applied(
        self,
        one: Delivery,
        outcome: str,
        now: datetime,
        *,
        matched: bool = True,
        once: bool = False,
    ) -> Update:
        """Return the write that takes a delivery off the list, with what became of it.

        It is rejected when the delivery is there no more, and with *once* also when somebody else
        took it off before, as what is counted with it must not be counted twice.
        """
        kept = KEPT if matched else KEPT_UNMATCHED
        return Update(
            self._table,
            {"pk": one.inbox_id},
            set={
                "outcome": outcome,
                "applied_at": iso(now),
                "ttl": epoch(one.received_at + kept),
            },
            remove=("pending",),
            when=(Exists("pending" if once else "pk"),),
        )

    def later(
        self, one: Delivery, wait: timedelta, why: str, now: datetime, *, counted: bool
    ) -> Update:
        """Return the write that notes when a delivery is to be applied again.

        It is rejected when the delivery is there no more.
        """
        return Update(
            self._table,
            {"pk": one.inbox_id},
            set={"due_at": iso(now + wait), "waiting_for": why},
            add={"tries": 1} if counted else {},
            when=(Exists("pk"),),
        )


def delivery(row: Item) -> Delivery:
    """Read a row, from the table or from its stream."""
    body, tries = row.get("body", b""), row.get("tries", 0)
    return Delivery(
        inbox_id=str(row["pk"]),
        kind=str(row["kind"]),
        body=body if isinstance(body, bytes) else b"",
        content_type=str(row.get("content_type", "")),
        order_id=str(row.get("order_id", "")),
        received_at=parse_iso(str(row["received_at"])),
        tries=tries if isinstance(tries, int) else 0,
    )


def _stored(row: Item) -> Stored:
    return Stored(
        delivery=delivery(row),
        pending="pending" in row,
        outcome=str(row.get("outcome", "")),
        waiting_for=str(row.get("waiting_for", "")),
    )


def _kept(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Keep headers as evidence, but never a browser's cookies, and no more than fits a row."""
    return {
        name[:100]: value[:500]
        for name, value in list(headers.items())[:50]
        if name not in ("cookie", "authorization")
    }
