"""How a command speaks: lines and tables for a person, or one JSON object for a program.

Results go to the output, progress and faults to the error output, so that a result can be piped.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

from ops.bar import clear
from ops.exits import Status
from ops.harmless import in_cell
from ops.pipe import tell

type Plain = str | int | bool | Sequence["Plain"] | Mapping[str, "Plain"] | None
"""What JSON can say."""


@dataclass(frozen=True)
class Worded:
    """What a program gets as *value*, and a person reads as *shown*."""

    value: str
    shown: str


type Cell = str | int | Worded

_GAP = 2
"""Cells between two columns."""
_FOLDED = 24
"""Cells that the widest column may be folded to; on a narrower screen the table is a list."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its key in JSON and its heading for a person."""

    key: str
    heading: str


class Output:
    """Speaks to a person at once."""

    def __init__(
        self,
        write: Callable[[str], None] = tell,
        screen: TextIO | None = None,
        width: int | None = None,
    ) -> None:
        self._write = write
        self._screen = screen
        self._width = width

    def say(self, text: str) -> None:
        """Tell the person one thing; a program gets it among ``messages``."""
        self._write(text)

    def draw(self, line: str) -> None:
        """Show a line of a drawing; a program has its figures."""
        self._write(line)

    def fact(self, name: str, value: Plain) -> None:
        """Note what a program gets as ``data``; a person has read it in a line or a table."""

    def table(self, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:  # noqa: ARG002 - a name is for JSON.
        """Show rows; a program gets them as ``data`` by *name*, one object for each row."""
        if rows and self._screen is not None:
            _drawn(columns, rows, self._screen, self._width)
        elif rows:
            for line in _aligned(columns, rows):
                self._write(line)

    def close(self, status: Status) -> None:
        """End the answer."""


class JsonOutput(Output):
    """Collects everything, and writes one object at the end."""

    def __init__(self, write: Callable[[str], None] = tell) -> None:
        super().__init__(write)
        self._messages: list[str] = []
        self._data: dict[str, Plain] = {}

    def say(self, text: str) -> None:
        """Keep a line for ``messages``."""
        self._messages.append(text)

    def draw(self, line: str) -> None:
        """Leave a drawing out."""

    def fact(self, name: str, value: Plain) -> None:
        """Keep a fact for ``data``."""
        self._data[name] = value

    def table(self, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        """Keep rows for ``data``."""
        keys = [one.key for one in columns]
        self._data[name] = [dict(zip(keys, map(_value, row), strict=True)) for row in rows]

    def close(self, status: Status) -> None:
        """Write the object."""
        answer = {"status": int(status), "data": self._data, "messages": self._messages}
        self._write(json.dumps(answer, ensure_ascii=False, default=_plain))


def for_person() -> Output:
    """Return what speaks to whoever typed the command: drawn on a terminal, plain in a pipe."""
    return Output(screen=sys.stdout if sys.stdout.isatty() else None)


def _plain(value: object) -> str:
    """Return what JSON has no form for as a text. Raises TypeError for what nobody meant to say."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"no JSON for {type(value).__name__}")


def _value(cell: Cell) -> str | int:
    return cell.value if isinstance(cell, Worded) else cell


def _text(cell: Cell) -> str:
    if isinstance(cell, Worded):
        return in_cell(cell.shown)
    return f"{cell:,}" if isinstance(cell, int) else in_cell(cell)


def _drawn(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], screen: TextIO, width: int | None
) -> None:
    clear()
    # What members typed is no markup.
    console = Console(file=screen, markup=False, highlight=False, emoji=False, width=width)
    widths = _widths(columns, rows)
    # What names a row is typed into the next command, so it is never cut in two.
    widest = widths.index(max(widths[1:]), 1) if len(widths) > 1 else 0
    others = sum(widths) - widths[widest] + _GAP * (len(widths) - 1)
    if others + min(widths[widest], _FOLDED) > console.width:
        console.print("\n".join(_listed(columns, rows)))
        return
    drawn = Table(box=None, pad_edge=False)
    for place, column in enumerate(columns):
        number = isinstance(rows[0][place], int)
        # One column gives way: cut into pieces of a few signs, nobody reads any of them.
        drawn.add_column(
            column.heading,
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=place != widest,
        )
    for row in rows:
        drawn.add_row(*map(_text, row))
    console.print(drawn)


def _listed(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    """Yield the table row by row, a line for each cell that is not empty: for a narrow screen."""
    width = max(cell_len(one.heading) for one in columns)
    for row in rows:
        first, *more = map(_text, row)
        yield first
        for column, text in zip(columns[1:], more, strict=True):
            if text:
                yield f"  {set_cell_size(column.heading, width)}  {text}"


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[int]:
    lines = [[one.heading for one in columns], *([_text(cell) for cell in row] for row in rows)]
    return [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Return the table as lines of whole cells, which a pipe may search."""
    lines = [[one.heading for one in columns], *([_text(cell) for cell in row] for row in rows)]
    widths = _widths(columns, rows)
    return ["  ".join(map(set_cell_size, line, widths)).rstrip() for line in lines]
