"""Initial passwords for many members, as letters (L2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature
from ops.exits import Status
from ops.letters.apart import PrinterApart
from ops.letters.batches import NO_BATCH, Batch, Batches, Ended
from ops.letters.files import FolderRefused, LetterFolder
from ops.letters.letter import LetterPrinter
from ops.letters.recovery import Recovery
from ops.letters.run import LetterRun, Outcome, Overtaken, Printer, Still
from ops.letters.wanted import (
    Choice,
    choice,
    everybody,
    members_of,
    typed,
    unfinished,
    unissued,
)
from ops.output import Column
from ops.passwords.reissue import reissuing
from ops.patience import Stopped, told_stopped
from ops.preview import SHOWN
from portal.accounts.model import Credential
from portal.config import receipt_fonts

WANTED = (
    Column("number", "会員番号"),
    Column("name", "氏名"),
    Column("postal_code", "郵便番号"),
)
OVERTAKEN = "ほかの人が同時に発行を始めたため、止めました。"
LEFT_OUT = (Column("number", "会員番号"), Column("reason", "発行しない理由"))


@dataclass(frozen=True)
class Request:
    """What was typed: *numbers*, or *again* a batch, or neither for all who never got one."""

    folder: Path
    numbers: Sequence[str] = ()
    again: str = ""
    at_once: int = 200

    @property
    def still(self) -> Still:
        """What tells of a credential whether its member is to get a letter."""
        if self.numbers:
            return lambda credential, _: not credential.closed
        if self.again:
            return lambda credential, _: (
                not credential.closed
                and credential.must_change
                and credential.letters == self.again
            )
        return lambda credential, ended: not credential.closed and unissued(credential, ended)


@dataclass
class _Found:
    """*choice* of members; *batches* that somebody's letter is of, and those *unfinished*;
    *dying*: whose password is good until now.
    """

    choice: Choice = field(default_factory=Choice)
    batches: set[str] = field(default_factory=set)
    unfinished: set[str] = field(default_factory=set)
    dying: set[str] = field(default_factory=set)


def issued(
    request: Request,
    signature: Signature,
    desk: Desk,
    *,
    yes: bool,
    printer: Printer | None = None,
) -> Status:
    """Say who would get a letter; with *yes*, issue. *printer* prints in the place of typst."""
    job = _Job(request, signature, desk, LetterFolder(request.folder))
    ended = job.batches.ended()
    found = _found(request, ended, desk)
    left_behind = sorted({*found.unfinished, *job.folder.parts(), *_unplaced(ended)})
    if request.again and request.again not in {*found.batches, *ended, *left_behind}:
        desk.say(NO_BATCH.format(name=request.again))
        return REFUSED
    _tell(found, left_behind, desk)
    if not found.choice.wanted and not left_behind:
        desk.say("新しく発行する人はいません。何も書き込んでいません。")
        return PARTLY if found.choice.left_out else DONE
    if not yes:
        desk.say(ONLY_LOOKED)
        return PARTLY if found.choice.left_out else DONE
    try:
        job.folder.open()
    except FolderRefused as error:
        desk.say(f"発行できません: {error}")
        return REFUSED
    make = partial(LetterPrinter, desk.society, desk.login_url, desk.policy, receipt_fonts())
    return job.do(found, printer or PrinterApart(make))


def _unplaced(ended: Mapping[str, Ended]) -> list[str]:
    return [name for name, one in ended.items() if one.complete and not one.placed]


# Who


def _found(request: Request, ended: Mapping[str, Ended], desk: Desk) -> _Found:
    unknown: list[tuple[str, str]] = []
    credentials: Iterable[Credential] = everybody(desk)
    if request.numbers:
        credentials, unknown = typed(request.numbers, desk)
    found = _Found()
    numbers: dict[str, str] = {}
    for credential in credentials:
        found.batches.add(credential.letters)
        if unfinished(credential, ended) and credential.letters not in ended:
            found.unfinished.add(credential.letters)
        if request.still(credential, ended):
            numbers[credential.member_id] = credential.member_no
            if not unissued(credential, ended):
                found.dying.add(credential.member_no)
        elif request.numbers:
            unknown.append((credential.member_no, "利用を止めています"))
    scan = bool(numbers) and not request.numbers
    found.choice = choice(numbers, members_of(numbers.keys(), desk, scan=scan))
    found.choice.left_out += unknown
    return found


def _tell(found: _Found, left_behind: Sequence[str], desk: Desk) -> None:
    chosen = found.choice
    desk.say(f"初期パスワードの手紙: {len(chosen.wanted):,} 人（郵便番号、会員番号の順）")
    dying = sum(one.number in found.dying for one in chosen.wanted)
    if dying:
        desk.say(
            f"うち {dying:,} 人は、今のパスワードが使えなくなり、"
            "ログイン中の端末はログアウトされ、お知らせのメールが届きます。"
        )
    _first(
        "wanted", WANTED, [(one.number, one.name, one.postal_code) for one in chosen.wanted], desk
    )
    _tell_left_out("left_out", chosen.left_out, desk)
    for name in left_behind:
        desk.say(f"途中で止まった（または、ほかの人が実行中の）発行があります: {name}")
    desk.out.fact("letters", len(chosen.wanted))
    desk.out.fact("unfinished", list(left_behind))


def _tell_left_out(name: str, left_out: Sequence[tuple[str, str]], desk: Desk) -> None:
    if left_out:
        desk.say(f"{len(left_out):,} 人には発行しません。")
    _first(name, LEFT_OUT, left_out, desk)


def _first(
    name: str, columns: Sequence[Column], rows: Sequence[tuple[str, ...]], desk: Desk
) -> None:
    """Show a person the first rows, and give a program all of them."""
    desk.out.table(name, columns, rows[:SHOWN])
    keys = [one.key for one in columns]
    desk.out.fact(name, [dict(zip(keys, row, strict=True)) for row in rows])
    if len(rows) > SHOWN:
        desk.say(f"ほか {len(rows) - SHOWN:,} 人")


# The run


@dataclass(frozen=True)
class _Job:
    request: Request
    signature: Signature
    desk: Desk
    folder: LetterFolder

    @property
    def batches(self) -> Batches:
        """How earlier batches ended."""
        return Batches(self.desk.database, self.desk.tables.audit)

    def do(self, found: _Found, printer: Printer) -> Status:
        """Bring earlier runs to an end, and issue."""
        desk, wanted = self.desk, found.choice.wanted
        elsewhere = Recovery(desk, self.signature, self.folder)(found.unfinished)
        run = LetterRun(
            desk,
            self.signature,
            act=reissuing(desk),
            folder=self.folder,
            printer=printer,
            hashed=desk.progress(len(wanted), "人").step,
            still=self.request.still,
        )
        stopped: Callable[[], Status] | None = None
        try:
            self._issue(run, found)
        except Overtaken:
            stopped = partial(told_stopped, desk.say, OVERTAKEN, REFUSED)
        except Stopped:
            stopped = partial(told_stopped, desk.say)
        self._report(run.outcome)
        for name, where in elsewhere:
            if name != self.request.again:
                desk.say(f"{name} の PDF は、ここにありません。--out {where} で仕上げます。")
        if stopped:
            return stopped()
        kept_back = run.outcome.left_out or found.choice.left_out or elsewhere
        return PARTLY if kept_back else DONE

    def _issue(self, run: LetterRun, found: _Found) -> None:
        """Issue. Raises Overtaken and Stopped."""
        run.issue(found.choice.wanted, self.request.at_once)
        again = self.request.again
        if again in _unplaced(self.batches.ended()):
            # Its letters were lost before they had a name, and are made anew now.
            self.batches.place(Batch(again), self.signature, self.desk.clock())

    def _report(self, outcome: Outcome) -> None:
        desk = self.desk
        files = [(str(self.folder.file(name)), letters) for name, letters in outcome.batches]
        for file, letters in files:
            desk.say(f"{letters:>5,} 通  {file}")
        desk.say(f"{outcome.letters:,} 人に発行しました。")
        desk.out.fact("issued", outcome.letters)
        desk.out.fact("files", [{"file": file, "letters": letters} for file, letters in files])
        _tell_left_out("left_out_meanwhile", outcome.left_out, desk)
        if files:
            desk.say("パスワードはこの PDF にしかありません。封入が済んだら、削除してください。")
