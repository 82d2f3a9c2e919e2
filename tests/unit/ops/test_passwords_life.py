"""How long an initial password lives is the society's to say; a letter keeps its word (L2, M6)."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.letters.letter import last_day
from portal.accounts.sign_in import InitialEnded, SignedIn
from portal.clock import jst_date
from tests.unit.accounts.desk import HOME, NUMBER
from tests.unit.ops.letters_office import LetterOffice


@pytest.fixture
def office(tmp_path: Path) -> LetterOffice:
    made = LetterOffice(tmp_path)
    lives(made, 60)
    return made


def lives(office: LetterOffice, days: int) -> None:
    """Let society.toml say for how long an initial password can be used."""
    society = replace(office.desk.society, password_initial_days=days)
    office.desk = replace(office.desk, society=society)


def ends_after(office: LetterOffice, number: str, password: str, days: int) -> None:
    office.portal.clock.tick(days=days, seconds=-1)
    assert isinstance(office.portal.try_in(password, HOME, number), SignedIn)
    office.portal.clock.tick(seconds=1)
    assert office.portal.try_in(password, HOME, number) == InitialEnded()


def test_a_letters_password_lives_as_long_as_the_society_says(office: LetterOffice) -> None:
    office.issue()
    ends_after(office, *office.letters()[0], 60)


def test_the_letter_tells_the_last_whole_day_of_it(office: LetterOffice) -> None:
    now = office.portal.clock()
    assert last_day(now, office.desk.policy) == jst_date(now) + timedelta(days=59)


def test_one_that_is_issued_again_lives_as_long(office: LetterOffice) -> None:
    office.types_bare("reissue", NUMBER, "--by", "山田", "--reason", "紛失", "--yes")
    assert "（60日間）" in office.text
    ends_after(office, NUMBER, office.password, 60)


def test_letters_that_were_issued_keep_the_day_that_is_printed_on_them(
    office: LetterOffice,
) -> None:
    office.issue()
    lives(office, 30)
    ends_after(office, *office.letters()[0], 60)
