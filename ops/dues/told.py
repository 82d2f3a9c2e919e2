"""What ``dues issue`` says: how many of each kind, who the first are, and what is left to do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ops.desk import Desk
from ops.dues.targets import Target
from ops.output import Column
from ops.preview import First, in_a_line
from portal.billing.dues import Why
from portal.billing.model import Invoice

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
    Column("name", "氏名"),
    Column("years", "未払いの年度"),
    Column("amount", "未払い（円）"),
)
UNKNOWN = (
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("kind", "種別"),
)
BEFORE = (Column("amount", "金額"), Column("due_on", "支払期日"), Column("count", "件数"))


@dataclass
class Told:
    """What became of the members: how many of each kind, the first of each, what is left to do."""

    counts: Counter[str] = field(default_factory=Counter)
    amounts: Counter[int] = field(default_factory=Counter)
    first: First[str, Target] = field(default_factory=First)
    forfeiting: list[tuple[str, str, str, int]] = field(default_factory=list)
    unknown: list[tuple[str, str, str]] = field(default_factory=list)
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
            owed = sum(one.amount for one in unpaid)
            self.forfeiting.append((target.member_no, target.name, years, owed))
        if why == Why.UNKNOWN_KIND and len(self.unknown) < LISTED:
            self.unknown.append((target.member_no, target.name, target.standing.kind))


def report(told: Told, desk: Desk, *, yes: bool) -> None:
    """Say what would become of the members or, with *yes*, what became of them."""
    total = sum(amount * members for amount, members in told.amounts.items())
    word = "請求した" if yes else "請求する"
    for amount, number in sorted(told.amounts.items(), reverse=True):
        _counted(f"{amount}", number, f"{word}  {amount:,}円", told, desk)
    for why, words in WORDS.items():
        if told.counts[why]:
            _counted(why, told.counts[why], words, told, desk)
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


def _counted(kind: str, number: int, words: str, told: Told, desk: Desk) -> None:
    desk.say(f"{number:>8,} 件  {words}")
    desk.say(in_a_line([one.named for one in told.first.of(kind)], of=number))


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
