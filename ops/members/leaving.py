"""``members withdraw``, ``members return``: somebody leaves the society, or belongs to it again.

Leaving is where a member stands and a closed way in, both in one transaction; coming back undoes
both. Money is not touched: what is still asked for is listed, with what to do about it.
"""

from datetime import date

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese
from ops.exits import Status
from ops.members.access import actor_of
from ops.output import Column
from ops.people import Person, person, still_there, whose
from portal.accounts import reset
from portal.accounts.closing import CloseAccess, OpenAccess
from portal.accounts.sessions import SessionStore
from portal.accounts.store import CredentialStore
from portal.billing.account import Account
from portal.clock import jst_date
from portal.database import Contended, Rejected, Write
from portal.members import confirm_email, office_store
from portal.members.standing import LABELS, Membership

OPEN_INVOICES = (
    Column("year", "年度"),
    Column("invoice_id", "請求番号"),
    Column("title", "内容"),
    Column("amount", "金額（円）"),
)


# Leaving


def withdrawn(
    number: str, on: date | None, signature: Signature, desk: Desk, *, yes: bool
) -> Status:
    """Let a member leave on a JST day: from then on no dues, no reminders and no way in."""
    one, today = person(number, desk), jst_date(desk.clock())
    day = on or today
    if one is None or not still_there(one, desk):
        return REFUSED
    if day > today:
        desk.say("これから先の日は指定できません。その日になってから行ってください。")
        return REFUSED
    if one.member.standing.withdrawn and one.credential.closed:
        desk.say(f"会員番号 {number} は {one.member.standing.since} に退会しています。")
        _open_invoices(one, desk)
        return DONE
    _tell_of_leaving(one, day, desk)
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    if not _leave(one, day, signature, desk):
        return _overtaken(desk)
    desk.say("退会を記録し、利用を止めました。会員へのお知らせは自動では送られません。")
    return DONE


def _tell_of_leaving(one: Person, day: date, desk: Desk) -> None:
    live = SessionStore(desk.database, desk.tables).all(one.credential.member_id, desk.clock())
    stands = LABELS[one.member.standing.membership]
    desk.out.fact("sessions", len(live))
    desk.out.fact("on", day.isoformat())
    desk.say(f"会員番号 {one.member.member_no}  {one.member.record.shown_name}  会員状態 {stands}")
    desk.say(f"  退会日 {day}、ログイン中の端末 {len(live)}台")
    desk.say("退会すると、すべての端末がログアウトされ、送ったメールのリンクは使えなくなります。")
    desk.say(
        "正しいパスワードでもログインできず、督促と再設定のメールも送られません。記録は残ります。"
    )
    _open_invoices(one, desk)


def _open_invoices(who: Person, desk: Desk) -> None:
    account: Account = desk.store.account(who.member.member_id)
    unpaid = [invoice for invoice in account.invoices if invoice.payable]
    rows = [(str(one.fiscal_year), one.invoice_id, one.title, one.amount) for one in unpaid]
    desk.out.table("open_invoices", OPEN_INVOICES, rows)
    if unpaid:
        desk.say(
            f"未払いの請求が {len(unpaid)}件残ります。請求をやめるときは、続けて "
            f"dues cancel {who.member.member_no} --year （年度） を行ってください。"
        )
    if any(payment.live for payment in account.payments.values()):
        desk.say("お支払いの手続き中のものがあります。入金があれば、そのまま記録されます。")


def _leave(one: Person, day: date, signature: Signature, desk: Desk) -> bool:
    """Write both parts in one transaction; False when somebody else was first."""
    left = [] if one.member.standing.withdrawn else _left(one, day, signature, desk)
    credentials = CredentialStore(desk.database, desk.tables.credentials)
    if one.credential.closed_at is not None:
        # Closed once more at the same moment, lest somebody opens it at this one.
        return _written([*left, credentials.close(one.credential, one.credential.closed_at)], desk)
    close = CloseAccess(
        database=desk.database,
        credentials=credentials,
        sessions=SessionStore(desk.database, desk.tables),
        links=lambda member_id: [
            end(desk.tables.sessions, member_id)
            for end in (reset.unconditional_end, confirm_email.unconditional_end)
        ],
        audit_table=desk.tables.audit,
    )
    try:
        ended = close(one.credential.member_no, actor_of(signature), desk.clock(), left)
    except Contended:
        return False
    return ended is not None


def _left(one: Person, day: date, signature: Signature, desk: Desk) -> list[Write]:
    change = office_store.withdrawal(desk.tables.members, one.member, day)
    return [change, _audited(one, "member_withdrawn", day, signature, desk)]


# Coming back


def returned(number: str, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Let somebody who left belong again, with the password of before."""
    one = person(number, desk)
    if one is None or not still_there(one, desk):
        return REFUSED
    closed_at = one.credential.closed_at
    desk.say(whose(one.member.member_id, one.member.member_no, desk))
    if not one.member.standing.withdrawn and closed_at is None:
        desk.say("退会していません。利用も止まっていません。")
        return DONE
    if one.member.standing.withdrawn:
        desk.say(f"{one.member.standing.since} に退会しています。在籍に戻します。")
    if closed_at is not None:
        desk.say(f"利用は {japanese(closed_at)} から止まっています。")
        desk.say("戻すと、止める前のパスワードでログインできます。パスワードが知られた")
        desk.say("おそれがあるときは、続けて passwords reissue で再発行してください。")
    if not yes:
        desk.say(ONLY_LOOKED)
        return DONE
    if not _come_back(one, signature, desk):
        return _overtaken(desk)
    desk.say("戻しました。休会・会費免除・種別は、必要なら members edit で直します。")
    return DONE


def _come_back(one: Person, signature: Signature, desk: Desk) -> bool:
    day = jst_date(desk.clock())
    back: list[Write] = []
    if one.member.standing.withdrawn:
        change = office_store.return_of(desk.tables.members, one.member, day)
        back = [change, _audited(one, "member_returned", day, signature, desk)]
    if not one.credential.closed:
        return _written(back, desk)
    credentials = CredentialStore(desk.database, desk.tables.credentials)
    act = OpenAccess(desk.database, credentials, desk.tables.audit)
    return act(one.credential, actor_of(signature), desk.clock(), back)


# What they share


def _written(writes: list[Write], desk: Desk) -> bool:
    try:
        desk.database.commit(*writes)
    except Rejected:
        return False
    return True


def _audited(one: Person, action: str, day: date, signature: Signature, desk: Desk) -> Write:
    standing = one.member.standing
    left = action == "member_withdrawn"
    then = Membership.WITHDRAWN if left else Membership.ACTIVE
    return desk.audited(
        action,
        one.member.member_id,
        signature,
        before={
            "membership": LABELS[standing.membership],
            "since": standing.since.isoformat() if standing.since else "",
        },
        after={"membership": LABELS[then], "since": day.isoformat()},
    )


def _overtaken(desk: Desk) -> Status:
    desk.say("同時にほかの操作がありました。もう一度、状態を確かめてください。")
    return REFUSED
