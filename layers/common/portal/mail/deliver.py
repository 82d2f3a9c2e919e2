"""One use case: take a mail out of the outbox, send it, and note how that went.

Never none, never two, except for a crash between SES's yes and our mark: then the lease runs out
and the mail goes again, because a mail that comes twice is better than one that never comes. If
SES's own event about the mail comes first, ``maillog`` marks it as sent and it goes once after all.
Nothing here raises because SES is down; a DatabaseError is passed on, since only then is the next
try not noted anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from portal.clock import Clock
from portal.database import Contended, DatabaseError, Unreachable
from portal.log import count, logger, mask
from portal.mail.messages import MessageError
from portal.mail.outbox import MAX_ATTEMPTS, Outbox, Row
from portal.mail.sender import Letter, NotTaken, OutcomeUnknown, Sender

LATE = timedelta(minutes=30)
"""A mail that still waits after this long is counted; the alarm stands on that count."""

_MARK_TRIES = 3


class NoAddress(Exception):
    """The member has no address to send to, so trying again would not help."""


@dataclass(frozen=True)
class Nothing:
    """There is nothing to tell (any more); *reason* is kept in the row."""

    reason: str


Prepare = Callable[[Row], Letter | Nothing]
"""Find the address and write the mail. Raises MessageError or NoAddress when it cannot ever be."""


class Outcome(Enum):
    """How one delivery ended."""

    SENT = "sent"
    SKIPPED = "skipped"
    PUT_BACK = "put back"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NOT_OURS = "not ours"


@dataclass(frozen=True)
class Courier:
    """Delivers mails with the given collaborators."""

    outbox: Outbox
    prepare: Prepare
    sender: Sender
    clock: Clock

    def deliver(self, mail_id: str) -> Outcome:
        """Send the mail *mail_id* if it is its turn and nobody else has it."""
        row = self.outbox.claim(mail_id, self.clock())
        if row is None:
            return Outcome.NOT_OURS
        outcome = self._attempt(row)
        self._tell(row, outcome)
        return outcome

    def _attempt(self, row: Row) -> Outcome:
        if row.attempts > MAX_ATTEMPTS:
            # Only lost leases get here: each of these tries ended in a crash or without an answer.
            return self._give_up(row, "LeaseLost")
        try:
            prepared = self.prepare(row)
        except (MessageError, NoAddress) as error:
            return self._give_up(row, str(error) or type(error).__name__)
        except DatabaseError:
            self._release(row)
            raise
        if isinstance(prepared, Nothing):
            self.outbox.skipped(row, prepared.reason)
            return Outcome.SKIPPED
        return self._send(row, prepared)

    def _release(self, row: Row) -> None:
        """Give the lease back, so that whoever tries again after a failed read need not wait."""
        try:
            self.outbox.release(row, self.clock())
        except DatabaseError as error:
            _warn("mail not released", row, type(error).__name__)

    def _send(self, row: Row, letter: Letter) -> Outcome:
        letter = replace(letter, mail_id=row.mail_id)
        try:
            message_id = self.sender.send(letter)
        except NotTaken as error:
            return self._not_taken(row, error.reason)
        except OutcomeUnknown as error:
            _warn("mail outcome unknown", row, error.reason)
            self.outbox.hold(row, error.reason, self.clock())
            return Outcome.UNKNOWN
        return self._sent(row, letter, message_id)

    def _sent(self, row: Row, letter: Letter, message_id: str) -> Outcome:
        """Note the yes as stubbornly as it is worth: without the mark the mail goes again."""
        for _ in range(_MARK_TRIES - 1):
            try:
                return self._mark_sent(row, letter, message_id)
            except (Contended, Unreachable) as error:
                _warn("mail sent but not marked", row, type(error).__name__)
        return self._mark_sent(row, letter, message_id)

    def _mark_sent(self, row: Row, letter: Letter, message_id: str) -> Outcome:
        if not self.outbox.sent(row, message_id, self.clock(), letter.member_id):
            _warn("mail sent after its lease was lost", row, message_id)
        return Outcome.SENT

    def _not_taken(self, row: Row, reason: str) -> Outcome:
        if row.attempts >= MAX_ATTEMPTS:
            return self._give_up(row, reason)
        _warn("mail put back", row, reason)
        self.outbox.put_back(row, reason, self.clock())
        return Outcome.PUT_BACK

    def _give_up(self, row: Row, reason: str) -> Outcome:
        _warn("mail failed", row, reason)
        self.outbox.failed(row, reason)
        return Outcome.FAILED

    def _tell(self, row: Row, outcome: Outcome) -> None:
        count("Mail", outcome=outcome.value, kind=row.kind)
        if outcome is Outcome.FAILED:
            count("MailFailed")
        elif outcome in _WAITING and self.clock() - row.created_at > LATE:
            count("MailLate")


_WAITING = frozenset({Outcome.PUT_BACK, Outcome.UNKNOWN})


def _warn(what: str, row: Row, reason: str) -> None:
    # The key of a reset mail is made of a number and an address, which could be guessed.
    masked = mask(row.mail_id) if row.member_id else ""
    told = {"mail": masked, "kind": row.kind, "try": row.attempts, "reason": reason}
    logger.warning(what, extra=told)
