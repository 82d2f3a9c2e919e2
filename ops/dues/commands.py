"""``dues``: a year is billed, reminded of, waived, taken back, billed again (M52, E23, E24).

Every command first says what would happen; with ``--yes`` it is written. What is recorded about
money stands in ops/payments/commands.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from ops.desk import Desk, Signature
from ops.dues import release_method, remind
from ops.dues.issue import Amounts, Wanted, issue
from ops.exits import Status
from ops.invoices import Which, Year, acted, facts, invoice_of, line
from ops.options import By, InvoiceId, MemberNo, Reason, Yes, acting, day, text, yen
from portal.billing.bill_again import Bill, BillingAgain, held
from portal.billing.dues import check_due
from portal.billing.model import Invoice, Payment
from portal.billing.office import Deed, Office, Word
from portal.billing.remind import PER_RUN

app = typer.Typer(help="会費の請求・督促・免除・取消", no_args_is_help=True)

Due = Annotated[date | None, typer.Option("--due", parser=day, metavar="日付", help="支払期日")]
Closes = Annotated[
    date | None, typer.Option("--closes", parser=day, metavar="日付", help="受付の最終日")
]


@app.command("issue", help="年度の会費を請求する（だれにいくらかは society.toml の決まりによる）")
def issue_command(
    ctx: typer.Context,
    *,
    year: Annotated[int, typer.Option("--year", min=2000, max=2100, help="年度")],
    reason: Reason,
    by: By = "",
    member: Annotated[
        str | None,
        typer.Option(
            "--member", parser=text, metavar="会員番号", help="この会員番号だけに請求する"
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", parser=text, metavar="会員種別", help="この会員種別だけに請求する"),
    ] = None,
    due: Due = None,
    closes: Closes = None,
    amounts: Annotated[
        Amounts | None,
        typer.Option(
            "--amounts",
            help="年度の金額と society.toml の金額が違うとき: year その年度の額、"
            "file society.toml の額",
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Bill a year."""
    wanted = Wanted(year, kind or "", member or "", due, closes, amounts)
    acting(ctx, lambda desk: issue(wanted, desk.signature(by, reason), desk, yes=yes))


@app.command("remind", help="督促を数える・送信待ちに入れる")
def remind_command(
    ctx: typer.Context,
    *,
    reason: Reason,
    by: By = "",
    most: Annotated[int, typer.Option(min=1, help="一度に入れる件数の上限")] = PER_RUN,
    yes: Yes = False,
) -> None:
    """Remind."""
    acting(ctx, lambda desk: remind.remind(most, desk.signature(by, reason), desk, yes=yes))


@app.command("waive", help="会費を免除する")
def waive_command(
    ctx: typer.Context,
    member: MemberNo,
    *,
    reason: Reason,
    by: By = "",
    invoice: InvoiceId = "",
    year: Year = None,
    yes: Yes = False,
) -> None:
    """Waive one."""
    which = Which(member, invoice, year)
    acting(ctx, lambda desk: ended(which, Office.waive, desk.signature(by, reason), desk, yes=yes))


@app.command("cancel", help="間違えた請求を取り消す")
def cancel_command(
    ctx: typer.Context,
    member: MemberNo,
    *,
    reason: Reason,
    by: By = "",
    invoice: InvoiceId = "",
    year: Year = None,
    yes: Yes = False,
) -> None:
    """Take one back."""
    which = Which(member, invoice, year)
    acting(ctx, lambda desk: ended(which, Office.cancel, desk.signature(by, reason), desk, yes=yes))


@app.command("release-method", help="決定した支払方法を解除する（選び直せるようにする）")
def release_command(
    ctx: typer.Context,
    member: MemberNo,
    *,
    reason: Reason,
    by: By = "",
    invoice: InvoiceId = "",
    year: Year = None,
    yes: Yes = False,
) -> None:
    """Free a method."""
    which = Which(member, invoice, year)
    acting(
        ctx, lambda desk: release_method.release(which, desk.signature(by, reason), desk, yes=yes)
    )


@app.command("bill-again", help="取消・返金・免除した年度を請求し直す")
def again_command(
    ctx: typer.Context,
    member: MemberNo,
    *,
    reason: Reason,
    by: By = "",
    invoice: InvoiceId = "",
    year: Year = None,
    amount: Annotated[
        int | None,
        typer.Option(parser=yen, metavar="円", help="金額。省略すると前の請求と同じ"),
    ] = None,
    due: Due = None,
    closes: Closes = None,
    yes: Yes = False,
) -> None:
    """Bill a year again."""
    which, bill = Which(member, invoice, year), NewBill(amount, due, closes)
    acting(ctx, lambda desk: billed_again(which, bill, desk.signature(by, reason), desk, yes=yes))


# Acts

type Ending = Callable[[Office, Invoice, Payment | None, Word], Deed]
"""Plans the end of an invoice whose live payment may have to be stopped. Raises OfficeError."""


@dataclass(frozen=True)
class NewBill:
    """What was typed of a new bill: whole yen, JST dates; None is what the old one says."""

    amount: int | None
    due_on: date | None
    closes_on: date | None


def ended(which: Which, end: Ending, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """End an unpaid invoice: the member is let off, or it should not have been made."""

    def plan(desk: Desk, office: Office, word: Word) -> Deed:
        account, invoice = invoice_of(which, desk)
        return end(office, invoice, account.live(invoice), word)

    return acted(plan, signature, desk, yes=yes)


def billed_again(
    which: Which, wanted: NewBill, signature: Signature, desk: Desk, *, yes: bool
) -> Status:
    """Bill the year of an ended invoice by a new one."""
    return acted(
        lambda desk, office, word: _again(which, wanted, desk, office, word),
        signature,
        desk,
        yes=yes,
    )


def _again(which: Which, wanted: NewBill, desk: Desk, office: Office, word: Word) -> Deed:
    account, old = invoice_of(which, desk)
    desk.say(f"前の請求 {line(old)}")
    bill = Bill(
        amount=old.amount if wanted.amount is None else wanted.amount,
        due_on=wanted.due_on or old.due_on,
        closes_on=wanted.closes_on or old.closes_on,
    )
    check_due(old.fiscal_year, bill.due_on, desk.society, word.now)
    deed = BillingAgain(office.store, office.audit_table).plan(account, old, bill, word)
    desk.out.fact("old_invoice", facts(old))
    desk.say(f"支払期日 {bill.due_on}  受付の最終日 {bill.closes_on}")
    if yen_held := held(account, old):
        desk.out.fact("held", yen_held)
        desk.say(
            f"前の請求に、返金も充当もしていない入金 {yen_held:,}円があります"
            "（discrepancies を参照）。会費にあてるときは、payments refund --order --outside と"
            " payments record の二つで記録します。"
        )
    return deed
