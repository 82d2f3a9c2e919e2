"""``mail``: a member's mail log, addresses that mail does not reach, a mail sent again (E40, M42).

A mail that is sent again is a new row of the outbox with a key of its own; what is sent is written
anew, to the address that the record has then.
"""

from datetime import timedelta
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese
from ops.exits import Status
from ops.options import By, MemberNo, Reason, Yes, acting
from ops.output import Column
from ops.people import people, person
from portal.clock import iso, parse_iso
from portal.database import Item, Rejected
from portal.ids import crockford
from portal.mail.maillog import Logged, MailLog
from portal.mail.messages import KINDS
from portal.mail.outbox import State, queued
from portal.members import mail_test, store
from portal.members.model import Member

app = typer.Typer(help="メールの記録・届かないアドレス・再送", no_args_is_help=True)

MAIL_ID = Annotated[str, typer.Argument(metavar="ID", help="log の右端の列（引用符で囲む）")]

NOT_AGAIN = frozenset(
    {
        "reset_request",
        "password_changed",
        "password_reissued",
        "email_changed",
        "email_confirmation",
        mail_test.KIND,
    }
)
"""Their link would be stale, or the news too old to be told twice without alarming anybody."""

_MOST = 1000
_BEGINNINGS = (
    ("Permanent/NoEmail", "宛先不明"),
    ("Permanent/OnAccountSuppressionList", "送信停止中（SESの一覧）"),
    ("Permanent/", "受信不可（恒久）"),
    ("Transient/MailboxFull", "容量超過"),
    ("Transient/", "受信不可（一時）"),
    ("Undetermined/", "受信不可（理由不明）"),
    ("complaint/", "迷惑メール報告"),
    ("Reject", "SESが拒否"),
)
_STATES = {
    State.QUEUED: "送信待ち",
    State.SENDING: "送信中",
    State.SENT: "送信済み",
    State.FAILED: "送信失敗",
    State.SKIPPED: "送信せず",
}


LOG = (
    Column("at", "日時"),
    Column("subject", "件名"),
    Column("outcome", "結果"),
    Column("id", "ID"),
)
BOUNCES = (
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("since", "いつから"),
    Column("why", "理由"),
    Column("address", "アドレス"),
)
BY_POST = "郵便で知らせる方の宛名は passwords labels で印刷できます。"


@app.command("log", help="会員に送ったメールの一覧（新しい順）")
def log_command(ctx: typer.Context, number: MemberNo) -> None:
    """List a member's mails."""
    acting(ctx, lambda desk: logged(number, desk))


@app.command("bounces", help="メールが届かない会員の一覧")
def bounces_command(ctx: typer.Context) -> None:
    """List whom mail does not reach."""
    acting(ctx, bounced)


@app.command("resend", help="メールをもう一度送る")
def resend_command(
    ctx: typer.Context, *, mail_id: MAIL_ID, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Queue a mail once more."""
    acting(ctx, lambda desk: resent(mail_id, desk.signature(by, reason), desk, yes=yes))


@app.command("clear", help="「届かない」の印を外し、確認メールを送る")
def clear_command(
    ctx: typer.Context, *, number: MemberNo, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """End a mark."""
    acting(ctx, lambda desk: cleared(number, desk.signature(by, reason), desk, yes=yes))


# log


def logged(number: str, desk: Desk) -> Status:
    """List what was sent to one member, the newest first."""
    one = person(number, desk)
    if one is None:
        return REFUSED
    member = one.member
    desk.say(f"会員番号 {member.member_no}  登録アドレス {member.record.email or '（なし）'}")
    if member.mail_fault is not None and member.mail_fails:
        since = japanese(member.mail_fault.since)
        desk.say(f"  このアドレスには {since} から届いていません: {word(member.mail_fault.why)}")
    found = _log(desk).of_member(member.member_id, desk.clock())
    rows = [
        (japanese(one.created_at), subject(one.kind), outcome(one), one.mail_id) for one in found
    ]
    desk.out.table("mails", LOG, rows)
    desk.say(f"{len(found)}件")
    return DONE


def outcome(one: Logged) -> str:
    """Return what became of a mail; bad news stands above good news."""
    if one.complained_at is not None:
        return f"{word(one.complained_why)} {japanese(one.complained_at)}"
    if one.bounced_at is not None:
        return f"不達 {japanese(one.bounced_at)} {word(one.bounced_why)}"
    if one.delivered_at is not None:
        return f"配達済み {japanese(one.delivered_at)}"
    why = f"（{one.not_sent_why}）" if one.not_sent_why else ""
    return f"{_STATES[one.state]}{why}"


def word(why: str) -> str:
    """Return SES's word for a failure as the office reads it."""
    return next((text for begin, text in _BEGINNINGS if why.startswith(begin)), why)


def subject(kind: str) -> str:
    """Return a mail's subject without the society's name; a kind of earlier is shown as it is."""
    return KINDS[kind].subject if kind in KINDS else kind


# bounces


def bounced(desk: Desk) -> Status:
    """List the members whom mail does not reach, the longest first."""
    rows = failing(desk)
    desk.out.table("bounces", BOUNCES, rows)
    desk.say(
        f"{len(rows)}人" + ("（これより多い分は表示していません）" if len(rows) == _MOST else "")
    )
    if rows:
        desk.say(BY_POST)
    return DONE


def failing(desk: Desk) -> list[tuple[str, ...]]:
    """Return the rows of BOUNCES, at most a thousand."""
    until = iso(desk.clock() + timedelta(days=1))
    rows = desk.database.due(
        desk.tables.members,
        store.FAILING_INDEX,
        {"mail_fails": store.FAILING},
        {"mail_fails_at": until},
        _MOST,
    )
    found = people([str(row["pk"]) for row in rows], desk)
    return [_bounced(row, found.get(str(row["pk"]))) for row in rows]


def _bounced(row: Item, member: Member | None) -> tuple[str, ...]:
    return (
        str(row["member_no"]),
        member.record.shown_name if member else "",
        japanese(parse_iso(str(row["mail_fails_at"]))),
        word(str(row.get("mail_fails_why"))),
        str(row.get("mail_fails_to")),
    )


# resend


def resent(mail_id: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Queue a mail once more, if it is one that can still be told."""
    found = _log(desk).find(mail_id)
    if found is None:
        desk.say(f"{mail_id} というメールはありません。mail log の右端の列を確認してください。")
        return REFUSED
    mail, data = found
    desk.say(f"{japanese(mail.created_at)}  {subject(mail.kind)}  {outcome(mail)}")
    refusal = _refusal(mail, desk)
    if refusal:
        desk.say(refusal)
        return REFUSED
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    now, key = desk.clock(), f"{mail.mail_id}#again-{crockford(8)}"
    desk.database.commit(
        queued(
            desk.tables.outbox,
            mail_id=key,
            kind=mail.kind,
            member_id=mail.member_id,
            data=data,
            now=now,
        ),
        desk.audited(
            "mail_resent",
            mail.member_id,
            signature,
            before={"mail": mail.mail_id},
            after={"mail": key},
        ),
    )
    desk.out.fact("id", key)
    desk.say("送信待ちに入れました。現在の登録アドレスに、まもなく送られます。")
    return DONE


def _refusal(mail: Logged, desk: Desk) -> str:
    if mail.kind in NOT_AGAIN or not mail.member_id:
        return "この種類のメールは再送できません。会員に、もう一度手続きをしてもらってください。"
    if mail.waiting:
        return "このメールはまだ送信の途中です。再送は要りません。"
    row = desk.database.get(desk.tables.members, store.key(mail.member_id))
    if row is not None and store.parse(row).mail_fails:
        return (
            "会員のアドレスに「届かない」印があるため送れません。先に mail clear をしてください。"
        )
    return ""


# clear


def cleared(number: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Take the mark away, and send a test that puts it back if it was right."""
    one = person(number, desk)
    if one is None:
        return REFUSED
    member = one.member
    fault = member.mail_fault
    if fault is None or not member.mail_fails:
        desk.say(f"会員番号 {member.member_no} に、届かない印はありません。")
        return DONE
    desk.say(f"{fault.address}  {japanese(fault.since)}から  {word(fault.why)}")
    if fault.complained:
        desk.say("迷惑メールとして報告した方です。送ってよいか、本人に確かめてください。")
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    now = desk.clock()
    try:
        desk.database.commit(
            store.mail_fault_ended(desk.tables.members, member.member_id, fault),
            mail_test.mail(desk.tables.outbox, member, f"office-{crockford(8)}", now),
            desk.audited(
                "mail_fault_ended",
                member.member_id,
                signature,
                before={"address": fault.address, "why": fault.why},
            ),
        )
    except Rejected:
        desk.say("その間に新しい知らせが届きました。もう一度ご確認ください。")
        return REFUSED
    desk.say("印を外し、確認メールを送ります。結果は mail log で分かります。")
    return DONE


# What they share


def _log(desk: Desk) -> MailLog:
    return MailLog(desk.database, desk.tables.outbox)
