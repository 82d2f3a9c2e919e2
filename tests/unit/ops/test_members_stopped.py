"""``members import`` that is killed, or whose database is busy or silent: no row twice."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

import pytest

from ops.exits import Status
from portal.database import Contended, DatabaseError, Unreachable, Write
from tests.fakes import MemoryDatabase
from tests.unit.ops.members_office import THERE, Office, a_row


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


class Killed(MemoryDatabase):
    """The same rows, until the process dies at a write."""

    def __init__(self, office: Office, after: int) -> None:
        super().__init__()
        self.tables = office.database.tables
        self.left = after

    def commit(self, *writes: Write) -> None:
        """Write so often."""
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        super().commit(*writes)


@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_run_that_was_killed_is_finished_by_the_next(office: Office, after: int) -> None:
    rows = [*(a_row(f"{number:06d}") for number in range(10)), {**THERE, "workplace": "港病院"}]
    whole = office.desk
    office.desk = replace(whole, database=Killed(office, after))
    assert office.imports(*rows) == Status.STOPPED
    assert len(office.members()) == 1 + after
    assert not list(office.folder.glob("*エラー*"))
    office.desk = whole
    assert office.imports(*rows) == 0
    assert f"{after:,} 件  変更なし" in office.text
    assert len(office.members()) == 11
    assert len(office.audited()) == 11
    assert len(office.changes()) == 1


class FolderGone(MemoryDatabase):
    """The same rows; with the second write the folder of the errors is not there any more."""

    def __init__(self, office: Office, folder: Path) -> None:
        super().__init__()
        self.tables = office.database.tables
        self.folder = folder
        self.writes = 0

    def commit(self, *writes: Write) -> None:
        """Write, and take the folder away."""
        super().commit(*writes)
        self.writes += 1
        if self.writes == 2:
            rmtree(self.folder)


def test_a_disk_that_fails_later_is_not_told_as_if_nothing_were_changed(office: Office) -> None:
    folder = office.folder / "errors"
    folder.mkdir()
    office.desk = replace(office.desk, database=FolderGone(office, folder))
    rows = [a_row(f"{number:06d}") for number in range(3)]
    words = ("--errors", str(folder / "x.csv"))
    assert office.imports(*rows, words=words) == Status.UNKNOWN
    assert "何も変更していません" not in office.text
    assert "もう一度、同じ命令を実行すると続きから" in office.text
    assert len(office.members()) == 4


class Trouble(MemoryDatabase):
    """The same rows; some writes fail before or after they were done."""

    def __init__(self, office: Office, faults: Iterator[DatabaseError | None], *, done: bool):
        super().__init__()
        self.tables = office.database.tables
        self.faults = faults
        self.done = done

    def commit(self, *writes: Write) -> None:
        """Write, and perhaps say otherwise."""
        fault = next(self.faults, None)
        if fault is None or self.done:
            super().commit(*writes)
        if fault is not None:
            raise fault


def test_a_busy_database_is_waited_for_ever_longer(office: Office) -> None:
    faults = iter([Contended(), Contended(), Contended()])
    office.desk = replace(office.desk, database=Trouble(office, faults, done=False))
    assert office.imports(a_row(), a_row("7")) == 0
    assert office.pauses == [0.5, 1.0, 2.0]
    assert "2 件  新規" in office.text


def test_a_write_without_an_answer_is_not_done_twice(office: Office) -> None:
    faults = iter([Unreachable(), None, Unreachable()])
    office.desk = replace(office.desk, database=Trouble(office, faults, done=True))
    rows = (a_row(), a_row("7"), {**THERE, "workplace": "港病院"})
    assert office.imports(*rows) == 0
    assert "2 件  新規" in office.text
    assert "1 件  変更" in office.text
    assert len(office.members()) == 3
    assert len(office.audited()) == 3
    assert len(office.changes()) == 1


def test_a_database_that_stays_silent_stops_the_run_and_says_how_to_go_on(office: Office) -> None:
    faults = iter([None, *[Contended() for _ in range(7)]])
    office.desk = replace(office.desk, database=Trouble(office, faults, done=False))
    assert office.imports(a_row("7"), a_row("8")) == Status.UNKNOWN
    assert "もう一度、同じ命令を実行すると続きから" in office.text
    assert "取り込みました" not in office.text
    assert "1 件  新規" in office.text


def test_reading_is_patient_too(office: Office) -> None:
    office.database.fail_next += [("read", Contended()), ("read", Unreachable())]
    assert office.imports(a_row()) == 0
    assert office.pauses == [0.5, 1.0]
    office.database.fail_next += [("read", Contended()) for _ in range(7)]
    assert office.imports(a_row()) == Status.UNKNOWN
