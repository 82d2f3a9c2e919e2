"""The office's file of members: read line by line whatever Excel made of it, written for Excel.

A file is looked through as a whole before the first row is used, so that a wrong one changes
nothing. It is never in memory as a whole.
"""

import csv
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

from ops.desk import Desk
from ops.disk import fault
from ops.encodings import LONGEST_LINE, FileRefused, check_size, encoding_of
from portal.accounts.member_number import NotANumber, fold
from portal.members import office_fields
from portal.members.fields import Kind, names
from portal.members.importing import COLUMNS, Entry
from portal.members.spreadsheet import bare, damage

NAMES_OF_COLUMNS = Path(__file__).with_name("columns.toml")
WHY = "理由"
"""The column that an error file has beside those of the file."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns, the first of each for writing, and the society's own rules.

    A society's own file of names may be older than *office_version*.
    """

    number: tuple[str, ...]
    version: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()
    number_digits: tuple[int, ...] = ()
    may_be_empty: tuple[str, ...] = ()
    office_version: tuple[str, ...] = ("事務局の版",)

    @property
    def versions(self) -> dict[str, tuple[str, ...]]:
        """The columns that say how old a file is."""
        return {"version": self.version, "office_version": self.office_version}


def columns_of(path: Path, wanted: Sequence[str]) -> Columns:
    """Read the names of the columns, those of *wanted* only. Raises FileRefused."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        fields = {
            name: tuple(texts) for name, texts in given.pop("fields").items() if name in wanted
        }
        columns = Columns(fields=fields, **{part: tuple(texts) for part, texts in given.items()})
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise FileRefused(f"列の名前のファイルに誤りがあります（{error}）") from error
    missing = [name for name in (*wanted, *columns.may_be_empty) if name not in COLUMNS]
    missing += [name for name in wanted if not fields.get(name)]
    if missing or not columns.number or not all(columns.versions.values()):
        raise FileRefused(f"列の名前のファイルに誤りがあります（{'、'.join(missing)}）")
    return columns


def society_columns(path: Path, desk: Desk) -> Columns:
    """Read the names of the columns that the society at *desk* has. Raises FileRefused."""
    fields = names(true_name=desk.society.member_true_name)
    return columns_of(path, (*fields, *office_fields.FIELDS))


@dataclass(frozen=True)
class Line:
    """One row below the header: where it begins, its cells as they are, what it says.

    *fault* is why the row cannot be looked at; then *entry* is None.
    """

    number: int
    cells: tuple[str, ...]
    entry: Entry | None
    fault: str = ""


@dataclass(frozen=True)
class MemberFile:
    """A file that was looked through: its encoding, its header, how many rows it has.

    *digits* counts the member numbers by their length.
    """

    handle: BinaryIO
    columns: Columns
    encoding: str
    header: tuple[str, ...]
    places: Mapping[int, str]
    rows: int = 0
    digits: Mapping[int, int] | None = None

    def lines(self) -> Iterator[Line]:
        """Yield the rows below the header. Raises FileRefused."""
        rows = _records(self.handle, self.encoding)
        next(rows)
        for number, cells in rows:
            yield self._line(number, cells)

    def _line(self, number: int, cells: list[str]) -> Line:
        def refused(why: str) -> Line:
            return Line(number, tuple(cells), None, why)

        if len(cells) != len(self.header):
            return refused(
                f"列の数（{len(cells)}）が見出し（{len(self.header)}）と違います。"
                '「,」を含む文字は「"」で囲んでください。'
            )
        said = {name: bare(cells[place]) for place, name in self.places.items()}
        typed = said.pop("number")
        fault = _fault_of_number(typed, self.columns.number_digits)
        if fault:
            return refused(fault)
        made: dict[str, int | None] = {}
        for name, labels in self.columns.versions.items():
            text = said.pop(name, "").strip()
            if text and not (text.isascii() and text.isdigit() and len(text) < 10):
                return refused(
                    f"{labels[0]}「{text}」は数字ではありません。書き出したときの値に直してください。"
                )
            made[name] = int(text) if text else None
        return Line(number, tuple(cells), Entry(number, fold(typed), said, **made))


def _fault_of_number(typed: str, digits: Sequence[int]) -> str:
    if not typed.strip():
        return "会員番号がありません。"
    spoilt = damage(Kind.TEXT, typed)
    if spoilt:
        return f"会員番号: {spoilt}"
    try:
        number = fold(typed)
    except NotANumber:
        return f"会員番号「{typed[:40]}」は数字ではありません。"
    if digits and len(number) not in digits:
        lengths = "・".join(map(str, digits))
        lost = "先頭の 0 が失われていないか、" if len(number) < min(digits) else ""
        return f"会員番号「{number}」が {lengths} 桁ではありません。{lost}確かめてください。"
    return ""


@contextmanager
def opened(path: Path, columns: Columns) -> Iterator[MemberFile]:
    """Open a file and look through all of it. Raises FileRefused."""
    try:
        handle = path.open("rb")
    except OSError as error:
        raise FileRefused(f"{path} を開けません（{fault(error)}）。") from None
    with handle:
        try:
            yield _looked_through(handle, columns)
        except OSError as error:
            raise FileRefused(f"ファイルを読み書きできません（{fault(error)}）。") from None


def _looked_through(handle: BinaryIO, columns: Columns) -> MemberFile:
    check_size(handle, "会員のファイル")
    encoding = encoding_of(handle)
    rows = _records(handle, encoding)
    header = tuple(bare(cell).strip() for cell in next(rows, (0, []))[1])
    file = MemberFile(handle, columns, encoding, header, places_of(header, columns))
    return _counted(file)


def _counted(file: MemberFile) -> MemberFile:
    """Count the rows and refuse numbers that are there twice."""
    seen: dict[str, int] = {}
    twice: list[str] = []
    digits: dict[int, int] = {}
    rows = 0
    for line in file.lines():
        rows += 1
        if line.entry is None:
            continue
        number = line.entry.number
        digits[len(number)] = digits.get(len(number), 0) + 1
        if number in seen:
            twice.append(f"{number}（{seen[number]}行目と{line.number}行目）")
        seen.setdefault(number, line.number)
    if twice:
        more = f" ほか {len(twice) - 5} 件" if len(twice) > 5 else ""
        raise FileRefused(f"同じ会員番号が2回以上あります: {'、'.join(twice[:5])}{more}")
    if not rows:
        raise FileRefused("見出しの下に会員の行がありません。")
    return MemberFile(
        file.handle, file.columns, file.encoding, file.header, file.places, rows, digits
    )


def places_of(header: Sequence[str], columns: Columns) -> dict[int, str]:
    """Return what stands in which column. Raises FileRefused for a header that is not one."""
    known = {
        _plain(text): name
        for name, texts in {
            "number": columns.number,
            **columns.versions,
            **columns.fields,
        }.items()
        for text in texts
    }
    ignored = {_plain(text) for text in (*columns.ignored, "")}
    plain = [_plain(text) for text in header]
    places = {place: known[text] for place, text in enumerate(plain) if text in known}
    if "number" not in places.values():
        raise FileRefused(
            f"1行目に「{columns.number[0]}」の列がありません。見出しの行が1行目にあること、"
            "文字化けしていないことを確かめてください。"
        )
    strange = [text for text in plain if text not in known and text not in ignored]
    if strange:
        raise FileRefused(
            f"知らない列があります: {'、'.join(one[:40] for one in strange[:5])}。"
            "列の名前を直すか、列を削除してください。"
        )
    doubled = columns_twice(places)
    if doubled:
        raise FileRefused(f"同じ意味の列が2つあります: {'、'.join(doubled)}")
    if not set(places.values()) - {"number", *columns.versions}:
        raise FileRefused("会員番号のほかに取り込む列がありません。")
    return places


def columns_twice(places: Mapping[int, str]) -> list[str]:
    """Return the labels of what stands in two columns."""
    found = list(places.values())
    twice = sorted({name for name in found if found.count(name) > 1})
    return [COLUMNS[name].label if name in COLUMNS else name for name in twice]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


# Rows


def _records(handle: BinaryIO, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line at which each row begins, and its cells; rows without any text are left out.

    Raises FileRefused.
    """
    handle.seek(0)
    lines = (line.decode(encoding) for line in handle)
    # The BOM stands before the first cell only.
    first = (line.removeprefix("\ufeff") for line in islice(lines, 1))
    rows = csv.reader(chain(first, lines), strict=True)
    begins = 1
    try:
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = rows.line_num + 1
    except csv.Error:
        raise FileRefused(
            f'{begins}行目から CSV として読めません。「"」が閉じられているか確かめてください。'
        ) from None


# Writing


def is_error_file(path: Path) -> bool:
    """Tell whether a file is one of refused rows, which a later run may replace."""
    with path.open("rb") as handle:
        first = handle.readline(LONGEST_LINE)
    return first.rstrip(b"\r\n").endswith(WHY.encode())
