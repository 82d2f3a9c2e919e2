"""The one table of commands and roles, held against the command line and the office's document."""

import re

import pytest

from ops.roles import JAPANESE, NEEDED, Role, named
from tests.unit.ops.test_help import ALL, ROOT
from tests.unit.template.loading import ROOT as PROJECT

DOCUMENT = (PROJECT / "docs/office-roles.md").read_text(encoding="utf-8")
TREE = {" ".join(words) for words in ALL if words and words not in ROOT}


def told() -> dict[str, set[Role]]:
    """Return who may type what, as the document says it."""
    rows = re.findall(r"^\| `([a-z -]+)` ((?:\|[ ○]*)+)\|$", DOCUMENT, re.MULTILINE)
    return {
        command: {
            role for role, mark in zip(Role, marks.split("|")[1:], strict=True) if "○" in mark
        }
        for command, marks in rows
    }


@pytest.mark.parametrize("command", sorted(TREE))
def test_every_command_has_a_role(command: str) -> None:
    assert command in NEEDED, "a row in ops/roles.py and docs/office-roles.md is missing"


@pytest.mark.parametrize("command", sorted(NEEDED))
def test_no_role_is_given_for_a_command_that_is_gone(command: str) -> None:
    assert command.partition(" --")[0] in TREE


@pytest.mark.parametrize("command", sorted(NEEDED))
def test_the_document_says_who_may_type_a_command(command: str) -> None:
    assert told()[command] == {role for role in Role if role.may(NEEDED[command])}


def test_the_document_names_no_other_command() -> None:
    assert set(told()) == set(NEEDED)


def test_the_document_names_each_role_as_messages_do() -> None:
    for role, japanese in JAPANESE.items():
        assert f"| `{role}` | {japanese} |" in DOCUMENT


def test_an_administrator_may_do_everything_and_a_viewer_only_look() -> None:
    assert all(Role.ADMINISTRATOR.may(needed) for needed in Role)
    assert [needed for needed in Role if Role.VIEWER.may(needed)] == [Role.VIEWER]


def test_a_clerk_may_not_do_what_an_accountant_may_nor_the_other_way_round() -> None:
    assert not Role.CLERK.may(Role.ACCOUNTANT)
    assert not Role.ACCOUNTANT.may(Role.CLERK)


def test_a_role_is_named_for_a_program_and_for_a_person() -> None:
    assert named("dues issue") == "accountant（会計担当）"
