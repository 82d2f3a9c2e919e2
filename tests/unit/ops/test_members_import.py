"""``members import``: what becomes of each row, and what of it is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.exits import Status
from ops.members.csv_file import NAMES_OF_COLUMNS
from portal.accounts.no_password import has_no_password
from portal.accounts.sign_in import Refused
from portal.clock import jst_date
from portal.database import Write
from portal.members.confirm_profile import confirm_profile
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import AWAY, MEMBER_ID, NUMBER
from tests.unit.members.desk import LONG_AGO, TABLES, TEXTS
from tests.unit.ops.members_office import LABELS, NEW, SIGNED, THERE, Office, a_row, as_csv, saves


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


# Refused


REFUSED = {
    "no number": ({"member_no": " "}, "会員番号がありません"),
    "a number of letters": ({"member_no": "A0012"}, "数字ではありません"),
    "a number as a power": ({"member_no": "1.23E+08"}, "Excel が数値に変えた跡"),
    "a number with a decimal": ({"member_no": "1234.0"}, "数字ではありません"),
    "a number as a date": ({"member_no": "2026/1/2"}, "日付"),
    "a number whose zeros are lost": ({"member_no": "1234"}, "登録されている番号: 001234"),
    "a phone as a power": ({"phone": "9.01235E+10"}, "Excel が数値に変えた跡"),
    "a phone whose zero is lost": ({"phone": "312345678"}, "候補: 0312345678"),
    "a mobile whose zero is lost": ({"mobile": "9012345678"}, "候補: 09012345678"),
    "a phone with hyphens": ({"phone": "03-1234-5678"}, "候補: 0312345678"),
    "a postcode whose zero is lost": ({"postal_code": "600001"}, "候補: 0600001"),
    "a street as a date": ({"street": "2001/2/3"}, "Excel が日付に変えた跡"),
    "a city as a day": ({"city": "1月2日"}, "Excel が日付に変えた跡"),
    "Excel's error": ({"workplace": "#NAME?"}, "Excel のエラー表示"),
    "a machine-dependent character": ({"family_name": "髙橋"}, "候補: 高橋"),
    "another": ({"family_name": "山﨑"}, "姓の2文字目の「﨑」"),
    "an emoji": ({"workplace": "病院😀"}, "勤務先の3文字目"),
    "a name that is too long": ({"given_name": "花" * 21}, "20文字以内"),
    "no name": ({"family_name": ""}, "姓を入力"),
    "no address": ({"city": " "}, "市区町村を入力"),
    "no such prefecture": ({"prefecture": "東京"}, "都道府県"),
    "a wrong mail address": ({"email": "gmail,com"}, "メールアドレス"),
    "a version that is none": ({"版": "x"}, "版「x」"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_row_is_refused_with_its_reason(office: Office, name: str) -> None:
    changes, told = REFUSED[name]
    before = office.stored()
    assert office.imports(a_row(**changes)) == 3
    assert "1 件  取り込めない" in office.text
    assert told in next(one for one in office.said if "2行目" in one)
    assert told in office.errors()[1][-1]
    assert office.stored() == before


def test_a_refused_row_does_not_hold_up_the_others(office: Office) -> None:
    assert office.imports(a_row("7"), a_row("8", city=""), a_row("9")) == 3
    assert {str(row["member_no"]) for row in office.members()} == {NUMBER, "7", "9"}


def test_a_row_with_too_many_cells_is_refused(office: Office) -> None:
    office.file.write_bytes(as_csv(a_row()).rstrip() + ",みなと\r\n".encode())
    assert office.types("import", str(office.file)) == 3
    assert "列の数（16）が見出し（15）" in office.text


def test_a_number_of_the_wrong_length_is_refused_where_the_society_has_a_rule(
    office: Office,
) -> None:
    columns = office.folder / "columns.toml"
    text = NAMES_OF_COLUMNS.read_text(encoding="utf-8")
    columns.write_text(text.replace("number_digits = []", "number_digits = [6]"), encoding="utf-8")
    assert office.imports(a_row("20002"), words=("--columns", str(columns))) == 3
    assert "先頭の 0 が失われていないか" in office.text
    assert office.imports(a_row("020002"), words=("--columns", str(columns))) == 0


def test_without_a_name_and_a_reason_nothing_is_imported(office: Office) -> None:
    office.file.write_bytes(as_csv(a_row()))
    before = office.stored()
    for words in ((), SIGNED[:2], SIGNED[2:]):
        assert office.types("import", str(office.file), "--yes", *words) == Status.USAGE
    assert office.stored() == before


def test_a_member_whose_record_is_gone_is_refused(office: Office) -> None:
    office.database.tables.pop(TABLES.members)
    assert office.imports(THERE) == 3
    assert "会員の記録がありません" in office.text


def test_what_the_form_requires_is_not_emptied(office: Office) -> None:
    before = office.stored()
    assert office.imports({**THERE, "email": "", "phone": ""}) == 3
    assert "メールアドレスを入力" in office.text
    assert office.stored() == before


# The dry run


def test_without_yes_each_kind_is_told_and_nothing_written(office: Office) -> None:
    before = office.stored()
    rows = (a_row(), {**THERE, "workplace": "港病院"}, a_row("x"))
    assert office.looks(as_csv(*rows)) == 3
    assert "3 行、文字コード UTF-8、会員番号の桁数: 6桁 2件" in office.text
    for told in ("1 件  新規", "1 件  変更", "0 件  変更なし", "1 件  取り込めない"):
        assert told in office.text
    assert "3行目 001234  勤務先「中野病院」→「港病院」" in office.text
    assert "2行目 020002  山田 花子" in office.text
    assert "--yes" in office.said[-1]
    assert office.stored() == before
    assert office.hashed == 0


def test_many_rows_are_told_in_short(office: Office) -> None:
    office.looks(as_csv(*(a_row(f"{number:06d}", city="") for number in range(120))))
    assert "120 件  取り込めない" in office.text
    assert len(office.said) < 20
    assert len(office.errors()) == 121


# Created


def test_a_new_member_comes_into_being_with_all_that_the_file_says(office: Office) -> None:
    assert office.imports(a_row(mobile="", 資格="技師")) == 0
    member = office.member(NEW)
    assert member.record.values() == {**TEXTS, "email": f"m{NEW}@example.jp", "mobile": ""}
    assert (member.qualification, member.version) == ("技師", 1)
    assert member.email_confirmed
    assert member.confirmed_on is None


def test_leading_zeros_are_kept_and_numbers_folded(office: Office) -> None:
    office.imports(a_row("０００７"), a_row("00-08"), a_row("'0009"), a_row('="0010"'))
    assert office.member("0007").record.phone == "0312345678"
    assert {str(row["member_no"]) for row in office.members()} == {
        NUMBER,
        *("0007", "0008", "0009", "0010"),
    }


def test_what_looks_the_same_is_folded_as_the_form_does(office: Office) -> None:
    row = a_row(street="中野1～2－3", family_name_kana="ﾔﾏﾀﾞ", given_name_kana="はなこ")
    office.file.write_bytes(as_csv(row, encoding="cp932"))
    assert office.types("import", str(office.file), "--yes", *SIGNED) == 0
    record = office.member(NEW).record
    assert (record.street, record.family_name_kana) == ("中野１〜２−３", "ヤマダ")
    assert record.given_name_kana == "ハナコ"


def test_nobody_signs_in_before_a_password_is_issued(office: Office) -> None:
    office.imports(a_row())
    credential = office.portal.credentials.find(NEW)
    assert credential is not None
    assert has_no_password(credential.password)
    assert credential.must_change
    for password in ("", "*" * 31, credential.password.bcrypt):
        assert isinstance(office.portal.try_in(password, AWAY, NEW), Refused)


def test_the_hash_is_made_once_for_all(office: Office) -> None:
    office.imports(*(a_row(f"{number:06d}") for number in range(120)))
    assert office.hashed == 1


def test_who_and_why_are_in_the_audit(office: Office) -> None:
    office.imports(a_row())
    (entry,) = office.audited()
    assert (entry["actor"], entry["action"]) == ("office:山田", "member_imported")
    assert entry["note"] == "名簿の更新"
    assert entry["pk"] == office.member(NEW).member_id


def test_a_member_without_a_mail_address_is_taken(office: Office) -> None:
    assert office.imports(a_row(email="", phone="")) == 0
    member = office.member(NEW)
    assert (member.record.email, member.confirmed_email) == ("", "")
    assert not member.email_confirmed


# Updated


def test_a_change_is_written_with_history_and_audit_and_the_rest_stays(office: Office) -> None:
    before = office.member()
    assert office.imports({"member_no": NUMBER, "勤務先": "港病院"}) == 0
    after = office.member()
    assert after.record == replace(before.record, workplace="港病院")
    assert after.version == before.version + 1
    (change,) = office.changes()
    assert (change["by"], change["before"]) == ("office", {"workplace": "中野病院"})
    (entry,) = office.audited()
    assert entry["action"] == "member_changed_by_import"
    assert (entry["before"], entry["after"]) == (
        {"workplace": "中野病院"},
        {"workplace": "港病院"},
    )


def test_the_members_own_confirmation_is_neither_set_nor_lost(office: Office) -> None:
    office.imports({**THERE, "workplace": "港病院"})
    assert office.member().confirmed_on == LONG_AGO


def test_a_confirmation_at_that_very_moment_stays(office: Office) -> None:
    """The form's 変更なし changes no version; seen red by writing the day that was read."""
    now = office.portal.clock()

    class Meanwhile(MemoryDatabase):
        def commit(self, *writes: Write) -> None:
            confirm_profile(
                office.database, TABLES, current=office.member(), seen=3, now=now, source=""
            )
            super().commit(*writes)

    racing = Meanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    office.imports({**THERE, "workplace": "港病院"})
    assert office.member().record.workplace == "港病院"
    assert office.member().confirmed_on == jst_date(now)


def test_a_changed_address_counts_as_confirmed_and_both_are_told(office: Office) -> None:
    office.imports({**THERE, "email": "new@example.jp"})
    assert office.member().email_confirmed
    mails = office.database.rows(TABLES.outbox)
    assert sorted(str(mail["data"]) for mail in mails) == [
        "{'to': 'hanako@example.jp'}",
        "{'to': 'new@example.jp'}",
    ]
    assert "1 件でメールアドレスが変わり" in office.text


def test_an_address_that_the_member_has_not_confirmed_is_not_confirmed_by_the_file(
    office: Office,
) -> None:
    saves(office, email="typo@example.jp")
    office.imports({**THERE, "email": "typo@example.jp", "workplace": "港病院"})
    assert office.member().record.workplace == "港病院"
    assert not office.member().email_confirmed


def test_the_offices_own_text_is_changed_without_a_new_version(office: Office) -> None:
    assert office.imports({"member_no": NUMBER, "資格": "名誉会員"}) == 0
    member = office.member()
    assert (member.qualification, member.version) == ("名誉会員", 3)
    assert office.changes() == []
    assert [row["after"] for row in office.audited()] == [{"qualification": "名誉会員"}]


def test_an_optional_text_can_be_emptied_and_a_missing_column_stays(office: Office) -> None:
    office.imports({"member_no": NUMBER, "建物名": ""})
    record = office.member().record
    assert (record.building, record.mobile) == ("", TEXTS["mobile"])


# Unchanged, repeated, interrupted


def test_what_is_stored_already_writes_nothing(office: Office) -> None:
    before = office.stored()
    assert office.imports(THERE) == 0
    assert "1 件  変更なし" in office.text
    assert office.stored() == before
    assert office.database.calls["write"] == 0


def test_what_the_office_left_empty_stays_so_until_the_member_fills_it(office: Office) -> None:
    row = a_row(email="", phone="")
    office.imports(row)
    assert office.imports(row) == 0
    assert "1 件  変更なし" in office.text


def test_a_second_run_of_a_file_writes_nothing(office: Office) -> None:
    rows = (a_row(), {**THERE, "workplace": "港病院", "email": "new@example.jp"})
    assert office.imports(*rows) == 0
    before = office.stored()
    assert office.imports(*rows) == 0
    assert "2 件  変更なし" in office.text
    assert office.stored() == before


# The error file


def test_the_error_file_is_corrected_and_fed_back(office: Office) -> None:
    office.imports(a_row("0007"), a_row("0008", phone="312345678", street="＝１"), a_row("0009"))
    path = office.file.with_name("会員_エラー.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert path.stat().st_mode & 0o777 == 0o600
    header, row = office.errors()
    assert header == [*LABELS.values(), "理由"]
    assert row[0] == "'0008"
    assert "312345678" in row[-1]
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace("'312345678", "'0312345678"),
        encoding="utf-8-sig",
    )
    assert office.types("import", str(path), "--yes", *SIGNED) == 0
    assert office.member("0008").record.street == "＝１"


def test_an_error_file_fed_back_uncorrected_keeps_one_column_of_reasons(office: Office) -> None:
    office.imports(a_row("0008", city=""))
    path = office.file.with_name("会員_エラー.csv")
    assert office.types("import", str(path), "--yes", *SIGNED) == 3
    again = path.with_name("会員_エラー_エラー.csv")
    assert office.errors(again) == office.errors(path)


def test_a_run_without_errors_takes_an_old_error_file_away(office: Office) -> None:
    office.imports(a_row("0008", city=""))
    office.imports(a_row("0008"))
    assert list(office.folder.iterdir()) == [office.file]


def test_the_moment_of_a_change_is_the_imports(office: Office) -> None:
    office.portal.clock.tick(days=1)
    office.imports({**THERE, "workplace": "港病院"})
    assert office.member().updated_at == office.portal.clock()
    assert office.changes(MEMBER_ID)[0]["by"] == "office"
