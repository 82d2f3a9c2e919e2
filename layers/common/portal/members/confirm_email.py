"""Use case このメールアドレスを確認する: an address counts for a reset once its mail was answered.

The token in the link is ``member_id.token``. Its row is the one item ``EMAIL`` under the member in
the table of sessions, so a newer mail overwrites an older one; stored are the SHA-256 of the token
and of the address it was mailed to. It is consumed by the transaction that notes the address as
confirmed, never by looking at the page (mail scanners open links).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from portal import audit
from portal.clock import epoch, iso, parse_iso
from portal.database import AtLeast, Database, Delete, Equals, Get, Key, Put, Rejected
from portal.ids import digest, new_token, split_owned
from portal.mail.outbox import first_free, queued
from portal.members import store
from portal.members.model import Member

LIFE = timedelta(days=7)

MAILS_PER_HOUR = 3
"""How often a member may have the mail sent again."""

_SORT_KEY = "EMAIL"


class ConfirmTables(Protocol):
    """What of the configured tables this subject reads and writes."""

    @property
    def members(self) -> str:
        """The table of records."""

    @property
    def sessions(self) -> str:
        """The table of sessions and of links that were mailed."""

    @property
    def outbox(self) -> str:
        """The table of mails that wait."""

    @property
    def audit(self) -> str:
        """The append-only table of acts."""


@dataclass(frozen=True)
class EmailLink:
    """A link that was found good when it was read, and whose address it would confirm."""

    member: Member
    token_hash: str


@dataclass(frozen=True)
class Confirmed:
    """The address counts for a reset from now on."""


@dataclass(frozen=True)
class LinkEnded:
    """The link is unknown, too old, used, or the address or a newer mail has overtaken it."""


def issue(table: str, *, member_id: str, email: str, now: datetime) -> tuple[str, Put]:
    """Return a new token for the mail to *email*, and the write that makes it the only good one.

    *table* is the table of sessions. The token goes into the mail and nowhere else.
    """
    token = new_token()
    ends_at = now + LIFE
    row = Put(
        table,
        {
            **_key(member_id),
            "token_hash": digest(token),
            "email_hash": digest(email),
            "expires_at": iso(ends_at),
            "ttl": epoch(ends_at),
        },
    )
    return f"{member_id}.{token}", row


def find(database: Database, tables: ConfirmTables, token: str, now: datetime) -> EmailLink | None:
    """Return the link that *token* of a path opens, or None; nothing is consumed. One read."""
    parts = split_owned(token)
    if parts is None:
        return None
    member_id, secret = parts
    token_hash = digest(secret)
    row, record = database.read(
        [Get(tables.sessions, _key(member_id)), store.read(tables.members, member_id)]
    )
    if not isinstance(row, dict) or not isinstance(record, dict):
        return None
    if not hmac.compare_digest(str(row["token_hash"]), token_hash):
        return None
    member = store.parse(record)
    mailed_to_it = row["email_hash"] == digest(member.record.email)
    in_time = now < parse_iso(str(row["expires_at"]))
    return EmailLink(member, token_hash) if mailed_to_it and in_time else None


def unconditional_end(table: str, member_id: str) -> Delete:
    """Return the write that makes a link void that is still in some mailbox."""
    return Delete(table, _key(member_id))


def confirm_email(
    database: Database, tables: ConfirmTables, token: str, *, now: datetime, source: str
) -> Confirmed | LinkEnded:
    """Note that the mail to the member's address arrived. *source* is for the audit.

    Nothing else of the record changes, its version included: what is open in another window can
    still be saved, and saving does not write what this writes.
    """
    link = find(database, tables, token, now)
    if link is None:
        return LinkEnded()
    try:
        database.commit(
            _consume(tables.sessions, link, now),
            store.confirm_email(tables.members, link.member),
            _audited(tables.audit, link.member, now, source),
        )
    except Rejected:
        # Used, overtaken by a newer mail, or the address changed since it was read a moment ago.
        return LinkEnded()
    return Confirmed()


def resend(database: Database, tables: ConfirmTables, member: Member, now: datetime) -> bool:
    """Queue one more mail with a link. False: this hour's mails are used up.

    The keys name the member and not the address, so that changing the address to and fro sends
    strangers no further mails.
    """
    mails = (
        queued(
            tables.outbox,
            mail_id=f"email_confirmation#{member.member_id}#{now:%Y%m%d%H}#{slot}",
            kind="email_confirmation",
            member_id=member.member_id,
            data={"to": member.record.email, "confirm": True},
            now=now,
        )
        for slot in range(1, MAILS_PER_HOUR + 1)
    )
    return first_free(database, mails) is not None


def _consume(table: str, link: EmailLink, now: datetime) -> Delete:
    good = (Equals("token_hash", link.token_hash), AtLeast("expires_at", iso(now)))
    return Delete(table, _key(link.member.member_id), when=good)


def _audited(table: str, member: Member, now: datetime, source: str) -> Put:
    return audit.entry(
        table,
        actor=member.member_id,
        action="email_confirmed",
        subject=member.member_id,
        at=now,
        source=source,
        before={"confirmed_email": member.confirmed_email},
        after={"confirmed_email": member.record.email},
    )


def _key(member_id: str) -> Key:
    return {"pk": member_id, "sk": _SORT_KEY}
