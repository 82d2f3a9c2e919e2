"""A report as the office gets it: a table on the screen, JSON for a program, a file for Excel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ops.desk import Desk
from ops.disk import fault
from ops.exits import Status
from ops.failures import Failure
from ops.output import Cell, Column
from ops.sheet import written
from portal.members.spreadsheet import protected

type Fact = str | int | date


@dataclass(frozen=True)
class Report:
    """Rows under *columns*. A number stays one, so that Excel adds it up, and so does a day."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Fact]]


def new_file(path: Path | None) -> None:
    """Refuse a file before anything is read for it. Raises Failure."""
    if path is None:
        return
    if path.exists():
        raise Failure(f"{path} はすでにあります。別の名前にしてください。", Status.REFUSED)
    if not path.parent.is_dir():
        raise Failure(f"フォルダ {path.parent} がありません。", Status.REFUSED)


def give(report: Report, file: Path | None, desk: Desk) -> None:
    """Show a report, and write it where a file is named. Raises Failure."""
    rows = [[_cell(one) for one in row] for row in report.rows]
    desk.out.table(report.name, report.columns, rows)
    if file is None:
        return
    try:
        with written(file) as sheet:
            sheet.add(one.heading for one in report.columns)
            for row in report.rows:
                sheet.rows.writerow([_safe(one) for one in row])
    except OSError as error:
        raise not_written(file, error) from None
    desk.say(f"{file} に {len(report.rows):,}行を書きました。")


def not_written(file: Path, error: OSError) -> Failure:
    """Return what is said when a file cannot be written."""
    return Failure(f"{file} に書けません（{fault(error)}）。", Status.REFUSED)


def _cell(fact: Fact) -> Cell:
    return fact.isoformat() if isinstance(fact, date) else fact


def _safe(fact: Fact) -> str:
    """Return a cell: what is a text stays one in Excel, with its zeros and without a formula."""
    return protected(fact) if isinstance(fact, str) else str(fact)
