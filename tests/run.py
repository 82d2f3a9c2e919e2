"""Runs the tests kind by kind and says at the end how many of each kind ran.

``python -m tests.run`` runs every kind, ``python -m tests.run unit adapters`` only these.
"""

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from local import stack
from local.environment import cleaned
from tests.stackfixture import STACK_FILE, fresh_stack

TESTS = Path(__file__).resolve().parent
KINDS = ("unit", "adapters", "stack", "browser", "office", "faults")
"""From the quickest to the slowest; each is a folder beside this file."""

ON_THE_STACK = frozenset({"stack", "browser"})
"""Kinds that share one local stack, started before the first of them."""

IN_PARALLEL = frozenset({"unit", "adapters"})
"""Kinds whose files share nothing, so that every core takes some; the others share one stack."""

_OK = 0


@dataclass(frozen=True)
class Outcome:
    """What one kind's run came to."""

    kind: str
    passed: int
    failed: int
    skipped: int
    seconds: float


def run_kind(kind: str, environ: Mapping[str, str]) -> Outcome:
    """Run one kind's tests in a process of their own, showing their output as it comes."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["--quiet", f"--junit-xml={report}"]
        if kind in IN_PARALLEL:
            options += ["--numprocesses=auto", "--dist=loadfile"]
        command = [sys.executable, "-m", "pytest", *options, str(TESTS / kind)]
        status = subprocess.run(command, cwd=TESTS.parent, env=environ, check=False).returncode
        passed, failed, skipped = _counts(report)
    # A run that broke off (no report, an import error, nothing collected) must not look green.
    broken = int(status != _OK and failed == 0)
    return Outcome(kind, passed, failed + broken, skipped, time.monotonic() - started)


def _counts(report: Path) -> tuple[int, int, int]:
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest has just written it
    total, failures, errors, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites)
        for name in ("tests", "failures", "errors", "skipped")
    )
    failed = failures + errors
    return total - failed - skipped, failed, skipped


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the closing table; its last line is the sum."""
    lines = [f"{'kind':10}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    lines += [
        f"{one.kind:10}{one.passed:8}{one.failed:8}{one.skipped:9}{one.seconds:9.0f}"
        for one in outcomes
    ]
    passed = sum(one.passed for one in outcomes)
    failed = sum(one.failed for one in outcomes)
    return "\n".join([*lines, f"{passed} passed, {failed} failed"])


def chosen(names: Sequence[str]) -> list[str]:
    """Return the kinds to run: those named, or all that have a folder."""
    unknown = set(names) - set(KINDS)
    if unknown:
        raise SystemExit(f"unknown kind {', '.join(sorted(unknown))}; known: {', '.join(KINDS)}")
    return [kind for kind in KINDS if kind in names or (not names and (TESTS / kind).is_dir())]


def main(names: Sequence[str]) -> int:
    """Run the kinds, print the table, return the exit status."""
    try:
        outcomes = run_kinds(chosen(names))
    except stack.PROBLEMS as problem:
        sys.stdout.write(f"\nThe local stack did not come up: {problem}\n")
        return 1
    sys.stdout.write(f"\n{table(outcomes)}\n")
    return 1 if any(one.failed for one in outcomes) else 0


def run_kinds(kinds: Sequence[str]) -> list[Outcome]:
    """Run the kinds one after the other; those on the stack share one."""
    environ = cleaned(os.environ)
    outcomes = []
    with ExitStack() as held:
        for kind in kinds:
            sys.stdout.write(f"\n== {kind} ==\n")
            sys.stdout.flush()
            if kind in ON_THE_STACK and STACK_FILE not in environ:
                environ[STACK_FILE] = str(held.enter_context(fresh_stack(environ)))
            outcomes.append(run_kind(kind, environ))
    return outcomes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
