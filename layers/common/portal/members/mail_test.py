"""Use case 届いていますか: a mail to the member's own address, whose arrival SES tells us.

The mail's key holds the member's id and a slot, the hour with a number. Only the slot is in the
address of the page; whose mail it is comes from the session.
"""

import re
from datetime import datetime
from typing import Protocol

from portal.database import Database, Put
from portal.mail.outbox import first_free, queued
from portal.members.model import Member

KIND = "mail_test"
TESTS_PER_HOUR = 3

_SLOT = re.compile(r"[0-9]{10}-[0-9]")


class MailTestTables(Protocol):
    """What of the configured tables this subject writes."""

    @property
    def outbox(self) -> str:
        """The table of mails that wait."""


def mail_id(member_id: str, slot: str) -> str | None:
    """Return the key of the test mail in *slot*, None when that is no slot."""
    return f"{KIND}#{member_id}#{slot}" if _SLOT.fullmatch(slot) else None


def start(database: Database, tables: MailTestTables, member: Member, now: datetime) -> str | None:
    """Queue a test mail and return its slot. None: this hour's mails are used up."""
    slots = [f"{now:%Y%m%d%H}-{number}" for number in range(1, TESTS_PER_HOUR + 1)]
    place = first_free(database, (mail(tables.outbox, member, slot, now) for slot in slots))
    return None if place is None else slots[place]


def mail(table: str, member: Member, slot: str, now: datetime) -> Put:
    """Return the row of a test mail; *table* is the outbox. It goes to the record's address."""
    return queued(
        table,
        mail_id=f"{KIND}#{member.member_id}#{slot}",
        kind=KIND,
        member_id=member.member_id,
        data={"to": member.record.email},
        now=now,
    )
