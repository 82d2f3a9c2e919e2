"""One use case: take a mail out of the outbox, send it, and note how that went.

Never none, never two, except for a crash between SES's yes and our mark: then the lease runs out
and the mail goes again, because a mail that comes twice is better than one that never comes.
Nothing here raises because SES is down; a DatabaseError is passed on, since only then is the next
try not noted anywhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from portal.clock import Clock
from portal.database import Contended, Unreachable
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


def deliver(
    mail_id: str, *, outbox: Outbox, prepare: Prepare, sender: Sender, clock: Clock
) -> Outcome:
    """Send the mail *mail_id* if it is its turn and nobody else has it."""
    row = outbox.claim(mail_id, clock())
    if row is None:
        return Outcome.NOT_OURS
    outcome = _attempt(row, outbox, prepare, sender, clock)
    _tell(row, outcome, clock)
    return outcome


def _attempt(
    row: Row, outbox: Outbox, prepare: Prepare, sender: Sender, clock: Clock
) -> Outcome:
    if row.attempts > MAX_ATTEMPTS:
        # Only lost leases get here: each of these tries ended in a crash or without an answer.
        return _give_up(outbox, row, "LeaseLost")
    try:
        letter = prepare(row)
    except MessageError:
        logger.exception("mail cannot be written", extra={"mail": mask(row.mail_id)})
        return _give_up(outbox, row, "MessageError")
    except NoAddress:
        return _give_up(outbox, row, "NoAddress")
    if isinstance(letter, Nothing):
        outbox.skipped(row, letter.reason)
        return Outcome.SKIPPED
    try:
        message_id = sender.send(letter)
    except NotTaken as error:
        return _not_taken(outbox, row, error.reason, clock)
    except OutcomeUnknown as error:
        outbox.hold(row, error.reason, clock())
        _warn("mail outcome unknown", row, error.reason)
        return Outcome.UNKNOWN
    return _sent(outbox, row, message_id, clock)


def _sent(outbox: Outbox, row: Row, message_id: str, clock: Clock) -> Outcome:
    """Note the yes as stubbornly as it is worth: without the mark the mail goes a second time."""
    for _ in range(_MARK_TRIES - 1):
        try:
            return _mark_sent(outbox, row, message_id, clock)
        except (Contended, Unreachable) as error:
            _warn("mail sent but not marked", row, type(error).__name__)
    return _mark_sent(outbox, row, message_id, clock)


def _mark_sent(outbox: Outbox, row: Row, message_id: str, clock: Clock) -> Outcome:
    if not outbox.sent(row, message_id, clock()):
        _warn("mail sent after its lease was lost", row, message_id)
    return Outcome.SENT


def _not_taken(outbox: Outbox, row: Row, reason: str, clock: Clock) -> Outcome:
    if row.attempts >= MAX_ATTEMPTS:
        return _give_up(outbox, row, reason)
    outbox.put_back(row, reason, clock())
    _warn("mail put back", row, reason)
    return Outcome.PUT_BACK


def _give_up(outbox: Outbox, row: Row, reason: str) -> Outcome:
    outbox.failed(row, reason)
    _warn("mail failed", row, reason)
    return Outcome.FAILED


def _tell(row: Row, outcome: Outcome, clock: Clock) -> None:
    count("mail", outcome=outcome.value, kind=row.kind)
    if outcome in (Outcome.PUT_BACK, Outcome.UNKNOWN) and clock() - row.created_at > LATE:
        count("mail_late")
    if outcome is Outcome.FAILED:
        count("mail_failed")


def _warn(what: str, row: Row, reason: str) -> None:
    logger.warning(
        what,
        extra={"mail": mask(row.mail_id), "kind": row.kind, "try": row.attempts, "reason": reason},
    )
