"""Reports as files: for Excel and as pictures, whole or not there, for their owner alone."""

import csv
from pathlib import Path

import pytest

from ops.exits import Status
from portal.database import Item
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES
from tests.unit.members.desk import TEXTS
from tests.unit.ops.test_reports import Office

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def office() -> Office:
    return Office()


def rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "without it Excel takes it for Shift_JIS"
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_a_file_keeps_zeros_and_texts_and_leaves_numbers_to_be_added(
    office: Office, tmp_path: Path
) -> None:
    office.house.slip()
    row = office.database.tables[TABLES.members][MEMBER_ID, "PROFILE"]
    changed: Item = {**row, "family_name": '=HYPERLINK("http://x")'}
    office.database.tables[TABLES.members][MEMBER_ID, "PROFILE"] = changed
    file = tmp_path / "slips.csv"
    assert office.types("report", "slips", "--csv", str(file)) == Status.DONE
    head, slip = rows(file)
    cells = dict(zip(head, slip, strict=True))
    assert cells["会員番号"] == f"'{MEMBER_NO}"
    assert cells["氏名"].startswith("'=HYPERLINK")
    assert cells["金額"] == "12000"


def test_only_its_owner_may_read_a_file(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    office.types("report", "never-signed-in", "--csv", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert TEXTS["family_name"] in file.read_text(encoding="utf-8-sig")
    assert [one.name for one in tmp_path.iterdir()] == ["r.csv"]


@pytest.mark.parametrize(
    "name", ["overview", "paid", "slips", "never-signed-in", "arrears", "bounces"]
)
def test_each_report_has_its_file_with_the_headings_of_the_screen(
    office: Office, tmp_path: Path, name: str
) -> None:
    office.paid("i1")
    words = ["--year", "2026"] if name == "paid" else []
    assert office.types("report", name, *words, "--csv", str(tmp_path / "r.csv")) == Status.DONE
    heading = rows(tmp_path / "r.csv")[0]
    assert heading[0] in {"会員番号", "内容", "日", "支払期限"}


def test_what_is_there_is_not_overwritten(office: Office, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    assert office.types("report", "slips", "--csv", str(there)) == Status.REFUSED
    assert there.read_text() == "mine"
    picture = tmp_path / "there.svg"
    picture.write_text("mine")
    words = ("--year", "2026", "--picture", str(picture))
    assert office.types("report", "paid", *words) == Status.REFUSED
    assert picture.read_text() == "mine"


def test_a_folder_that_is_not_there_is_told_before_anything_is_read(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "r.csv"
    assert office.types("report", "overview", "--csv", str(file)) == Status.REFUSED
    assert "フォルダ" in capsys.readouterr().err
    assert office.said == []


# Pictures


def test_the_picture_says_what_the_table_says(office: Office, tmp_path: Path) -> None:
    office.paid("i1", yen=12_345)
    file = tmp_path / "paid.svg"
    assert office.types("report", "paid", "--year", "2026", "--picture", str(file)) == Status.DONE
    picture = file.read_text(encoding="utf-8")
    assert "2026年度の会費の入金" in picture
    # Who cannot see it is told the same.
    assert "2026-04-01 カード 12,345円" in picture


def test_no_day_is_written_twice_below_a_picture_of_one_day(office: Office, tmp_path: Path) -> None:
    """Seen red: Vega divides the time it has, and wrote the same date twelve times."""
    office.paid("i1")
    file = tmp_path / "paid.svg"
    office.types("report", "paid", "--year", "2026", "--picture", str(file))
    assert file.read_text(encoding="utf-8").count(">2026-04-01</text>") == 1


def test_a_picture_may_be_png_and_nothing_may_be_anything_else(
    office: Office, tmp_path: Path
) -> None:
    office.paid("i1")
    words = ("report", "paid", "--year", "2026", "--picture")
    assert office.types(*words, str(tmp_path / "paid.PNG")) == Status.DONE
    assert (tmp_path / "paid.PNG").read_bytes().startswith(PNG)
    assert office.types(*words, str(tmp_path / "paid.pdf")) == Status.REFUSED
    assert not (tmp_path / "paid.pdf").exists()


def test_a_year_without_money_has_an_empty_picture(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "paid.svg"
    assert office.types("report", "paid", "--year", "2020", "--picture", str(file)) == Status.DONE
    assert "2020年度" in file.read_text()
