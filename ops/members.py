"""``members import`` and ``members export``: the office's file of members (M50, M51).

Without ``--yes`` an import only says what it would do, row by row, and writes those it refuses into
a file that can be corrected and fed back.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Commands, Desk, text
from ops.encodings import FileRefused
from ops.members_export import header, sorted_rows
from ops.members_file import (
    NAMES_OF_COLUMNS,
    WHY,
    Columns,
    Line,
    MemberFile,
    Sheet,
    columns_of,
    is_error_file,
    opened,
    written,
)
from ops.members_import import Importer, Signature
from ops.patience import Stopped
from ops.progress import Progress
from portal import audit
from portal.accounts.no_password import no_password
from portal.members.fields import names
from portal.members.importing import COLUMNS, QUALIFICATION, Outcome, Plan, Rules, refused
from portal.members.model import Member
from portal.members.spreadsheet import bare

SOME_REFUSED = 3
"""Exit status: the file was taken, but not each of its rows."""
SHOWN = 5
"""Rows of each kind that are printed."""
AT_ONCE = 50
"""Rows that are looked up together."""

WORDS = {
    Outcome.CREATED: "新規",
    Outcome.UPDATED: "変更",
    Outcome.UNCHANGED: "変更なし",
    Outcome.REFUSED: "取り込めない",
}


def add(commands: Commands) -> None:
    """Add the commands to the command line."""
    members = commands.add_parser("members", help="会員のファイルを取り込む・書き出す")
    ways = members.add_subparsers(dest="members_command", required=True)
    taken = ways.add_parser("import", help="CSV を取り込む（UTF-8・Shift_JIS）")
    taken.add_argument("file", type=Path, metavar="FILE", help="会員の CSV")
    taken.add_argument("--errors", type=Path, help="取り込めない行を書くファイル")
    taken.add_argument("--overwrite", action="store_true", help="後からの変更もファイルの値にする")
    taken.add_argument("--yes", action="store_true", help="確認ではなく取り込む")
    taken.set_defaults(act=import_members)
    given = ways.add_parser("export", help="Excel で開ける CSV に書き出す")
    given.add_argument("file", type=Path, metavar="FILE", help="新しく作るファイル")
    given.set_defaults(act=export_members)
    for one in (taken, given):
        one.add_argument("--columns", type=Path, default=NAMES_OF_COLUMNS, help="列の名前の TOML")
        one.add_argument("--by", type=text, help="担当者名（監査記録に残ります）")
        one.add_argument(
            "--why", "--reason", dest="why", type=text, help="理由（監査記録に残ります）"
        )


def _columns(typed: argparse.Namespace, desk: Desk) -> Columns:
    fields = names(true_name=desk.society.member_true_name)
    return columns_of(typed.columns, (*fields, QUALIFICATION.name))


def _unsigned(typed: argparse.Namespace, desk: Desk) -> bool:
    if typed.by and typed.why:
        return False
    desk.say("--by（担当者名）と --why（理由）が必要です。")
    return True


# import


def import_members(typed: argparse.Namespace, desk: Desk) -> int:
    """Say what a file would change, and change it with ``--yes``."""
    if typed.yes and _unsigned(typed, desk):
        return REFUSED
    errors = typed.errors or typed.file.with_name(f"{typed.file.stem}_エラー.csv")
    try:
        columns = _columns(typed, desk)
        with opened(typed.file, columns) as file:
            _look_at(errors, typed.file)
            return _Run(typed, desk, file, errors).all()
    except FileRefused as error:
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

    counts: Counter[Outcome] = field(default_factory=Counter)
    first: dict[Outcome, list[str]] = field(default_factory=dict)
    moved: int = 0
    kept: int = 0

    def add(self, line: Line, plan: Plan) -> None:
        """Count one row."""
        self.counts[plan.outcome] += 1
        self.kept += bool(plan.kept)
        if plan.outcome is Outcome.UPDATED:
            self.moved += "email" in plan.changed
        shown = self.first.setdefault(plan.outcome, [])
        if len(shown) < SHOWN and plan.outcome is not Outcome.UNCHANGED:
            number = f" {line.entry.number}" if line.entry else ""
            shown.append(f"{line.number}行目{number}{_described(plan)}")


class _Run:
    """One run over an opened file."""

    def __init__(
        self, typed: argparse.Namespace, desk: Desk, file: MemberFile, errors: Path
    ) -> None:
        rules = Rules(frozenset(file.columns.may_be_empty), typed.overwrite)
        self._importer = Importer(
            database=desk.database,
            tables=desk.tables,
            rules=rules,
            clock=desk.clock,
            password=lambda now: no_password(desk.hasher(), now),
            pause=desk.pause,
        )
        self._signature = Signature(typed.by, typed.why) if typed.yes else None
        self._desk = desk
        self._file = file
        self._errors = errors
        self._told = _Told()

    def all(self) -> int:
        """Go through the file and return the exit status."""
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
            self._desk.say("データベースの応答がなく、途中で止まりました。")
            self._desk.say("もう一度、同じ命令を実行すると続きから取り込みます。")
            return REFUSED
        self._desk.say("取り込みました。" if self._signature else ONLY_LOOKED)
        return SOME_REFUSED if self._told.counts[Outcome.REFUSED] else DONE

    def _rows(self, sheet: Sheet) -> None:
        progress = Progress(self._file.rows, "行", self._desk.timer)
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
        say, told = self._desk.say, self._told
        for outcome, word in WORDS.items():
            say(f"{told.counts[outcome]:>8,} 件  {word}")
            for one in told.first.get(outcome, ()):
                say(f"            {one}")
        if told.kept:
            say(f"{told.kept:,} 件は、書き出したあとで変更された項目をそのまま残します。")
        if told.moved:
            say(f"{told.moved:,} 件でメールアドレスが変わり、前と新しいアドレスに知らせます。")
        if told.counts[Outcome.REFUSED]:
            say(f"取り込めない行と理由: {self._errors}（直して、もう一度取り込めます）")


def _described(plan: Plan) -> str:
    if plan.outcome is Outcome.REFUSED:
        return "  " + " ".join(plan.reasons)
    if plan.before is None or plan.after is None:
        return ""
    changes = [
        f"{COLUMNS[name].label}「{_text(plan.before, name)}」→「{_text(plan.after, name)}」"
        for name in plan.changed
    ]
    return "  " + "、".join(changes)


def _text(member: Member, name: str) -> str:
    return member.qualification if name == QUALIFICATION.name else getattr(member.record, name)


# export


def export_members(typed: argparse.Namespace, desk: Desk) -> int:
    """Write all members into a new file."""
    if _unsigned(typed, desk):
        return REFUSED
    if typed.file.exists():
        desk.say(f"{typed.file} はすでにあります。別の名前にしてください。")
        return REFUSED
    try:
        columns = _columns(typed, desk)
        count = _exported(typed, desk, columns)
    except (FileRefused, OSError) as error:
        desk.say(f"書き出せません: {error}")
        return REFUSED
    desk.say(f"{count:,} 人を {typed.file} に書き出しました。")
    desk.say("個人情報です。用が済んだら削除してください。")
    return DONE


def _exported(typed: argparse.Namespace, desk: Desk, columns: Columns) -> int:
    count = 0
    with written(typed.file) as sheet:
        sheet.add(header(columns))
        for row in sorted_rows(desk.scan(desk.tables.members, "sk", "PROFILE"), columns):
            sheet.add(row)
            count += 1
        # Before the file is there: nobody has the members without a trace of it.
        desk.database.commit(
            audit.entry(
                desk.tables.audit,
                actor=f"office:{typed.by}",
                action="members_exported",
                subject="members",
                at=desk.clock(),
                after={"members": count},
                note=typed.why,
            )
        )
    return count
