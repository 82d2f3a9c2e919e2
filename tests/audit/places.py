"""Where the tools are (local/bootstrap.py installed them) and where their reports go."""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.environment import cleaned
from local.settings import ROOT

TOOLS = ROOT / ".tools"
REPORTS = ROOT / ".audit"
WAPITI = TOOLS / "wapiti/bin/wapiti"
SCHEMATHESIS = TOOLS / "schemathesis/bin/schemathesis"
BANDIT = TOOLS / "codecheck/bin/bandit"
PIP_AUDIT = TOOLS / "codecheck/bin/pip-audit"
OBSERVATORY = TOOLS / "observatory"


class ToolFailed(Exception):
    """A tool did not come to an end of its own; the text tells its last lines."""


def report(name: str) -> Path:
    """Return the path of a report, with nothing of an earlier run in it."""
    path = REPORTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def run(
    command: Sequence[str | Path],
    log: str,
    *,
    seconds: float,
    extra: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    accepted: frozenset[int] = frozenset({0, 1}),
) -> str:
    """Run a tool in an empty home, write its output to the report *log* and return it.

    Raises ToolFailed when it takes longer than *seconds* or ends with another status.
    """
    with tempfile.TemporaryDirectory(prefix="audit-home-") as home:
        environ = cleaned(os.environ) | {"HOME": home, "NO_COLOR": "1"} | dict(extra or {})
        with report(log).open("w+", encoding="utf-8", errors="replace") as output:
            try:
                status = subprocess.run(
                    [str(part) for part in command],
                    env=environ,
                    cwd=cwd,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=seconds,
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                raise ToolFailed(f"{log}: not done after {seconds:.0f} s") from None
            output.seek(0)
            text = output.read()
    if status not in accepted:
        tail = "\n".join(text.splitlines()[-8:])
        raise ToolFailed(f"{log}: ended with {status}\n{tail}")
    return text
