"""``members import``: the office's file of members, looked at and taken (M50).

Without ``--yes`` an import only says what it would do, row by row, and writes those it refuses into
a file that can be corrected and fed back.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature
from ops.encodings import FileRefused
from ops.exits import Status
from ops.members.csv_file import WHY, Line, MemberFile, is_error_file, opened, society_columns
from ops.members.importing import importer
from ops.patience import Stopped, told_stopped
from ops.people import name_of
from ops.preview import First
from ops.sheet import Sheet, written
from portal.members.importing import COLUMNS, Outcome, Plan, Rules, refused, texts
from portal.members.spreadsheet import bare

AT_ONCE = 50
"""Rows that are looked up together."""

WORDS = {
    Outcome.CREATED: "新規",
    Outcome.UPDATED: "変更",
    Outcome.UNCHANGED: "変更なし",
    Outcome.REFUSED: "取り込めない",
}


@dataclass(frozen=True)
class Wanted:
    """What was typed: the file, where its refused rows go, who wins, how columns are called.

    *signature* is there where it is to be done and not only looked at.
    """

    file: Path
    columns: Path
    errors: Path | None = None
    overwrite: bool = False
    signature: Signature | None = None


def taken(wanted: Wanted, desk: Desk) -> Status:
    """Say what a file would change, and change it where that is signed."""
    errors = wanted.errors or wanted.file.parent / f"{wanted.file.stem}_エラー.csv"
    run = None
    try:
        columns = society_columns(wanted.columns, desk)
        with opened(wanted.file, columns) as file:
            _look_at(errors, wanted.file)
            run = _Run(wanted, desk, file, errors)
            return run.all()
    except FileRefused as error:
        if run is not None and run.wrote:
            # The file or the disk failed between two rows.
            return told_stopped(desk.say, f"途中で止まりました: {error}")
        desk.say(f"取り込めません: {error}")
        desk.say("何も変更していません。")
        return REFUSED


def _look_at(errors: Path, file: Path) -> None:
    """Refuse to write errors where something else is. Raises FileRefused."""
    if not errors.parent.is_dir():
        raise FileRefused(f"エラーのファイルを置くフォルダ {errors.parent} がありません。")
    if errors.exists() and (errors.samefile(file) or not is_error_file(errors)):
        raise FileRefused(f"{errors} はすでにあります。--errors で別の名前を指定してください。")


@dataclass
class _Told:
    """What is told of the rows: how many of each kind, the first of each, what else matters."""

    kinds: tuple[str, ...]
    counts: Counter[Outcome] = field(default_factory=Counter)
    first: First[Outcome, str] = field(default_factory=First)
    moved: int = 0
    kept: int = 0

    def add(self, line: Line, plan: Plan) -> None:
        """Count one row."""
        self.counts[plan.outcome] += 1
        self.kept += bool(plan.kept)
        if plan.outcome is Outcome.UPDATED:
            self.moved += "email" in plan.changed
        if plan.outcome is not Outcome.UNCHANGED:
            number = f" {line.entry.number}" if line.entry else ""
            self.first.add(plan.outcome, f"{line.number}行目{number}{described(plan, self.kinds)}")


class _Run:
    """One run over an opened file."""

    def __init__(self, wanted: Wanted, desk: Desk, file: MemberFile, errors: Path) -> None:
        may_be_empty = frozenset(file.columns.may_be_empty)
        self._importer = importer(
            Rules(desk.society.kind_names, may_be_empty, wanted.overwrite), desk
        )
        self._signature = wanted.signature
        self._desk = desk
        self._file = file
        self._errors = errors
        self._told = _Told(desk.society.kind_names)

    @property
    def wrote(self) -> bool:
        """Whether some row was written."""
        counts = self._told.counts
        return bool(self._signature and counts[Outcome.CREATED] + counts[Outcome.UPDATED])

    def all(self) -> Status:
        """Go through the file and return the exit status. Raises FileRefused, OSError."""
        digits = sorted((self._file.digits or {}).items())
        lengths = "、".join(f"{length}桁 {count:,}件" for length, count in digits)
        code = {"utf-8": "UTF-8", "cp932": "Shift_JIS（cp932）"}[self._file.encoding]
        self._desk.say(f"{self._file.rows:,} 行、文字コード {code}、会員番号の桁数: {lengths}")
        stopped = False
        with written(self._errors) as sheet:
            sheet.add(self._error_header())
            try:
                self._rows(sheet)
            except Stopped:
                stopped = True
        if not self._told.counts[Outcome.REFUSED]:
            # A file of an earlier run would look like one of this.
            self._errors.unlink()
        self._report()
        if stopped:
            return told_stopped(self._desk.say)
        self._desk.say("取り込みました。" if self._signature else ONLY_LOOKED)
        return PARTLY if self._told.counts[Outcome.REFUSED] else DONE

    def _rows(self, sheet: Sheet) -> None:
        progress = self._desk.progress(self._file.rows, "行")
        for lines in batched(self._file.lines(), AT_ONCE, strict=False):
            for line, plan in self._planned(lines):
                done = plan
                if self._signature and line.entry and plan.after is not None:
                    done = self._importer.write(line.entry, plan, self._signature)
                self._told.add(line, done)
                if done.outcome is Outcome.REFUSED:
                    sheet.add(self._error_row(line, done))
                progress.step()

    def _planned(self, lines: Sequence[Line]) -> Iterator[tuple[Line, Plan]]:
        plans = iter(self._importer.plans([line.entry for line in lines if line.entry]))
        for line in lines:
            yield line, next(plans) if line.entry else refused(line.fault)

    def _error_header(self) -> list[str]:
        return [name for name in self._file.header if name != WHY] + [WHY]

    def _error_row(self, line: Line, plan: Plan) -> list[str]:
        width = len(self._file.header)
        cells = (*line.cells, *([""] * width))[:width]
        kept = [
            bare(cell) for name, cell in zip(self._file.header, cells, strict=True) if name != WHY
        ]
        return [*kept, " ".join(plan.reasons)]

    def _report(self) -> None:
        say, told, fact = self._desk.say, self._told, self._desk.out.fact
        fact("counts", {outcome.value: told.counts[outcome] for outcome in Outcome})
        fact("first", {outcome.value: lines for outcome, lines in told.first.rows.items()})
        fact("kept", told.kept)
        fact("moved", told.moved)
        fact("errors", str(self._errors) if told.counts[Outcome.REFUSED] else None)
        for outcome, word in WORDS.items():
            say(f"{told.counts[outcome]:>8,} 件  {word}")
            for one in told.first.of(outcome):
                say(f"            {one}")
        if told.kept:
            say(f"{told.kept:,} 件は、書き出したあとで変更された項目をそのまま残します。")
        if told.moved:
            say(f"{told.moved:,} 件でメールアドレスが変わり、前と新しいアドレスに知らせます。")
        if told.counts[Outcome.REFUSED]:
            say(f"取り込めない行と理由: {self._errors}（直して、もう一度取り込めます）")


def described(plan: Plan, kinds: Sequence[str]) -> str:
    """Return in one line whom a plan adds, what it changes, or why it is refused."""
    if plan.outcome is Outcome.REFUSED:
        return "  " + " ".join(plan.reasons)
    if plan.after is None:
        return ""
    if plan.before is None:
        return f"  {name_of(plan.after.record)}"
    old, new = texts(plan.before, kinds), texts(plan.after, kinds)
    changes = [f"{COLUMNS[name].label}「{old[name]}」→「{new[name]}」" for name in plan.changed]
    return "  " + "、".join(changes)
