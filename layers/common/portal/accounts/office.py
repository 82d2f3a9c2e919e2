"""What the office does about signing in: unlock a number, issue a new initial password (M6).

Each act is audited with who and why. The office never learns a password that a member chose, and an
initial one is worth nothing after the first change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.accounts.end_sessions import SESSIONS_AT_ONCE, Actor, at_once
from portal.accounts.guessable import Guesses
from portal.accounts.hashing import Hasher, StoredPassword
from portal.accounts.initial_password import new_initial_password
from portal.accounts.model import Credential
from portal.accounts.no_password import has_no_password
from portal.accounts.policy import PasswordPolicy
from portal.accounts.reset import unconditional_end
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Throttle, change_key, everywhere_key
from portal.audit import entry
from portal.database import Contended, Database, Item, Put, Rejected
from portal.ids import crockford
from portal.mail.outbox import queued

_RACES = 3


@dataclass(frozen=True)
class Unlock:
    """Lets a member try again at once: a disabled password is enabled, waits are forgotten."""

    database: Database
    credentials: CredentialStore
    throttle: Throttle
    audit_table: str

    def __call__(
        self, credential: Credential, counters: Sequence[str], actor: Actor, now: datetime
    ) -> None:
        """Enable the password and forget *counters*, which are keys of this number's."""
        forgotten = self.throttle.forgotten(counters)
        for some in at_once(forgotten):
            self.database.commit(*some)
        before: Item = {"disabled": credential.disabled, "counters": len(counters)}
        self.database.commit(
            self.credentials.enable(credential.member_no),
            entry(
                self.audit_table,
                actor=actor.name,
                action="unlocked",
                subject=credential.member_id,
                at=now,
                source=actor.source,
                before=before,
                note=actor.reason,
            ),
        )


@dataclass(frozen=True)
class Reissued:
    """A new initial password. *password* is for the office's screen and nothing else."""

    password: str = field(repr=False)
    ends_at: datetime
    ended_sessions: int


@dataclass(frozen=True)
class ReissuePassword:
    """Issues a new initial password; the old one, all sessions and reset links end with it."""

    database: Database
    credentials: CredentialStore
    sessions: SessionStore
    throttle: Throttle
    hasher: Hasher
    policy: PasswordPolicy
    words: Callable[[], tuple[str, ...]]
    sessions_table: str
    outbox_table: str
    audit_table: str

    def __call__(
        self,
        member_no: str,
        actor: Actor,
        now: datetime,
        keep: Callable[[str], None] = lambda _: None,
    ) -> Reissued | None:
        """Issue one; None where there is no such way in or a closed one. Raises Contended.

        *keep* is handed each password before it is good, perhaps several of which the last counts.
        """
        for _ in range(_RACES):
            credential = self.credentials.find(member_no)
            if credential is None or credential.closed:
                return None
            password = self.draw(member_no)
            stored = self.hasher.hash(password, now)
            keep(password)
            try:
                ended = self.write(credential, stored, actor, now)
            except (Rejected, Contended):
                # The member signed in at this moment: look again and end that session too.
                continue
            return Reissued(password, now + timedelta(days=self.policy.initial_days), ended)
        raise Contended

    def draw(self, member_no: str) -> str:
        """Return a new password that is good for this number."""
        return new_initial_password(self.policy, Guesses(self.words(), (), member_no))

    def write(
        self,
        credential: Credential,
        stored: StoredPassword,
        actor: Actor,
        now: datetime,
        *,
        letters: str = "",
        told: bool = True,
    ) -> int:
        """Make *stored* the password, all in one transaction; return how many sessions ended.

        *letters* is the batch in which it is sent; *told*: the member gets a mail. Raises Rejected
        when anything happened to the credential since it was read, and Contended.
        """
        number, member_id = credential.member_no, credential.member_id
        # Listed after the credential was read: a sign-in since then raised its version. Who never
        # had a password has no session.
        never = has_no_password(credential.password)
        ended = [] if never else self.sessions.delete_all(member_id)
        for some in at_once(ended[SESSIONS_AT_ONCE:]):
            self.database.commit(*some)
        self.database.commit(
            self.credentials.reissued(credential, stored, self.policy, letters),
            unconditional_end(self.sessions_table, member_id),
            *self.throttle.forgotten([change_key(number), everywhere_key(number)]),
            *([self._mail(member_id, now)] if told else []),
            self._audited(credential, actor, now, letters),
            *ended[:SESSIONS_AT_ONCE],
        )
        return len(ended)

    def _mail(self, member_id: str, now: datetime) -> Put:
        return queued(
            self.outbox_table,
            mail_id=f"password_reissued#{member_id}#{crockford(12)}",
            kind="password_reissued",
            member_id=member_id,
            data={},
            now=now,
        )

    def _audited(self, credential: Credential, actor: Actor, now: datetime, letters: str) -> Put:
        return entry(
            self.audit_table,
            actor=actor.name,
            action="password_reissued",
            subject=credential.member_id,
            at=now,
            source=actor.source,
            before={"disabled": credential.disabled, "must_change": credential.must_change},
            after={"letters": letters} if letters else None,
            note=actor.reason,
        )
