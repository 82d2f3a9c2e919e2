"""Use case: passwords are issued batch by batch, each as one PDF, such that a run which stopped at
any line is finished by the next (docs/decisions/0038).

Letters of a batch are on the disk before a password in it is good, and have their name only after
all are good and the batch is complete. A password stands in its letter and nowhere else.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Protocol

from ops.desk import Desk, Signature
from ops.letters.address import Address, address_of, without_mail
from ops.letters.batches import COMPLETE, Batch, Batches, Ended
from ops.letters.files import LetterFolder
from ops.letters.letter import Letter, last_day
from ops.letters.wanted import Wanted, unissued
from ops.patience import patiently
from ops.people import people
from portal.accounts.end_sessions import Actor
from portal.accounts.hashing import StoredPassword
from portal.accounts.model import Credential
from portal.accounts.office import ReissuePassword
from portal.accounts.store import CredentialStore
from portal.database import Read, Rejected

READ_AT_ONCE = 100
"""Keys that DynamoDB reads in one call."""


type Still = Callable[[Credential, Mapping[str, Ended]], bool]


class Overtaken(Exception):
    """Another run took this batch over; none of its letters is good."""


class Printer(Protocol):
    """Prints letters as one PDF."""

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        """Return one page for each letter, marked at its foot."""


@dataclass(frozen=True)
class Draft:
    """A password that is hashed and not yet good."""

    credential: Credential
    stored: StoredPassword
    letter: Letter
    told: bool


@dataclass
class Outcome:
    """*batches* with how many letters each has; *left_out* numbers with the reason."""

    batches: list[tuple[str, int]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)

    @property
    def letters(self) -> int:
        """How many letters there are."""
        return sum(count for _, count in self.batches)


class LetterRun:
    """One run. *hashed* is told of each password that was hashed.

    *still* tells of a credential, read anew, whether its member is still to get a letter.
    """

    def __init__(
        self,
        desk: Desk,
        by: Signature,
        *,
        act: ReissuePassword,
        folder: LetterFolder,
        printer: Printer,
        hashed: Callable[[], None],
        still: Still,
    ) -> None:
        self._desk = desk
        self._by = by
        self._act = act
        self._folder = folder
        self._printer = printer
        self._hashed = hashed
        self._still = still
        self._batches = Batches(desk.database, desk.tables.audit)
        self.outcome = Outcome()

    def issue(self, wanted: Sequence[Wanted], at_once: int) -> None:
        """Issue to all of *wanted*, *at_once* letters a PDF. Raises Overtaken and Stopped."""
        for place, some in enumerate(batched(wanted, at_once, strict=False), start=1):
            self._batch(some, place)

    def _batch(self, wanted: Sequence[Wanted], place: int) -> None:
        now = self._desk.clock()
        batch = Batch.begun(now, place)
        drafts = self._drafts(wanted, now)
        if not drafts:
            return
        self._folder.write_part(batch.name, self._pdf(drafts, batch, now))
        good = [draft for draft in drafts if self._write(draft, batch, now)]
        if not good:
            self._folder.discard(batch.name)
            return
        if len(good) < len(drafts):
            self._folder.write_part(batch.name, self._pdf(good, batch, now))
        self._complete(batch, len(good))
        self.outcome.batches.append((batch.name, len(good)))

    def _complete(self, batch: Batch, letters: int) -> None:
        desk = self._desk
        told: dict[str, str | int] = {"letters": letters, "folder": str(self._folder.path)}
        if not self._ends(batch, COMPLETE, told):
            self._folder.discard(batch.name)
            raise Overtaken
        self._folder.finish(batch.name)
        patiently(lambda: self._batches.place(batch, self._by, desk.clock()), desk.pause)

    def _ends(self, batch: Batch, action: str, told: Mapping[str, str | int]) -> bool:
        at = self._desk.clock()
        ended = patiently(
            lambda: self._batches.end(batch, action, self._by, at, dict(told)), self._desk.pause
        )
        if ended:
            return True
        # A try without an answer may have been written: what is there decides.
        there = patiently(self._batches.ended, self._desk.pause)[batch.name]
        return there.complete is (action == COMPLETE)

    # Passwords

    def _drafts(self, wanted: Sequence[Wanted], now: datetime) -> list[Draft]:
        members = patiently(
            lambda: people([one.member_id for one in wanted], self._desk), self._desk.pause
        )
        credentials = self._credentials([one.number for one in wanted])
        # Read after the credentials: what is void now never gets letters that go out.
        ended = patiently(self._batches.ended, self._desk.pause)
        kept = []
        for one in wanted:
            credential, member = credentials.get(one.number), members.get(one.member_id)
            if credential is None or member is None or not self._free(credential, ended):
                self._leave_out(one.number)
            else:
                kept.append((credential, address_of(member), without_mail(member)))
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            made = pool.map(lambda one: self._draft(*one, ended=ended, now=now), kept)
            return [self._counted(draft) for draft in made]

    def _free(self, credential: Credential, ended: Mapping[str, Ended]) -> bool:
        """Tell whether the member is still to get a letter, and no other run is at it now."""
        running = bool(credential.letters) and credential.letters not in ended
        return not running and self._still(credential, ended)

    def _draft(
        self,
        credential: Credential,
        address: Address,
        no_mail: bool,
        *,
        ended: Mapping[str, Ended],
        now: datetime,
    ) -> Draft:
        password = self._act.draw(credential.member_no)
        letter = Letter(
            address, credential.member_no, password, last_day(now, self._act.policy), no_mail
        )
        stored = self._act.hasher.hash(password, now)
        # Whose password nobody ever saw loses nothing by a new one. Who set one since is told, also
        # where the credential still names a batch that was never finished.
        told = not unissued(credential, ended)
        return Draft(credential, stored, letter, told)

    def _counted(self, draft: Draft) -> Draft:
        self._hashed()
        return draft

    def _credentials(self, numbers: Sequence[str]) -> dict[str, Credential]:
        store = CredentialStore(self._desk.database, self._desk.tables.credentials)
        found: dict[str, Credential] = {}
        for some in batched(numbers, READ_AT_ONCE, strict=False):
            reads: list[Read] = [store.read_key(number) for number in some]
            rows = patiently(lambda: self._desk.database.read(reads), self._desk.pause)  # noqa: B023 - it is called at once.
            parsed = (store.parse(row) for row in rows if isinstance(row, dict))
            found |= {one.member_no: one for one in parsed if one is not None}
        return found

    def _write(self, draft: Draft, batch: Batch, now: datetime) -> bool:
        """Make one password good; False where somebody was first, who keeps the present one."""
        number = draft.credential.member_no
        actor = Actor(self._by.actor, reason=self._by.reason)

        def write() -> None:
            self._act.write(
                draft.credential, draft.stored, actor, now, letters=batch.name, told=draft.told
            )

        try:
            patiently(write, self._desk.pause)
        except Rejected:
            # A try without an answer may have been written: what is there decides.
            there = self._credentials([number]).get(number)
            if there is None or there.password.bcrypt != draft.stored.bcrypt:
                self._leave_out(number)
                return False
        return True

    def _leave_out(self, number: str) -> None:
        self.outcome.left_out.append((number, "この間に、ほかの操作がありました"))

    def _pdf(self, drafts: Sequence[Draft], batch: Batch, now: datetime) -> bytes:
        return self._printer.pdf([one.letter for one in drafts], batch.name, now)
