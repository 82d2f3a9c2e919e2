"""What the office alone writes, in a file that is older than it: nothing is undone silently."""

from pathlib import Path

import pytest

from portal.members.standing import Membership
from tests.unit.accounts.desk import NUMBER
from tests.unit.ops.members_office import NEW, SIGNED, THERE, Office, a_row, saves

EXEMPT = ("edit", NUMBER, "--set", "会費免除=名誉会員", "--yes", *SIGNED)
ON_LEAVE = ("edit", NUMBER, "--set", "会員状態=休会", "--yes", *SIGNED)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def takes(office: Office, path: Path, *words: str) -> int:
    return office.types("import", str(path), "--yes", *SIGNED, *words)


# Refused


def test_a_file_of_before_does_not_end_an_exemption(office: Office) -> None:
    path = office.exports()
    assert office.types(*EXEMPT) == 0
    assert takes(office, path) == 3
    assert office.member().standing.exempt == "名誉会員"
    assert "会費免除" in office.text
    assert "いま「名誉会員」、ファイルは「」" in office.text


def test_a_file_of_before_ends_no_leave(office: Office) -> None:
    path = office.exports()
    assert office.types(*ON_LEAVE) == 0
    assert takes(office, path) == 3
    assert office.member().standing.membership is Membership.ON_LEAVE


def test_a_file_of_before_a_return_puts_nobody_on_leave_again(office: Office) -> None:
    assert office.types(*ON_LEAVE) == 0
    path = office.exports()
    assert office.types("withdraw", NUMBER, "--yes", *SIGNED) == 0
    assert office.types("return", NUMBER, "--yes", *SIGNED) == 0
    assert takes(office, path) == 3
    assert office.member().standing.membership is Membership.ACTIVE


def test_an_import_counts_as_a_change_too(office: Office) -> None:
    path = office.exports()
    assert office.imports({"member_no": NUMBER, "会費免除": "災害"}) == 0
    assert takes(office, path) == 3
    assert office.member().standing.exempt == "災害"


def test_a_version_of_another_stage_is_refused(office: Office) -> None:
    assert office.imports({"member_no": NUMBER, "会費免除": "災害", "事務局の版": "7"}) == 3
    assert "別の環境か復元前のファイル" in office.text
    assert office.member().standing.exempt == ""


@pytest.mark.parametrize("text", ["x", "-1", "1.5"])
def test_a_version_that_is_none_is_refused(office: Office, text: str) -> None:
    assert office.imports({"member_no": NUMBER, "会費免除": "災害", "事務局の版": text}) == 3
    assert f"事務局の版「{text}」" in office.text


# Taken


def test_what_the_file_says_rightly_is_taken(office: Office) -> None:
    assert office.types(*EXEMPT) == 0
    row = {"member_no": NUMBER, "会費免除": "名誉会員", "勤務先": "港病院", "事務局の版": "0"}
    assert office.imports(row) == 0
    assert office.member().record.workplace == "港病院"


def test_a_file_of_now_may_end_an_exemption(office: Office) -> None:
    assert office.types(*EXEMPT) == 0
    assert office.imports({"member_no": NUMBER, "会費免除": "", "事務局の版": "1"}) == 0
    assert office.member().standing.exempt == ""


def test_a_file_without_a_version_is_the_offices_own_word(office: Office) -> None:
    assert office.types(*EXEMPT) == 0
    assert office.imports({"member_no": NUMBER, "会費免除": ""}) == 0
    assert office.member().standing.exempt == ""


def test_the_office_may_say_that_its_file_is_right(office: Office) -> None:
    path = office.exports()
    assert office.types(*EXEMPT) == 0
    assert takes(office, path, "--overwrite") == 0
    assert office.member().standing.exempt == ""


def test_a_members_own_change_makes_no_file_older_for_the_office(office: Office) -> None:
    office.exports()
    saves(office, workplace="港病院")
    assert office.imports({"member_no": NUMBER, "会費免除": "災害", "事務局の版": "0"}) == 0
    assert office.member().standing.exempt == "災害"


def test_a_new_member_needs_none(office: Office) -> None:
    assert office.imports({**a_row(), "会費免除": "災害", "事務局の版": ""}) == 0
    assert office.member(NEW).standing.exempt == "災害"


def test_a_record_alone_raises_no_version_of_the_office(office: Office) -> None:
    assert office.imports({**THERE, "workplace": "港病院"}) == 0
    assert office.member().office_version == 0
