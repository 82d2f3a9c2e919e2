"""``members anonymise``: nothing personal stays of who left long ago, but accounting's facts (E53).

One member after another, each in steps: the mark, the rows that name the member, and at last the
record and the way in. A run that was killed leaves the mark, by which the next finds and ends it.
The audit is append-only and stays as it is (docs/decisions/0036-leavers-without-a-name.md).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature
from ops.exits import Status
from ops.patience import Stopped, patiently, told_stopped
from ops.preview import First
from ops.scan import Scan
from portal.accounts.end_sessions import SESSIONS_AT_ONCE
from portal.accounts.store import CredentialStore
from portal.billing import forgetting
from portal.billing.forgetting import Held
from portal.clock import jst_date
from portal.database import Delete, Item, Put, Query, Rejected, Write
from portal.members import anonymising, store
from portal.members.model import Member

MAIL_WAITS = "mail_waits"
MOVED_ON = "moved_on"
DONE_NOW = "anonymised"
WORDS = {
    DONE_NOW: "匿名化する会員",
    Held.UNPAID: "残す: 未払いの請求がある",
    Held.UNDER_WAY: "残す: お支払いの手続き中",
    Held.ODD_MONEY: "残す: 返金も充当もしていない入金がある",
    Held.DISCREPANCY: "残す: 未処理の食い違いがある",
    Held.RECENT: "残す: 会計の記録がまだ保存期間内",
    MAIL_WAITS: "残す: 送信待ちのメールがある",
    MOVED_ON: "残す: その間に会員状態が変わった",
}
_RACES = 3


class Kept(Exception):
    """Something happened since the run began, by which a member is left as is; *why* of WORDS."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def anonymised(years: int | None, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Say whose records are to be emptied, and empty them with *yes*."""
    kept = desk.society.retention_years_after_leaving
    if years is not None and years < kept:
        desk.say(f"{kept}年より短くはできません（society.toml の years_after_leaving）。")
        return REFUSED
    cutoff = years_before(jst_date(desk.clock()), kept if years is None else years)
    told, stopped = _Told(), False
    desk.say(f"{cutoff} までに退会した会員")
    try:
        _Run(cutoff, signature if yes else None, desk, told).all()
    except Stopped:
        stopped = True
    _report(told, desk)
    if stopped:
        return told_stopped(desk.say)
    desk.say("匿名化しました。元に戻すことはできません。" if yes else ONLY_LOOKED)
    return PARTLY if told.held else DONE


def years_before(day: date, years: int) -> date:
    """Return the same day so many years before; of 29 February the day before it."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@dataclass
class _Told:
    """How many of each kind, and the first of them; no name is printed of who is forgotten."""

    counts: Counter[str] = field(default_factory=Counter)
    first: First[str, str] = field(default_factory=First)

    @property
    def held(self) -> bool:
        """Whether somebody was left as is."""
        return any(kind != DONE_NOW for kind in self.counts)

    def add(self, kind: str, member: Member) -> None:
        """Count one member."""
        self.counts[kind] += 1
        self.first.add(kind, f"{member.member_no}  退会 {member.standing.since}")


@dataclass(frozen=True)
class _Elsewhere:
    """What names members in tables that are read once for all: keys by id or by number."""

    mails: dict[str, list[str]]
    waiting: frozenset[str]
    counters: dict[str, list[str]]

    def mail_waits(self, member: Member) -> bool:
        """Tell whether a mail to this member is still to be sent."""
        return member.member_id in self.waiting or member.member_no in self.waiting

    def mails_of(self, member: Member) -> list[str]:
        """Return the keys of this member's mails."""
        return [*self.mails.get(member.member_id, ()), *self.mails.get(member.member_no, ())]


@dataclass(frozen=True)
class _Run:
    """One run; without *signature* it only looks."""

    cutoff: date
    signature: Signature | None
    desk: Desk
    told: _Told

    def all(self) -> None:
        """Go through all who left long enough ago. Raises Stopped."""
        targets = sorted(self._targets(), key=lambda one: one.member_no)
        if not targets:
            return
        disputes = forgetting.disputed(self.desk.database, self.desk.tables.billing)
        elsewhere = _elsewhere(targets, self.desk)
        progress = self.desk.progress(len(targets), "人")
        for member in targets:
            why = self._held(member, disputes, elsewhere)
            self.told.add(why or self._forgotten(member, elsewhere), member)
            progress.step()

    def _forgotten(self, member: Member, elsewhere: _Elsewhere) -> str:
        if self.signature is None:
            return DONE_NOW
        try:
            _Forgetting(member, elsewhere, self.signature, self.desk, self.cutoff).all()
        except Kept as kept:
            return kept.why
        return DONE_NOW

    def _targets(self) -> Iterable[Member]:
        rows = self.desk.rows(Scan(self.desk.tables.members, begins=(store.PROFILE,)))
        for member in map(store.parse, rows):
            since = member.standing.since
            left = member.standing.withdrawn and since is not None and since <= self.cutoff
            if left and not member.anonymised:
                yield member

    def _held(self, member: Member, disputes: frozenset[str], elsewhere: _Elsewhere) -> str | None:
        if elsewhere.mail_waits(member):
            return MAIL_WAITS
        rows = _rows(Query(self.desk.tables.billing, member.member_id), self.desk)
        return forgetting.held(rows, disputes, self.cutoff)


def _elsewhere(targets: Sequence[Member], desk: Desk) -> _Elsewhere:
    """Read once what names any of *targets* in the tables of mails and of counters."""
    ids = {one.member_id for one in targets}
    numbers = {one.member_no for one in targets}
    mails: defaultdict[str, list[str]] = defaultdict(list)
    waiting = set()
    names = ("pk", "member_id", "data", "pending")
    for row in desk.rows(Scan(desk.tables.outbox, names)):
        whose = _whose(row)
        if whose in ids or whose in numbers:
            mails[whose].append(str(row["pk"]))
            if "pending" in row:
                waiting.add(whose)
    counters: defaultdict[str, list[str]] = defaultdict(list)
    for row in desk.rows(Scan(desk.tables.throttle, ("pk",))):
        # A counter is called K#, U# or C#, then the number as typed (throttle.py).
        kind, _, rest = str(row["pk"]).partition("#")
        number = rest.partition("#")[0]
        if kind in ("K", "U", "C") and number in numbers:
            counters[number].append(str(row["pk"]))
    return _Elsewhere(mails, frozenset(waiting), counters)


def _whose(row: Item) -> str:
    """Return whose mail it is; a reset that was never sent has only the number as typed."""
    data = row.get("data")
    typed = data.get("member_no") if isinstance(data, dict) else ""
    return str(row.get("member_id") or typed or "")


def _rows(query: Query, desk: Desk) -> list[Item]:
    return patiently(lambda: desk.database.query(query), desk.pause)


# One member


@dataclass(frozen=True)
class _Forgetting:
    """All steps for one member. Each looks at what is there and may be done again."""

    member: Member
    elsewhere: _Elsewhere
    signature: Signature
    desk: Desk
    cutoff: date

    def all(self) -> None:
        """Do what is left to do, the mark first and the record last. Raises Stopped and Kept."""
        if not self.member.anonymising:
            self._step(self._mark)
        for step in (self._tokens, self._counters, self._mails, self._money, self._changes):
            self._step(step)
        self._step(self._record)

    def _step(self, writes: Callable[[], Iterable[Sequence[Write]]]) -> None:
        """Write what *writes* finds to be done, again where somebody was first. Raises Stopped."""
        for _ in range(_RACES):
            try:
                for some in writes():
                    self._commit(some)
            except Rejected:
                continue
            return
        raise Stopped

    def _commit(self, writes: Sequence[Write]) -> None:
        patiently(lambda: self.desk.database.commit(*writes), self.desk.pause)

    def _mark(self) -> Iterable[Sequence[Write]]:
        found = self._now()
        if found.standing != self.member.standing:
            raise Kept(MOVED_ON)
        if not found.anonymising:
            change = anonymising.begun(self.desk.tables.members, found, self._moment)
            yield change, self._audited("member_anonymising")

    def _tokens(self) -> Iterable[Sequence[Write]]:
        """Sessions, links of mails, a draft."""
        table = self.desk.tables.sessions
        rows = _rows(Query(table, self.member.member_id), self.desk)
        return _at_once(Delete(table, {"pk": str(r["pk"]), "sk": str(r["sk"])}) for r in rows)

    def _counters(self) -> Iterable[Sequence[Write]]:
        keys = self.elsewhere.counters.get(self.member.member_no, ())
        return _at_once(Delete(self.desk.tables.throttle, {"pk": key}) for key in keys)

    def _mails(self) -> Iterable[Sequence[Write]]:
        keys = self.elsewhere.mails_of(self.member)
        return _at_once(Delete(self.desk.tables.outbox, {"pk": key}) for key in keys)

    def _money(self) -> Iterable[Sequence[Write]]:
        table = self.desk.tables.billing
        rows = _rows(Query(table, self.member.member_id), self.desk)
        # Money may have come since this member was looked at, and who gives it back needs a name.
        why = forgetting.held(rows, frozenset(), self.cutoff)
        if why is not None:
            raise Kept(why)
        return _at_once(forgetting.nameless(table, rows, anonymising.PLACEHOLDER))

    def _changes(self) -> Iterable[Sequence[Write]]:
        table = self.desk.tables.members
        rows = _rows(anonymising.changes(table, self.member.member_id), self.desk)
        return _at_once(anonymising.forgotten(table, row) for row in rows)

    def _record(self) -> Iterable[Sequence[Write]]:
        """The record and the way in, together: with it the mark goes."""
        if self._now().anonymised:
            return
        credentials = CredentialStore(self.desk.database, self.desk.tables.credentials)
        credential = patiently(lambda: credentials.find(self.member.member_no), self.desk.pause)
        change = anonymising.emptied(self.desk.tables.members, self.member.member_id, self._moment)
        closed = [credentials.forgotten(credential, self._moment)] if credential else []
        yield change, *closed, self._audited("member_anonymised")

    def _now(self) -> Member:
        key = store.key(self.member.member_id)
        row = patiently(
            lambda: self.desk.database.get(self.desk.tables.members, key), self.desk.pause
        )
        return store.parse(row) if row else self.member

    @property
    def _moment(self) -> datetime:
        return self.desk.clock()

    def _audited(self, action: str) -> Put:
        since = self.member.standing.since
        return self.desk.audited(
            action,
            self.member.member_id,
            self.signature,
            before={"membership_since": since.isoformat() if since else ""},
        )


def _at_once(writes: Iterable[Write]) -> Iterable[Sequence[Write]]:
    return batched(writes, SESSIONS_AT_ONCE, strict=False)


def _report(told: _Told, desk: Desk) -> None:
    desk.out.fact("counts", {kind: told.counts[kind] for kind in WORDS})
    desk.out.fact("first", dict(told.first.rows))
    for kind, word in WORDS.items():
        if kind == DONE_NOW or told.counts[kind]:
            desk.say(f"{told.counts[kind]:>8,} 人  {word}")
        for one in told.first.of(kind):
            desk.say(f"            {one}")
