"""Ask for a reset mail: one row either way, so that nobody learns whose number or address is known.

The mailer looks the number and the address up and mails only when both belong together. The row's
key holds the hour and one of three slots for this number and address, so a member gets at most
three mails an hour; a stranger who types another address fills other slots.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.throttle import Throttle
from portal.database import Database
from portal.ids import digest
from portal.mail.outbox import first_free, queued

SLOTS = 3


@dataclass(frozen=True)
class RequestReset:
    """The use case with its collaborators."""

    database: Database
    throttle: Throttle
    outbox_table: str

    def __call__(self, member_no: str, email: str, network: str, now: datetime) -> timedelta | None:
        """Queue the request. Returns the wait when the network asked for too many, else None."""
        counted = self.database.update(self.throttle.forgot_asked(network, now))
        if int(str(counted["failures"])) > self.throttle.rules.forgot_per_hour:
            return timedelta(minutes=60 - now.minute)
        self._queue(member_no, email, now)
        return None

    def _queue(self, member_no: str, email: str, now: datetime) -> None:
        whose = f"{member_no}#{digest(email.casefold())[:16]}#{now:%Y%m%d%H}"
        # After the third no mail goes, and the page says the same.
        first_free(
            self.database,
            (
                queued(
                    self.outbox_table,
                    mail_id=f"reset_request#{whose}#{slot}",
                    kind="reset_request",
                    member_id="",
                    data={"member_no": member_no, "email": email},
                    now=now,
                )
                for slot in range(1, SLOTS + 1)
            ),
        )
