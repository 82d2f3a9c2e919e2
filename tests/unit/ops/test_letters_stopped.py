"""A run of letters that was killed at any line is finished by the next: each member ends with
exactly one letter, and its password is the one that works."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ops.desk import Desk
from ops.exits import Status
from ops.letters.batches import Batch
from ops.letters.letter import Letter
from ops.passwords.issue import Request, issued
from ops.patience import PAUSES
from portal.database import Contended, Unreachable, Write
from tests.fakes import MemoryDatabase
from tests.unit.members.desk import TABLES
from tests.unit.ops.letters_office import BY, LetterOffice, PlainPrinter


class Killed(BaseException):
    """What kill -9 is to a program, but for what `finally` would still do."""


class Watched:
    """Calls *at* with 1, 2, 3 … before and after each write, and before and after each print."""

    def __init__(self, database: MemoryDatabase, at: Callable[[int], None]) -> None:
        self._database = database
        self._at = at
        self.points = 0

    def commit(self, *writes: Write) -> None:
        self.point()
        self._database.commit(*writes)
        self.point()

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        self.point()
        made = PlainPrinter().pdf(letters, mark, at)
        self.point()
        return made

    def point(self) -> None:
        self.points += 1
        self._at(self.points)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def run(office: LetterOffice, at: Callable[[int], None], folder: Path | None = None) -> Status:
    """Issue letters in batches of two, with *at* called at each point."""
    watched = Watched(office.database, at)
    desk: Desk = replace(office.desk, database=watched)
    request = Request(folder or office.folder, at_once=2)
    return issued(request, BY, desk, yes=True, printer=watched)


def dying(point: int) -> Callable[[int], None]:
    def at(now: int) -> None:
        if now == point:
            raise Killed

    return at


def points(office: LetterOffice) -> int:
    """Return how many points a whole run has."""
    passed: list[int] = []
    assert run(office, passed.append) is Status.DONE
    return len(passed)


def assert_no_dead_letter(office: LetterOffice, *folders: Path) -> None:
    """What has the name of a letter may be posted at any moment, so it has to be good."""
    for number, password in office.letters(*folders):
        assert office.works(number, password), number


def assert_one_letter_each(office: LetterOffice, *folders: Path) -> None:
    letters = office.letters(*folders)
    assert sorted(number for number, _ in letters) == office.numbers
    assert_no_dead_letter(office, *folders)


def test_killed_at_any_line_each_member_ends_with_one_letter_that_works(tmp_path: Path) -> None:
    count = points(LetterOffice(tmp_path / "whole"))
    assert count == 18
    for point in range(1, count + 1):
        office = LetterOffice(tmp_path / str(point))
        with pytest.raises(Killed):
            run(office, dying(point))
        assert_no_dead_letter(office)
        assert office.issue() is Status.DONE, office.text
        assert_one_letter_each(office)
        assert office.parts() == []


def test_killed_twice_it_is_finished_too(tmp_path: Path) -> None:
    count = points(LetterOffice(tmp_path / "whole"))
    for first in range(1, count + 1, 3):
        for second in range(1, 12):
            office = LetterOffice(tmp_path / f"{first}-{second}")
            with pytest.raises(Killed):
                run(office, dying(first))
            try:
                run(office, dying(second))
            except Killed:
                assert_no_dead_letter(office)
                assert office.issue() is Status.DONE
            assert_one_letter_each(office)
            assert office.parts() == []


def test_after_a_finished_run_the_next_writes_nothing(tmp_path: Path) -> None:
    count = points(LetterOffice(tmp_path / "whole"))
    for point in range(1, count + 1, 2):
        office = LetterOffice(tmp_path / str(point))
        with pytest.raises(Killed):
            run(office, dying(point))
        office.issue()
        before = office.stored()
        assert office.issue() is Status.DONE
        assert "新しく発行する人はいません" in office.text
        assert office.stored() == before


def test_continued_in_another_folder_nobody_gets_a_dead_letter(tmp_path: Path) -> None:
    """A batch that was complete but for its name is told of, and finished in its own folder."""
    told = 0
    for point in range(1, points(LetterOffice(tmp_path / "whole")) + 1):
        office = LetterOffice(tmp_path / str(point))
        other = office.folder.with_name("別のフォルダ")
        with pytest.raises(Killed):
            run(office, dying(point))
        status = office.issue(folder=other)
        assert_no_dead_letter(office, office.folder, other)
        if status is Status.PARTLY:
            assert f"--out {office.folder}" in office.text
            told += 1
        office.issue()
        assert_one_letter_each(office, office.folder, other)
        assert office.parts() == []
    assert told > 0


def test_two_runs_at_once_leave_one_working_letter_for_each(tmp_path: Path) -> None:
    """The second begins and ends at each point of the first."""
    refused = 0
    for point in range(1, points(LetterOffice(tmp_path / "whole")) + 1):
        office = LetterOffice(tmp_path / str(point))

        def other_run(now: int, office: LetterOffice = office, point: int = point) -> None:
            if now == point:
                office.issue()

        refused += run(office, other_run) is Status.REFUSED
        assert_no_dead_letter(office)
        office.issue()
        assert_one_letter_each(office)
        assert office.parts() == []
    assert refused > 0


def test_a_run_that_was_overtaken_says_so(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)

    def other_run(now: int) -> None:
        if now == 7:
            office.issue()

    assert run(office, other_run) is Status.REFUSED
    assert "ほかの人が同時に" in office.text


def test_a_half_written_file_is_taken_away_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)
    office.folder.mkdir(mode=0o700)
    left = office.folder / f"{Batch.begun(office.portal.clock()).name}.pdf.part"
    left.write_bytes(b"[")
    mine = office.folder / "メモ.pdf.part"
    mine.write_bytes(b"mine")
    assert office.issue() is Status.DONE
    assert not left.exists()
    assert mine.exists()
    assert_one_letter_each(office)


@pytest.mark.parametrize("error", [Unreachable(), Contended()])
def test_a_write_without_an_answer_is_tried_again_and_not_done_twice(
    tmp_path: Path, error: Exception
) -> None:
    """The first may have been written: then the second finds its own password there."""
    for point in range(1, points(LetterOffice(tmp_path / "whole")) + 1):
        office = LetterOffice(tmp_path / str(point))

        def at(now: int, point: int = point) -> None:
            if now == point:
                raise error

        try:
            status = run(office, at)
        except type(error):
            # Prints and the entries of a recovery are not tried again; the next run is.
            status = office.issue()
        assert status is Status.DONE, office.text
        assert_one_letter_each(office)
        assert len(office.audited("password_reissued")) <= 2 * len(office.numbers)


def test_a_database_that_never_answers_stops_the_run_which_can_go_on(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)
    office.database.fail_next += [("write", Unreachable())] * (len(PAUSES) + 1)
    assert office.issue() is Status.UNKNOWN
    assert "もう一度、同じ命令" in office.text
    assert office.letters() == []
    assert office.issue() is Status.DONE
    assert_one_letter_each(office)


def test_the_batch_of_a_credential_goes_with_a_reissue(tmp_path: Path) -> None:
    """Who was issued one at the counter after a kill is not issued another by letter."""
    office = LetterOffice(tmp_path)
    with pytest.raises(Killed):
        run(office, dying(6))
    number = next(n for n in office.numbers if office.found(n).letters)
    office.types("reissue", number, "--yes")
    assert office.found(number).letters == ""
    office.issue()
    assert number not in dict(office.letters())
    assert office.works(number, office.password)
    assert "letters" not in next(
        row for row in office.database.rows(TABLES.credentials) if row["pk"] == number
    )


def test_a_batch_that_another_run_is_at_is_left_to_it(tmp_path: Path) -> None:
    """That run may only be slow: what it has written would be dead once it is complete."""
    office = LetterOffice(tmp_path)

    def slow_run(now: int) -> None:
        # It has written 020003 when the first run comes to its second batch.
        if now == 1:
            with pytest.raises(Killed):
                run(office, dying(14))

    assert run(office, slow_run) is Status.PARTLY
    assert "この間に" in office.text
    assert sorted(dict(office.letters())) == office.numbers[:2]
    assert office.issue() is Status.DONE
    assert_one_letter_each(office)


def test_a_complete_batch_that_was_lost_with_its_folder_is_made_anew(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)
    with pytest.raises(Killed):
        run(office, dying(8))
    (part,) = office.folder.iterdir()
    batch = part.name.removesuffix(".pdf.part")
    part.unlink()
    assert office.issue(again=batch) is Status.PARTLY
    office.issue()
    assert_one_letter_each(office)
    before = office.stored()
    assert office.issue() is Status.DONE
    assert office.stored() == before
