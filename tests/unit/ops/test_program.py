"""``./portal-ops`` as a program: where it runs, what it loads, and how it ends."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from ops.cli import Options, main
from ops.desk import Desk
from ops.exits import Status
from ops.output import Output
from portal.database import Database, Unreachable
from tests.unit.ops.counter import SIGNED, Counter

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = ROOT / "portal-ops"
HEAVY = {"boto3", "botocore.session", "botocore.client", "requests", "typst", "moto"}
LOADED = """
import sys
from ops.__main__ import run
sys.argv = ["portal-ops", *{words!r}]
status = run()
sys.stderr.write(" ".join(sys.modules))
sys.exit(status)
"""

LOGGED = """
import sys
from ops.__main__ import run
from portal.log import count, logger
sys.argv = ["portal-ops", "--help"]
run()
count("Reminded", 3)
logger.warning("reminder failed")
"""


def started(*words: str, cwd: Path = ROOT, program: Path = PROGRAM) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(program), *words],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "LANG": "C", "DATA_DIR": str(cwd)},
    )


def ended(*words: str, cwd: Path = ROOT, program: Path = PROGRAM) -> tuple[int, str, str]:
    with started(*words, cwd=cwd, program=program) as running:
        out, err = running.communicate()
    return running.returncode, out, err


def test_log_lines_are_kept_off_the_output_and_metrics_off_the_screen() -> None:
    """The output of ``--json`` is one object; a fault is told beside it."""
    done = subprocess.run(
        [sys.executable, "-c", LOGGED],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/layers/common:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "reminder failed" not in done.stdout
    assert "reminder failed" in done.stderr
    assert "Reminded" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "words", [["--help"], ["discrepancies", "resolve", "--help"], ["mask", "x"]], ids=" ".join
)
def test_help_and_mistakes_load_nothing_that_reaches_aws(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/layers/common:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode in {Status.DONE, Status.USAGE}
    assert HEAVY.isdisjoint(done.stderr.split())


def test_it_runs_from_any_directory_and_loads_nothing_from_there(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("raise SystemExit('loaded')\n")

    status, out, err = ended("--help", cwd=tmp_path)

    assert (status, err) == (Status.DONE, "")
    assert out.startswith("使い方: portal-ops")


def test_it_runs_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "portal-ops"
    link.symlink_to(os.path.relpath(PROGRAM, link.parent))
    further = tmp_path / "po"
    further.symlink_to(link)

    assert ended("--help", cwd=tmp_path, program=further)[0] == Status.DONE


def test_without_the_setup_it_says_what_to_do(tmp_path: Path) -> None:
    alone = tmp_path / "portal-ops"
    alone.write_bytes(PROGRAM.read_bytes())
    alone.chmod(0o755)

    status, _, err = ended("--help", cwd=tmp_path, program=alone)

    assert status == Status.REFUSED
    assert f"{tmp_path.resolve()} で make setup を実行してください" in err


def test_without_a_local_stack_it_ends_with_one_sentence(tmp_path: Path) -> None:
    status, out, err = ended("--stage", "local", "mask", "001234", cwd=tmp_path)

    assert (status, out) == (Status.REFUSED, "")
    assert err.count("\n") == 1
    assert "make run で起動してください" in err


# A reader that leaves


def test_a_reader_of_the_help_may_leave() -> None:
    with started("--help") as running:
        assert running.stdout is not None
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == ""
    assert running.returncode == Status.DONE


WRITING = """
import sys
from ops.pipe import finish, tell, tell_error
for line in range(100_000):
    tell("x" * 80)
finish()
tell_error("done")
"""


def test_a_reader_that_leaves_does_not_stop_the_work() -> None:
    """What is still to be written to the tables is, and nobody is told of a broken pipe."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr is not None
        assert running.stderr.read() == "done\n"
    assert running.returncode == 0


# Ctrl-C


class Failing:
    """A database of which every call ends so."""

    def __init__(self, ends: BaseException) -> None:
        self._ends = ends

    def __getattr__(self, _name: str) -> Callable[..., object]:
        def fail(*_args: object) -> object:
            raise self._ends

        return fail


def at_a_database_that(ends: BaseException) -> Counter:
    counter = Counter()
    counter.desk = replace(counter.desk, database=cast("Database", Failing(ends)))
    return counter


def test_ctrl_c_ends_with_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    counter = at_a_database_that(KeyboardInterrupt())

    assert counter.types("discrepancies", "list") == Status.STOPPED

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "もう一度" in said


def test_ctrl_c_while_the_stage_is_reached_ends_in_the_same_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def reach(_options: Options, _out: Output) -> Desk:
        raise KeyboardInterrupt

    assert main(["--stage", "local", "discrepancies", "list"], reach) == Status.STOPPED
    assert "中断しました" in capsys.readouterr().err


LOADING = """
import signal, sys
# A shell starts programs in the background with Ctrl-C ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
class Pressed:
    def find_spec(self, name, path=None, target=None):
        if name == "ops.cli":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Pressed())
from ops.__main__ import run
sys.exit(run())
"""


def test_ctrl_c_before_anything_began_shows_no_trace() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADING],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}/layers/common:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (Status.STOPPED, "")


# What AWS refuses


@pytest.mark.parametrize(
    ("words", "role"),
    [
        (("discrepancies", "list"), "viewer（閲覧）"),
        (("discrepancies", "resolve", "x", *SIGNED), "accountant（会計担当）"),
        (("mail", "clear", "001234", *SIGNED), "clerk（会員担当）"),
    ],
)
def test_who_is_denied_reads_which_role_the_command_needs(
    words: tuple[str, ...], role: str, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = at_a_database_that(Unreachable("AccessDeniedException"))

    assert counter.types(*words) == Status.DENIED

    assert f"{' '.join(words[:2])} に必要な役割: {role}" in capsys.readouterr().err
