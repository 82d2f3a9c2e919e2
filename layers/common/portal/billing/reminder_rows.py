"""The index ``reminders``: which invoices and slips are to be looked at, and until when they wait.

It holds unpaid invoices that a step is still ahead of, and open slips that were not reminded of
yet. The members' rows are spread over eight shards, so that no shard is hot.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime

from portal.clock import iso
from portal.database import Database, Equals, Item, Update

SHARDS = 8
INDEX = "reminders"


@dataclass(frozen=True)
class Due:
    """A row of the index: an invoice or a payment, and since when it waits."""

    member_id: str
    sk: str
    at: str

    @property
    def invoice_id(self) -> str:
        """The invoice, or empty when the row is a payment."""
        return self._after("INV#")

    @property
    def order_id(self) -> str:
        """The payment's order, or empty when the row is an invoice."""
        return self._after("PAY#")

    def _after(self, prefix: str) -> str:
        return self.sk.removeprefix(prefix) if self.sk.startswith(prefix) else ""


def planned_at(member_id: str, when: datetime | None) -> Item:
    """Return the attributes of the index; none when there is nothing to look at."""
    shard = f"REMIND#{zlib.crc32(member_id.encode()) % SHARDS}"
    return {"next_remind_at": iso(when), "remind_shard": shard} if when else {}


class ReminderRows:
    """Reads of the index, and the writes that move its rows on."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def due(self, now: datetime, limit: int) -> list[Due]:
        """Return what is to be looked at, the longest waiting first; *limit* rows of each shard."""
        found = [row for shard in range(SHARDS) for row in self._shard(shard, now, limit)]
        return sorted(found, key=lambda one: one.at)

    def _shard(self, shard: int, now: datetime, limit: int) -> list[Due]:
        rows = self._database.due(
            self._table,
            INDEX,
            {"remind_shard": f"REMIND#{shard}"},
            {"next_remind_at": iso(now)},
            limit,
        )
        return [Due(str(row["pk"]), str(row["sk"]), str(row["next_remind_at"])) for row in rows]

    def moved(self, due: Due, when: datetime | None, *, state: str, version: int) -> Update:
        """Return the write that notes when to look again (None: never), if nothing has changed.

        The version stays: a 決定 or a settlement under way must not fail because of it. Should one
        of them write the old plan back, the mail's key keeps the step from being told twice.
        """
        unchanged = (Equals("state", state), Equals("version", version))
        return Update(
            self._table,
            {"pk": due.member_id, "sk": due.sk},
            set={"next_remind_at": iso(when)} if when else {},
            remove=() if when else ("next_remind_at", "remind_shard"),
            when=(*unchanged, Equals("next_remind_at", due.at)),
        )

    def put_back(self, due: Due, when: datetime) -> Update:
        """Return the write that puts behind the others what could not be looked at."""
        return Update(
            self._table,
            {"pk": due.member_id, "sk": due.sk},
            set={"next_remind_at": iso(when)},
            when=(Equals("next_remind_at", due.at),),
        )
