"""Use case: a year's dues are billed to all members, or to one, by society.toml's rules (M52).

Each member is a transaction of its own, on condition that the year was not billed and that the
member still stands where the rules saw them. So a run that was killed is finished by running it
again, and two people who run it at once bill nobody twice.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import batched

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature, named
from ops.exits import Status
from ops.output import Column
from ops.patience import Stopped, patiently, told_stopped
from ops.people import people
from ops.preview import First, in_a_line
from ops.scan import Scan
from portal.billing.account import Account, account
from portal.billing.bill_again import ENDED
from portal.billing.dues import Facts, Left, Why, check_year, decide, year_of
from portal.billing.issue_invoice import Dues, invoice_of, issued
from portal.billing.model import Invoice
from portal.billing.office import OfficeError
from portal.database import Item, Rejected
from portal.members import office_store
from portal.members import store as members
from portal.members.standing import Membership, Standing

AT_ONCE = 100
"""Members whose accounts are read together."""
LISTED = 200
"""Members who are listed at most where the office has to do something about each."""

MOVED_ON = "moved_on"
"""Somebody who stands elsewhere since the rules saw them; the next run sees them anew."""

WORDS: dict[str, str] = {
    Why.BILLED: "請求済",
    Why.WITHDRAWN: "退会",
    Why.EXEMPT: "会費を求めない会員",
    Why.ON_LEAVE: "休会（会費なし）",
    Why.FREE: "会費のない種別",
    Why.FORFEITING: "資格喪失の見込み（未払いが続くため請求しない）",
    Why.UNKNOWN_KIND: "種別が society.toml にない",
    MOVED_ON: "その間に変わった",
}
FORFEITING = (
    Column("member_no", "会員番号"),
    Column("years", "未払いの年度"),
    Column("amount", "未払い（円）"),
)
UNKNOWN = (Column("member_no", "会員番号"), Column("kind", "種別"))
BEFORE = (Column("amount", "金額"), Column("due_on", "支払期日"), Column("count", "件数"))


@dataclass(frozen=True)
class Wanted:
    """What was typed: the year, whom it is billed to where that is not all, and other days."""

    year: int
    kind: str = ""
    member_no: str = ""
    due_on: date | None = None
    closes_on: date | None = None


@dataclass(frozen=True)
class Target:
    """One member, with as little of the record as the rules want."""

    member_id: str
    member_no: str
    standing: Standing

    @property
    def facts(self) -> Facts:
        """What the rules are told."""
        stands = self.standing
        on_leave = stands.membership is Membership.ON_LEAVE
        return Facts(stands.kind, on_leave, stands.withdrawn, exempt=bool(stands.exempt))


@dataclass
class Told:
    """What became of the members: how many of each kind, the first of each, what is left to do."""

    counts: Counter[str] = field(default_factory=Counter)
    amounts: Counter[int] = field(default_factory=Counter)
    first: First[str, "Target"] = field(default_factory=First)
    forfeiting: list[tuple[str, str, int]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    before: Counter[tuple[int, date]] = field(default_factory=Counter)
    """Invoices of the year that were there, by yen and due day; what was ended is left out."""

    @property
    def partly(self) -> bool:
        """Whether somebody was left out whom the office has to look at."""
        return bool(self.counts[Why.UNKNOWN_KIND] or self.counts[MOVED_ON])

    def billed(self, target: Target, amount: int) -> None:
        """Count one who is billed."""
        self.amounts[amount] += 1
        self.first.add(f"{amount}", target)

    def left(self, target: Target, why: str, unpaid: Sequence[Invoice] = ()) -> None:
        """Count one who is not."""
        self.counts[why] += 1
        self.first.add(str(why), target)
        if why == Why.FORFEITING and len(self.forfeiting) < LISTED:
            years = "、".join(str(year) for year in sorted({one.fiscal_year for one in unpaid}))
            self.forfeiting.append((target.member_no, years, sum(one.amount for one in unpaid)))
        if why == Why.UNKNOWN_KIND and len(self.unknown) < LISTED:
            self.unknown.append((target.member_no, target.standing.kind))


def issue(wanted: Wanted, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Say whom a year is billed to and how much, and bill it with *yes*."""
    dues = year_of(desk.society, wanted.year, wanted.due_on, wanted.closes_on)
    desk.out.fact("done", value=False)
    try:
        check_year(dues, desk.society, desk.clock())
        targets = _targets(wanted, desk)
    except OfficeError as error:
        desk.say(f"請求できません: {error.reason}")
        return REFUSED
    desk.say(f"{dues.title}  支払期日 {dues.due_on}  受付の最終日 {dues.closes_on}")
    told, stopped = Told(), False
    try:
        _Issuing(dues, signature if yes else None, told, desk).all(targets)
    except Stopped:
        stopped = True
    _report(told, desk, yes=yes)
    desk.out.fact("dues", {"year": dues.fiscal_year, "title": dues.title, **_days(dues)})
    desk.out.fact("done", yes and not stopped)
    if stopped:
        return told_stopped(desk.say)
    billed = "請求しました。" if told.amounts else "請求する会員はいませんでした。"
    desk.say(billed if yes else ONLY_LOOKED)
    return PARTLY if told.partly else DONE


# Whom


def _targets(wanted: Wanted, desk: Desk) -> list[Target]:
    """Return whom the year is to be billed to, by number. Raises OfficeError."""
    if wanted.kind and desk.society.kind(wanted.kind) is None:
        known = "、".join(one.name for one in desk.society.dues_kinds)
        raise OfficeError(f"種別 {wanted.kind} は society.toml にありません（{known}）")
    found = _one(wanted.member_no, desk) if wanted.member_no else _all(desk)
    if wanted.kind:
        meant = desk.society.kind(wanted.kind)
        found = (one for one in found if desk.society.kind(one.standing.kind) == meant)
    return sorted(found, key=lambda one: one.member_no)


def _one(member_no: str, desk: Desk) -> Iterable[Target]:
    credential = named(member_no, desk)
    if credential is None:
        raise OfficeError("会員番号を確かめてください")
    row = desk.database.get(desk.tables.members, members.key(credential.member_id))
    if row is None:
        raise OfficeError("会員番号はありますが、会員の記録がありません。運用担当者へ")
    return [_target(row)]


def _all(desk: Desk) -> Iterable[Target]:
    names = ("pk", "sk", "member_no", *members.STANDING)
    return map(_target, desk.rows(Scan(desk.tables.members, names, (members.PROFILE,))))


def _target(row: Item) -> Target:
    return Target(str(row["pk"]), str(row["member_no"]), members.standing(row))


# Billing


@dataclass(frozen=True)
class _Issuing:
    """One run. *signature* is None where nothing is to be written."""

    dues: Dues
    signature: Signature | None
    told: Told
    desk: Desk

    def all(self, targets: Sequence[Target]) -> None:
        """Bill all of them. Raises Stopped."""
        progress = self.desk.progress(len(targets), "人")
        for some in batched(targets, AT_ONCE, strict=False):
            for target, found in zip(some, self._accounts(some), strict=True):
                self._one(target, found)
                progress.step()

    def _accounts(self, targets: Sequence[Target]) -> list[Account]:
        store, database = self.desk.store, self.desk.database
        queries = [store.account_query(one.member_id) for one in targets]
        found = patiently(lambda: database.read(queries), self.desk.pause)
        return [account(rows) if isinstance(rows, list) else account(()) for rows in found]

    def _one(self, target: Target, found: Account) -> None:
        desk = self.desk
        decided = decide(target.facts, found, self.dues, desk.society, desk.clock())
        if isinstance(decided, Left):
            self.told.left(target, decided.why, decided.unpaid)
            self.told.before.update(_standing_of(self.dues.fiscal_year, found))
        elif self.signature is None:
            self.told.billed(target, decided.amount)
        else:
            self._bill(target, decided, self.signature)

    def _bill(self, target: Target, dues: Dues, signature: Signature) -> None:
        desk = self.desk
        invoice = invoice_of(dues, member_id=target.member_id, member_no=target.member_no)
        writes = issued(
            desk.store,
            desk.tables.audit,
            invoice,
            actor=signature.actor,
            now=desk.clock(),
            reason=signature.reason,
        )
        stands = office_store.same_standing(desk.tables.members, invoice.member_id, target.standing)
        try:
            patiently(lambda: desk.database.commit(*writes, stands), desk.pause)
        except Rejected:
            self._refused(target, invoice)
        else:
            self.told.billed(target, invoice.amount)

    def _refused(self, target: Target, invoice: Invoice) -> None:
        """Find out who was first: we, in a try that had no answer, or somebody else."""
        store, year = self.desk.store, invoice.fiscal_year
        by = patiently(lambda: store.billed_by(invoice.member_id, year), self.desk.pause)
        if by == invoice.invoice_id:
            self.told.billed(target, invoice.amount)
        else:
            self.told.left(target, Why.BILLED if by else MOVED_ON)


def _standing_of(fiscal_year: int, found: Account) -> Iterable[tuple[int, date]]:
    mine = (one for one in found.invoices if one.fiscal_year == fiscal_year)
    return [(one.amount, one.due_on) for one in mine if one.state not in ENDED]


# What is said


def _report(told: Told, desk: Desk, *, yes: bool) -> None:
    total = sum(amount * members for amount, members in told.amounts.items())
    word = "請求した" if yes else "請求する"
    say = _Counts(told, desk)
    for amount, number in sorted(told.amounts.items(), reverse=True):
        say(f"{amount}", number, f"{word}  {amount:,}円")
    for why, words in WORDS.items():
        if told.counts[why]:
            say(why, told.counts[why], words)
    desk.say(f"{word}合計  {sum(told.amounts.values()):,} 件  {total:,}円")
    desk.out.fact("billed", {str(amount): number for amount, number in told.amounts.items()})
    desk.out.fact("total", total)
    desk.out.fact("left", {str(why): number for why, number in told.counts.items()})
    first = {kind: [one.member_no for one in rows] for kind, rows in told.first.rows.items()}
    desk.out.fact("first", first)
    _billed_before(told, desk)
    _listed(Why.FORFEITING, FORFEITING, told.forfeiting, told, desk)
    _listed(Why.UNKNOWN_KIND, UNKNOWN, told.unknown, told, desk)
    if told.counts[MOVED_ON]:
        desk.say("その間に変わった会員がいます。もう一度、同じ命令を実行してください。")


class _Counts:
    """Says how many there are of a kind, and who the first of them are."""

    def __init__(self, told: Told, desk: Desk) -> None:
        self._first = told.first
        self._desk = desk
        shown = [one.member_id for rows in told.first.rows.values() for one in rows]
        self._members = people(shown, desk)

    def __call__(self, kind: str, number: int, words: str) -> None:
        first = [one.member_id for one in self._first.of(kind)]
        self._desk.say(f"{number:>8,} 件  {words}")
        self._desk.say(in_a_line(first, self._members, of=number))


def _billed_before(told: Told, desk: Desk) -> None:
    """Show by which amounts and days the year was billed: another one may have been a mistake."""
    if told.before:
        desk.say("\n請求済の内訳（取消・返金・免除を除く）")
    rows = [(yen, due.isoformat(), number) for (yen, due), number in told.before.most_common()]
    desk.out.table("billed_before", BEFORE, rows)


def _listed(
    why: Why,
    columns: Sequence[Column],
    rows: Sequence[tuple[str | int, ...]],
    told: Told,
    desk: Desk,
) -> None:
    if not rows:
        return
    more = told.counts[why] - len(rows)
    desk.say(f"\n{WORDS[why]}" + (f"（ほかに {more:,} 件）" if more else ""))
    desk.out.table(why.value, columns, rows)


def _days(dues: Dues) -> dict[str, str]:
    return {"due_on": dues.due_on.isoformat(), "closes_on": dues.closes_on.isoformat()}
