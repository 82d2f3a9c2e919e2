"""End sessions: by the member on the page ログイン中の端末, and by the office."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.audit import entry
from portal.database import Database, Delete

# DynamoDB takes 100 actions in one transaction; the rest is room for what is not a session.
SESSIONS_AT_ONCE = 90


@dataclass(frozen=True)
class Actor:
    """Who ends them, from where, and why: a member id, or ``office:NAME`` with a reason."""

    name: str
    source: str = ""
    reason: str = ""


@dataclass(frozen=True)
class EndSessions:
    """The use case with its collaborators."""

    database: Database
    audit_table: str

    def __call__(
        self, member_id: str, ended: Sequence[Delete], actor: Actor, now: datetime
    ) -> None:
        """End sessions of one member and write the audit; nothing at all when there are none."""
        for some in at_once(ended):
            note = entry(
                self.audit_table,
                actor=actor.name,
                action="sessions_ended",
                subject=member_id,
                at=now,
                source=actor.source,
                after={"ended": len(some)},
                note=actor.reason,
            )
            self.database.commit(*some, note)


def at_once(ended: Sequence[Delete]) -> Iterator[Sequence[Delete]]:
    """Cut the writes into what fits into one transaction."""
    for start in range(0, len(ended), SESSIONS_AT_ONCE):
        yield ended[start : start + SESSIONS_AT_ONCE]
