"""``receipts reissue``: the office prints a receipt for the post, also to another name (E30).

Without ``--name`` it is a copy with the mark 再発行, and nothing is written. With it the old number
ends and a new one is issued (docs/decisions/0040-receipt-under-another-name.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature
from ops.disk import fault
from ops.exits import Status
from ops.invoices import Which, Year, invoice_of, line
from ops.options import By, InvoiceId, MemberNo, Yes, acting, text
from ops.people import name_of, record_of, whose
from ops.private_file import PART, write_private
from portal.billing.account import Account
from portal.billing.model import Invoice
from portal.billing.office import Office, OfficeError, Word
from portal.billing.receipt_pdf import ReceiptPrinter
from portal.billing.receipts import Addressee, ReceiptSnapshot
from portal.billing.reissue_receipt import Named, Renaming, standing_receipt
from portal.config import receipt_fonts
from portal.glyphs import covered, printable
from portal.members.checks import check
from portal.members.fields import BY_NAME
from portal.members.model import Record
from portal.typesetting import FONT_FILE

app = typer.Typer(help="領収書", no_args_is_help=True)

CHECKED = {
    Addressee.SELF: ("family_name", "given_name"),
    Addressee.WORKPLACE: ("workplace",),
}
"""The fields of the record that a name on a receipt comes from."""


@app.callback()
def group() -> None:
    """Keep the group's name before its only command."""


@app.command(
    "reissue", help="領収書を「再発行」として PDF にする（郵送用）。宛名を改めることもできる"
)
def reissue_command(
    ctx: typer.Context,
    *,
    number: MemberNo,
    file: Annotated[Path, typer.Argument(metavar="FILE.pdf", help="書き出すファイル")],
    invoice: InvoiceId = "",
    year: Year = None,
    name: Annotated[
        str,
        typer.Option(
            help="新しい宛名。会員情報の氏名か勤務先の通りに入力する（前の番号は無効になります）"
        ),
    ] = "",
    reason: Annotated[str, typer.Option(help="理由（--name のとき。監査記録に残ります）")] = "",
    by: By = "",
    yes: Yes = False,
) -> None:
    """Write a receipt as a PDF."""
    which = Which(number, invoice, year)
    if not name:
        acting(ctx, lambda desk: copied(which, file, desk))
        return
    why = text(reason)
    acting(
        ctx,
        lambda desk: renamed(which, name, file, desk.signature(by, why), desk, yes=yes),
        "--name",
    )


def copied(which: Which, file: Path, desk: Desk) -> Status:
    """Write the receipt as it stands. Nothing changes, so whoever may read may do it."""
    try:
        _, _, receipt = _standing(which, desk)
        with _written(file, receipt):
            pass
    except OfficeError as error:
        return _refused(error, desk)
    _told(receipt, file, desk)
    if not receipt.chosen:
        desk.say(
            "会員はまだ宛名を選んでいません。あとから勤務先を選ぶと、同じ番号で宛名の違う領収書が"
            "できます。勤務先宛が要らないか、送る前に会員に確かめてください。"
        )
    return DONE


def renamed(
    which: Which, name: str, file: Path, signature: Signature, desk: Desk, *, yes: bool
) -> Status:
    """End the receipt's number and issue a new one to another name of the member's record."""
    office = Office(desk.database, desk.store, desk.society, desk.tables.outbox, desk.tables.audit)
    word = Word(signature.actor, signature.reason, desk.clock())
    try:
        _, invoice, old = _standing(which, desk)
        named = _of_record(name, invoice, desk)
        renaming = Renaming(desk.store, desk.society, desk.tables.audit)
        new, deed = renaming.plan(invoice, old, named, word)
        _compared(old, new, desk)
        if not yes:
            desk.say(ONLY_LOOKED)
            return DONE
        with _written(file, new):
            office.perform(deed)
    except OfficeError as error:
        return _refused(error, desk)
    _told(new, file, desk)
    desk.say(f"領収書番号 {old.number} は無効になりました。会員の画面にも新しい領収書が出ます。")
    desk.say(f"前の領収書（{old.number}）が紙で渡っているときは、返してもらってください。")
    return DONE


def _refused(error: OfficeError, desk: Desk) -> Status:
    desk.say(f"できません: {error.reason}")
    return REFUSED


def _standing(which: Which, desk: Desk) -> tuple[Account, Invoice, ReceiptSnapshot]:
    """Return the receipt that is good, and say whose it is. Raises OfficeError."""
    account, invoice = invoice_of(which, desk)
    desk.say(whose(invoice.member_id, invoice.member_no, desk))
    desk.say(line(invoice))
    receipt = standing_receipt(account, invoice)
    doubts = [one.ident for one in desk.discrepancies.about(receipt.order_id) if one.open]
    if doubts:
        raise OfficeError(
            f"この入金に未処理の食い違い（{'、'.join(doubts)}）があります。先に処理してください"
        )
    return account, invoice, receipt


def _compared(old: ReceiptSnapshot, new: ReceiptSnapshot, desk: Desk) -> None:
    for told, one in (("今の領収書", old), ("新しい領収書", new)):
        desk.say(f"{told}: {one.number}  {one.shown_addressee} {one.honorific}")
    desk.out.fact("old", old.number)
    desk.out.fact("new", new.number)


def _told(receipt: ReceiptSnapshot, file: Path, desk: Desk) -> None:
    shown = f"{receipt.shown_addressee} {receipt.honorific}  {receipt.amount:,}円"
    desk.say(f"領収書 {receipt.number}  {shown}（再発行）を {file} に書きました。")
    if not _drawable(receipt.shown_addressee):
        desk.say(
            "宛名に印刷できない文字があり、近い文字か〓になっています。PDF を確かめてください。"
        )
    desk.out.fact("receipt", receipt.number)
    desk.out.fact("file", str(file))


# The name


def _of_record(typed: str, invoice: Invoice, desk: Desk) -> Named:
    """Return the one of the record's two names that was typed. Raises OfficeError.

    A free text could name anybody: the payer's employer is known, and so is who paid.
    """
    record = record_of(invoice.member_id, desk)
    if record is None:
        raise OfficeError("会員情報がありません")
    offered = {Addressee.SELF: name_of(record), Addressee.WORKPLACE: record.workplace}
    wanted = _plain(typed)
    kind = next((k for k, name in offered.items() if _plain(name) == wanted), None)
    if kind is None or not wanted:
        raise OfficeError(
            f"宛名にできるのは、会員情報の氏名「{offered[Addressee.SELF]}」か"
            f"勤務先「{offered[Addressee.WORKPLACE] or '（未登録）'}」だけです。"
            "違うときは、先に members edit で会員情報を直してください"
        )
    _checked(kind, record)
    return Named(kind, offered[kind])


def _checked(kind: Addressee, record: Record) -> None:
    """Hold what the office had imported to the rule of the member's own page."""
    for field in CHECKED[kind]:
        value = getattr(record, field)
        problem = check(BY_NAME[field], value).problem
        if problem is not None or not _drawable(value):
            told = "".join(problem.messages) if problem else "印刷できない文字があります。"
            raise OfficeError(f"会員情報の{BY_NAME[field].label}を先に直してください: {told}")


def _plain(name: str) -> str:
    return "".join(name.split())


def _drawable(name: str) -> bool:
    return printable(name, covered(receipt_fonts() / FONT_FILE)) == name


# The file


@contextmanager
def _written(file: Path, receipt: ReceiptSnapshot) -> Iterator[None]:
    """Write the PDF, which gets its name when what is done meanwhile was done too.

    Whatever can fail of it has then happened: no number ends for a file that cannot be written.
    Raises OfficeError.
    """
    if file.exists():
        raise OfficeError(f"{file} はすでにあります。別の名前を指定してください")
    part = file.with_name(file.name + PART)
    try:
        write_private(part, ReceiptPrinter(receipt_fonts()).pdf(receipt, reissued=True))
    except OSError as error:
        raise OfficeError(f"{file} に書けません（{fault(error)}）") from None
    try:
        yield
    except OfficeError:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    part.replace(file)
