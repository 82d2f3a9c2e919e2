"""The mailer's two ways of being called: by the outbox's stream, and by the schedule's sweep.

The stream only saves time. It never fails because SES is down; it fails, from the record on that
could not be handled, only when DynamoDB gives no answer. The sweep is the guarantee.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.clock import Clock
from portal.database import Contended, DatabaseError
from portal.expressions import plain
from portal.log import count, logger
from portal.mail.deliver import Courier, Outcome
from portal.mail.outbox import Outbox

SWEEP = 100
"""Rows of one look at the index."""

RESERVE_MILLISECONDS = 30_000
"""No further mail is started with less than this left: the time-outs of one mail fit in."""

GIVE_UP_AFTER = 3
"""Mails in a row that SES did not take, after which the rest is left to the next sweep."""


@dataclass(frozen=True)
class Mailer:
    """The handler of the function."""

    outbox: Outbox
    courier: Courier
    clock: Clock

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """Handle one event of the stream or of the schedule. Anything else is a ValueError."""
        if "Records" in event:
            return self._stream(event["Records"], context)
        if event.get("task") == "sweep":
            return self._sweep(context)
        raise ValueError("neither records of a stream nor the sweep")

    def _stream(self, records: list[Mapping[str, Any]], context: Any) -> dict[str, Any]:
        refused = 0
        for number, record in enumerate(records):
            if refused >= GIVE_UP_AFTER or _short_of_time(context):
                _left(len(records) - number)
                break
            try:
                refused = refused + 1 if self._refused(_new_mail(record)) else 0
            except DatabaseError as error:
                logger.error("database", extra={"error": type(error).__name__})
                # Lambda goes on from the first record named, so the later ones are not lost.
                failed = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
        return {"batchItemFailures": []}

    def _sweep(self, context: Any) -> dict[str, Any]:
        due = self.outbox.due(self.clock(), SWEEP)
        refused = 0
        for number, mail_id in enumerate(due):
            if refused >= GIVE_UP_AFTER or _short_of_time(context):
                return {"left": _left(len(due) - number)}
            refused = refused + 1 if self._swept(mail_id) else 0
        return {"left": 0}

    def _swept(self, mail_id: str) -> bool:
        try:
            return self._refused(mail_id)
        except Contended:
            # Somebody else works on this row; the others must not wait for it.
            return False

    def _refused(self, mail_id: str) -> bool:
        """Deliver one mail, if there is one; True when SES did not take it."""
        if not mail_id:
            return False
        return self.courier.deliver(mail_id) in (Outcome.PUT_BACK, Outcome.UNKNOWN)


def _new_mail(record: Mapping[str, Any]) -> str:
    """Return the id of a mail that was just queued, or an empty text for any other change."""
    if record.get("eventName") != "INSERT":
        return ""
    return str(plain(record["dynamodb"]["Keys"])["pk"])


def _short_of_time(context: Any) -> bool:
    return bool(context.get_remaining_time_in_millis() < RESERVE_MILLISECONDS)


def _left(mails: int) -> int:
    """Count what is left to the next sweep."""
    count("MailLeft", mails)
    return mails
