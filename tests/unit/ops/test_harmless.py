"""What others typed steers no terminal, and what nobody foresaw tells nothing of members."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from ops.exits import Status
from ops.output import Column, JsonOutput, Output
from ops.pipe import tell, tell_error
from tests.unit.ops.members_office import Office, a_row, as_csv

ROOT = Path(__file__).resolve().parents[3]
STEERS = {
    "colours and titles": "\x1b]0;x\x07",
    "eight-bit sequences": "\x9b31m",
    "the line before": "\r\x1b[A",
    "deletion": "\x7f\x08",
    "the order of letters": "\u202etxt",
    "bytes that are no letters": "\udcff",
}
each = pytest.mark.parametrize("text", STEERS.values(), ids=STEERS)
COLUMNS = (Column("name", "氏名"), Column("why", "理由"))


@each
@pytest.mark.parametrize("say", [tell, tell_error])
def test_a_line_steers_no_terminal(
    text: str, say: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    say(f"山{text}田")
    out, err = capsys.readouterr()
    assert text not in out + err
    assert "山" in out + err
    assert f"\\u{ord(text[0]):04x}" in out + err


@each
def test_a_drawn_table_steers_no_terminal(text: str) -> None:
    screen = StringIO()
    Output(screen=screen).table("x", COLUMNS, [(f"山{text}田", "[red]y[/red]")])
    assert text not in screen.getvalue()
    assert "[red]y[/red]" in screen.getvalue()


@each
def test_a_table_in_lines_steers_no_terminal(text: str) -> None:
    said: list[str] = []
    Output(said.append).table("x", COLUMNS, [(f"山{text}田", "y")])
    assert text not in "\n".join(said)


def test_a_cell_makes_no_row_of_its_own() -> None:
    said: list[str] = []
    Output(said.append).table("x", COLUMNS, [("山田\n会員番号 001234", "y\tz")])
    assert len(said) == 2


@each
def test_a_program_gets_what_was_typed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = JsonOutput()
    out.say(text)
    out.close(Status.DONE)
    written = capsys.readouterr().out
    assert text not in written
    assert json.loads(written)["messages"] == [text]


def test_a_file_of_members_steers_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = Office(tmp_path)
    office.desk = replace(office.desk, out=Output())
    office.looks(as_csv(a_row("\x1b[2J12"), a_row("3", family_name="\x1b]0;x\x07")))
    said = capsys.readouterr().out
    assert "\\u001b[2J12" in said
    assert "\x1b" not in said


# What nobody foresaw

FAULT = """
import sys
import ops.cli
def main(arguments, reach):
    try:
        int("山田花子")
    except ValueError as error:
        raise KeyError("hanako@example.jp") from error
ops.cli.main = main
from ops.__main__ import run
sys.argv = ["portal-ops", *{words!r}]
sys.exit(run())
"""


def with_a_fault(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FAULT.format(words=words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/layers/common:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_nobody_foresaw_names_no_member_and_no_traceback() -> None:
    done = with_a_fault()
    assert "山田花子" not in done.stderr
    assert "hanako" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_what_nobody_foresaw_tells_the_operators_where_it_was() -> None:
    said = with_a_fault().stderr
    assert "運用担当者" in said
    assert "KeyError" in said
    assert "ValueError" in said
    assert "ops/__main__.py:" in said


def test_what_nobody_foresaw_may_have_changed_something() -> None:
    assert with_a_fault().returncode == Status.UNKNOWN


def test_what_nobody_foresaw_is_one_object_for_a_program() -> None:
    answer = json.loads(with_a_fault("--json").stdout)
    assert answer["status"] == Status.UNKNOWN
    assert "hanako" not in str(answer)
