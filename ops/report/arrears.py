"""Members with unpaid years, and those whose qualification is at stake (資格喪失, L22)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.output import Column
from ops.people import people
from ops.report.given import Fact, Report, give
from ops.report.reading import entries, mail_of
from portal.billing.account import Account
from portal.billing.arrears import Arrears, arrears
from portal.billing.model import LIVE, Invoice, InvoiceState, Payment, PaymentState
from portal.billing.reminders import Why
from portal.billing.reported import Entry
from portal.members.model import Member
from portal.members.standing import LABELS

COLUMNS = (
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("number", "未納年度数"),
    Column("years", "年度"),
    Column("yen", "金額"),
    Column("oldest_due", "最も古い期日"),
    Column("forfeit", "資格喪失"),
    Column("forfeit_on", "資格喪失の日"),
    Column("waits", "手続き"),
    Column("mail", "メール"),
    Column("membership", "在籍"),
)
_WAITS = {None: "", Why.SLIP: "コンビニ支払い待ち", Why.CHECKING: "入金を確認中"}


@dataclass
class Accounts:
    """What is needed of everybody's account to know what is unpaid: much less than all of it."""

    invoices: dict[str, list[Invoice]] = field(default_factory=lambda: defaultdict(list))
    payments: dict[str, list[Payment]] = field(default_factory=lambda: defaultdict(list))

    def add(self, entry: Entry) -> None:
        """Keep what may say that something is unpaid, or that its money is on its way."""
        if isinstance(entry, Invoice):
            if entry.state is not InvoiceState.PAID:
                self.invoices[entry.member_id].append(entry)
        elif entry.state in LIVE or (entry.flag and entry.state is PaymentState.PAID):
            self.payments[entry.member_id].append(entry)

    def of(self, member_id: str) -> Account:
        """Return a member's account as far as it was kept."""
        payments = {one.order_id: one for one in self.payments.get(member_id, ())}
        return Account(tuple(self.invoices[member_id]), payments, {})


def in_arrears(years: int, file: Path | None, desk: Desk) -> Status:
    """List who has so many unpaid years or more, who has most of them first."""
    accounts = Accounts()
    for entry in entries(desk):
        accounts.add(entry)
    now = desk.clock()
    found = {
        member_id: owed
        for member_id in accounts.invoices
        if (owed := arrears(accounts.of(member_id), desk.society, now)) is not None
        and len(owed.years) >= years
    }
    whose = people(found, desk)
    found = {member_id: _as_member(owed, whose.get(member_id)) for member_id, owed in found.items()}
    rows = [_row(owed, whose.get(member_id)) for member_id, owed in found.items()]
    rows.sort(key=lambda row: (-int(str(row[2])), str(row[0])))
    give(Report("arrears", COLUMNS, rows), file, desk)
    desk.say(_summed(found.values(), years))
    return DONE


def _as_member(owed: Arrears, member: Member | None) -> Arrears:
    """Leave out what is at stake for a member alone: who left still owes, and is warned no more."""
    left = member is not None and member.standing.withdrawn
    return replace(owed, forfeits_on=None, ahead=False) if left else owed


def _row(owed: Arrears, member: Member | None) -> list[Fact]:
    first = owed.unpaid[0]
    standing = member.standing if member else None
    return [
        first.member_no,
        member.record.shown_name if member else "",
        len(owed.years),
        "・".join(map(str, owed.years)),
        owed.yen,
        min(one.due_on for one in owed.unpaid),
        _forfeit(owed),
        owed.forfeits_on + timedelta(days=1) if owed.forfeits_on else "",
        _WAITS.get(owed.waits, ""),
        mail_of(member) if member else "",
        LABELS[standing.membership] if standing else "",
    ]


def _forfeit(owed: Arrears) -> str:
    if owed.forfeits_on is None:
        return ""
    return "次の期日を過ぎると対象" if owed.ahead else "対象"


def _summed(found: Iterable[Arrears], years: int) -> str:
    owing = list(found)
    at_stake = sum(one.forfeits_on is not None and not one.ahead for one in owing)
    yen = sum(one.yen for one in owing)
    return f"{years}年度以上の未納 {len(owing):,}人、合計 {yen:,}円、資格喪失の対象 {at_stake:,}人"
