"""``members show``: all that the office knows of one member. No passwords, no hashes."""

from collections.abc import Iterable, Sequence

from ops.desk import DONE, REFUSED, Desk, japanese
from ops.exits import Status
from ops.members.access import counters_of
from ops.output import Column
from ops.people import Person, person
from ops.words.payments import METHODS
from portal.accounts.no_password import has_no_password
from portal.accounts.sessions import SessionStore
from portal.accounts.throttle import Throttle, WaitingRules
from portal.billing.model import Invoice
from portal.billing.words import STATE_WORDS
from portal.members.fields import names
from portal.members.importing import COLUMNS, texts
from portal.members.model import Member

FIELDS = (Column("field", "項目"), Column("text", "内容"))
INVOICES = (
    Column("year", "年度"),
    Column("invoice_id", "請求番号"),
    Column("title", "内容"),
    Column("amount", "金額（円）"),
    Column("state", "状態"),
    Column("paid_on", "入金日"),
)


def shown(number: str, desk: Desk) -> Status:
    """Show one member."""
    one = person(number, desk)
    if one is None:
        return REFUSED
    rows = [
        ("会員番号", one.member.member_no),
        *_record(one.member, desk),
        *_standing(one.member),
        *_mail(one.member),
        *_access(one, desk),
    ]
    desk.out.table("member", FIELDS, [(label, text) for label, text in rows if text])
    _invoices(one.member.member_id, desk)
    return DONE


def _record(member: Member, desk: Desk) -> Iterable[tuple[str, str]]:
    said = texts(member, desk.society.kind_names)
    shown_names = {*names(true_name=desk.society.member_true_name), *_office_names()}
    return [(COLUMNS[name].label, text) for name, text in said.items() if name in shown_names]


def _office_names() -> Sequence[str]:
    return ("qualification", "kind", "membership", "dues_exempt")


def _standing(member: Member) -> Iterable[tuple[str, str]]:
    since = member.standing.since
    yield "会員状態の日", since.isoformat() if since else ""
    yield "会員情報の確認日", member.confirmed_on.isoformat() if member.confirmed_on else "まだ"
    yield "最後の変更", japanese(member.updated_at) if member.updated_at else ""
    yield "匿名化", japanese(member.anonymised_at) if member.anonymised_at else ""


def _mail(member: Member) -> Iterable[tuple[str, str]]:
    if not member.record.email:
        yield "メール", "アドレスなし"
        return
    yield "メール", "確認済み" if member.email_confirmed else "未確認（再設定は前のアドレスへ）"
    if member.mail_fails and member.mail_fault is not None:
        since = japanese(member.mail_fault.since)
        yield "メールの不達", f"{since} から（mail clear で外せます）"


# Signing in


def _access(one: Person, desk: Desk) -> Iterable[tuple[str, str]]:
    yield "パスワード", _password(one, desk)
    yield "最後のログイン", _last(one)
    credential = one.credential
    if credential.closed_at is not None:
        yield "利用", f"{japanese(credential.closed_at)} から止めています"
    if credential.disabled:
        yield "ログイン", "失敗が続き停止しています（members unlock で解除）"
    waits = _waits(one, desk)
    yield "待ち時間", f"{waits} まで（members unlock で解除）" if waits else ""
    live = SessionStore(desk.database, desk.tables).all(credential.member_id, desk.clock())
    yield "ログイン中の端末", f"{len(live)}台"


def _password(one: Person, desk: Desk) -> str:
    credential = one.credential
    if has_no_password(credential.password):
        return "まだ発行していません"
    if credential.initial_until is None:
        return f"ご自身で設定済み（{credential.changed_on} から）"
    ended = "期限切れ" if credential.initial_ended(desk.clock()) else "まで有効"
    return f"初期パスワードのまま（{japanese(credential.initial_until)} {ended}）"


def _last(one: Person) -> str:
    last = one.credential.signed_in_at
    return japanese(last) if last else "なし"


def _waits(one: Person, desk: Desk) -> str:
    """Return until when the longest wait of this number lasts; empty where nobody waits."""
    throttle, now = Throttle(desk.tables.throttle, WaitingRules()), desk.clock()
    ends = []
    for key in counters_of(one.credential.member_no, desk):
        row = desk.database.get(desk.tables.throttle, {"pk": key})
        until = throttle.parse(key, row, now).wait_until
        if until is not None and until > now:
            ends.append(until)
    return japanese(max(ends)) if ends else ""


# Dues


def _invoices(member_id: str, desk: Desk) -> None:
    found = sorted(desk.store.account(member_id).invoices, key=lambda one: -one.fiscal_year)
    desk.out.table("invoices", INVOICES, [_line(one) for one in found])
    if not found:
        desk.say("請求はありません。")


def _line(one: Invoice) -> tuple[int | str, ...]:
    method = f"（{METHODS[one.method]}）" if one.method else ""
    paid_on = one.paid_on.isoformat() if one.paid_on else ""
    year = str(one.fiscal_year)
    return year, one.invoice_id, one.title, one.amount, f"{STATE_WORDS[one.state]}{method}", paid_on
