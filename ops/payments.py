"""``payments``: money that came past GMO, refunds, and money that is not what was asked for (E20).

Every command first says what would happen; with ``--yes`` it is written in one transaction.
"""

from dataclasses import dataclass
from datetime import date

from ops.desk import Desk
from ops.money import Which, invoice_of, name_of, order_of, person
from portal.billing.model import Method
from portal.billing.office import Deed, Money, Office, OfficeError, Word

AT_GMO = (
    "カードの返金は GMO の管理画面で行います。返品・取消を済ませてから --yes で実行すると、"
    "GMO に確かめて返金済になります。GMO で返品できず（180日を過ぎたなど）振込で返したときは"
    " --outside を付けてください。"
)


@dataclass(frozen=True)
class Came:
    """Money as it was typed: whole yen, the JST day it came."""

    method: Method
    amount: int
    paid_on: date


# Plans, which ops.money.acted says and performs


def record(
    which: Which,
    came: Came,
    desk: Desk,
    office: Office,
    word: Word,
    *,
    differs: bool,
) -> Deed:
    """A bank transfer, or cash."""
    account, invoice = invoice_of(which, desk)
    if came.amount != invoice.amount and not differs:
        raise OfficeError(
            f"請求額（{invoice.amount:,}円）と違います。正しければ --differs を付けてください"
        )
    payer = person(invoice.member_id, desk)
    if payer is None:
        raise OfficeError("会員情報がないため、領収書を作れません")
    money = Money(came.method, came.amount, came.paid_on, name_of(payer), payer.workplace)
    return office.record(invoice, account.live(invoice), money, word)


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
