"""The office at a deployed stack: ``./portal-ops --stage local``, each role by what IAM lets it do.

Other tests use the same stack meanwhile, so what nothing may change is told by the marks of this
test: the member it made, the numbers of its file, the name under which it signed.
"""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local.demo_people import Person
from ops.exits import Status
from portal.clock import jst_date, utc_now
from portal.expressions import plain
from tests.stackfixture import LocalStack
from tests.unit.template.loading import ROOT

TABLES = (
    "Credentials", "Sessions", "Throttle", "Members", "Billing", "Inbox", "Outbox", "Audit",
)  # fmt: skip
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


class Office:
    """A person of the office, of a name that nobody else has, before one stack."""

    def __init__(self, stack: LocalStack, folder: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.name = f"山田{secrets.token_hex(6)}"
        (folder / "demo.json").write_text(json.dumps(stack.demo), encoding="utf-8")

    def types(self, role: str, *words: str, **environ: str) -> Answer:
        """Type a command in a role; in none of them where *role* is empty."""
        done = subprocess.run(
            [ROOT / "portal-ops", "--stage", "local", *(("--role", role) if role else ()), *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(self.folder), **environ},
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def signs(self, role: str, *words: str) -> Answer:
        """Type a command that changes something, under the own name."""
        return self.types(role, *words, "--by", self.name, "--reason", "試験", "--yes")

    def rows(self, *marks: str) -> Mapping[str, list[str]]:
        """Return all rows of all tables in which one of the marks, or the own name, stands."""
        database = self.stack.aws.client("dynamodb")
        found: dict[str, list[str]] = {}
        for table in TABLES:
            pages = database.get_paginator("scan").paginate(
                TableName=self.stack.resources[f"{table}Table"], ConsistentRead=True
            )
            texts = [repr(sorted(plain(row).items())) for page in pages for row in page["Items"]]
            wanted = (self.name, *marks)
            found[table] = sorted(text for text in texts if any(mark in text for mark in wanted))
        return found

    def changes(self, act: Callable[[], Answer], *marks: str) -> tuple[Answer, bool]:
        """Return how an act ended, and whether a row about the marks is another now."""
        before = self.rows(*marks)
        answer = act()
        return answer, self.rows(*marks) != before


@pytest.fixture
def office(local_stack: LocalStack, tmp_path: Path) -> Office:
    return Office(local_stack, tmp_path)


@pytest.fixture
def unpaid(local_stack: LocalStack) -> Person:
    return local_stack.new_member("unpaid")


def invoice(office: Office, member: Person) -> str:
    """Return the id of the member's open invoice."""
    (found,) = [
        text
        for text in office.rows(member.member_no)["Billing"]
        if "('sk', 'INV#" in text and member.member_no in text
    ]
    return found.split("('sk', 'INV#")[1].split("'")[0]


# Reading


@pytest.mark.parametrize("role", ["", "viewer", "clerk", "accountant", "administrator"])
def test_everybody_of_the_office_looks_a_member_up(
    office: Office, unpaid: Person, role: str
) -> None:
    answer, changed = office.changes(
        lambda: office.types(role, "members", "show", unpaid.member_no), unpaid.member_no
    )

    assert (answer.status, answer.err) == (Status.DONE, "")
    assert unpaid.member_no in answer.out
    assert not changed


@pytest.mark.parametrize(
    "words",
    [
        ("members", "find", "山田"),
        ("discrepancies", "list"),
        ("mail", "bounces"),
        ("report", "overview"),
        ("report", "paid", "--year", "2026"),
        ("report", "slips"),
        ("report", "arrears"),
        ("report", "never-signed-in"),
    ],
    ids=" ".join,
)
def test_a_viewer_has_the_rights_that_looking_needs(office: Office, words: tuple[str, ...]) -> None:
    answer = office.types("viewer", "--json", *words)

    assert (answer.status, answer.err) == (Status.DONE, "")
    told: Mapping[str, Any] = json.loads(answer.out)
    assert told["status"] == Status.DONE


def test_the_persons_own_aws_settings_lead_nowhere(office: Office) -> None:
    answer = office.types(
        "viewer",
        "discrepancies",
        "list",
        AWS_PROFILE="no-such-profile",
        AWS_ENDPOINT_URL="https://aws.example",
        AWS_REGION="us-east-1",
        HTTPS_PROXY="http://proxy.example:3128",
        HTTP_PROXY="http://proxy.example:3128",
    )

    assert (answer.status, answer.err) == (Status.DONE, "")


# Writing: each command is denied to who lacks its role, and done for who has it


def edits(office: Office, member: Person, role: str) -> Answer:
    return office.signs(role, "members", "edit", member.member_no, "--set", "勤務先=試験病院")


def reissues(office: Office, member: Person, role: str) -> Answer:
    letter = str(office.folder / f"手紙-{role}.pdf")
    return office.signs(role, "passwords", "reissue", member.member_no, "--letter", letter)


def waives(office: Office, member: Person, role: str) -> Answer:
    number = invoice(office, member)
    return office.signs(role, "dues", "waive", member.member_no, "--invoice", number)


def records(office: Office, member: Person, role: str) -> Answer:
    today = jst_date(utc_now()).isoformat()
    return office.signs(
        role, "payments", "record", member.member_no, "--method", "bank", "--amount", "1",
        "--differs", "--paid-on", today, "--invoice", invoice(office, member),
    )  # fmt: skip


type Act = Callable[[Office, Person, str], Answer]
OF_CLERKS: tuple[Act, ...] = (edits, reissues)
OF_ACCOUNTANTS: tuple[Act, ...] = (waives, records)


@pytest.mark.parametrize(
    ("role", "needed", "act"),
    [
        *(("viewer", "clerk", act) for act in OF_CLERKS),
        *(("accountant", "clerk", act) for act in OF_CLERKS),
        *(("viewer", "accountant", act) for act in OF_ACCOUNTANTS),
        *(("clerk", "accountant", act) for act in OF_ACCOUNTANTS),
    ],
)
def test_who_lacks_the_role_is_denied_and_nothing_is_changed(
    office: Office, unpaid: Person, role: str, needed: str, act: Act
) -> None:
    answer, changed = office.changes(lambda: act(office, unpaid, role), unpaid.member_no)

    assert answer.status == Status.DENIED, answer
    assert f"必要な役割: {needed}" in answer.err
    assert not changed


@pytest.mark.parametrize(
    ("role", "act"),
    [
        *(("clerk", act) for act in OF_CLERKS),
        *(("accountant", act) for act in OF_ACCOUNTANTS),
        ("administrator", edits),
        ("administrator", waives),
    ],
)
def test_who_has_the_role_does_it_and_is_named_in_the_audit(
    office: Office, unpaid: Person, role: str, act: Act
) -> None:
    answer = act(office, unpaid, role)

    assert answer.status == Status.DONE, answer
    assert any(f"office:{office.name}" in row for row in office.rows()["Audit"])


@pytest.mark.parametrize("role", ["viewer", "clerk", "accountant"])
def test_only_an_administrator_learns_a_mask(office: Office, role: str) -> None:
    answer = office.types(role, "mask", "001234")

    assert (answer.status, answer.out) == (Status.DENIED, "")
    assert "必要な役割: administrator" in answer.err
    assert office.types("administrator", "mask", "001234").status == Status.DONE


# Files that are no files of members


def binary(_number: str) -> bytes:
    return bytes(range(256)) * 64


def other_columns(number: str) -> bytes:
    return f"番号,名前\n{number},山田\n".encode()


def mixed(number: str) -> bytes:
    """Half of it as Excel writes it, half as UTF-8."""
    head = "会員番号,姓,名,セイ,メイ\n"
    return (head + f"{number},山田,太郎,ヤマダ,タロウ\n").encode("cp932") + (
        f"{number},髙橋,花子,タカハシ,ハナコ\n".encode()
    )


@pytest.mark.parametrize("made", [binary, other_columns, mixed])
@pytest.mark.parametrize("doing", [(), ("--yes",)], ids=["looked at", "done"])
def test_a_wrong_file_is_refused_in_words_and_changes_nothing(
    office: Office, unpaid: Person, made: Callable[[str], bytes], doing: tuple[str, ...]
) -> None:
    file = office.folder / "会員.csv"
    file.write_bytes(made(unpaid.member_no))

    answer, changed = office.changes(lambda: imports(office, file, doing), unpaid.member_no)

    assert answer.status == Status.REFUSED, answer
    assert (answer.out + answer.err).strip()
    assert "Traceback" not in answer.err
    assert not changed


@pytest.mark.parametrize("doing", [(), ("--yes",)], ids=["looked at", "done"])
def test_a_file_of_100_mb_is_refused_before_it_is_read(
    office: Office, doing: tuple[str, ...]
) -> None:
    file = office.folder / "大きい.csv"
    with file.open("wb") as opened:
        opened.truncate(100 * MEBIBYTE)

    answer, changed = office.changes(lambda: imports(office, file, doing))

    assert answer.status == Status.REFUSED, answer
    assert "大き" in answer.out + answer.err
    assert not changed


def imports(office: Office, file: Path, doing: tuple[str, ...]) -> Answer:
    signed = ("--by", office.name, "--reason", "試験") if doing else ()
    return office.types("clerk", "members", "import", str(file), *doing, *signed)
