"""The office prints address labels, of members without mail where nothing else is said (L2)."""

import json
import re
import stat
from pathlib import Path

import pikepdf
import pytest

from ops.exits import Status
from portal.database import Unreachable
from portal.members import store
from portal.members.model import MailFault
from tests.browser.pdftext import page_texts
from tests.unit.accounts.desk import NUMBER
from tests.unit.members.desk import TABLES
from tests.unit.ops.letters_office import LetterOffice
from tests.unit.ops.passwords_office import SIGNED

CODES = {"030001": "9000001", "030002": "0600001", "030003": "9000001"}
"""Members without a mail address, and their postcodes."""


@pytest.fixture
def office(tmp_path: Path) -> LetterOffice:
    """Three members with mail who wait for a letter, and three without mail."""
    made = LetterOffice(tmp_path)
    for number, code in reversed(CODES.items()):
        made.joins(number, email="", postal_code=code, given_name=f"第{number[-1]}子")
    return made


def labels(office: LetterOffice, *arguments: str, json: bool = False) -> int:
    return office.types_bare("labels", *arguments, *SIGNED, json=json)


def names(file: Path) -> list[str]:
    """Return the given names on the labels, in their order."""
    with pikepdf.open(file) as pdf:
        return re.findall(r"山田 (\S+?)　様", "".join(page_texts(pdf)))


def test_a_file_that_is_there_is_not_written_over(office: LetterOffice, tmp_path: Path) -> None:
    file = tmp_path / "ラベル.pdf"
    file.write_text("mine")
    before = office.stored()
    assert labels(office, str(file)) == Status.REFUSED
    assert file.read_text() == "mine"
    assert office.stored() == before


def test_a_folder_that_is_not_there_is_refused(office: LetterOffice, tmp_path: Path) -> None:
    before = office.stored()
    assert labels(office, str(tmp_path / "no" / "ラベル.pdf")) == Status.REFUSED
    assert "書けません" in office.text
    assert office.stored() == before


def test_no_addresses_are_left_without_an_entry_in_the_audit(
    office: LetterOffice, tmp_path: Path
) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    office.database.fail_next.append(("write", Unreachable()))
    assert labels(office, str(folder / "ラベル.pdf")) == Status.UNKNOWN
    assert list(folder.iterdir()) == []


def test_numbers_and_a_batch_together_are_a_slip(office: LetterOffice, tmp_path: Path) -> None:
    words = (str(tmp_path / "a.pdf"), NUMBER, "--letters", "20261123-103000-001-ABCDEF")
    assert labels(office, *words) == Status.USAGE


def test_a_batch_that_never_was_is_refused(office: LetterOffice, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    assert labels(office, str(file), "--letters", "20261123-103000-001-ABCDEF") == Status.REFUSED
    assert "という番号で発行した手紙はありません" in office.text
    assert not file.exists()


def test_a_batch_whose_members_all_got_newer_letters_is_for_nobody(
    office: LetterOffice, tmp_path: Path
) -> None:
    office.issue(at_once=6)
    (old,) = office.folder.glob("*.pdf")
    everybody = [number for number, _ in office.letters()]
    office.issue(*everybody, at_once=6)
    assert labels(office, str(tmp_path / "a.pdf"), "--letters", old.stem) == Status.DONE
    assert "ラベルを作る人はいません" in office.text


def test_for_nobody_there_is_no_file(tmp_path: Path) -> None:
    office = LetterOffice(tmp_path)
    file = tmp_path / "ラベル.pdf"
    assert labels(office, str(file)) == Status.DONE
    assert "ラベルを作る人はいません" in office.text
    assert labels(office, str(file), "999999") == Status.REFUSED
    assert "登録されていません" in office.text
    assert not file.exists()
    assert office.audited("labels_printed") == []


def test_members_without_mail_get_one_by_postcode_and_number(
    office: LetterOffice, tmp_path: Path
) -> None:
    file = tmp_path / "ラベル.pdf"
    assert labels(office, str(file)) == Status.DONE
    assert names(file) == ["第2子", "第1子", "第3子"]
    assert "郵便番号、会員番号の順" in office.text
    assert "3 人のラベル（1 枚）" in office.text


def test_an_address_that_bounces_counts_as_none(office: LetterOffice, tmp_path: Path) -> None:
    number = office.numbers[0]
    member = office.member(number)
    fault = MailFault(member.record.email, "bounce", office.portal.clock())
    office.database.commit(store.mail_failed(TABLES.members, member.member_id, fault))
    labels(office, str(tmp_path / "a.pdf"))
    assert "4 人のラベル" in office.text


def test_who_has_left_gets_none(office: LetterOffice, tmp_path: Path) -> None:
    office.changes_standing("030002", "withdrawn")
    assert labels(office, str(tmp_path / "a.pdf")) == Status.DONE
    assert names(tmp_path / "a.pdf") == ["第1子", "第3子"]


def test_the_numbers_given_get_one_with_mail_or_without(
    office: LetterOffice, tmp_path: Path
) -> None:
    labels(office, str(tmp_path / "a.pdf"), NUMBER, "030001")
    assert sorted(names(tmp_path / "a.pdf")) == ["第1子", "花子"]
    labels(office, str(tmp_path / "b.pdf"), NUMBER, "030001", "--no-mail")
    assert names(tmp_path / "b.pdf") == ["第1子"]


def test_a_batch_of_letters_gets_labels_in_the_letters_order(
    office: LetterOffice, tmp_path: Path
) -> None:
    office.issue(at_once=4)
    first = min(office.folder.iterdir())
    order = list(json.loads(first.read_bytes())[1])
    labels(office, str(tmp_path / "a.pdf"), "--letters", first.stem)
    assert names(tmp_path / "a.pdf") == [office.member(one).record.given_name for one in order]


def test_who_made_them_is_audited_and_the_file_is_for_its_owner(
    office: LetterOffice, tmp_path: Path
) -> None:
    file = tmp_path / "ラベル.pdf"
    labels(office, str(file))
    (entry,) = office.audited("labels_printed")
    assert (entry["actor"], entry["note"]) == ("office:山田", "本人から電話")
    assert entry["after"] == {"members": 3}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.glob("*.part")] == []


def test_a_program_gets_the_counts(
    office: LetterOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels(office, str(tmp_path / "a.pdf"), json=True)
    assert json.loads(capsys.readouterr().out)["data"] == {"labels": 3, "sheets": 1}
