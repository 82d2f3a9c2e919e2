"""``members find``: members by what the office knows of them, and by what is to be done (E50).

Whole tables are read, each once and no more of a row than is needed; nobody is read by himself.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.output import Column
from ops.people import name_of
from ops.scan import Scan
from portal.accounts import reported
from portal.accounts.member_number import NotANumber, fold
from portal.accounts.reported import WayIn
from portal.billing.model import InvoiceState
from portal.billing.rows import INVOICE
from portal.members import store
from portal.members.model import Member
from portal.members.standing import LABELS, Membership

SEARCHED = (
    "family_name",
    "given_name",
    "family_name_kana",
    "given_name_kana",
    "display_family_name",
    "display_given_name",
    "email",
    "workplace",
)
NAMES = (
    *("pk", "member_no", "version", *SEARCHED, *store.STANDING),
    *("mail_fails", "mail_fails_at", "mail_fails_to", "mail_fails_why", "anonymised_at"),
)
"""What is read of a member."""
COLUMNS = (
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("kana", "フリガナ"),
    Column("workplace", "勤務先"),
    Column("email", "メールアドレス"),
    Column("kind", "種別"),
    Column("membership", "状態"),
    Column("notes", "備考"),
)
_HIRAGANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}


@dataclass(frozen=True)
class Filters:
    """What was typed; those that are given must all hold."""

    text: str = ""
    unpaid: bool = False
    bounced: bool = False
    never_signed_in: bool = False
    locked: bool = False
    no_mail: bool = False
    on_leave: bool = False
    withdrawn: bool = False
    kind: str = ""

    @property
    def of_way_in(self) -> bool:
        """Whether credentials have to be looked at."""
        return self.never_signed_in or self.locked


def found(filters: Filters, limit: int, desk: Desk) -> Status:
    """List the members whom all filters leave, by number, *limit* of them at most."""
    matching = sorted(_matching(filters, desk), key=lambda one: one.member_no)
    shown = matching[:limit]
    desk.out.table("members", COLUMNS, [_row(one, desk) for one in shown])
    desk.out.fact("count", len(matching))
    desk.out.fact("shown", len(shown))
    more = f"（はじめの {limit:,} 人を表示。--limit で増やせます）" if shown != matching else ""
    desk.say(f"{len(matching):,} 人{more}")
    if filters.kind and not matching and filters.kind not in desk.society.kind_names:
        # Members may be of a kind that was taken out of the file, and those are found.
        kinds = "・".join(desk.society.kind_names)
        desk.say(f"種別 {filters.kind} は society.toml にありません（{kinds}）。")
    return DONE


def _matching(filters: Filters, desk: Desk) -> list[Member]:
    rows = desk.rows(Scan(desk.tables.members, NAMES, begins=(store.PROFILE,)))
    members = (store.parse(row) for row in rows)
    kept = [one for one in members if not one.anonymised and _stands(one, filters, desk)]
    if filters.of_way_in and kept:
        ways = _ways(desk)
        kept = [one for one in kept if _enters(ways.get(one.member_id), filters)]
    if filters.unpaid and kept:
        owing = _owing(desk)
        kept = [one for one in kept if one.member_id in owing]
    return kept


def _ways(desk: Desk) -> dict[str, WayIn]:
    rows = desk.rows(Scan(desk.tables.credentials, reported.ATTRIBUTES))
    return {one.member_id: one for one in map(reported.parse, rows)}


def _owing(desk: Desk) -> set[str]:
    rows = desk.rows(Scan(desk.tables.billing, ("pk", "state"), begins=(INVOICE,)))
    return {str(row["pk"]) for row in rows if row["state"] == InvoiceState.UNPAID}


def _enters(way: WayIn | None, filters: Filters) -> bool:
    if way is None:
        return False
    if filters.locked and not way.disabled:
        return False
    return way.never_used or not filters.never_signed_in


# One member


def _stands(member: Member, filters: Filters, desk: Desk) -> bool:
    standing = member.standing
    first = desk.society.kind_names[0]
    wanted = (
        (filters.bounced, member.mail_fails),
        (filters.no_mail, not member.record.email),
        (filters.on_leave, standing.membership is Membership.ON_LEAVE),
        (filters.withdrawn, standing.withdrawn),
        (bool(filters.kind), (standing.kind or first) == filters.kind),
    )
    return all(holds for asked, holds in wanted if asked) and says(member, filters.text)


def says(member: Member, text: str) -> bool:
    """Tell whether a member's number, with or without its zeros, name or address has *text*."""
    if not text.strip():
        return True
    return _is_number(member.member_no, text) or any(
        _plain(text) in _plain(one) for one in _searched(member)
    )


def _is_number(number: str, text: str) -> bool:
    try:
        return fold(text).lstrip("0") == number.lstrip("0")
    except NotANumber:
        return False


def _searched(member: Member) -> Iterable[str]:
    record = member.record
    yield record.family_name + record.given_name
    yield record.family_name_kana + record.given_name_kana
    yield record.shown_name
    yield record.email
    yield record.workplace


def _plain(text: str) -> str:
    """Fold what people type in different ways: width, case, blanks, hiragana."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_HIRAGANA)
    return "".join(folded.split())


def _row(member: Member, desk: Desk) -> tuple[str, ...]:
    record, standing = member.record, member.standing
    return (
        member.member_no,
        name_of(record),
        f"{record.family_name_kana} {record.given_name_kana}".strip(),
        record.workplace,
        record.email,
        standing.kind or desk.society.kind_names[0],
        LABELS[standing.membership],
        "、".join(_notes(member)),
    )


def _notes(member: Member) -> Iterable[str]:
    if member.mail_fails:
        yield "メール不達"
    if member.standing.exempt:
        yield f"会費免除（{member.standing.exempt}）"
