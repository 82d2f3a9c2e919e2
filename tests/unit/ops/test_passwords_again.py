"""Letters of one batch are issued again, to who has not set a password since (L2)."""

from pathlib import Path

import pytest

from ops.exits import Status
from tests.unit.accounts.desk import OTHER
from tests.unit.members.desk import TABLES
from tests.unit.ops.letters_office import LetterOffice

UNKNOWN = "20261123-103000-001-ABCDEF"
"""The name of a batch that never was."""


@pytest.fixture
def office(tmp_path: Path) -> LetterOffice:
    return LetterOffice(tmp_path)


def sets_own(office: LetterOffice, number: str) -> None:
    """Let a member who got in with the letter set a password."""
    stored = office.portal.hasher.hash(OTHER, office.portal.clock())
    credential = office.found(number)
    office.database.commit(
        office.portal.credentials.changed(credential, stored, office.portal.policy, "")
    )


def test_a_batch_that_never_was_is_refused(office: LetterOffice) -> None:
    before = office.stored()
    assert office.issue(again=UNKNOWN) is Status.REFUSED
    assert "という番号で発行した手紙はありません" in office.text
    assert office.stored() == before


def test_a_batch_whose_members_all_set_their_own_is_no_mistake(office: LetterOffice) -> None:
    office.issue(at_once=3)
    (file,) = office.folder.glob("*.pdf")
    for number in office.numbers:
        sets_own(office, number)
    assert office.issue(again=file.stem) is Status.DONE
    assert "新しく発行する人はいません" in office.text


def test_a_batch_whose_members_all_got_newer_letters_is_no_mistake(office: LetterOffice) -> None:
    office.issue(at_once=3)
    (file,) = office.folder.glob("*.pdf")
    assert office.issue(*office.numbers, at_once=3) is Status.DONE
    assert office.issue(again=file.stem) is Status.DONE
    assert "新しく発行する人はいません" in office.text


def test_a_batch_that_was_stopped_half_way_is_no_mistake(office: LetterOffice) -> None:
    office.issue(at_once=3)
    (file,) = office.folder.glob("*.pdf")
    for row in office.audited("letters_completed") + office.audited("letters_placed"):
        del office.database.tables[TABLES.audit][str(row["pk"]), str(row["sk"])]
    assert office.issue(again=file.stem, yes=False) is Status.DONE
    assert f"発行があります: {file.stem}" in office.text


def test_a_batch_that_was_lost_is_made_anew_for_who_still_waits(office: LetterOffice) -> None:
    office.issue(at_once=3)
    lost = dict(office.letters())
    (file,) = office.folder.glob("*.pdf")
    file.unlink()
    first = office.numbers[0]
    sets_own(office, first)
    assert office.issue(again=file.stem) is Status.DONE
    assert sorted(dict(office.letters())) == office.numbers[1:]
    for number, password in office.letters():
        assert office.works(number, password)
        assert password != lost[number]
    assert office.works(first, OTHER)
