"""Address labels, for letters that need another envelope (L2)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.desk import DONE, PARTLY, REFUSED, Desk, Signature
from ops.exits import Status
from ops.letters.address import address_of, without_mail
from ops.letters.batches import NO_BATCH, Batches
from ops.letters.label import LabelPrinter
from ops.letters.wanted import Choice, choice, everybody, members_of, typed
from ops.private_file import PART, write_private
from portal.accounts.model import Credential
from portal.config import receipt_fonts
from portal.members.model import Member


class NoBatch(Exception):
    """A name that no batch of letters ever had."""


@dataclass(frozen=True)
class Request:
    """What was typed: *numbers*, or a batch of *letters*, or neither for all without mail."""

    file: Path
    numbers: Sequence[str] = ()
    letters: str = ""
    no_mail: bool = False

    @property
    def only_without_mail(self) -> bool:
        """Whether who can be mailed gets no label."""
        return self.no_mail or not (self.numbers or self.letters)


def printed(request: Request, signature: Signature, desk: Desk) -> Status:
    """Write the labels into a new file."""
    if request.file.exists():
        desk.say(f"{request.file} はすでにあります。別の名前にしてください。")
        return REFUSED
    try:
        members, chosen = _chosen(request, desk)
    except NoBatch:
        desk.say(NO_BATCH.format(name=request.letters))
        return REFUSED
    for number, reason in chosen.left_out:
        desk.say(f"{number}: {reason}")
    if not chosen.wanted:
        desk.say("ラベルを作る人はいません。")
        return REFUSED if chosen.left_out else DONE
    addresses = [address_of(members[one.member_id]) for one in chosen.wanted]
    printer = LabelPrinter(desk.society.name, receipt_fonts())
    part = request.file.with_name(request.file.name + PART)
    try:
        write_private(part, printer.pdf(addresses, desk.clock()))
        # Nobody has the addresses without a trace of it.
        told = desk.audited(
            "labels_printed", "members", signature, after={"members": len(addresses)}
        )
        desk.database.commit(told)
        part.replace(request.file)
    except OSError as error:
        desk.say(f"{request.file} に書けません（{error.strerror}）。")
        return REFUSED
    finally:
        part.unlink(missing_ok=True)
    sheets = -(-len(addresses) // printer.a_sheet)
    desk.say(f"{len(addresses):,} 人のラベル（{sheets:,} 枚）を {request.file} に作りました。")
    desk.say("郵便番号、会員番号の順です。個人情報です。用が済んだら削除してください。")
    desk.out.fact("labels", len(addresses))
    desk.out.fact("sheets", sheets)
    return PARTLY if chosen.left_out else DONE


def _chosen(request: Request, desk: Desk) -> tuple[dict[str, Member], Choice]:
    unknown: list[tuple[str, str]] = []
    credentials: Iterable[Credential] = everybody(desk)
    if request.numbers:
        credentials, unknown = typed(request.numbers, desk)
    elif request.letters:
        credentials = _of_batch(request.letters, credentials, desk)
    numbers = {one.member_id: one.member_no for one in credentials}
    members = {
        member.member_id: member
        for member in members_of(numbers.keys(), desk, scan=not request.numbers)
        if not request.only_without_mail or without_mail(member)
    }
    chosen = choice(numbers, members.values())
    # Who has left needs no label and no word, unless the number was typed.
    chosen.left_out = [one for one in chosen.left_out if request.numbers or "退会" not in one[1]]
    chosen.left_out += unknown
    return members, chosen


def _of_batch(name: str, credentials: Iterable[Credential], desk: Desk) -> list[Credential]:
    """Return whose letter is of a batch. Raises NoBatch where there never was one of that name."""
    found = [one for one in credentials if one.letters == name]
    if not found and name not in Batches(desk.database, desk.tables.audit).ended():
        raise NoBatch
    return found
