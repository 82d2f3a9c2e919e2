"""``--json``: one object on the output, whatever becomes of the command."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.cli import Options, main
from ops.desk import Desk
from ops.exits import Status
from ops.failures import Failure
from ops.output import Output
from portal.database import Unreachable
from tests.unit.ops.counter import Counter

NOWHERE = Failure("staging はデプロイされていません。", Status.REFUSED)


def nowhere(_options: Options, _out: Output) -> Desk:
    raise NOWHERE


def silent(_options: Options, _out: Output) -> Desk:
    raise Unreachable("GetItem: ReadTimeoutError")


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what a program reads: the whole output is one object."""
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("members", "find", "--no-such-option"), Status.USAGE),
        (("no-such-group",), Status.USAGE),
        (("dues", "waive", "001234"), Status.USAGE),
        (("discrepancies", "list"), Status.REFUSED),
    ],
    ids=["option", "group", "unsigned", "stage"],
)
def test_what_is_not_done_is_an_object_with_its_status_and_reason(
    words: tuple[str, ...], status: Status, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--stage", "staging", "--json", *words], nowhere) == status
    told = answer(capsys)
    assert (told["status"], told["data"]) == (status, {})
    assert told["messages"]


def test_a_silent_aws_is_an_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "staging", "--json", "discrepancies", "list"], silent) == Status.UNKNOWN
    assert answer(capsys)["status"] == Status.UNKNOWN


def test_a_refused_act_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    desk = Counter().desk
    words = ["--stage", "staging", "--json", "discrepancies", "show", "surplus#nothing"]

    def there(_options: Options, out: Output) -> Desk:
        return replace(desk, out=out)

    assert main(words, there) == Status.REFUSED
    assert answer(capsys)["status"] == Status.REFUSED


def test_without_json_a_person_reads_the_reason_on_the_error_output_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--stage", "staging", "discrepancies", "list"], nowhere) == Status.REFUSED
    told = capsys.readouterr()
    assert (told.out, NOWHERE.text in told.err) == ("", True)


@pytest.mark.parametrize(
    "words",
    [("payments", "refund", "001234", "--order", ""), ("dues", "waive", "", "--reason", "x")],
    ids=["option", "argument"],
)
def test_a_blank_is_no_command_wherever_it_stands(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """As of a variable that was never set: without it the act would be about something else."""
    assert main(["--stage", "staging", *words], nowhere) == Status.USAGE
    assert "空の値" in capsys.readouterr().err
