"""Use case: the rows of the office's file against the members, and what is to change, written.

Each row is one transaction on conditions, so an import that was killed is finished by running it
again: a number is never made twice, and a row that is stored already writes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache

from ops.desk import Desk, Signature
from ops.patience import PAUSES, Stopped, hopeless, patiently
from portal import audit
from portal.accounts.hashing import StoredPassword
from portal.accounts.model import Credential, first_credential
from portal.accounts.no_password import no_password
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.clock import Clock
from portal.config import Tables
from portal.database import (
    Contended,
    Database,
    Found,
    Item,
    Put,
    Read,
    Rejected,
    Unreachable,
    Value,
    Write,
)
from portal.ids import crockford, new_member_id
from portal.mail import outbox
from portal.members import history, office_store, store
from portal.members.history import Change
from portal.members.importing import (
    Entry,
    Outcome,
    Plan,
    Rules,
    plan_change,
    plan_new,
    refused,
    texts,
)
from portal.members.model import Member

AT_ONCE = 100
"""Keys that DynamoDB reads in one call."""
LOST_ZEROS = 5
"""A new number is looked for with up to so many zeros in front, which Excel may have taken away."""


class Importer:
    """Plans rows and writes them. *password* makes what new members have instead of a password.

    *changed* is the audit's word for a change of a member who is there. *pause* waits for seconds.
    """

    def __init__(
        self,
        *,
        database: Database,
        tables: Tables,
        rules: Rules,
        clock: Clock,
        password: Callable[[datetime], StoredPassword],
        changed: str,
        pause: Callable[[float], None],
    ) -> None:
        self._database = database
        self._tables = tables
        self._rules = rules
        self._clock = clock
        self._changed = changed
        self._pause = pause
        self._credentials = CredentialStore(database, tables.credentials)
        # One for all: no password belongs to it, and a hash takes a fifth of a second.
        self._password = cache(lambda: password(clock()))

    def plans(self, entries: Sequence[Entry]) -> list[Plan]:
        """Return what is to be done for each row; nothing is written. Raises Stopped."""
        known = self._known([one.number for one in entries])
        mine = {one.number: known[one.number] for one in entries if one.number in known}
        zeros = self._with_zeros([one.number for one in entries if one.number not in mine])
        members = self._members([one.member_id for one in mine.values()])
        return [self._plan(one, mine.get(one.number), members, zeros) for one in entries]

    def write(self, entry: Entry, plan: Plan, signature: Signature) -> Plan:
        """Write one row and return what became of it; it is planned anew where somebody was first.

        Raises Stopped.
        """
        answered, present = True, plan
        for pause in (*PAUSES, None):
            if present.after is None:
                # Nobody else did it in between: the try without an answer had been written.
                done_before = not answered and present.outcome is Outcome.UNCHANGED
                return plan if done_before else present
            try:
                self._database.commit(*self._writes(present, signature))
                return present
            except Rejected:
                pass
            except (Contended, Unreachable) as error:
                if hopeless(error):
                    raise
                answered = answered and isinstance(error, Contended)
                if pause is not None:
                    self._pause(pause)
            (present,) = self.plans([entry])
        raise Stopped

    # Reading

    def _plan(
        self,
        entry: Entry,
        credential: Credential | None,
        members: Mapping[str, Member],
        zeros: Mapping[str, str],
    ) -> Plan:
        if credential is not None:
            member = members.get(credential.member_id)
            if member is None:
                return refused("会員番号はありますが、会員の記録がありません。運用担当者へ。")
            changes = cache(lambda: self._changes(member.member_id))
            return plan_change(entry, member, changes, self._rules, self._clock())
        if entry.number in zeros:
            return refused(
                f"会員番号「{entry.number}」は先頭の 0 が失われたものと思われます"
                f"（登録されている番号: {zeros[entry.number]}）。"
            )
        return plan_new(entry, new_member_id(), self._rules, self._clock())

    def _known(self, numbers: Sequence[str]) -> dict[str, Credential]:
        rows = self._read([self._credentials.read_key(number) for number in numbers])
        found = (self._credentials.parse(row) for row in rows if isinstance(row, dict))
        return {one.member_no: one for one in found if one is not None}

    def _with_zeros(self, numbers: Sequence[str]) -> dict[str, str]:
        """Return the registered number that each of *numbers* may have been."""
        candidates = {
            "0" * zeros + number: number
            for number in numbers
            if not number.startswith("0")
            for zeros in range(1, LOST_ZEROS + 1)
        }
        found = self._known(list(candidates))
        return {candidates[number]: number for number in found}

    def _members(self, member_ids: Sequence[str]) -> dict[str, Member]:
        rows = self._read([store.read(self._tables.members, one) for one in member_ids])
        found = [store.parse(row) for row in rows if isinstance(row, dict)]
        return {one.member_id: one for one in found}

    def _changes(self, member_id: str) -> Sequence[Change]:
        (rows,) = self._read([office_store.whole_history(self._tables.members, member_id)])
        return history.changes(rows) if isinstance(rows, list) else []

    def _read(self, reads: Sequence[Read]) -> list[Found]:
        return [
            found
            for begin in range(0, len(reads), AT_ONCE)
            for found in self._together(reads[begin : begin + AT_ONCE])
        ]

    def _together(self, reads: Sequence[Read]) -> list[Found]:
        return patiently(lambda: self._database.read(reads), self._pause)

    # Writing

    def _writes(self, plan: Plan, signature: Signature) -> Iterable[Write]:
        now, before, after = self._clock(), plan.before, plan.after
        assert after is not None  # noqa: S101 - write() looked.
        if before is None:
            yield self._credentials.create(
                first_credential(
                    after.member_no, after.member_id, self._password(), PasswordPolicy()
                )
            )
            yield store.new(self._tables.members, after)
            yield self._audited(
                after, "member_imported", signature, now, after=self._told_of(after)
            )
            return
        yield office_store.office_change(self._tables.members, before, after)
        if before.record != after.record:
            yield history.written(self._tables.members, before, after, by=history.OFFICE, now=now)
        old, new = texts(before, self._rules.kinds), texts(after, self._rules.kinds)
        yield self._audited(
            after,
            self._changed,
            signature,
            now,
            before={name: old[name] for name in plan.changed},
            after={name: new[name] for name in plan.changed},
        )
        yield from self._told(before, after, now)

    def _audited(
        self,
        member: Member,
        action: str,
        signature: Signature,
        now: datetime,
        *,
        before: Item | None = None,
        after: Item,
    ) -> Put:
        return audit.entry(
            self._tables.audit,
            actor=signature.actor,
            action=action,
            subject=member.member_id,
            at=now,
            before=before,
            after=after,
            note=signature.reason,
        )

    def _told_of(self, member: Member) -> Item:
        return {name: text for name, text in texts(member, self._rules.kinds).items() if text}

    def _told(self, before: Member, after: Member, now: datetime) -> Iterable[Put]:
        """Tell both addresses of a change, each by a mail of its own, as a member's change is."""
        if before.record.email == after.record.email:
            return
        for address in filter(None, (before.record.email, after.record.email)):
            data: dict[str, Value] = {"to": address}
            yield outbox.queued(
                self._tables.outbox,
                mail_id=f"email_changed#{after.member_id}#{crockford(12)}",
                kind="email_changed",
                member_id=after.member_id,
                data=data,
                now=now,
            )


def importer(rules: Rules, desk: Desk, *, changed: str = "member_changed_by_import") -> Importer:
    """Return the importer at *desk*; *changed* as there."""
    return Importer(
        database=desk.database,
        tables=desk.tables,
        rules=rules,
        clock=desk.clock,
        password=lambda now: no_password(desk.hasher(), now),
        changed=changed,
        pause=desk.pause,
    )
