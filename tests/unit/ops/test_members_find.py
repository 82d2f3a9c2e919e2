"""``members find``, ``members show``, ``members edit``: one office's telephone day."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ops.exits import Status
from ops.scan import Scan, Seen
from portal.accounts.store import CredentialStore
from portal.clock import parse_iso
from portal.database import Item
from portal.members import store
from portal.members.model import MailFault
from portal.members.standing import Membership, Standing
from tests.unit.accounts.desk import AWAY, HOME, MEMBER_ID, NUMBER
from tests.unit.members.desk import TABLES, a_member
from tests.unit.ops.members_office import NEW, SIGNED, Office, a_row, saves


@pytest.fixture
def office(tmp_path: Path) -> Office:
    made = Office(tmp_path)
    made.imports(a_row(family_name="鈴木", family_name_kana="スズキ", workplace="港病院", email=""))
    made.database.calls.clear()
    return made


def numbers(office: Office, *words: str) -> list[str]:
    """Return whom a search finds."""
    facts = office.data("find", *words)
    found = [str(one["member_no"]) for one in facts["members"]]
    assert facts["count"] == facts["shown"] == len(found)
    return found


# find


@pytest.mark.parametrize(
    "text", ["020002", "20002", "０２０００２", "鈴木", "鈴木 花", "すずき", "ｽｽﾞｷ", "港"]
)
def test_a_member_is_found_by_number_name_reading_and_workplace(office: Office, text: str) -> None:
    assert numbers(office, text) == [NEW]


@pytest.mark.parametrize("text", ["HANAKO@", "山田花子", "やまだ"])
def test_case_blanks_and_kana_do_not_matter(office: Office, text: str) -> None:
    assert numbers(office, text) == [NUMBER]


@pytest.mark.parametrize("text", ["2000", "佐藤", "0", "%"])
def test_what_nobody_has_finds_nobody(office: Office, text: str) -> None:
    assert numbers(office, text) == []
    assert office.types("find", text) == 0
    assert "0 人" in office.text


def test_without_a_text_everybody_is_found_by_number(office: Office) -> None:
    assert numbers(office) == [NUMBER, NEW]


def test_more_than_the_limit_are_counted(office: Office) -> None:
    assert office.types("find", "--limit", "1") == 0
    assert NEW not in office.text
    assert "2 人（はじめの 1 人を表示" in office.text


def test_who_has_an_open_invoice_is_found(office: Office) -> None:
    office.bills(2026)
    assert numbers(office, "--unpaid") == [NUMBER]
    assert numbers(office, "--unpaid", "--no-mail") == []


def test_whom_mail_does_not_reach_is_found_and_who_has_no_address(office: Office) -> None:
    at = parse_iso("2026-11-01T00:00:00.000000Z")
    fault = MailFault("hanako@example.jp", "bounce Permanent General", at)
    office.database.commit(store.mail_failed(TABLES.members, MEMBER_ID, fault))
    assert numbers(office, "--bounced") == [NUMBER]
    assert numbers(office, "--no-mail") == [NEW]
    saves(office, email="new@example.jp")
    assert numbers(office, "--bounced") == []


def test_who_never_signed_in_is_found_and_who_is_locked(office: Office) -> None:
    assert numbers(office, "--never-signed-in") == [NEW]
    assert numbers(office, "--locked") == []
    office.portal.fail(100)
    assert numbers(office, "--locked") == [NUMBER]
    assert numbers(office, "--locked", "--never-signed-in") == []


def test_members_are_found_by_where_they_stand(office: Office) -> None:
    office.types("edit", NEW, "--set", "会員状態=休会", "--yes", *SIGNED)
    assert numbers(office, "--on-leave") == [NEW]
    assert numbers(office, "--kind", "正会員") == [NUMBER, NEW]
    assert numbers(office, "--kind", "準会員") == []
    office.types("find", "--kind", "正会貝")
    assert "種別 正会貝 は society.toml にありません（正会員" in office.text
    office.types("withdraw", NUMBER, "--yes", *SIGNED)
    assert numbers(office, "--withdrawn") == [NUMBER]
    assert numbers(office, "--withdrawn", "--on-leave") == []


def test_nobody_is_read_by_himself_and_no_hash_at_all(office: Office) -> None:
    office.bills(2026)
    office.database.calls.clear()
    asked: list[tuple[str, ...]] = []
    whole = office.desk.sweep

    def noted(scan: Scan, seen: Seen) -> Iterable[Item]:
        asked.append(scan.names)
        return whole(scan, seen)

    office.desk = replace(office.desk, sweep=noted)
    numbers(office, "--unpaid", "--locked", "--never-signed-in")
    assert office.database.calls == {}
    assert not {"password", "history", "networks"} & {name for one in asked for name in one}
    assert all(asked)


# show


def test_all_of_one_member_is_shown_and_no_hash(office: Office) -> None:
    office.bills(2026)
    office.bills(2025)
    office.portal.signed_in(address=HOME)
    for _ in range(7):
        office.portal.try_in("Wrong1234", AWAY)
    assert office.types("show", NUMBER) == 0
    for told in (
        *("山田", "hanako@example.jp", "中野病院", "正会員", "在籍", "ご自身で設定済み"),
        *("2025年度 年会費", "2026年度 年会費", "未払い", "12,000", "1台", "members unlock"),
    ):
        assert told in office.text, told
    assert "$2b$" not in office.text
    facts = office.data("show", NUMBER)
    assert [one["year"] for one in facts["invoices"]] == ["2026", "2025"]
    assert "$2b$" not in str(facts)


def test_how_somebody_may_sign_in_is_told(office: Office) -> None:
    office.types("show", NEW)
    assert "まだ発行していません" in office.text
    assert "アドレスなし" in office.text
    office.portal.enrol("Hajime55", first=True)
    office.types("show", NUMBER)
    assert "初期パスワードのまま（2027-05-21 12:00 まで有効）" in office.text
    office.portal.clock.tick(days=181)
    office.types("show", NUMBER)
    assert "期限切れ" in office.text
    credentials = CredentialStore(office.database, TABLES.credentials)
    office.database.commit(credentials.disable(NUMBER))
    office.types("show", NUMBER)
    assert "失敗が続き停止しています" in office.text
    office.types("withdraw", NUMBER, "--yes", *SIGNED)
    office.types("show", NUMBER)
    assert "から止めています" in office.text
    assert "退会" in office.text


def test_showing_writes_nothing_and_nobody_is_told_so(office: Office) -> None:
    before = office.stored()
    office.types("show", NUMBER)
    assert office.types("show", "999") == 1
    assert "登録されていません" in office.text
    assert office.stored() == before


# edit


REFUSED = {
    "an unknown item": (("血液型=A",), "血液型"),
    "no value": (("勤務先",), "勤務先"),
    "an item twice": (("勤務先=港病院", "勤務先=中野病院"), "2回"),
    "a machine-dependent character": (("姓=髙橋",), "候補: 高橋"),
    "what the form requires": (("電話番号=",), "電話番号"),
    "a kind that is none": (("会員種別=顧問",), "会員種別「顧問」"),
    "leaving": (("会員状態=退会",), "members withdraw"),
    "the number": (("会員番号=9",), "会員番号"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_changes_nothing(office: Office, name: str) -> None:
    typed, told = REFUSED[name]
    before = office.stored()
    words = [word for one in typed for word in ("--set", one)]
    assert office.types("edit", NUMBER, *words, "--yes", *SIGNED) == 1
    assert told in office.text
    assert office.stored() == before


def test_a_number_that_nobody_has_makes_no_member(office: Office) -> None:
    before = office.stored()
    assert office.types("edit", "7", "--set", "勤務先=港病院", "--yes", *SIGNED) == 1
    assert office.stored() == before


def test_without_anything_to_set_or_a_reason_it_is_no_command(office: Office) -> None:
    assert office.types("edit", NUMBER, "--yes", *SIGNED) == Status.USAGE
    assert office.types("edit", NUMBER, "--set", "勤務先=港病院", "--by", "山田") == Status.USAGE


def test_before_and_after_are_told_first(office: Office) -> None:
    before = office.stored()
    words = ("--set", "勤務先=港病院", "--set", "会員状態=休会")
    assert office.types("edit", NUMBER, *words, *SIGNED) == 0
    assert "勤務先「中野病院」→「港病院」、会員状態「在籍」→「休会」" in office.text
    assert "--yes" in office.text
    assert office.stored() == before


def test_a_change_is_written_with_history_audit_and_mails_to_both_addresses(
    office: Office,
) -> None:
    audited = len(office.audited())
    words = ("--set", "Email=new@example.jp", "--set", "会費免除=災害", "--set", "資格=技師")
    assert office.types("edit", NUMBER, *words, "--yes", *SIGNED) == 0
    member = office.member()
    assert (member.record.email, member.email_confirmed) == ("new@example.jp", True)
    assert (member.standing.exempt, member.qualification) == ("災害", "技師")
    (change,) = office.changes()
    assert change["after"] == {"email": "new@example.jp"}
    assert len(office.database.rows(TABLES.outbox)) == 2
    (entry,) = [one for one in office.audited() if one["action"] == "member_edited"]
    assert len(office.audited()) == audited + 1
    assert (entry["actor"], entry["note"]) == ("office:山田", "名簿の更新")
    assert entry["before"] == {
        "email": "hanako@example.jp",
        "qualification": "消化器内視鏡技師",
        "dues_exempt": "",
    }


def test_what_is_so_already_writes_nothing(office: Office) -> None:
    before = office.stored()
    assert office.types("edit", NUMBER, "--set", "勤務先=中野病院", "--yes", *SIGNED) == 0
    assert "すでにそのとおり" in office.text
    assert office.stored() == before


def test_the_day_of_a_leave_is_noted(office: Office) -> None:
    office.types("edit", NUMBER, "--set", "会員状態=休会", "--yes", *SIGNED)
    expected = Standing(membership=Membership.ON_LEAVE, since=date(2026, 11, 22))
    assert office.member().standing == expected
    assert a_member().standing == Standing()
