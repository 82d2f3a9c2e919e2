"""What every act about one invoice shares: it is found, planned, told, and written with ``--yes``.

The groups ``dues`` and ``payments`` have the acts (E20, E23); each is written in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, named
from ops.exits import Status
from ops.people import whose
from ops.words import payments as words
from portal.accounts.model import Credential
from portal.billing.account import Account
from portal.billing.model import Invoice, Payment, PaymentState
from portal.billing.office import Deed, Office, OfficeError, Word
from portal.clock import jst_date

type Plan = Callable[[Desk, Office, Word], Deed]
"""Plans one act. Raises OfficeError."""

Year = Annotated[int | None, typer.Option("--year", help="年度（請求が一つだけのとき）")]

KINDS = ("mismatch", "surplus", "unpaid_at_gmo", "amount_changed")
"""The discrepancies that an act about a payment may have dealt with."""


@dataclass(frozen=True)
class Which:
    """How the office names an invoice: whose, and its id or, where there is one only, its year.

    Where both are given they have to agree.
    """

    member_no: str
    invoice_id: str = ""
    year: int | None = None


def acted(plan: Plan, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Plan an act, say what it does, and perform it with *yes*."""
    office = Office(desk.database, desk.store, desk.society, desk.tables.outbox, desk.tables.audit)
    word = Word(signature.actor, signature.reason, desk.clock())
    try:
        deed = plan(desk, office, word)
        told(deed, desk)
        desk.out.fact("done", yes)
        if not yes:
            desk.say(ONLY_LOOKED)
            return DONE
        office.perform(deed)
    except OfficeError as error:
        desk.out.fact("done", value=False)
        desk.say(f"できません: {error.reason}")
        return REFUSED
    desk.say("記録しました。")
    _open_tasks(deed, desk)
    return DONE


# What was typed


def invoice_of(which: Which, desk: Desk) -> tuple[Account, Invoice]:
    """Return the invoice that was named. Raises OfficeError, after a list of all there are."""
    credential = _credential(which.member_no, desk)
    account = desk.store.account(credential.member_id)
    found = _named(which, account)
    if found is None:
        desk.say(whose(credential.member_id, credential.member_no, desk))
        for one in account.invoices:
            desk.say(line(one))
        desk.out.fact("invoices", [facts(one) for one in account.invoices])
        raise OfficeError(
            "--invoice に請求番号を指定してください"
            "（上の一覧の左の列。--year も付けるときは同じ年度）"
        )
    return account, found


def order_of(order_id: str, desk: Desk) -> tuple[Account, Payment, Invoice]:
    """Return the payment of an order with its invoice. Raises OfficeError."""
    found = desk.store.reference(order_id)
    account = desk.store.account(found.member_id) if found else None
    payment = account.payments.get(order_id) if account else None
    invoice = account.invoice(payment.invoice_id) if account and payment else None
    if account is None or payment is None or invoice is None:
        raise OfficeError(f"注文 {order_id} は GMO での支払いの記録にありません")
    return account, payment, invoice


def _credential(member_no: str, desk: Desk) -> Credential:
    found = named(member_no, desk)
    if found is None:
        raise OfficeError("会員番号を確かめてください")
    return found


def _named(which: Which, account: Account) -> Invoice | None:
    if which.invoice_id:
        found = account.invoice(which.invoice_id)
        # Where both were typed and do not agree, nobody knows which of them is mistyped.
        return found if found and which.year in (None, found.fiscal_year) else None
    years: Sequence[Invoice] = [one for one in account.invoices if one.fiscal_year == which.year]
    # A year that was billed again has two, and which of them holds the money must be said.
    return years[0] if len(years) == 1 else None


# What is said


def told(deed: Deed, desk: Desk) -> None:
    """Say what a deed does, and to whom."""
    # A number is soon mistyped; a name is seen to be somebody else's.
    desk.say(whose(deed.invoice.member_id, deed.invoice.member_no, desk))
    desk.say(line(deed.invoice))
    desk.out.fact("invoice", facts(deed.invoice))
    if deed.payment is not None:
        paid = deed.payment
        day = f"  入金日 {jst_date(paid.paid_at)}" if paid.paid_at else ""
        desk.say(f"支払い {paid.order_id}  {paid.paid_amount:,}円  {words.state(paid).shown}{day}")
        desk.out.fact(
            "payment",
            {"order": paid.order_id, "state": paid.state.value, "paid_amount": paid.paid_amount},
        )
    if deed.receipt:
        desk.say(f"領収書番号 {deed.receipt}")
        desk.out.fact("receipt", deed.receipt)
    if deed.stopped:
        desk.say(f"手続き中の支払い {deed.stopped} は、定期処理が GMO で止めます。")
        desk.out.fact("stopped", deed.stopped)


def line(invoice: Invoice) -> str:
    """Return one invoice in one line, as the office reads it."""
    method = words.method(invoice.method).shown or "未決定"
    live = "手続き中" if invoice.live_order else "手続きなし"
    return (
        f"{invoice.invoice_id}  {invoice.title}  {invoice.amount:,}円  "
        f"{words.invoice_state(invoice).shown}  支払方法: {method}  {live}"
    )


def facts(invoice: Invoice) -> dict[str, str | int]:
    """Return one invoice as a program reads it."""
    return {
        "invoice": invoice.invoice_id,
        "member_no": invoice.member_no,
        "title": invoice.title,
        "year": invoice.fiscal_year,
        "amount": invoice.amount,
        "state": invoice.state.value,
        "method": invoice.method.value if invoice.method else "",
        "live_order": invoice.live_order,
        "due_on": invoice.due_on.isoformat(),
        "closes_on": invoice.closes_on.isoformat(),
    }


def _open_tasks(deed: Deed, desk: Desk) -> None:
    if deed.payment is None:
        return
    if not _dealt_with(deed.payment, deed):
        desk.say("このお金は、まだ返金済になっていません。")
    # Money that was neither booked nor given back is nobody's task once its task is closed.
    when = "確かめて閉じて" if _dealt_with(deed.payment, deed) else "返金が済んでから閉じて"
    for kind in KINDS:
        one = desk.discrepancies.find(f"{kind}#{deed.payment.order_id}")
        if one is not None and one.open:
            desk.say(f"食い違い '{one.ident}' を{when}ください（discrepancies resolve）。")


def _dealt_with(payment: Payment, deed: Deed) -> bool:
    """Tell whether the deed books the money or gives it back; else it waits for one of both."""
    return bool(deed.receipt) or payment.state is PaymentState.REFUNDED
