"""Replay of stored deliveries: put back on the list, so that settlement applies them anew.

A replay books nothing by itself. The delivery is a hint as it was the first time: GMO is asked,
and a payment that is settled already stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal import audit
from portal.billing.discrepancies import Discrepancies
from portal.billing.hints import UNCONFIRMED
from portal.billing.inbox import NOT_CONFIRMED, UNKNOWN, InboxStore, Stored
from portal.database import Contended, Database, Rejected

LIMIT = 1000
CLAIMING = ("unconfirmed", "other_shop", "unknown_order")
"""The kinds of discrepancies that deliveries are closed with."""


class NotReplayableError(Exception):
    """The delivery is there no more, or somebody else touches it at the same moment."""


@dataclass(frozen=True)
class Replay:
    """Finds deliveries and puts them back on the list."""

    database: Database
    inbox: InboxStore
    discrepancies: Discrepancies
    audit_table: str

    def failed(self) -> Iterator[Stored]:
        """Yield deliveries that were tried beyond their tries, or closed as unconfirmed or,
        with an order of our form, as unknown.

        The latter only while their discrepancy is open: what the office closed is dealt with.
        """
        for one in self.inbox.pending(LIMIT):
            if one.delivery.tries >= len(UNCONFIRMED):
                yield one
        yield from self._unconfirmed()

    def _unconfirmed(self) -> Iterator[Stored]:
        for task in self.discrepancies.listed():
            names = self.discrepancies.deliveries(task) if task.kind in CLAIMING else []
            for inbox_id in names:
                found = self.inbox.find(inbox_id)
                if found and not found.pending and found.outcome in (NOT_CONFIRMED, UNKNOWN):
                    yield found

    def again(self, one: Stored, *, actor: str, reason: str, now: datetime) -> None:
        """Put one delivery back on the list and tell the audit. Raises NotReplayableError."""
        told = audit.entry(
            self.audit_table,
            actor=actor,
            action="delivery.replayed",
            subject=f"inbox:{one.delivery.inbox_id}",
            at=now,
            before={"outcome": one.outcome, "tries": one.delivery.tries},
            note=reason,
        )
        try:
            self.database.commit(self.inbox.again(one.delivery, now), told)
        except (Rejected, Contended):
            raise NotReplayableError from None
