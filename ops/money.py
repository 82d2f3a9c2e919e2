"""What the office records of money: payments past GMO, waivers, cancellations, refunds (E20, E23).

Every command first says what would happen; with ``--yes`` it is written in one transaction.
"""

import argparse
from collections.abc import Callable
from datetime import date

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Commands, Desk, signed
from ops.release_method import line
from portal.accounts.store import CredentialStore
from portal.billing.account import Account
from portal.billing.bill_again import Bill, BillingAgain, held
from portal.billing.model import RECORDED, Invoice, Method, Payment, PaymentState
from portal.billing.office import Deed, Money, Office, OfficeError, Word
from portal.clock import jst_date
from portal.members import store as members
from portal.members.model import Record

type Plan = Callable[[argparse.Namespace, Desk, Office, Word], Deed]

AT_GMO = (
    "カードの返金は GMO の管理画面で行います。返品・取消を済ませてから --yes で実行すると、"
    "GMO に確かめて返金済になります。GMO で返品できず（180日を過ぎたなど）振込で返したときは"
    " --outside を付けてください。"
)
KINDS = ("mismatch", "surplus", "unpaid_at_gmo", "amount_changed")
"""The discrepancies that an act about a payment may have dealt with."""


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    paid = _of_invoice(commands, "record-payment", "銀行振込・現金の入金を記録する", record)
    ways = [one.value for one in RECORDED]
    paid.add_argument("--method", required=True, choices=ways, help="bank 銀行振込、cash 現金")
    paid.add_argument("--amount", required=True, type=_yen, help="入金額（円）")
    paid.add_argument("--paid-on", required=True, type=_day, help="入金日（例 2026-11-22）")
    paid.add_argument("--differs", action="store_true", help="請求額と違う金額で入金済にする")
    _of_invoice(commands, "waive", "会費を免除する", waive)
    _of_invoice(commands, "cancel-invoice", "請求を取り消す", cancel)
    anew = _of_invoice(commands, "bill-again", "取消・返金・免除した年度を請求し直す", again)
    anew.add_argument("--amount", type=_yen, help="金額（円）。省略すると前の請求と同じ")
    anew.add_argument("--due-on", type=_day, help="支払期日。省略すると前の請求と同じ")
    anew.add_argument("--closes-on", type=_day, help="受付の最終日。省略すると前の請求と同じ")
    back = _of_invoice(commands, "refund", "返金を記録する", refund, needed=False)
    back.add_argument("--order", default="", help="注文番号（請求の入金でないお金を返したとき）")
    back.add_argument("--outside", action="store_true", help="カードのお金を GMO の外で返した")
    _of_order(commands, "accept-payment", "請求と合わない入金を実際の金額で入金済にする", accept)
    _of_order(commands, "set-aside", "請求と合わない入金をよけ、会員が払い直せるようにする", aside)


def _of_invoice(
    commands: Commands, name: str, told: str, plan: Plan, *, needed: bool = True
) -> argparse.ArgumentParser:
    made = commands.add_parser(name, help=told)
    made.add_argument("--member-no", required=needed, default="", help="会員番号（先頭の 0 も）")
    made.add_argument("--invoice", default="", help="請求番号（省略すると一覧を表示）")
    return _planned(made, plan)


def _of_order(commands: Commands, name: str, told: str, plan: Plan) -> None:
    made = commands.add_parser(name, help=told)
    made.add_argument("order", metavar="ORDER", help="注文番号（D26-…）")
    _planned(made, plan)


def _planned(made: argparse.ArgumentParser, plan: Plan) -> argparse.ArgumentParser:
    signed(made)
    made.set_defaults(act=lambda typed, desk: acted(typed, desk, plan))
    return made


def acted(typed: argparse.Namespace, desk: Desk, plan: Plan) -> int:
    """Plan an act, say what it does, and perform it with ``--yes``."""
    office = Office(desk.database, desk.store, desk.society, desk.tables.outbox, desk.tables.audit)
    word = Word(f"office:{typed.by}", typed.reason, desk.clock())
    try:
        deed = plan(typed, desk, office, word)
        _told(deed, desk)
        if not typed.yes:
            desk.say(ONLY_LOOKED)
            return DONE
        office.perform(deed)
    except OfficeError as error:
        desk.say(f"できません: {error.reason}")
        return REFUSED
    desk.say("記録しました。")
    _open_tasks(deed, desk)
    return DONE


# Plans


def record(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """A bank transfer, or cash."""
    account, invoice = _invoice(typed.member_no, typed.invoice, desk)
    if typed.amount != invoice.amount and not typed.differs:
        raise OfficeError(
            f"請求額（{invoice.amount:,}円）と違います。正しければ --differs を付けてください"
        )
    person = _person(invoice.member_id, desk)
    if person is None:
        raise OfficeError("会員情報がないため、領収書を作れません")
    money = Money(
        Method(typed.method), typed.amount, typed.paid_on, _name(person), person.workplace
    )
    return office.record(invoice, account.live(invoice), money, word)


def waive(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """Nothing is to be paid."""
    account, invoice = _invoice(typed.member_no, typed.invoice, desk)
    return office.waive(invoice, account.live(invoice), word)


def cancel(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """The invoice should not have been made."""
    account, invoice = _invoice(typed.member_no, typed.invoice, desk)
    return office.cancel(invoice, account.live(invoice), word)


def again(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """The year of an ended invoice is billed by a new one."""
    account, old = _invoice(typed.member_no, typed.invoice, desk)
    desk.say(f"前の請求 {line(old)}")
    bill = Bill(
        amount=old.amount if typed.amount is None else typed.amount,
        due_on=typed.due_on or old.due_on,
        closes_on=typed.closes_on or old.closes_on,
    )
    deed = BillingAgain(office.store, office.audit_table).plan(account, old, bill, word)
    desk.say(f"支払期日 {bill.due_on}  受付の最終日 {bill.closes_on}")
    if yen := held(account, old):
        desk.say(
            f"前の請求に、返金も充当もしていない入金 {yen:,}円があります（discrepancies を参照）。"
            "会費にあてるときは、refund --order --outside と record-payment の二つで記録します。"
        )
    return deed


def refund(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """Money was given back: past GMO, or in GMO's 管理画面, which is then asked."""
    if typed.order:
        if typed.member_no or typed.invoice:
            raise OfficeError("--order は --member-no や --invoice と一緒に指定できません")
        account, payment, invoice = _order(typed.order, desk)
    else:
        account, invoice = _invoice(typed.member_no, typed.invoice, desk)
        paid = account.payments.get(invoice.paid_order)
        if paid is None:
            raise OfficeError("この請求に入金の記録はありません")
        payment = paid
    if payment.method is Method.CARD and not typed.outside:
        desk.say(AT_GMO)
        return office.ask_again(payment, invoice, word)
    return office.refund(payment, invoice, word)


def accept(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """Money that is not what was asked for is booked with its actual amount."""
    account, payment, invoice = _order(typed.order, desk)
    return office.accept(payment, invoice, account.live(invoice), word)


def aside(typed: argparse.Namespace, desk: Desk, office: Office, word: Word) -> Deed:
    """Money that is not what was asked for stands no longer in the way of paying."""
    _, payment, invoice = _order(typed.order, desk)
    return office.set_aside(payment, invoice, word)


# What was typed


def _invoice(member_no: str, invoice_id: str, desk: Desk) -> tuple[Account, Invoice]:
    credential = CredentialStore(desk.database, desk.tables.credentials).find(member_no or "-")
    if credential is None:
        raise OfficeError(f"会員番号 {member_no} は登録されていません")
    account = desk.store.account(credential.member_id)
    invoice = account.invoice(invoice_id)
    if invoice is None:
        desk.say(_whose(credential.member_id, member_no, desk))
        for one in account.invoices:
            desk.say(line(one))
        raise OfficeError("--invoice に請求番号を指定してください（上の一覧の左の列）")
    return account, invoice


def _order(order_id: str, desk: Desk) -> tuple[Account, Payment, Invoice]:
    found = desk.store.reference(order_id)
    account = desk.store.account(found.member_id) if found else None
    payment = account.payments.get(order_id) if account else None
    invoice = account.invoice(payment.invoice_id) if account and payment else None
    if account is None or payment is None or invoice is None:
        raise OfficeError(f"注文 {order_id} は GMO での支払いの記録にありません")
    return account, payment, invoice


def _yen(typed: str) -> int:
    plain = typed.replace(",", "")
    if not (plain.isascii() and plain.isdigit()) or not 0 < int(plain) < 10_000_000:
        raise argparse.ArgumentTypeError("1以上の整数（円）で入力してください")
    return int(plain)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError("2026-11-22 のように入力してください") from None


# What is said


def _told(deed: Deed, desk: Desk) -> None:
    # A number is soon mistyped; a name is seen to be somebody else's.
    desk.say(_whose(deed.invoice.member_id, deed.invoice.member_no, desk))
    desk.say(line(deed.invoice))
    if deed.payment is not None:
        paid = deed.payment
        day = f"  入金日 {jst_date(paid.paid_at)}" if paid.paid_at else ""
        desk.say(f"支払い {paid.order_id}  {paid.paid_amount:,}円  {paid.state.value}{day}")
    if deed.receipt:
        desk.say(f"領収書番号 {deed.receipt}")
    if deed.stopped:
        desk.say(f"手続き中の支払い {deed.stopped} は、定期処理が GMO で止めます。")


def _whose(member_id: str, member_no: str, desk: Desk) -> str:
    person = _person(member_id, desk)
    return f"会員 {member_no}  {_name(person) if person else '（会員情報がありません）'}"


def _person(member_id: str, desk: Desk) -> Record | None:
    row = desk.database.get(desk.tables.members, members.key(member_id))
    return members.parse(row).record if row else None


def _name(person: Record) -> str:
    return f"{person.family_name} {person.given_name}"


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
            desk.say(f"食い違い '{one.ident}' を{when}ください（discrepancies close）。")


def _dealt_with(payment: Payment, deed: Deed) -> bool:
    """Tell whether the deed books the money or gives it back; else it waits for one of both."""
    return bool(deed.receipt) or payment.state is PaymentState.REFUNDED
