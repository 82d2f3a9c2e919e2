"""``members export``: a file that Excel does not spoil, and whose import changes nothing."""

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.exits import Status
from portal.database import Unreachable
from portal.ids import new_member_id
from portal.members import store
from portal.members.checks import check
from portal.members.fields import BY_NAME, NAMES, PREFECTURES
from portal.members.model import Member, Record
from tests.unit.accounts.desk import NUMBER
from tests.unit.members.desk import TABLES, TEXTS, a_member
from tests.unit.ops.members_office import LABELS, NEW, SIGNED, Office, a_row


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def cells(path: Path) -> list[list[str]]:
    return list(csv.reader(StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


# Refused


@pytest.mark.parametrize("words", [(), SIGNED[:2], SIGNED[2:]])
def test_without_a_name_and_a_reason_nothing_is_written(
    office: Office, words: tuple[str, ...]
) -> None:
    assert office.types("export", str(office.file), *words) == Status.USAGE
    assert not list(office.folder.iterdir())


def test_an_existing_file_is_not_written_over(office: Office) -> None:
    office.file.write_text("大切", encoding="utf-8")
    assert office.types("export", str(office.file), *SIGNED) == 1
    assert office.file.read_text(encoding="utf-8") == "大切"


def test_a_folder_that_is_not_there_is_told(office: Office) -> None:
    assert office.types("export", str(office.folder / "nowhere" / "x.csv"), *SIGNED) == 1
    assert "書けません（ファイルかフォルダがありません）" in office.text


def test_no_file_is_left_without_its_entry_in_the_audit(office: Office) -> None:
    office.database.fail_next.append(("write", Unreachable()))
    assert office.types("export", str(office.file), *SIGNED) == Status.UNKNOWN
    assert not list(office.folder.iterdir())


# Written


def test_it_is_utf_8_with_a_bom_for_its_owner_alone(office: Office) -> None:
    path = office.exports()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.read_bytes().count(b"\r\n") == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_columns_are_those_of_an_import(office: Office) -> None:
    header, row = cells(office.exports())
    office_own = ["資格", "会員種別", "会員状態", "会費免除"]
    assert header == [*LABELS.values(), *office_own, "版", "事務局の版"]
    assert row[0] == "'001234"


def test_numbers_keep_their_zeros_and_formulas_do_nothing(office: Office) -> None:
    office.imports(a_row(email="=cmd@example.jp", workplace="＠病院", building="1"))
    header, _, new = cells(office.exports())
    row = dict(zip(header, new, strict=True))
    assert row["会員番号"] == f"'{NEW}"
    assert row["郵便番号"] == "'1640001"
    assert row["電話番号"] == "'0312345678"
    assert row["メールアドレス"] == "'=cmd@example.jp"
    assert row["勤務先"] == "'＠病院"
    assert row["建物名"] == "'１"


def test_members_stand_in_the_order_of_their_numbers(office: Office) -> None:
    office.imports(a_row("9"), a_row("0009"), a_row("5"))
    assert [row[0] for row in cells(office.exports())[1:]] == ["'0009", "'001234", "'5", "'9"]


def test_who_took_it_and_why_is_in_the_audit(office: Office) -> None:
    office.exports()
    (entry,) = office.audited()
    assert (entry["actor"], entry["action"]) == ("office:山田", "members_exported")
    assert (entry["after"], entry["note"]) == ({"members": 1}, "名簿の更新")


def test_the_true_name_is_there_only_where_the_society_has_it(office: Office) -> None:
    member = replace(a_member(), record=replace(a_member().record, display_family_name="髙橋"))
    office.database.tables.pop(TABLES.members)
    office.database.commit(store.new(TABLES.members, member))
    assert "髙橋" not in office.exports("1.csv").read_text(encoding="utf-8-sig")
    office.desk = replace(office.desk, society=replace(office.desk.society, member_true_name=True))
    path = office.exports("2.csv")
    assert "髙橋" in path.read_text(encoding="utf-8-sig")
    assert office.types("import", str(path)) == 0
    assert "1 件  変更なし" in office.text


# There and back

_SIGNS = "=+-@'\"\t，,１２３/：年月日−〜ーＡＥあア山田々髙"


@st.composite
def records(draw: st.DrawFn) -> Record:
    """Draw what the form would store: each text as its check leaves it, or the plain one."""
    values = {}
    for name in NAMES:
        typed = draw(st.one_of(st.text(_SIGNS, max_size=12), st.text(max_size=12)))
        checked = check(BY_NAME[name], typed)
        values[name] = checked.value if checked.problem is None else TEXTS[name]
    values["prefecture"] = draw(st.sampled_from(PREFECTURES))
    values["postal_code"] = f"{draw(st.integers(0, 9_999_999)):07d}"
    values["phone"] = f"0{draw(st.integers(0, 999_999_999)):09d}"
    values["email"] = draw(st.sampled_from(["=a@b.jp", "+a@b.jp", "'a@b.jp", "1e+05@b.jp"]))
    return Record.of(values)


@settings(max_examples=150, deadline=None)
@given(record=records(), number=st.text("0123456789", min_size=1, max_size=20))
def test_an_export_is_imported_as_unchanged(record: Record, number: str) -> None:
    with TemporaryDirectory() as folder:
        office = Office(Path(folder))
        _puts(office, record, number)
        before = office.stored()
        path = office.exports()
        exported = office.stored()
        assert exported != before
        assert office.types("import", str(path), "--yes", *SIGNED) == 0, office.text
        assert "件  変更なし" in office.text
        assert "0 件  新規" in office.text
        assert "0 件  変更\n" in office.text
        assert office.stored() == exported


@settings(max_examples=60, deadline=None)
@given(record=records())
def test_what_excel_saves_without_its_apostrophes_is_unchanged_too(record: Record) -> None:
    """Somebody takes them off by hand, or another program did."""
    with TemporaryDirectory() as folder:
        office = Office(Path(folder))
        _puts(office, record, NUMBER)
        path = office.exports()
        rows = [[cell.removeprefix("'") for cell in row] for row in cells(path)]
        if any(value.startswith("'") for value in record.values().values()):
            return
        with path.open("w", encoding="cp932", errors="strict", newline="") as file:
            try:
                csv.writer(file).writerows(rows)
            except UnicodeEncodeError:
                return
        assert office.types("import", str(path)) == 0, office.text
        assert "1 件  変更なし" in office.text


def _puts(office: Office, record: Record, number: str) -> None:
    """Put a member with this record, and the number's credential, where there is none yet."""
    member: Member = replace(a_member(), record=record, member_no=number)
    if number != NUMBER:
        member = replace(member, member_id=new_member_id())
        credential = replace(office.portal.credential, member_no=number, member_id=member.member_id)
        office.database.commit(office.portal.credentials.create(credential))
    else:
        office.database.tables.pop(TABLES.members)
    office.database.commit(store.new(TABLES.members, member))
