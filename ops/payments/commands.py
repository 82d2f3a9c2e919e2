"""``payments``: money that came past GMO, refunds, and money that is not what was asked for (E20).

Every command first says what would happen; with ``--yes`` it is written in one transaction.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from ops.desk import Desk, japanese
from ops.invoices import Which, Year, acted, invoice_of, order_of
from ops.options import By, InvoiceId, MemberNo, OrderId, Reason, Yen, Yes, acting, day
from ops.payments import reconcile, replay, show
from ops.people import name_of, record_of
from portal.billing.account import Account
from portal.billing.model import Invoice, Method, Standing, standing
from portal.billing.office import Deed, Money, Office, OfficeError, Word
from portal.clock import jst_date

LONG_AGO = timedelta(days=300)
"""Money is recorded within weeks. A day so long ago mostly is one whose year was mistyped, and it
would stand on the receipt.
"""

app = typer.Typer(help="入金・返金の記録と、支払いの確認", no_args_is_help=True)

AT_GMO = (
    "カードの返金は GMO の管理画面で行います。返品・取消を済ませてから --yes で実行すると、"
    "GMO に確かめて返金済になります。GMO で返品できず（180日を過ぎたなど）振込で返したときは"
    " --outside を付けてください。"
)
ANYWAY = "重ならないと確かめてから、--anyway を付けてください"


class Way(StrEnum):
    """How money comes past GMO."""

    BANK = Method.BANK.value
    CASH = Method.CASH.value


@dataclass(frozen=True)
class Came:
    """Money that came past GMO, as it was typed: whole yen, a JST day.

    *differs*, *anyway* and *long_ago* say that what looks wrong was looked at.
    """

    method: Method
    amount: int
    paid_on: date
    differs: bool = False
    anyway: bool = False
    long_ago: bool = False


@app.command("record", help="銀行振込・現金の入金を記録する")
def record_command(
    ctx: typer.Context,
    *,
    number: MemberNo,
    method: Annotated[Way, typer.Option(help="bank 銀行振込、cash 現金")],
    amount: Yen,
    paid_on: Annotated[date, typer.Option(parser=day, help="入金日（例 2026-11-22）")],
    reason: Reason,
    invoice: InvoiceId = "",
    year: Year = None,
    by: By = "",
    differs: Annotated[
        bool, typer.Option("--differs", help="請求額と違う金額で入金済にする")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="確認中・コンビニ支払い待ちでも記録する")
    ] = False,
    long_ago: Annotated[
        bool, typer.Option("--long-ago", help="300日以上前の入金日でも記録する")
    ] = False,
    yes: Yes = False,
) -> None:
    """Book a bank transfer or cash."""
    which = Which(number, invoice, year)
    came = Came(Method(method.value), amount, paid_on, differs, anyway, long_ago)

    def plan(desk: Desk, office: Office, word: Word) -> Deed:
        return record(which, came, desk, office, word)

    acting(ctx, lambda desk: acted(plan, desk.signature(by, reason), desk, yes=yes))


@app.command("refund", help="返金を記録する（カードは GMO に確かめる）")
def refund_command(
    ctx: typer.Context,
    *,
    number: Annotated[
        str, typer.Argument(metavar="会員番号", help="先頭の 0 も。--order のときは書かない")
    ] = "",
    reason: Reason,
    invoice: InvoiceId = "",
    year: Year = None,
    order: Annotated[
        str, typer.Option("--order", help="注文番号（請求の入金でないお金を返したとき）")
    ] = "",
    outside: Annotated[
        bool, typer.Option("--outside", help="カードのお金を GMO の外で返した")
    ] = False,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Note that money was given back."""
    if bool(order) == bool(number) or (order and (invoice or year)):
        raise typer.BadParameter("会員番号と請求、または --order のどちらか一方を指定してください")
    which = Which(number, invoice, year) if number else None

    def plan(desk: Desk, office: Office, word: Word) -> Deed:
        return refund(which, order, desk, office, word, outside=outside)

    acting(ctx, lambda desk: acted(plan, desk.signature(by, reason), desk, yes=yes))


@app.command("accept", help="請求と合わない入金を、実際の金額で入金済にする")
def accept_command(
    ctx: typer.Context, *, order: OrderId, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Book odd money."""

    def plan(desk: Desk, office: Office, word: Word) -> Deed:
        return accept(order, desk, office, word)

    acting(ctx, lambda desk: acted(plan, desk.signature(by, reason), desk, yes=yes))


@app.command("set-aside", help="請求と合わない入金をよけ、会員が払い直せるようにする")
def aside_command(
    ctx: typer.Context, *, order: OrderId, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Set odd money aside."""

    def plan(desk: Desk, office: Office, word: Word) -> Deed:
        return aside(order, desk, office, word)

    acting(ctx, lambda desk: acted(plan, desk.signature(by, reason), desk, yes=yes))


app.command("show", help="会員の請求と支払い全部、または注文1件の経過を表示する")(show.show_command)
app.command("replay", help="届いている通知を取り込み直す")(replay.replay_command)
app.command("reconcile", help="支払いをすぐに GMO に確かめる")(reconcile.reconcile_command)


# Plans, which ops.invoices.acted says and performs


def record(which: Which, came: Came, desk: Desk, office: Office, word: Word) -> Deed:
    """A bank transfer, or cash."""
    account, invoice = invoice_of(which, desk)
    if came.amount != invoice.amount and not came.differs:
        raise OfficeError(
            f"請求額（{invoice.amount:,}円）と違います。正しければ --differs を付けてください"
        )
    if jst_date(desk.clock()) - came.paid_on >= LONG_AGO and not came.long_ago:
        raise OfficeError(
            f"入金日 {came.paid_on} は 300日以上前です。年の打ち間違いでなければ "
            "--long-ago を付けてください"
        )
    _twice(account, invoice, desk, anyway=came.anyway)
    payer = record_of(invoice.member_id, desk)
    if payer is None:
        raise OfficeError("会員情報がないため、領収書を作れません")
    money = Money(came.method, came.amount, came.paid_on, name_of(payer), payer.workplace)
    return office.record(invoice, account.live(invoice), money, word)


def _twice(account: Account, invoice: Invoice, desk: Desk, *, anyway: bool) -> None:
    """Say when the same dues may be paid at GMO too. Raises OfficeError without *anyway*."""
    live = account.live(invoice)
    if live is None or not live.live:
        return
    stands = standing(invoice, live, desk.clock())
    if stands is Standing.CHECKING:
        desk.say(
            "この会費は「確認中」です。会員が GMO で支払いを終えているかもしれず、"
            "GMO の答えがまだありません。記録すると二重の入金になることがあります。"
            "payments reconcile で GMO に確かめてから記録してください。"
        )
    elif stands is Standing.SLIP:
        term = live.slip.term if live.slip else None
        until = f"（支払期限 {japanese(term)}）" if term else ""
        desk.say(
            f"この会費にはコンビニの支払番号が発行されています{until}。会員がすでに店頭で"
            "払ったか、これから払うと、二重の入金になります。会員に確かめてください。"
        )
    else:
        return
    if not anyway:
        raise OfficeError(ANYWAY)


def refund(
    which: Which | None, order: str, desk: Desk, office: Office, word: Word, *, outside: bool
) -> Deed:
    """Money was given back: past GMO, or in GMO's 管理画面, which is then asked."""
    if which is None:
        account, payment, invoice = order_of(order, desk)
    else:
        account, invoice = invoice_of(which, desk)
        paid = account.payments.get(invoice.paid_order)
        if paid is None:
            raise OfficeError("この請求に入金の記録はありません")
        payment = paid
    if payment.method is Method.CARD and not outside:
        desk.say(AT_GMO)
        return office.ask_again(payment, invoice, word)
    return office.refund(payment, invoice, word)


def accept(order: str, desk: Desk, office: Office, word: Word) -> Deed:
    """Money that is not what was asked for is booked with its actual amount."""
    account, payment, invoice = order_of(order, desk)
    return office.accept(payment, invoice, account.live(invoice), word)


def aside(order: str, desk: Desk, office: Office, word: Word) -> Deed:
    """Money that is not what was asked for stands no longer in the way of paying."""
    _, payment, invoice = order_of(order, desk)
    return office.set_aside(payment, invoice, word)
