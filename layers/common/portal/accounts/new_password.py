"""Setting a password: what the first change, every later change and the reset have in common.

One transaction writes the password, ends every session and every reset link of the member, opens
the new session, queues the mail that tells the member, and writes the audit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.accounts.end_sessions import SESSIONS_AT_ONCE, at_once
from portal.accounts.guessable import Guesses
from portal.accounts.hashing import Hasher
from portal.accounts.model import Credential
from portal.accounts.policy import Fault, PasswordPolicy
from portal.accounts.sessions import PASSWORD_CHANGED, SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, change_key, everywhere_key
from portal.audit import entry
from portal.database import Database, Delete, Get, Item, Put, Write
from portal.ids import crockford
from portal.mail.outbox import queued


@dataclass(frozen=True)
class Origin:
    """Where and when a request came from: its network, its address, its browser."""

    network: str
    source: str
    device: str
    now: datetime


@dataclass(frozen=True)
class Changed:
    """The password is set. *cookie* is that of the new session, the only one left."""

    cookie: str


@dataclass(frozen=True)
class Faulty:
    """The new password breaks these rules; nothing was written."""

    faults: tuple[Fault, ...]


class Nearby(Protocol):
    """What somebody who knows a member would guess; it stands in rows that are not of accounts."""

    def read(self, member_id: str) -> Get:
        """Return the read of the member's row, to travel with another."""

    def guesses(self, row: Item | None, member_no: str) -> Guesses:
        """Return the guesses by that row, which may be missing."""


@dataclass(frozen=True)
class PasswordSetter:
    """Checks a new password against the past ones and sets it."""

    database: Database
    credentials: CredentialStore
    sessions: SessionStore
    throttle: Throttle
    hasher: Hasher
    policy: PasswordPolicy
    nearby: Nearby
    outbox_table: str
    audit_table: str

    def was_used(self, password: str, credential: Credential) -> bool:
        """Tell whether *password* is one of the last that were set, the present one included."""
        last = credential.history[: self.policy.history]
        return any(self.hasher.verify(password, stored) for stored in last)

    def set(
        self, credential: Credential, password: str, origin: Origin, action: str, proof: Delete
    ) -> Changed:
        """Set *password* and return the new session.

        *action* names the deed in the audit. *proof* removes the member's reset link; for a reset
        it has the condition that makes the link good once. Raises Rejected when the credential
        was used or changed since it was read, or *proof* did not hold.
        """
        stored = self.hasher.hash(password, origin.now)
        cookie, session = self.sessions.create(
            credential.member_id,
            credential.member_no,
            now=origin.now,
            must_change=False,
            network=origin.network,
            device=origin.device,
            notice=PASSWORD_CHANGED,
        )
        # Listed after the credential was read: a sign-in since then raised its version.
        ended = self.sessions.delete_all(credential.member_id)
        writes: list[Write] = [
            self.credentials.changed(credential, stored, self.policy, origin.network),
            proof,
            session,
            *self.throttle.forgotten(
                [change_key(credential.member_no), everywhere_key(credential.member_no)]
            ),
            self._mail(credential, origin.now),
            self._audited(credential, origin, action),
        ]
        self._end_early(ended[SESSIONS_AT_ONCE:])
        self.database.commit(*writes, *ended[:SESSIONS_AT_ONCE])
        return Changed(cookie)

    def _end_early(self, ended: list[Delete]) -> None:
        # Whoever has more sessions than fit loses them a moment before; that harms nothing.
        for some in at_once(ended):
            self.database.commit(*some)

    def _mail(self, credential: Credential, now: datetime) -> Put:
        # Random: the credential's own condition makes the deed happen once, and a key made of its
        # version would meet its old self after a restore and forbid every change.
        return queued(
            self.outbox_table,
            mail_id=f"password_changed#{credential.member_id}#{crockford(12)}",
            kind="password_changed",
            member_id=credential.member_id,
            data={},
            now=now,
        )

    def _audited(self, credential: Credential, origin: Origin, action: str) -> Put:
        return entry(
            self.audit_table,
            actor=credential.member_id,
            action=action,
            subject=credential.member_id,
            at=origin.now,
            source=origin.source,
        )
