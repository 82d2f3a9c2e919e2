"""From a row of the outbox to a letter: whom it goes to, and what only the moment of sending knows.

This stands above the subjects because a reset mail needs credentials, sessions and members, and a
reminder looks once more at what is to be paid.
"""

from dataclasses import dataclass
from typing import Protocol

from functions.mailer.reminders import ReminderFacts
from portal.accounts import reset
from portal.accounts.store import CredentialStore
from portal.billing.reminders import Told
from portal.billing.store import BillingStore
from portal.clock import Clock
from portal.config import Society
from portal.database import Database, Value
from portal.mail.deliver import NoAddress, Nothing
from portal.mail.messages import compose
from portal.mail.outbox import Row
from portal.mail.sender import Letter
from portal.members import confirm_email, mail_test
from portal.members import store as members
from portal.members.model import Member

_REMINDERS = frozenset(Told)

FAILS = Nothing("mail to this address does not arrive")
WITHDRAWN = Nothing("the member has left the society")


class Tables(Protocol):
    """What of the configured tables a letter needs."""

    @property
    def billing(self) -> str:
        """Invoices and payments."""

    @property
    def members(self) -> str:
        """The member records."""

    @property
    def sessions(self) -> str:
        """Sessions and the rows of mailed links."""


@dataclass(frozen=True)
class LetterWriter:
    """Writes the letter of a row; usable as the courier's ``prepare``."""

    database: Database
    credentials: CredentialStore
    tables: Tables
    society: Society
    base_url: str
    clock: Clock

    def __call__(self, row: Row) -> Letter | Nothing:
        """Return the letter, or why there is none. Raises MessageError or NoAddress."""
        if row.kind == "reset_request":
            return self._reset(row)
        if row.data.get("confirm"):
            return self._asking(row)
        if row.kind in _REMINDERS:
            return self._reminder(row)
        message = compose(row.kind, row.data, society=self.society, base_url=self.base_url)
        to = self._address(row)
        if isinstance(to, Nothing):
            return to
        return Letter(to, message.subject, message.text, afresh=row.kind == mail_test.KIND)

    def _address(self, row: Row) -> str | Nothing:
        """Return where the mail goes: the address in the record now, unless the row names one.

        A changed address is told to the old one as well, so that row brings its own. To an address
        that mail does not reach none is sent, or SES stops sending for everybody.
        """
        named = row.data.get("to")
        if isinstance(named, str) and named:
            return named
        member = self._member(row.member_id)
        if member is None or not member.record.email:
            raise NoAddress
        return _reached(member)

    def _reminder(self, row: Row) -> Letter | Nothing:
        """Remind, unless it is paid meanwhile or the member has left: then a letter may follow."""
        member = self._member(row.member_id)
        if member is not None and member.standing.withdrawn:
            return WITHDRAWN
        store = BillingStore(self.database, self.tables.billing)
        facts = ReminderFacts(store, self.society, self.clock)(row)
        if isinstance(facts, Nothing):
            return facts
        message = compose(row.kind, facts, society=self.society, base_url=self.base_url)
        if member is None or not member.record.email:
            # Members without an address are reminded by letter; that is no mail that failed.
            return Nothing("no address")
        to = _reached(member)
        return to if isinstance(to, Nothing) else Letter(to, message.subject, message.text)

    def _asking(self, row: Row) -> Letter | Nothing:
        """Ask the address to confirm itself, if it is still the one that waits for that.

        Of whose way in the office closed it is not asked: with the links that were there ended
        those of mails that waited.
        """
        member = self._member(row.member_id)
        waits = _waits(member, row) and not self._closed(member)
        if not waits and row.kind == "email_confirmation":
            return Nothing("the address was confirmed or changed meanwhile, or the way in closed")
        if member is not None and member.mail_fails and waits:
            return FAILS
        to = str(row.data["to"])
        token, write = confirm_email.issue(
            self.tables.sessions, member_id=row.member_id, email=to, now=self.clock()
        )
        facts: dict[str, Value] = {"token": token} if waits else {}
        message = compose(row.kind, facts, society=self.society, base_url=self.base_url)
        if waits:
            self.database.commit(write)
        return Letter(to, message.subject, message.text)

    def _reset(self, row: Row) -> Letter | Nothing:
        member = self._entitled(row)
        if member is None:
            # Said to nobody: who asked must not learn whether number and address belong together.
            return Nothing("number and confirmed address do not belong together")
        token, write = reset.issue(
            self.tables.sessions,
            member_id=member.member_id,
            member_no=member.member_no,
            now=self.clock(),
        )
        message = compose(row.kind, {"token": token}, society=self.society, base_url=self.base_url)
        self.database.commit(write)
        to, text = member.confirmed_email, message.text
        return Letter(to, message.subject, text, member_id=member.member_id)

    def _entitled(self, row: Row) -> Member | None:
        """Return the member if the number's confirmed address is the one given.

        That is the one before, as long as a new one is not confirmed: neither a thief of a session
        gets the password by changing the address, nor does a typing error lock the member out.
        Nobody is entitled whose way in the office closed.
        """
        credential = self.credentials.find(str(row.data.get("member_no") or "-"))
        if credential is None or credential.closed:
            return None
        member = self._member(credential.member_id)
        if member is None or not member.confirmed_email:
            return None
        given = str(row.data.get("email") or "")
        return member if member.confirmed_email.casefold() == given.casefold() else None

    def _closed(self, member: Member | None) -> bool:
        credential = self.credentials.find(member.member_no) if member else None
        return credential is not None and credential.closed

    def _member(self, member_id: str) -> Member | None:
        row = self.database.get(self.tables.members, members.key(member_id)) if member_id else None
        return members.parse(row) if row else None


def _reached(member: Member) -> str | Nothing:
    """Return the member's address, or why nothing is sent there."""
    return FAILS if member.mail_fails else member.record.email


def _waits(member: Member | None, row: Row) -> bool:
    if member is None or member.email_confirmed:
        return False
    return member.record.email == row.data.get("to")
