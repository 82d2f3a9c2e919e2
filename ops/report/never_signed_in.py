"""Members who were never here: whether a password went to them, and until when it lives."""

from datetime import datetime
from pathlib import Path

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.output import Column
from ops.report.given import Fact, Report, give
from ops.report.reading import everybody, mail_of, ways_in
from portal.accounts.reported import WayIn
from portal.clock import jst_date
from portal.members.model import Member
from portal.members.standing import LABELS

COLUMNS = (
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("password", "初期パスワード"),
    Column("until", "有効期限"),
    Column("mail", "メール"),
    Column("membership", "在籍"),
)


def never_signed_in(file: Path | None, desk: Desk) -> Status:
    """List them by number; who left is none of them."""
    waiting = {way.member_id: way for way in ways_in(desk) if way.never_used}
    now = desk.clock()
    rows = [
        _row(waiting[member.member_id], member, now)
        for member in everybody(desk)
        if member.member_id in waiting and not member.standing.withdrawn
    ]
    rows.sort(key=lambda row: str(row[0]))
    give(Report("never_signed_in", COLUMNS, rows), file, desk)
    desk.say(f"{len(rows):,}人")
    return DONE


def _row(way: WayIn, member: Member, now: datetime) -> list[Fact]:
    ends = way.initial_until
    return [
        way.member_no,
        member.record.shown_name,
        _password(ends, now),
        jst_date(ends) if ends else "",
        mail_of(member),
        LABELS[member.standing.membership],
    ]


def _password(ends: datetime | None, now: datetime) -> str:
    if ends is None:
        return "未発行"
    return "期限切れ" if now >= ends else "発行済み"
