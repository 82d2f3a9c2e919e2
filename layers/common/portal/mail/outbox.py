"""The outbox: a mail is a row, written in the same transaction as the fact it tells of.

::

    queued ──claim──► sending ──SES said yes──► sent
      ▲                  │ SES surely did not take it: the next try is noted
      └──────────────────┤
                         ├── too many tries, or nobody to send to ──► failed
                         └── there is nothing to tell (any more)  ──► skipped

One attribute says when a row may be taken next: ``due_at``. While a mail is being sent it is the
end of the lease, so whoever lost the lease keeps nobody from trying again, only not at once. The
sparse ``pending`` attribute is there until the row is sent, failed or skipped; the index over
(pending, due_at) is what the sweep reads, oldest first.

Claims raise ``attempts``; every later mark holds on to the number it claimed with, so that a
worker that lost its lease cannot overwrite what its successor noted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.clock import iso, parse_iso
from portal.database import (
    AtMost,
    Database,
    Either,
    Equals,
    Exists,
    Item,
    Missing,
    Path,
    Put,
    Rejected,
    Update,
    Value,
)

PENDING = "P"
INDEX = "pending"

GRACE = timedelta(minutes=2)
"""How long a new row is left to the stream before the sweep takes it."""

LEASE = timedelta(minutes=10)
"""How long one worker may take. Far above SES's time-outs, so that a lease is lost by a crash only;
it is also the wait after an answer that never came, in which SES may have taken the mail."""

WAITS = (1, 5, 15, 60, 60, 120, 240, 480, 480)
"""Minutes until the next try, after the first, second, ... try that failed: about a day in all."""

MAX_ATTEMPTS = len(WAITS) + 1


class State(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Row:
    """One mail of the outbox. ``data`` is what the fact left for the mail's text."""

    mail_id: str
    kind: str
    member_id: str
    data: Mapping[str, Value]
    state: State
    attempts: int
    created_at: datetime


def queued(
    table: str, *, mail_id: str, kind: str, member_id: str, data: Mapping[str, Value], now: datetime
) -> Put:
    """Return the row that makes one mail wait.

    *mail_id* is a natural key such as ``card_paid#{order_id}``: a fact that is written twice is
    refused the second time instead of telling the member twice. *member_id* is empty where only
    the moment of sending tells whom the mail is for.
    """
    item: Item = {
        "pk": mail_id,
        "kind": kind,
        "data": dict(data),
        "state": State.QUEUED.value,
        "pending": PENDING,
        "attempts": 0,
        "created_at": iso(now),
        "due_at": iso(now + GRACE),
    }
    if member_id:
        # Key of the index of a member's mails, which may not be empty.
        item["member_id"] = member_id
    return Put(table, item, when=(Missing("pk"),))


def first_free(database: Database, mails: Iterable[Put]) -> int | None:
    """Commit the first of *mails* whose key is free; return its place, None when all are taken.

    Keys that hold the hour and a number so bound how many mails one hour can bring.
    """
    for place, mail in enumerate(mails):
        try:
            database.commit(mail)
        except Rejected:
            continue
        return place
    return None


class Outbox:
    """The outbox table: the only place that speaks DynamoDB for mails."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def due(self, now: datetime, limit: int) -> list[str]:
        """Return the ids of mails that may be taken, the longest waiting first.

        The index may be a moment behind, and gives no more than keys; :meth:`claim` decides.
        """
        rows = self._database.due(
            self._table, INDEX, {"pending": PENDING}, {"due_at": iso(now)}, limit
        )
        return [str(row["pk"]) for row in rows]

    def claim(self, mail_id: str, now: datetime) -> Row | None:
        """Take a mail for the length of the lease, or return None when it is not to be taken.

        It may be taken when nobody tried yet (the stream comes at once) or when its time has come.
        """
        until = iso(now + LEASE)
        claim = Update(
            self._table,
            {"pk": mail_id},
            set={"state": State.SENDING.value, "lease_until": until, "due_at": until},
            add={"attempts": 1},
            when=(Exists("pending"), Either(Equals("attempts", 0), AtMost("due_at", iso(now)))),
        )
        try:
            return row_of(self._database.update(claim))
        except Rejected:
            return None

    def sent(self, row: Row, message_id: str, now: datetime, member_id: str = "") -> bool:
        """Note SES's yes. False when the lease was lost and somebody else has the row.

        SES's own event may have been quicker than we were: then this very mail is marked already.
        *member_id* is whose mail it was, where the row did not say.
        """
        found: dict[Path, Value] = {"member_id": member_id} if member_id else {}
        changes = {"sent_at": iso(now), "message_id": message_id, **found}
        if self._finish(row, State.SENT, changes, ("failure",)):
            return True
        marked = self._database.get(self._table, {"pk": row.mail_id})
        return marked is not None and marked.get("message_id") == message_id

    def skipped(self, row: Row, reason: str) -> bool:
        """Note that there is nothing to send. False when the lease was lost."""
        return self._finish(row, State.SKIPPED, {"reason": reason})

    def failed(self, row: Row, reason: str) -> bool:
        """Give up. The row stays for the office. False when the lease was lost."""
        return self._finish(row, State.FAILED, {"failure": reason})

    def put_back(self, row: Row, reason: str, now: datetime) -> bool:
        """Note the next try after SES surely did not take the mail. False: the lease was lost."""
        changes: dict[Path, Value] = {
            "state": State.QUEUED.value,
            "due_at": iso(now + _wait(row)),
            "failure": reason,
        }
        return self._mark(row, changes, ("lease_until",))

    def release(self, row: Row, now: datetime) -> bool:
        """Give the row back untried, to be taken at once. False when the lease was lost."""
        changes: dict[Path, Value] = {"state": State.QUEUED.value, "due_at": iso(now)}
        return self._mark(row, changes, ("lease_until",))

    def hold(self, row: Row, reason: str, now: datetime) -> bool:
        """Note that the answer never came: SES may have taken the mail, so the wait is longer.

        That is time for SES's own event to tell, and keeps a silent SES from sending many times.
        """
        until = iso(now + max(LEASE, _wait(row)))
        return self._mark(row, {"due_at": until, "lease_until": until, "failure": reason})

    def _finish(
        self, row: Row, state: State, changes: Mapping[Path, Value], remove: tuple[str, ...] = ()
    ) -> bool:
        gone = ("pending", "due_at", "lease_until", *remove)
        return self._mark(row, {"state": state.value, **changes}, gone)

    def _mark(self, row: Row, changes: Mapping[Path, Value], remove: tuple[str, ...] = ()) -> bool:
        mark = Update(
            self._table,
            {"pk": row.mail_id},
            set=changes,
            remove=remove,
            when=(Equals("state", State.SENDING.value), Equals("attempts", row.attempts)),
        )
        try:
            self._database.commit(mark)
        except Rejected:
            return False
        return True


def _wait(row: Row) -> timedelta:
    return timedelta(minutes=WAITS[min(row.attempts, len(WAITS)) - 1])


def row_of(item: Item) -> Row:
    """Read a row of the outbox."""
    data = item.get("data")
    attempts = item.get("attempts")
    return Row(
        mail_id=str(item["pk"]),
        kind=str(item.get("kind")),
        member_id=str(item.get("member_id") or ""),
        data=data if isinstance(data, dict) else {},
        state=State(str(item["state"])),
        attempts=attempts if isinstance(attempts, int) else 0,
        created_at=parse_iso(str(item["created_at"])),
    )
