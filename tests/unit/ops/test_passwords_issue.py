"""The office issues initial passwords to many members, as letters (L2)."""

import io
import json
import logging
import re
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest

from ops.exits import Status
from ops.letters.letter import Letter
from ops.passwords.issue import Request, issued
from portal.accounts.sign_in import InitialEnded, Refused, SignedIn
from tests.browser.pdftext import page_texts
from tests.unit.accounts.desk import AWAY, HOME, NUMBER, OTHER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops.letters_office import (
    BY,
    LOGIN_URL,
    LetterOffice,
    PlainPrinter,
    password_in,
)
from tests.unit.ops.passwords_office import SIGNED


@pytest.fixture
def office(tmp_path: Path) -> LetterOffice:
    return LetterOffice(tmp_path)


def typed(office: LetterOffice, *arguments: str, json: bool = False) -> int:
    """Type the command, with typst as the printer."""
    words = ("issue", *arguments, "--out", str(office.folder), *SIGNED)
    return office.types_bare(*words, json=json)


# Refused ----------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        (NUMBER, "--all-new"),
        (NUMBER, "--again", "20261123-103000-001-ABCDEF"),
        ("--all-new", "--again", "20261123-103000-001-ABCDEF"),
        ("--all-new", "--batch", "0"),
    ],
)
def test_who_is_meant_has_to_be_said_once(office: LetterOffice, arguments: Sequence[str]) -> None:
    before = office.stored()
    assert typed(office, *arguments, "--yes") == Status.USAGE
    assert office.stored() == before


def test_without_a_reason_nothing_is_done(office: LetterOffice) -> None:
    before = office.stored()
    words = ("issue", "--all-new", "--out", str(office.folder), "--by", "山田", "--yes")
    assert office.types_bare(*words) == Status.USAGE
    assert office.stored() == before


def test_a_dry_run_says_who_and_makes_nothing(office: LetterOffice) -> None:
    before = office.stored()
    assert typed(office, "--all-new") == Status.DONE
    assert "3 人" in office.text
    assert all(number in office.text for number in office.numbers)
    assert "--yes" in office.text
    assert office.stored() == before
    assert not office.folder.exists()


def test_only_the_first_rows_are_shown_and_a_program_gets_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = LetterOffice(tmp_path, new=8)
    typed(office, "--all-new")
    assert "ほか 3 人" in office.text
    assert office.numbers[5] not in office.text
    typed(office, "--all-new", json=True)
    answer = json.loads(capsys.readouterr().out)
    assert [row["number"] for row in answer["data"]["wanted"]] == office.numbers
    assert answer["data"]["letters"] == 8


def test_a_dry_run_names_them_and_ends_as_the_run_would(office: LetterOffice) -> None:
    office.joins("030001", postal_code="")
    assert typed(office, "--all-new") == Status.PARTLY
    assert re.search(rf"{office.numbers[0]}\s+山田 花子", office.text)


@pytest.mark.parametrize("number", ["999999", "x", "1234"])
def test_an_unknown_number_is_left_out_and_the_others_are_issued(
    office: LetterOffice, number: str
) -> None:
    assert office.issue(number, office.numbers[0]) is Status.PARTLY
    assert f"{number}" in office.text
    assert "登録されていません" in office.text
    assert [one for one, _ in office.letters()] == office.numbers[:1]


def test_who_has_left_or_is_closed_gets_none(office: LetterOffice) -> None:
    left, closed, _ = office.numbers
    office.changes_standing(left, "withdrawn")
    office.database.commit(
        office.portal.credentials.close(office.found(closed), office.portal.clock())
    )
    assert office.issue() is Status.PARTLY
    assert "退会" in office.text
    assert office.issue(left, closed) is Status.PARTLY
    assert "利用を止めています" in office.text
    assert [one for one, _ in office.letters()] == office.numbers[2:]


@pytest.mark.parametrize("missing", ["postal_code", "family_name"])
def test_who_cannot_be_reached_by_post_is_told_of(office: LetterOffice, missing: str) -> None:
    changes = {missing: ""} if missing == "postal_code" else {missing: "", "given_name": ""}
    office.joins("030001", **changes)
    assert office.issue() is Status.PARTLY
    assert "030001" in office.text
    assert "揃っていません" in office.text
    assert "030001" not in dict(office.letters())


def test_a_folder_that_others_can_read_is_refused(office: LetterOffice) -> None:
    office.folder.mkdir(mode=0o755)
    office.folder.chmod(0o755)
    before = office.stored()
    assert office.issue() is Status.REFUSED
    assert "ほかの人も読めます" in office.text
    assert office.stored() == before


def test_a_folder_that_cannot_be_made_is_refused(office: LetterOffice) -> None:
    office.folder.write_text("a file")
    before = office.stored()
    assert office.issue() is Status.REFUSED
    assert office.stored() == before


def test_when_there_is_nobody_it_says_so_and_writes_nothing(office: LetterOffice) -> None:
    office.issue()
    before = office.stored()
    assert office.issue() is Status.DONE
    assert "新しく発行する人はいません" in office.text
    assert office.stored() == before


# Who gets one ----------------------------------------


def test_all_new_members_get_one_that_works_and_nobody_else(office: LetterOffice) -> None:
    assert office.issue() is Status.DONE
    assert [number for number, _ in office.letters()] == office.numbers
    for number, password in office.letters():
        outcome = office.portal.try_in(password, HOME, number)
        assert isinstance(outcome, SignedIn)
        assert outcome.must_change
    assert isinstance(office.portal.try_in(PASSWORD), SignedIn)


def test_who_set_a_password_by_a_reset_meanwhile_keeps_it(office: LetterOffice) -> None:
    number = office.numbers[0]
    stored = office.portal.hasher.hash(OTHER, office.portal.clock())
    credentials = office.portal.credentials
    office.database.commit(
        credentials.changed(office.found(number), stored, office.portal.policy, "")
    )
    office.issue()
    assert number not in dict(office.letters())
    assert isinstance(office.portal.try_in(OTHER, HOME, number), SignedIn)


def test_the_numbers_given_get_one_and_their_old_password_dies(office: LetterOffice) -> None:
    office.portal.signed_in()
    assert office.issue(NUMBER) is Status.DONE
    assert "今のパスワードが使えなくなり" in office.text
    ((number, password),) = office.letters()
    assert number == NUMBER
    assert office.portal.live_sessions() == 0
    assert office.portal.try_in(PASSWORD) == Refused()
    assert isinstance(office.portal.try_in(password, HOME), SignedIn)


def test_a_number_given_twice_gets_one_letter(office: LetterOffice) -> None:
    office.issue(NUMBER, "００１２３４")
    assert [number for number, _ in office.letters()] == [NUMBER]


def test_who_had_a_password_is_told_by_mail_and_who_had_none_is_not(office: LetterOffice) -> None:
    office.issue()
    assert office.portal.rows(TABLES.outbox) == []
    office.issue(NUMBER)
    (mail,) = office.portal.rows(TABLES.outbox)
    assert mail["kind"] == "password_reissued"


def test_who_set_a_password_after_a_letter_that_never_came_is_told_of_its_end(
    office: LetterOffice,
) -> None:
    """The credential still names the batch that stopped half-way."""
    row = office.database.tables[TABLES.credentials][NUMBER, ""]
    row["letters"] = "20261101-090000-001-ABCDEF"
    assert office.issue(NUMBER) == Status.DONE
    assert [mail["kind"] for mail in office.portal.rows(TABLES.outbox)] == ["password_reissued"]


def test_somebody_who_signs_in_at_this_moment_is_left_out(office: LetterOffice) -> None:
    """And the PDF has no letter of theirs, whose password would not work."""

    class SignsIn:
        def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
            if len(letters) == 2:
                office.portal.signed_in()
            return PlainPrinter().pdf(letters, mark, at)

    request = Request(office.folder, (NUMBER, office.numbers[0]))
    status = issued(request, BY, office.desk, yes=True, printer=SignsIn())
    assert status is Status.PARTLY
    assert [number for number, _ in office.letters()] == office.numbers[:1]
    assert "この間に" in office.text
    assert office.portal.live_sessions() == 1


def test_letters_go_by_postcode_and_number(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path, new=0)
    for number, code in (("5", "9000001"), ("4", "0600001"), ("3", "9000001"), ("2", "1000001")):
        office.joins(number, postal_code=code)
    office.issue(at_once=3)
    assert [number for number, _ in office.letters()] == ["4", "2", "3", "5"]


# How long, who, how many ----------------------------------------


def test_it_lives_as_long_as_the_letter_says(office: LetterOffice) -> None:
    office.issue()
    number, password = office.letters()[0]
    office.portal.clock.tick(days=180, seconds=-1)
    assert isinstance(office.portal.try_in(password, HOME, number), SignedIn)
    office.portal.clock.tick(seconds=1)
    assert office.portal.try_in(password, HOME, number) == InitialEnded()


def test_each_is_audited_with_who_why_and_the_batch(office: LetterOffice) -> None:
    office.issue(at_once=3)
    entries = office.audited("password_reissued")
    assert {str(one["pk"])[:6] for one in entries} == set(office.numbers)
    (complete,) = office.audited("letters_completed")
    (file,) = office.folder.glob("*.pdf")
    for one in (*entries, complete):
        assert (one["actor"], one["note"]) == ("office:山田", "会員になった人への発送")
    assert {str(one["after"]) for one in entries} == {str({"letters": file.stem})}
    assert office.found(office.numbers[0]).letters == file.stem


def test_so_many_are_in_a_file_as_was_said(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path, new=5)
    office.issue(at_once=2)
    files = sorted(office.folder.iterdir())
    assert [len(json.loads(one.read_bytes())[1]) for one in files] == [2, 2, 1]
    assert "5 人に発行しました" in office.text


# Nowhere else ----------------------------------------


def test_the_passwords_are_in_the_letters_and_nowhere_else(
    office: LetterOffice,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    assert typed(office, "--all-new", "--yes", json=True) == Status.DONE
    printed = capsys.readouterr()
    (file,) = office.folder.iterdir()
    with pikepdf.open(io.BytesIO(file.read_bytes())) as pdf:
        texts = page_texts(pdf)
    assert len(texts) == 3
    passwords = [password_in(text) for text in texts]
    elsewhere = [*(printed.out, printed.err, caplog.text, office.text), office.stored()]
    elsewhere += [one.name for one in tmp_path.rglob("*")]
    for password in passwords:
        for text in elsewhere:
            assert password not in text
            assert password[:4] not in printed.out
    answer = json.loads(printed.out)
    assert answer["data"]["issued"] == 3
    assert answer["data"]["files"] == [{"file": str(file), "letters": 3}]
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == [file]


def test_letters_are_for_their_owner_alone(office: LetterOffice) -> None:
    office.issue()
    assert stat.S_IMODE(office.folder.stat().st_mode) == 0o700
    for file in office.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_fault_of_the_printer_shows_no_password(office: LetterOffice) -> None:
    drawn: list[str] = []

    class Broken:
        def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
            drawn.extend(one.password for one in letters)
            raise RuntimeError(f"cannot print {letters!r} {mark} {at}")

    before = office.stored()
    with pytest.raises(RuntimeError) as caught:
        issued(Request(office.folder), BY, office.desk, yes=True, printer=Broken())
    assert drawn
    assert not any(password in repr(caught.value) for password in drawn)
    assert office.stored() == before


# The member ----------------------------------------


def test_the_letter_opens_the_portal_by_its_pages(office: LetterOffice) -> None:
    """Number and password as they are read off the page, typed into the sign-in form."""
    assert typed(office, office.numbers[0], "--yes") == Status.DONE
    (file,) = office.folder.iterdir()
    with pikepdf.open(file) as pdf:
        (text,) = page_texts(pdf)
    assert office.numbers[0] in text
    assert LOGIN_URL in text
    browser = office.portal.new_browser(AWAY)
    browser.get("/member/login")
    answer = browser.post(
        "/member/login", {"member_no": office.numbers[0], "password": password_in(text)}
    )
    assert (answer.status, answer.location) == (303, "/member/password")
