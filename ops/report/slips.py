"""Open convenience-store slips by their deadline."""

from datetime import datetime
from pathlib import Path

from ops.desk import DONE, Desk, japanese
from ops.exits import Status
from ops.output import Column
from ops.people import people
from ops.report.given import Fact, Report, give
from ops.report.reading import entries, mail_of
from portal.billing.model import Payment, PaymentState
from portal.mail.chains import chain
from portal.members.model import Member

COLUMNS = (
    Column("term", "支払期限"),
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("yen", "金額"),
    Column("store", "店"),
    Column("state", "状態"),
    Column("mail", "メール"),
    Column("order", "注文番号"),
)


def slips(file: Path | None, desk: Desk) -> Status:
    """Show the slips whose money may still come, the next deadline first."""
    found = [
        one for one in entries(desk) if isinstance(one, Payment) and one.state is PaymentState.SLIP
    ]
    found.sort(key=lambda one: (_term(one), one.order_id))
    whose = people((one.member_id for one in found), desk)
    now = desk.clock()
    rows = [_row(one, whose.get(one.member_id), now) for one in found]
    give(Report("slips", COLUMNS, rows), file, desk)
    desk.say(f"{len(rows):,}件、合計 {sum(one.amount for one in found):,}円")
    return DONE


def _row(payment: Payment, member: Member | None, now: datetime) -> list[Fact]:
    return [
        _term(payment),
        member.member_no if member else "",
        member.record.shown_name if member else "",
        payment.amount,
        chain(payment.slip.cvs_code).name if payment.slip else "",
        _state(payment, now),
        mail_of(member) if member else "",
        payment.order_id,
    ]


def _state(payment: Payment, now: datetime) -> str:
    if payment.cancel_wanted:
        return "停止の手続き中"
    term = payment.slip.term if payment.slip else None
    # A store may tell of its money days later, so it is looked at further.
    return "期限切れ（入金の知らせ待ち）" if term is not None and now > term else "支払い待ち"


def _term(payment: Payment) -> str:
    term = payment.slip.term if payment.slip else None
    return japanese(term) if term else ""
