"""``members import`` of a file that is older than what members changed themselves."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from portal.database import Write
from tests.fakes import MemoryDatabase
from tests.unit.ops.members_office import THERE, Office, saves


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def exported(office: Office, **changes: str) -> dict[str, str]:
    """Return the member's row of an export, edited by the office."""
    text = office.exports(f"{office.portal.clock():%f}{len(list(office.folder.iterdir()))}.csv")
    (row,) = csv.DictReader(text.read_text(encoding="utf-8-sig").splitlines())
    return {"member_no": row.pop("会員番号"), **row, **changes}


def test_what_the_member_changed_later_is_left_alone_by_a_row_nobody_edited(
    office: Office,
) -> None:
    row = exported(office)
    saves(office, workplace="私の病院")
    before = office.stored()
    assert office.imports(row) == 0
    assert "1 件  変更なし" in office.text
    assert "そのまま残します" in office.text
    assert office.stored() == before


def test_the_offices_change_of_another_text_goes_beside_the_members(office: Office) -> None:
    row = exported(office, 所属部署="検査部")
    saves(office, workplace="私の病院")
    assert office.imports(row) == 0
    record = office.member().record
    assert (record.workplace, record.department) == ("私の病院", "検査部")


def test_of_several_changes_the_one_behind_the_file_counts(office: Office) -> None:
    row = exported(office)
    saves(office, workplace="私の病院")
    saves(office, workplace="あなたの病院")
    assert office.imports(row) == 0
    assert office.member().record.workplace == "あなたの病院"


def test_what_was_changed_before_the_file_was_made_is_no_conflict(office: Office) -> None:
    saves(office, workplace="私の病院")
    row = exported(office, 勤務先="港病院")
    saves(office, department="私の部署")
    assert office.imports(row) == 0
    record = office.member().record
    assert (record.workplace, record.department) == ("港病院", "私の部署")


def test_what_both_changed_is_refused_and_tells_both(office: Office) -> None:
    row = exported(office, 勤務先="港病院")
    saves(office, workplace="私の病院")
    saves(office, workplace="あなたの病院")
    assert office.imports(row) == 3
    assert "会員が「あなたの病院」に変更しています（ファイルは「港病院」）" in office.text
    assert office.member().record.workplace == "あなたの病院"


def test_with_overwrite_the_file_wins_where_both_changed(office: Office) -> None:
    row = exported(office, 勤務先="港病院")
    saves(office, workplace="私の病院", department="私の部署")
    assert office.imports(row, words=("--overwrite",)) == 0
    record = office.member().record
    assert (record.workplace, record.department) == ("港病院", "私の部署")


def test_a_file_without_versions_never_overwrites_what_the_member_changed(office: Office) -> None:
    row = {**THERE, "department": "検査部"}
    saves(office, workplace="私の病院")
    assert office.imports(row) == 3
    assert "会員が「私の病院」に変更しています" in office.text
    assert office.imports(row, words=("--overwrite",)) == 0
    assert office.member().record.workplace == "中野病院"


def test_a_file_without_versions_may_correct_what_the_office_wrote(office: Office) -> None:
    office.imports({**THERE, "workplace": "港病院"})
    office.portal.clock.tick(minutes=1)
    assert office.imports({**THERE, "workplace": "湊病院"}) == 0
    assert office.member().record.workplace == "湊病院"


def test_two_files_of_the_office_do_not_undo_each_other(office: Office) -> None:
    one, two = exported(office, 勤務先="港病院"), exported(office, 所属部署="検査部")
    assert (office.imports(one), office.imports(two)) == (0, 0)
    record = office.member().record
    assert (record.workplace, record.department) == ("港病院", "検査部")


def test_a_file_from_a_later_version_is_refused(office: Office) -> None:
    assert office.imports({**THERE, "workplace": "港病院", "版": "9"}) == 3
    assert "復元前のファイル" in office.text


def test_a_history_that_does_not_reach_back_is_no_leave_to_overwrite(office: Office) -> None:
    row = {**THERE, "workplace": "港病院", "版": "1"}
    assert office.imports(row) == 3
    assert "違う項目: 勤務先" in office.text
    assert office.imports(row, words=("--overwrite",)) == 0


def test_more_changes_than_the_page_shows_are_looked_at(office: Office) -> None:
    row = exported(office, 勤務先="港病院")
    saves(office, workplace="私の病院")
    for number in range(60):
        saves(office, building=f"コーポ{'あいうえお'[number % 5]}")
    assert office.imports(row) == 3
    assert "会員が「私の病院」" in office.text


def test_a_member_who_saves_at_that_moment_is_looked_at_again(office: Office) -> None:
    class Meanwhile(MemoryDatabase):
        def commit(self, *writes: Write) -> None:
            if office.member().version == 3:
                saves(office, workplace="私の病院")
            super().commit(*writes)

    racing = Meanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    assert office.imports({**THERE, "workplace": "港病院", "版": "3"}) == 3
    assert office.member().record.workplace == "私の病院"
    assert "1 件  取り込めない" in office.text
