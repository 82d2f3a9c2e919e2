"""Reset by mail: a link that is good for 30 minutes, once, and only the newest.

The token in the link is ``member_id.token``. Its row is the one item ``RESET`` under the member, so
a newer request overwrites an older one; only the token's SHA-256 is stored. It is consumed in the
transaction that writes the password, never by looking at the page (mail scanners open links).
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.guessable import Guesses
from portal.accounts.model import Credential
from portal.accounts.new_password import Changed, Faulty, Origin, PasswordSetter
from portal.accounts.policy import Fault
from portal.accounts.sessions import split_cookie
from portal.clock import epoch, iso, parse_iso
from portal.database import AtLeast, Contended, Database, Delete, Equals, Key, Put, Rejected
from portal.ids import digest, new_token

LIFE = timedelta(minutes=30)

_SORT_KEY = "RESET"
_RACES = 3


@dataclass(frozen=True)
class ResetLink:
    """A link that was found good when it was read."""

    member_id: str
    member_no: str
    token_hash: str


@dataclass(frozen=True)
class LinkEnded:
    """The link is unknown, too old, used, or a newer one was sent."""


type ResetOutcome = Changed | Faulty | LinkEnded


def issue(table: str, *, member_id: str, member_no: str, now: datetime) -> tuple[str, Put]:
    """Return a new token for the mail, and the write that makes it the only good one.

    *table* is the table of sessions. The token goes into the mail and nowhere else.
    """
    token = new_token()
    ends_at = now + LIFE
    row = Put(
        table,
        {
            **_key(member_id),
            "member_no": member_no,
            "token_hash": digest(token),
            "expires_at": iso(ends_at),
            "ttl": epoch(ends_at),
        },
    )
    return f"{member_id}.{token}", row


def find(database: Database, table: str, token: str, now: datetime) -> ResetLink | None:
    """Return the link that *token* of a path opens, or None; nothing is consumed."""
    parts = split_cookie(token)
    if parts is None:
        return None
    member_id, secret = parts
    row = database.get(table, _key(member_id))
    token_hash = digest(secret)
    if row is None or not hmac.compare_digest(str(row["token_hash"]), token_hash):
        return None
    if now >= parse_iso(str(row["expires_at"])):
        return None
    return ResetLink(member_id, str(row["member_no"]), token_hash)


def unconditional_end(table: str, member_id: str) -> Delete:
    """Return the write that makes a link void that is still in some mailbox."""
    return Delete(table, _key(member_id))


@dataclass(frozen=True)
class ResetPassword:
    """The use case. It works for a disabled password and for one who never signed in."""

    setter: PasswordSetter
    sessions_table: str

    def __call__(self, token: str, new: str, origin: Origin) -> ResetOutcome:
        """Set the password to *new* by a link."""
        for _ in range(_RACES):
            try:
                return self._reset(token, new, origin)
            except (Rejected, Contended):
                # The link was used or the member signed in meanwhile; the next look tells which.
                continue
        raise Contended

    def _reset(self, token: str, new: str, origin: Origin) -> ResetOutcome:
        link = find(self.setter.database, self.sessions_table, token, origin.now)
        if link is None:
            return LinkEnded()
        credential, guesses = self._look(link)
        if credential is None or credential.closed or credential.member_id != link.member_id:
            return LinkEnded()
        faults = self.setter.policy.faults(new, guesses)
        if faults:
            return Faulty(tuple(faults))
        if self.setter.was_used(new, credential):
            return Faulty((Fault.RECENT,))
        return self.setter.set(
            credential, new, origin, "password_reset", self._consume(link, origin)
        )

    def _look(self, link: ResetLink) -> tuple[Credential | None, Guesses]:
        credentials, nearby = self.setter.credentials, self.setter.nearby
        found = self.setter.database.read(
            [credentials.read_key(link.member_no), nearby.read(link.member_id)]
        )
        row, person = (one if isinstance(one, dict) else None for one in found)
        return credentials.parse(row), nearby.guesses(person, link.member_no)

    def _consume(self, link: ResetLink, origin: Origin) -> Delete:
        good = (
            Equals("token_hash", link.token_hash),
            AtLeast("expires_at", iso(origin.now)),
        )
        return Delete(self.sessions_table, _key(link.member_id), when=good)


def _key(member_id: str) -> Key:
    return {"pk": member_id, "sk": _SORT_KEY}
