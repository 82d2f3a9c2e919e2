"""One event of SES: into the mail log, and where it tells of an address, into the record.

It raises only when DynamoDB gives no answer: then Lambda tries again, and every write here may be
made twice and in any order. What is not understood is counted and left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portal.database import Database
from portal.log import count, logger, mask
from portal.mail.event import Happened, MailEvent
from portal.mail.maillog import Logged, MailLog
from portal.mail.ses_events import Ignored, read
from portal.members.mail_news import mail_news


class EventTables(Protocol):
    """What of the configured tables an event touches."""

    @property
    def outbox(self) -> str:
        """The mails and their log."""

    @property
    def members(self) -> str:
        """The member records."""


@dataclass(frozen=True)
class MailEvents:
    """The handler of the function."""

    database: Database
    tables: EventTables

    def __call__(self, event: Mapping[str, Any], _context: object = None) -> dict[str, str]:
        """Handle one event. Raises DatabaseError alone."""
        found = read(event)
        if isinstance(found, Ignored):
            count("MailEventIgnored", why=found.why)
            return {"ignored": found.why}
        logged = MailLog(self.database, self.tables.outbox).heard(found)
        if logged is None:
            # A restored outbox may have forgotten the mail; SES's list knows of the address.
            count("MailEventIgnored", why="no such mail")
            return {"ignored": "no such mail"}
        if logged.member_id:
            mail_news(self.database, self.tables.members, logged.member_id, found)
        _tell(found, logged)
        return {"happened": found.happened.value}


_COUNTED = {
    Happened.BOUNCED: "MailBounced",
    Happened.REJECTED: "MailBounced",
    Happened.COMPLAINED: "MailComplained",
}


def _tell(event: MailEvent, logged: Logged) -> None:
    count("MailEvent", happened=event.happened.value)
    if event.happened not in _COUNTED:
        return
    count(_COUNTED[event.happened], kind=logged.kind)
    # The key of a reset mail is made of a number and an address, which could be guessed.
    masked = mask(logged.mail_id) if logged.kind != "reset_request" else ""
    told = {"mail": masked, "kind": logged.kind, "reason": event.why}
    logger.warning("mail did not arrive", extra=told)
