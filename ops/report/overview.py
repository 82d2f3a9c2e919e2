"""The society at 5 pm on one screen: what is billed and paid, who is there, what is left to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ops.desk import DONE, Desk, japanese
from ops.exits import Status
from ops.output import Column
from ops.report.given import Report, give
from ops.report.reading import entries, everybody, ways_in
from portal.accounts.reported import WayIn
from portal.billing.discrepancies import LIMIT
from portal.billing.model import Payment, PaymentState
from portal.billing.reported import Entry
from portal.billing.sums import Billed, Received, Sum
from portal.billing.words import STATE_WORDS
from portal.members.model import Member
from portal.members.standing import LABELS, Membership

COLUMNS = (
    Column("what", "内容"),
    Column("number", "件数・人数"),
    Column("yen", "円"),
)


@dataclass
class People:
    """Members by what matters to the office. Who left is counted as that and as nothing else."""

    by_membership: dict[Membership, int] = field(
        default_factory=lambda: dict.fromkeys(Membership, 0)
    )
    without_mail: int = 0
    bouncing: int = 0
    never_signed_in: int = 0
    locked: int = 0
    closed: int = 0
    _left: set[str] = field(default_factory=set)

    def add_member(self, member: Member) -> None:
        """Count a member."""
        self.by_membership[member.standing.membership] += 1
        if member.standing.withdrawn:
            self._left.add(member.member_id)
            return
        self.without_mail += not member.record.email
        self.bouncing += member.mail_fails

    def add_way_in(self, way: WayIn) -> None:
        """Count how a member gets in, when all members are counted."""
        if way.member_id in self._left:
            return
        self.never_signed_in += way.never_used
        self.locked += way.disabled
        self.closed += way.closed


@dataclass
class Slips:
    """Slips that are waiting for their money."""

    waiting: Sum = field(default_factory=Sum)

    def add(self, entry: Entry) -> None:
        """Count a slip; anything else is none."""
        if isinstance(entry, Payment) and entry.state is PaymentState.SLIP:
            self.waiting = self.waiting.plus(entry.amount)


def overview(year: int | None, file: Path | None, desk: Desk) -> Status:
    """Show the society as it is now, its money of one fiscal year or of all."""
    people, slips = People(), Slips()
    billed, received = Billed(year), Received(year)
    for member in everybody(desk):
        people.add_member(member)
    for way in ways_in(desk):
        people.add_way_in(way)
    for entry in entries(desk):
        for adder in (billed, received, slips):
            adder.add(entry)
    received.end()
    open_ones = len(desk.discrepancies.listed())
    rows = [*_money(billed, received, slips), *_people(people), _left_over(open_ones)]
    desk.say(f"{japanese(desk.clock())} 現在  請求と入金は{f'{year}年度' if year else '全年度'}")
    shown = [(what, number, "" if yen is None else yen) for _, what, number, yen in rows]
    give(Report("overview", COLUMNS, shown), file, desk)
    # A program gets each by its key and not by the office's words.
    desk.out.fact("overview", {key: {"number": number, "yen": yen} for key, _, number, yen in rows})
    return DONE


type _Row = tuple[str, str, int, int | None]


def _money(billed: Billed, received: Received, slips: Slips) -> Iterator[_Row]:
    for state, one in billed.by_state.items():
        yield f"invoices_{state.value}", f"請求 {STATE_WORDS[state]}", one.number, one.yen
    yield "invoices", "請求 合計", billed.total.number, billed.total.yen
    came = received.total
    yield "received", "入金", came.total.number, came.total.yen
    yield "given_back", "うち返金", came.gone.number, came.gone.yen
    yield "astray", "請求に合わない入金", received.astray.number, received.astray.yen
    yield "slips", "コンビニ支払い待ち（全年度）", slips.waiting.number, slips.waiting.yen


def _people(people: People) -> Iterator[_Row]:
    for membership, number in people.by_membership.items():
        yield membership.value, f"会員 {LABELS[membership]}", number, None
    yield "never_signed_in", "一度もログインしていない", people.never_signed_in, None
    yield "without_mail", "メールアドレスなし", people.without_mail, None
    yield "bouncing", "メールが届かない", people.bouncing, None
    yield "locked", "ログイン停止中", people.locked, None
    yield "closed", "利用停止中", people.closed, None


def _left_over(discrepancies: int) -> _Row:
    more = "以上" if discrepancies == LIMIT else ""
    return "discrepancies", f"未処理の食い違い{more}", discrepancies, None
