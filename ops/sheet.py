"""A file for Excel: a CSV that appears as a whole, each cell made safe."""

import csv
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from portal.members.spreadsheet import protected


class Rows(Protocol):
    """The part of csv's writer that is used."""

    def writerow(self, row: Iterable[str], /) -> object:
        """Write one row."""


@dataclass(frozen=True)
class Sheet:
    """Rows on their way into a file, each cell made safe from Excel."""

    rows: Rows

    def add(self, cells: Iterable[str]) -> None:
        """Write one row."""
        self.rows.writerow([protected(text) for text in cells])


@contextmanager
def written(path: Path) -> Iterator[Sheet]:
    """Write a new file beside *path* and put it there when all is written.

    Only its owner may read it, and a reader never sees half of it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        # The BOM tells Excel that it is UTF-8; lines end as Excel ends them.
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as text:
            yield Sheet(csv.writer(text))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
