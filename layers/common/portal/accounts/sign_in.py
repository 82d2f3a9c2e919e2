"""Sign in: one read, the counter, the hash, one transaction.

::

    read credential and counters ─► waiting? ──yes──► Wait (nothing evaluated, nothing counted)
        ▲                             │ no
        │ raised by another meanwhile ▼
        └───────────────────── raise the counter, conditionally
                                      ▼
                              hash (a dummy for an unknown number)
                                ├─ wrong ─► note the failure ─► Refused
                                └─ right ─► session + counters forgotten + credential + audit

A crash between the two writes leaves one failure too many on the counter and nothing else. For an
unknown number and a wrong password the reads, the writes and the hash are the same.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.accounts.hashing import Hasher, StoredPassword
from portal.accounts.model import Credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.sessions import SessionStore
from portal.accounts.spray import Crowd, Spray
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import (
    Counter,
    Throttle,
    everywhere_key,
    known_key,
    unknown_key,
    whole_hour,
)
from portal.audit import entry
from portal.database import Contended, Database, Delete, Put, Rejected, Update, Write
from portal.log import count, logger

# Tries that were raced by others on the same counter; a person's double press needs two.
_RACES = 5


@dataclass(frozen=True)
class Attempt:
    """One try: *member_no* folded, *password* exactly as typed, *cookie* as it was before."""

    member_no: str
    password: str
    network: str
    source: str
    device: str
    cookie: str
    now: datetime


@dataclass(frozen=True)
class SignedIn:
    """The password was right. *cookie* is the new session's; the rest says where to go next."""

    cookie: str
    must_change: bool
    change_due: bool


@dataclass(frozen=True)
class Refused:
    """Wrong number or wrong password; nobody is told which."""


@dataclass(frozen=True)
class Wait:
    """Too many failures lately; the try was neither evaluated nor counted."""

    wait: timedelta


@dataclass(frozen=True)
class Disabled:
    """Too many failures in a row from networks the member never used: reset by mail or office."""


@dataclass(frozen=True)
class InitialEnded:
    """The right initial password, after its life: reset by mail or office."""


type Outcome = SignedIn | Refused | Wait | Disabled | InitialEnded


@dataclass(frozen=True)
class _Seen:
    """What one read found: the credential, and the counters that count for this try."""

    credential: Credential | None
    known: bool
    counted: tuple[Counter, ...]
    crowd: Crowd
    everywhere: Counter

    def forgotten(self, disable_at: int) -> set[str]:
        """Return the keys of the counters that a success forgets.

        Failures that disabled the password stay until it is reset.
        """
        keys = {counter.key for counter in self.counted}
        if self.everywhere.stored is not None:
            keys.add(self.everywhere.key)
        return keys - {self.everywhere.key} if self.everywhere.failures >= disable_at else keys


@dataclass(frozen=True)
class SignIn:
    """The use case with its collaborators."""

    database: Database
    credentials: CredentialStore
    sessions: SessionStore
    throttle: Throttle
    spray: Spray
    hasher: Hasher
    policy: PasswordPolicy
    audit_table: str
    mask: Callable[[str], str]

    def __call__(self, attempt: Attempt) -> Outcome:
        """Try to sign in. Raises DatabaseError when nothing can be said."""
        for _ in range(_RACES):
            seen = self._look(attempt)
            refusal = self._must_wait(seen, attempt.now)
            if refusal is not None:
                return refusal
            if self._count(seen, attempt.now):
                return self._evaluate(attempt, seen)
        # So many tries at once on one number are no person's.
        return Wait(self.throttle.rules.first_wait)

    def _look(self, attempt: Attempt) -> _Seen:
        number, network, now = attempt.member_no, attempt.network, attempt.now
        keys = (known_key(number, network), unknown_key(number, network), everywhere_key(number))
        of_network = self.spray.key(network, now)
        reads = [
            self.credentials.read_key(number),
            *map(self.throttle.read_key, (*keys, of_network)),
        ]
        rows = [row if isinstance(row, dict) else None for row in self.database.read(reads)]
        credential, crowd = self.credentials.parse(rows[0]), self.spray.parse(of_network, rows[-1])
        own, here, everywhere = (
            self.throttle.parse(key, row, now) for key, row in zip(keys, rows[1:-1], strict=True)
        )
        known = credential is not None and credential.knows(network, now)
        return _Seen(credential, known, (own,) if known else (here, everywhere), crowd, everywhere)

    def _must_wait(self, seen: _Seen, now: datetime) -> Outcome | None:
        if not seen.known and seen.everywhere.failures >= self.throttle.rules.disable_at:
            return Disabled()
        waits = [counter.wait(now) for counter in seen.counted]
        if not seen.known:
            waits.append(self.spray.wait(seen.crowd, now))
        return Wait(max(waits)) if any(waits) else None

    def _count(self, seen: _Seen, now: datetime) -> bool:
        """Count the try before it is evaluated; False when others were counted meanwhile."""
        writes: list[Write] = [self.throttle.raised(one, now) for one in seen.counted]
        if not seen.known:
            writes += self.spray.turn(seen.crowd, now)
        try:
            self.database.commit(*writes)
        except (Rejected, Contended):
            return False
        return True

    def _evaluate(self, attempt: Attempt, seen: _Seen) -> Outcome:
        credential = seen.credential
        if credential is None:
            self.hasher.verify_nothing(attempt.password)
            return self._fail(attempt, seen)
        right = self.hasher.verify(attempt.password, credential.password)
        shut = credential.closed or (credential.disabled and not seen.known)
        if not right or shut:
            # Levelled for the right one too: its time must not tell that it was right.
            self.hasher.level(attempt.password, credential.password)
            return self._fail(attempt, seen)
        if credential.initial_ended(attempt.now):
            return self._initial_ended(attempt, credential, seen)
        return self._open(attempt, credential, seen)

    def _fail(self, attempt: Attempt, seen: _Seen) -> Outcome:
        self.database.commit(
            self._audited(attempt, f"sign-in:{self.mask(attempt.member_no)}", "sign_in_failed")
        )
        self._watch_number(seen)
        if seen.known:
            return Refused()
        if not self.throttle.failed_since(seen.counted[0], whole_hour(attempt.now)):
            # Numbers are counted, not tries: that is what tells spraying from one forgetful member.
            self._watch_network(attempt, self.spray.number_failed(seen.crowd, attempt.now))
        if seen.everywhere.failures + 1 >= self.throttle.rules.disable_at:
            self._disable(attempt.member_no)
        return Refused()

    def _watch_number(self, seen: _Seen) -> None:
        # Each count of the common counter is reached by one try only, so each number is told once.
        if seen.counted[-1].failures == self.throttle.rules.watched_at:
            count("NumberUnderAttack")

    def _watch_network(self, attempt: Attempt, one_more: Update) -> None:
        numbers = self.spray.numbers(self.database.update(one_more))
        count("NumbersPerNetwork", numbers)
        if numbers > self.throttle.rules.network_watched:
            # The address stands in the API's log as well; here it says which one to look at.
            found = {"network": attempt.network, "numbers": numbers}
            logger.warning("many numbers from one network", extra=found)

    def _disable(self, member_no: str) -> None:
        try:
            self.database.commit(self.credentials.disable(member_no))
        except Rejected:
            # No such number. It was tried all the same, so that the work tells nothing.
            return

    def _initial_ended(self, attempt: Attempt, credential: Credential, seen: _Seen) -> Outcome:
        note = self._audited(attempt, credential.member_id, "initial_password_ended")
        self.database.commit(*self._forgotten(seen), note)
        return InitialEnded()

    def _open(self, attempt: Attempt, credential: Credential, seen: _Seen) -> Outcome:
        cookie, session = self.sessions.create(
            credential.member_id,
            credential.member_no,
            now=attempt.now,
            must_change=credential.must_change,
            network=attempt.network,
            device=attempt.device,
        )
        renewed = self._renewed(attempt.password, credential.password)
        sign_in = self.credentials.signed_in(credential, attempt.network, attempt.now, renewed)
        opened: list[Write] = [
            sign_in,
            session,
            *self.sessions.delete_cookie(attempt.cookie),
            self._audited(attempt, credential.member_id, "sign_in"),
        ]
        try:
            self._commit_open(opened, seen)
        except Rejected:
            # The password was changed while we looked at it, so what was typed is the old one; or
            # the office closed this way in.
            return Refused()
        return SignedIn(
            cookie, credential.must_change, credential.change_due(attempt.now, self.policy)
        )

    def _commit_open(self, opened: list[Write], seen: _Seen) -> None:
        """Open the session and forget the failures. Raises Rejected, Contended.

        Tries from elsewhere write the common counter; in a storm of them a transaction that deletes
        it would never get through. Whoever is known here then signs in without it: it is forgotten
        by a quieter sign-in.
        """
        forgotten = self._forgotten(seen)
        try:
            self.database.commit(*opened, *forgotten)
        except Contended:
            own = {counter.key for counter in seen.counted}
            quiet = [one for one in forgotten if one.key["pk"] in own]
            self.database.commit(*opened, *quiet)

    def _renewed(self, password: str, stored: StoredPassword) -> StoredPassword | None:
        return None if self.hasher.is_current(stored) else self.hasher.hash(password, stored.set_at)

    def _forgotten(self, seen: _Seen) -> list[Delete]:
        keys = seen.forgotten(self.throttle.rules.disable_at)
        return self.throttle.forgotten(sorted(keys))

    def _audited(self, attempt: Attempt, subject: str, action: str) -> Put:
        actor = subject if not subject.startswith("sign-in:") else "unknown"
        return entry(
            self.audit_table,
            actor=actor,
            action=action,
            subject=subject,
            at=attempt.now,
            source=attempt.source,
        )
