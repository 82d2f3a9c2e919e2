"""``members import`` and ``export``, once from end to end on DynamoDB with the template's tables.

This proves that no transaction has two actions on one item, that DynamoDB takes every expression
and that a batch of looking up keeps to its limits; what is decided is tested in memory.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ops.cli import main
from ops.desk import Desk
from ops.output import Output
from ops.scan import rows_of
from ops.stack import rows_beginning
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.store import CredentialStore
from portal.config import load_society
from portal.members import store
from portal.members.model import Member
from tests.adapters.house import TABLES, Dynamo, names
from tests.fakes import FixedClock
from tests.unit.ops.members_office import SIGNED, a_row, as_csv

PEPPERS = Peppers("p1", {"p1": b"an invented pepper"})


class Office:
    """An office worker over DynamoDB in the test's process."""

    def __init__(self, aws: Dynamo, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self.said: list[str] = []
        self.desk = Desk(
            aws.database,
            TABLES,
            load_society(),
            FixedClock(),
            Output(self.said.append),
            scan=lambda table, key, begin: rows_beginning(table, key, begin, aws.client),
            sweep=partial(rows_of, client=aws.client),
            hasher=lambda: Hasher(lambda: PEPPERS, 4),
        )

    def types(self, *arguments: str) -> int:
        """Type a command, signed, and return its exit status."""
        return self.types_bare(*arguments, *SIGNED)

    def types_bare(self, *arguments: str) -> int:
        """Type a command as it stands and return its exit status."""
        self.said.clear()
        return main(
            ["--stage", "production", "members", *arguments],
            lambda _, out: replace(self.desk, out=out),
            lambda: self.desk.out,
        )

    def imports(self, *rows: dict[str, str]) -> int:
        """Write the rows into a file and import it."""
        file = self.folder / "会員.csv"
        file.write_bytes(as_csv(*rows))
        return self.types("import", str(file), "--yes")

    def member(self, number: str) -> Member:
        """Return a member by number."""
        credential = CredentialStore(self.aws.database, TABLES.credentials).find(number)
        assert credential is not None
        row = self.aws.database.get(TABLES.members, store.key(credential.member_id))
        assert row is not None
        return store.parse(row)


@pytest.fixture
def office(aws: Dynamo, tmp_path: Path) -> Office:
    return Office(aws, tmp_path)


def test_members_come_into_being_change_and_stay(office: Office) -> None:
    rows = [a_row(f"{number:06d}") for number in range(120)]
    assert office.imports(*rows) == 0, office.said
    assert len(set(names(office.aws, TABLES.members))) == 120
    rows[0] |= {"workplace": "港病院", "email": "new@example.jp"}
    assert office.imports(*rows) == 0, office.said
    assert office.member("000000").record.workplace == "港病院"
    assert office.member("000000").email_confirmed
    assert len(names(office.aws, TABLES.audit)) == 121
    assert len(names(office.aws, TABLES.outbox)) == 2
    assert office.imports(*rows) == 0
    assert len(names(office.aws, TABLES.audit)) == 121


def test_what_is_exported_is_imported_as_unchanged(office: Office) -> None:
    office.imports(*(a_row(f"{number:06d}", workplace="＝１") for number in range(3)))
    path = office.folder / "書き出し.csv"
    assert office.types("export", str(path)) == 0
    assert office.types("import", str(path), "--yes") == 0
    assert any("3 件  変更なし" in one for one in office.said)


def test_new_numbers_are_looked_for_with_their_zeros(office: Office) -> None:
    office.imports(a_row("000123"))
    lost = [a_row(str(number)) for number in range(100, 150)]
    assert office.imports(*lost) == 3
    assert any("登録されている番号: 000123" in one for one in office.said)
    assert len(names(office.aws, TABLES.members)) == 50


def test_members_are_found_edited_leave_come_back_and_are_forgotten(office: Office) -> None:
    office.imports(*(a_row(f"{number:06d}") for number in range(3)))
    number = "000001"
    for words in (("1",), ("--never-signed-in", "--no-mail"), ("--unpaid", "--locked")):
        assert office.types_bare("find", *words) == 0, office.said
    assert office.types("edit", number, "--set", "会員状態=休会", "--set", "姓=鈴木", "--yes") == 0
    assert office.member(number).record.family_name == "鈴木"
    assert office.types_bare("show", number) == 0, office.said
    for words in (("withdraw", number), ("return", number)):
        assert office.types(*words, "--yes") == 0, office.said
    assert office.types("withdraw", number, "--on", "2019-04-01", "--yes") == 0
    assert office.member(number).standing.withdrawn
    assert office.types("anonymise", "--yes") == 0, office.said
    assert office.member(number).anonymised
    assert [row for row in names(office.aws, TABLES.members) if "CHANGE" in str(row)] == []
    assert office.types("unlock", number, "--yes") == 1
    assert office.types("end-sessions", "--all", "--yes") == 0
