"""GMO's settlement file (入金明細 CSV): its lines, whatever the merchant's columns are called.

Which columns the file has is shown to the merchant only, so their names are given from outside
(:class:`Columns`; ops/settlement_columns.toml has the defaults). A line that cannot be read is
kept as such and told; it never ends the reading and is never taken for something else.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from portal.billing.model import Method

HEADER_WITHIN = 20
"""Lines above the header that may tell of other things."""

_DAY = re.compile(r"(\d{4})[-/年.]?(\d{1,2})[-/月.]?(\d{1,2})(?:\D.*|\d{6})?")
_AMOUNT = re.compile(r"([-−▲△]?)[¥\\]?(\d{1,3}(?:,\d{3})+|\d+)円?")
_BRACKETED = re.compile(r"\((.+)\)")


class SettlementFileError(Exception):
    """The file as a whole cannot be read; the text says why, in the office's words."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns; of several the first that the file has is taken.

    *refund_words* are texts of the column *kind* that mean money given back; *methods* has the
    texts of the column *method* for the ways of paying that we know.
    """

    order: tuple[str, ...]
    amount: tuple[str, ...]
    method: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    refund_words: tuple[str, ...] = ()
    methods: Mapping[str, Method] | None = None


@dataclass(frozen=True)
class Line:
    """One line: whole yen, negative when the money was given back; its number counts from 1."""

    number: int
    order_id: str
    amount: int
    method: Method | None = None
    day: date | None = None


@dataclass(frozen=True)
class Unreadable:
    """A line that does not say what it must."""

    number: int
    why: str


def read(text: Iterable[str], columns: Columns) -> Iterator[Line | Unreadable]:
    """Yield the lines below the header of *text*, which comes line by line, their ends with them.

    Lines without any text are passed over.

    Raises SettlementFileError when there is no header with the columns that are needed.
    """
    rows = csv.reader(text)
    try:
        places = _header(rows, columns)
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _line(rows.line_num, row, places, columns)
    except csv.Error as error:
        raise SettlementFileError(f"{rows.line_num}行目が CSV として読めません。") from error


def _header(rows: Iterator[list[str]], columns: Columns) -> Mapping[str, int]:
    for _, row in zip(range(HEADER_WITHIN), rows, strict=False):
        names = [_plain(cell) for cell in row]
        places = {
            part: _place(names, getattr(columns, part))
            for part in ("order", "amount", "method", "day", "kind")
        }
        if places["order"] >= 0 and places["amount"] >= 0:
            return places
    wanted = "、".join((*columns.order, *columns.amount))
    raise SettlementFileError(f"見出しの行が見つかりません。探した列: {wanted}")


def _place(names: list[str], wanted: tuple[str, ...]) -> int:
    return next((names.index(_plain(one)) for one in wanted if _plain(one) in names), -1)


def _line(
    number: int, row: list[str], places: Mapping[str, int], columns: Columns
) -> Line | Unreadable:
    def cell(part: str) -> str:
        place = places[part]
        return _plain(row[place]) if 0 <= place < len(row) else ""

    if not cell("order"):
        return Unreadable(number, "オーダーID がありません")
    amount, day = yen(cell("amount")), _day(cell("day"))
    if amount is None:
        return Unreadable(number, "金額が読めません")
    if day is None and cell("day"):
        return Unreadable(number, "日付が読めません")
    back = any(_plain(word) in cell("kind") for word in columns.refund_words)
    method = (columns.methods or {}).get(cell("method"))
    return Line(number, cell("order"), -abs(amount) if back else amount, method, day)


def yen(text: str) -> int | None:
    """Read an amount as people and programs write it; None when it is none."""
    bracketed = _BRACKETED.fullmatch(text)
    found = _AMOUNT.fullmatch(bracketed[1] if bracketed else text)
    if found is None:
        return None
    amount = int(found[2].replace(",", ""))
    return -amount if found[1] or bracketed else amount


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(text)
    try:
        return date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _plain(text: str) -> str:
    """Return a cell without blanks, spreadsheet's quotes, and full-width forms."""
    return unicodedata.normalize("NFKC", text).strip().strip("=\"'").strip()
