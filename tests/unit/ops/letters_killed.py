"""A program that issues letters and is killed (signal 9) at the point that it is given.

What it commits is also written into a journal, from which a test makes the database that is left.
"""

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.database import Write
from tests.fakes import MemoryDatabase
from tests.unit.ops.letters_office import LetterOffice
from tests.unit.ops.test_letters_stopped import run


class Journaling(MemoryDatabase):
    """Keeps each transaction in a file, too."""

    def __init__(self, journal: Path) -> None:
        super().__init__()
        self.journal = journal

    def commit(self, *writes: Write) -> None:
        """Write all or nothing."""
        super().commit(*writes)
        with self.journal.open("ab") as file:
            file.write(pickle.dumps(writes))


def journalled(journal: Path) -> Iterator[tuple[Write, ...]]:
    """Yield the transactions that were committed."""
    with journal.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)  # noqa: S301 - this test wrote it.


def main(folder: Path, point: int) -> None:
    """Issue, and die at *point*."""
    office = LetterOffice(folder)
    journaling = Journaling(folder / "journal")
    journaling.tables = office.database.tables
    office.database = journaling

    def at(now: int) -> None:
        if now == point:
            os.kill(os.getpid(), signal.SIGKILL)

    run(office, at)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
