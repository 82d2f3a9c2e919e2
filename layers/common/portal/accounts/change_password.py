"""Change the password while signed in; the first time it is the only thing a member can do."""

from dataclasses import dataclass
from datetime import timedelta

from portal.accounts.guessable import Guesses
from portal.accounts.model import Credential
from portal.accounts.new_password import Changed, Faulty, Origin, PasswordSetter
from portal.accounts.policy import Fault
from portal.accounts.reset import unconditional_end
from portal.accounts.sessions import Session
from portal.accounts.throttle import Counter, change_key
from portal.audit import entry
from portal.database import Contended, Rejected

_RACES = 3


@dataclass(frozen=True)
class WrongCurrent:
    """The present password was not the one typed."""


@dataclass(frozen=True)
class ChangeWait:
    """The present password was typed wrongly too often; this try was not evaluated."""

    wait: timedelta


@dataclass(frozen=True)
class SessionGone:
    """The credential is no longer what the session was opened with: sign in again."""


type ChangeOutcome = Changed | Faulty | WrongCurrent | ChangeWait | SessionGone


@dataclass(frozen=True)
class ChangePassword:
    """The use case. *sessions_table* holds the reset link that a change makes void."""

    setter: PasswordSetter
    sessions_table: str

    def __call__(self, session: Session, current: str, new: str, origin: Origin) -> ChangeOutcome:
        """Change the password to *new*; *current* is asked for except the first time."""
        faults = self.setter.policy.faults(new)
        if faults:
            return Faulty(tuple(faults))
        for _ in range(_RACES):
            try:
                return self._change(session, current, new, origin)
            except (Rejected, Contended):
                # The member signed in elsewhere at this moment: look again and end that one too.
                continue
        raise Contended

    def _change(self, session: Session, current: str, new: str, origin: Origin) -> ChangeOutcome:
        credential, counter, guesses = self._look(session, origin)
        if credential is None or credential.closed:
            return SessionGone()
        if credential.must_change is not session.must_change:
            return SessionGone()
        faults = self.setter.policy.faults(new, guesses)
        if faults:
            return Faulty(tuple(faults))
        refusal = None if session.must_change else self._check(credential, current, counter, origin)
        if refusal is not None:
            return refusal
        if self.setter.was_used(new, credential):
            self._forget(counter)
            return Faulty((Fault.RECENT,))
        end = unconditional_end(self.sessions_table, session.member_id)
        action = "first_password_set" if session.must_change else "password_changed"
        return self.setter.set(credential, new, origin, action, end)

    def _forget(self, counter: Counter) -> None:
        """Forget the counter: the present password was right, only the new one was not new."""
        self.setter.database.commit(*self.setter.throttle.forgotten([counter.key]))

    def _look(self, session: Session, origin: Origin) -> tuple[Credential | None, Counter, Guesses]:
        throttle, nearby = self.setter.throttle, self.setter.nearby
        credentials, number = self.setter.credentials, session.member_no
        key = change_key(number)
        reads = credentials.read_key(number), throttle.read_key(key), nearby.read(session.member_id)
        found = self.setter.database.read(reads)
        row, counted, person = (one if isinstance(one, dict) else None for one in found)
        credential = credentials.parse(row)
        mine = credential if credential and credential.member_id == session.member_id else None
        counter = throttle.parse(key, counted, origin.now)
        return mine, counter, nearby.guesses(person, number)

    def _check(
        self, credential: Credential, current: str, counter: Counter, origin: Origin
    ) -> ChangeOutcome | None:
        wait = counter.wait(origin.now)
        if wait:
            return ChangeWait(wait)
        # Raised before the hash, as at sign-in: an open browser must not be a place to guess.
        self.setter.database.commit(self.setter.throttle.raised(counter, origin.now))
        if self.setter.hasher.verify(current, credential.password):
            return None
        self.setter.database.commit(
            entry(
                self.setter.audit_table,
                actor=credential.member_id,
                action="password_change_refused",
                subject=credential.member_id,
                at=origin.now,
                source=origin.source,
            )
        )
        return WrongCurrent()
