"""The outbox read as a log: what became of each mail, told by SES's events and shown to the office.

Events come late, twice and in any order. Each kind has attributes of its own that are set once and
never changed, so a delivery that is heard of after a bounce takes nothing of it back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.clock import iso, parse_iso
from portal.database import Database, Equals, Get, Item, OneOf, Rejected, Update, Value
from portal.log import count
from portal.mail.event import Happened, MailEvent
from portal.mail.outbox import State

INDEX = "member"
SHOWN = 200
"""Mails of one member that are listed: more than ten years of them."""

_AHEAD = timedelta(days=1)
_UNSENT = (State.QUEUED.value, State.SENDING.value, State.FAILED.value)
_TRIES = 2

_NOTED = {
    Happened.DELIVERED: "delivered",
    Happened.BOUNCED: "bounced",
    Happened.REJECTED: "bounced",
    Happened.COMPLAINED: "complained",
}


@dataclass(frozen=True)
class Logged:
    """One mail and what is known of it. Moments are aware UTC; *why* are words of SES or ours."""

    mail_id: str
    kind: str
    member_id: str
    state: State
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    bounced_at: datetime | None
    bounced_why: str
    complained_at: datetime | None
    complained_why: str
    not_sent_why: str

    @property
    def waiting(self) -> bool:
        """Whether it is still to be sent."""
        return self.state in (State.QUEUED, State.SENDING)


class MailLog:
    """The outbox table, as its log."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def read(self, mail_id: str) -> Get:
        """Return the read of one mail, to be made beside others."""
        return Get(self._table, {"pk": mail_id})

    def find(self, mail_id: str) -> tuple[Logged, Item] | None:
        """Return one mail with the facts it was made from."""
        row = self._database.get(self._table, {"pk": mail_id})
        if row is None:
            return None
        data = row.get("data")
        return parse(row), data if isinstance(data, dict) else {}

    def of_member(self, member_id: str, now: datetime) -> list[Logged]:
        """Return a member's mails, the newest first; the index may be a moment behind."""
        until = {"created_at": iso(now + _AHEAD)}
        rows = self._database.due(self._table, INDEX, {"member_id": member_id}, until, SHOWN)
        return [parse(row) for row in reversed(rows)]

    def heard(self, event: MailEvent) -> Logged | None:
        """Note what SES tells of a mail; None when there is no such mail.

        Whatever SES tells proves that it took the mail. One that was not marked as sent, because
        the answer never came or we crashed, is marked now instead of being sent once more.
        """
        for _ in range(_TRIES):
            # Our own mark may come between the two, so both are tried once more.
            for write in (self._noted(event), self._proven(event)):
                try:
                    row = self._database.update(write)
                except Rejected:
                    continue
                if write.remove:
                    count("MailProvenSent", happened=event.happened.value)
                return parse(row)
        return None

    def _noted(self, event: MailEvent) -> Update:
        # The message id is the one that SES's yes brought already, in the usual case.
        initial = _news(event) or {"message_id": event.message_id}
        sent = Equals("state", State.SENT.value)
        return Update(self._table, {"pk": event.mail_id}, initial=initial, when=(sent,))

    def _proven(self, event: MailEvent) -> Update:
        return Update(
            self._table,
            {"pk": event.mail_id},
            set={
                "state": State.SENT.value,
                "sent_at": iso(event.sent_at),
                "message_id": event.message_id,
            },
            initial=_news(event),
            remove=("pending", "due_at", "lease_until", "failure"),
            when=(OneOf("state", _UNSENT),),
        )


def _news(event: MailEvent) -> dict[str, Value]:
    name = _NOTED.get(event.happened)
    if name is None:
        return {}
    why: dict[str, Value] = {f"{name}_why": event.why or event.happened.value}
    return {f"{name}_at": iso(event.at)} | ({} if name == "delivered" else why)


def parse(row: Item) -> Logged:
    """Read a row, or what the index gives of it."""
    return Logged(
        mail_id=str(row["pk"]),
        kind=str(row.get("kind")),
        member_id=str(row.get("member_id") or ""),
        state=State(str(row["state"])),
        created_at=parse_iso(str(row["created_at"])),
        sent_at=_moment(row, "sent_at"),
        delivered_at=_moment(row, "delivered_at"),
        bounced_at=_moment(row, "bounced_at"),
        bounced_why=str(row.get("bounced_why") or ""),
        complained_at=_moment(row, "complained_at"),
        complained_why=str(row.get("complained_why") or ""),
        not_sent_why=str(row.get("failure") or row.get("reason") or ""),
    )


def _moment(row: Item, name: str) -> datetime | None:
    found = row.get(name)
    return parse_iso(str(found)) if found else None
