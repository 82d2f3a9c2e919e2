"""``payments show``: what is known of a member's invoices and payments, or of one order.

Only reads. Of GMO it shows what finds a payment in the 管理画面; never a link, by which somebody
could pay, or a password of a transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from ops.desk import DONE, REFUSED, Desk, japanese, named
from ops.exits import Status
from ops.invoices import facts, line, order_of
from ops.options import acting
from ops.output import Cell, Column, Worded
from ops.people import whose
from ops.words import payments as words
from ops.words.audit import OFFICE
from portal.billing import receipts
from portal.billing.account import Account
from portal.billing.discrepancies import Discrepancy, Happened
from portal.billing.inbox import Delivery, delivery
from portal.billing.model import Invoice, InvoiceState, Payment
from portal.billing.office import OfficeError
from portal.clock import iso, jst_date, parse_iso
from portal.gmo import notification

INVOICES = (
    Column("invoice", "請求番号"),
    Column("title", "件名"),
    Column("amount", "金額"),
    Column("state", "状態"),
    Column("method", "支払方法"),
    Column("due_on", "支払期日"),
    Column("paid_on", "領収日"),
    Column("receipt", "領収書番号"),
)
PAYMENTS = (
    Column("order_id", "注文番号"),
    Column("year", "年度"),
    Column("method", "方法"),
    Column("state", "状態"),
    Column("amount", "請求額"),
    Column("paid_amount", "入金額"),
    Column("created_at", "手続き"),
    Column("paid_at", "入金日"),
    Column("flag", "印"),
    Column("next_ask_at", "次の確認"),
)
LOG = (Column("at", "日時"), Column("what", "できごと"), Column("by", "だれが"))
TASKS = (Column("id", "ID"), Column("state", "状態"), Column("what", "内容"))
NOTICES = (Column("received_at", "届いた日時"), Column("kind", "種類"), Column("id", "番号"))
_OPEN, _DONE = Worded("open", "未処理"), Worded("done", "完了")


def show_command(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="会員番号|注文番号", help="注文番号は D26-…")],
    *,
    notices: Annotated[
        bool,
        typer.Option(
            "--notices", help="注文の通知をすべて探す（届いた通知の全部を読むので時間がかかります）"
        ),
    ] = False,
) -> None:
    """Show a member, or an order."""
    if "-" in name:
        acting(ctx, lambda desk: order_shown(name, desk, notices=notices))
    else:
        acting(ctx, lambda desk: member_shown(name, desk))


def member_shown(number: str, desk: Desk) -> Status:
    """Show all invoices and payments of a member."""
    credential = named(number, desk)
    if credential is None:
        return REFUSED
    account = desk.store.account(credential.member_id)
    desk.say(whose(credential.member_id, credential.member_no, desk))
    desk.out.fact("member_no", credential.member_no)
    if not account.invoices:
        desk.say("請求はありません。")
    _invoices(account, sorted(account.invoices, key=lambda one: one.fiscal_year), desk)
    _payments(sorted(account.payments.values(), key=lambda one: one.created_at), account, desk)
    _tasks([task for one in account.payments for task in desk.discrepancies.about(one)], desk)
    return DONE


def order_shown(order_id: str, desk: Desk, *, notices: bool) -> Status:
    """Show one payment with all that happened to it."""
    try:
        account, payment, invoice = order_of(order_id, desk)
    except OfficeError as error:
        desk.say(f"{error.reason}。銀行振込・現金の入金は会員番号で確かめてください。")
        return REFUSED
    desk.say(whose(invoice.member_id, invoice.member_no, desk))
    desk.say(line(invoice))
    desk.out.fact("member_no", invoice.member_no)
    desk.out.fact("invoice", facts(invoice))
    _invoices(account, [invoice], desk)
    _payments([payment], account, desk)
    _known_of(payment, desk)
    _log(desk.discrepancies.log(order_id), desk)
    tasks = desk.discrepancies.about(order_id)
    _tasks(tasks, desk)
    _notices(_claims(tasks, desk) if not notices else _all_of(payment, desk), desk)
    return DONE


def _invoices(account: Account, shown: Sequence[Invoice], desk: Desk) -> None:
    desk.out.table("invoices", INVOICES, [_invoice(one, account) for one in shown])


def _invoice(one: Invoice, account: Account) -> tuple[Cell, ...]:
    issued = account.receipts.get(one.invoice_id)
    # A receipt of money that went back is void.
    valid = issued is not None and one.state is InvoiceState.PAID
    return (
        one.invoice_id,
        one.title,
        one.amount,
        words.invoice_state(one),
        words.method(one.method),
        one.due_on.isoformat(),
        one.paid_on.isoformat() if one.paid_on else "",
        receipts.parse(issued).number if issued is not None and valid else "",
    )


def _payments(shown: Sequence[Payment], account: Account, desk: Desk) -> None:
    years = {one.invoice_id: str(one.fiscal_year) for one in account.invoices}
    desk.out.table("payments", PAYMENTS, [_payment(one, years) for one in shown])


def _payment(one: Payment, years: Mapping[str, str]) -> tuple[Cell, ...]:
    return (
        one.order_id,
        years[one.invoice_id],
        words.method(one.method),
        words.state(one),
        one.amount,
        one.paid_amount,
        japanese(one.created_at),
        jst_date(one.paid_at).isoformat() if one.paid_at else "",
        words.flag(one),
        japanese(one.next_ask_at) if one.next_ask_at else "",
    )


def _known_of(payment: Payment, desk: Desk) -> None:
    """Tell the rest of one payment."""
    known: dict[str, str] = {
        "GMO の取引 ID": payment.access_id,
        "決済ページの期限": japanese(payment.link_expires_at),
        "コンビニ": payment.slip.cvs_code if payment.slip else "",
        "コンビニの番号": payment.slip.conf_no if payment.slip else "",
        "コンビニの受付番号": payment.slip.receipt_no if payment.slip else "",
        "コンビニの支払期限": _moment(payment),
        "画面が持ち帰った結果": f"{payment.last_result} {payment.last_error}".strip(),
        "GMO が答えた回数": str(payment.asks),
        "GMO で止める予定": "はい" if payment.cancel_wanted else "",
    }
    for label, value in known.items():
        if value:
            desk.say(f"  {label}: {value}")
    desk.out.fact("details", _details(payment))


def _moment(payment: Payment) -> str:
    return japanese(payment.slip.term) if payment.slip and payment.slip.term else ""


def _details(payment: Payment) -> Mapping[str, str | int | bool]:
    slip = payment.slip
    return {
        "access_id": payment.access_id,
        "link_expires_at": iso(payment.link_expires_at),
        "cvs_code": slip.cvs_code if slip else "",
        "conf_no": slip.conf_no if slip else "",
        "receipt_no": slip.receipt_no if slip else "",
        "term": iso(slip.term) if slip and slip.term else "",
        "last_result": payment.last_result,
        "last_error": payment.last_error,
        "asks": payment.asks,
        "cancel_wanted": payment.cancel_wanted,
    }


def _log(events: Sequence[Happened], desk: Desk) -> None:
    if events:
        desk.say("\n経過")
    rows = [(japanese(parse_iso(one.at)), words.event(one.what), _by(one)) for one in events]
    desk.out.table("events", LOG, rows)


def _by(one: Happened) -> str:
    return str(one.data.get("by", "")).removeprefix(OFFICE)


def _tasks(tasks: Sequence[Discrepancy], desk: Desk) -> None:
    if tasks:
        desk.say("\n食い違い")
    rows = [(one.ident, _OPEN if one.open else _DONE, one.explained.name) for one in tasks]
    desk.out.table("discrepancies", TASKS, rows)


def _claims(tasks: Sequence[Discrepancy], desk: Desk) -> list[tuple[str, str, str]]:
    """Return the notifications that discrepancies name, which needs no search."""
    ids = sorted({name for one in tasks for name in desk.discrepancies.deliveries(one)})
    return [(name.partition("#")[0], "", name) for name in ids]


def _all_of(payment: Payment, desk: Desk) -> list[tuple[str, str, str]]:
    """Return every delivery that speaks of an order, by looking through the whole inbox."""
    since, progress = iso(payment.created_at), desk.progress(0, "件の通知を読みました")
    found = []
    for row in desk.scan(desk.tables.inbox, "pk", since[:2]):
        progress.step()
        if str(row["pk"]) < since:
            continue
        one = delivery(row)
        if payment.order_id in (one.order_id, _named_in(one)):
            found.append((japanese(one.received_at), one.kind, one.inbox_id))
    return sorted(found, key=lambda one: one[2])


def _named_in(one: Delivery) -> str:
    return notification.parse(one.body, one.content_type).order_id


def _notices(rows: Sequence[tuple[str, str, str]], desk: Desk) -> None:
    if rows:
        desk.say("\n通知（payments replay で取り込み直せます）")
    desk.out.table("notices", NOTICES, rows)
