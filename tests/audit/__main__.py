"""Runs the tools one after the other, against a stack of its own or the one that is named.

``python -m tests.audit`` runs all, ``python -m tests.audit wapiti observatory`` only these. With
PORTAL_TEST_STACK=…/demo.json a running stack is looked at. Ends with 1 when a finding is neither
mended nor explained (explained.toml, docs/security/audit.md).
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from local import stack
from local.environment import cleaned
from local.progress import Progress
from tests.audit import scan_code, scan_observatory, scan_openapi, scan_wapiti
from tests.audit.findings import Finding, Ledger, Outcome, explanations
from tests.audit.places import REPORTS, ToolFailed
from tests.audit.visitors import Member, named, new_member
from tests.stackfixture import STACK_FILE, LocalStack, fresh_stack, opened

type OnCode = Callable[[], Outcome]
type OnStack = Callable[[LocalStack, Member | None], Outcome]

ON_CODE: dict[str, OnCode] = {
    "bandit": scan_code.bandit,
    "pip-audit": scan_code.pip_audit,
    "npm-audit": scan_code.npm_audit,
}
ON_STACK: dict[str, OnStack] = {
    "observatory": scan_observatory.scan,
    "schemathesis": scan_openapi.scan,
    "wapiti": scan_wapiti.scan,
}


def main(names: Sequence[str]) -> int:
    """Run the named tools, or all; print the table and return the exit status."""
    unknown = set(names) - {*ON_CODE, *ON_STACK}
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(unknown)}; known: {', '.join(ON_CODE | ON_STACK)}\n")
        return 2
    progress, ledger = Progress(), Ledger(explanations())
    try:
        for name in _chosen(ON_CODE, names):
            ledger.outcomes.append(_timed(progress, name, ON_CODE[name]))
        _look_at_stack(_chosen(ON_STACK, names), ledger, progress)
    except stack.PROBLEMS as problem:
        progress.say(f"The local stack did not come up: {problem}")
        return 1
    table = ledger.table()
    (REPORTS / "table.txt").write_text(f"{table}\n", encoding="utf-8")
    progress.say(f"\n{table}\nReports of the tools: {REPORTS.name}/")
    return 1 if ledger.failed() else 0


def _chosen(tools: dict[str, OnCode] | dict[str, OnStack], names: Sequence[str]) -> list[str]:
    return [name for name in tools if not names or name in names]


def _look_at_stack(tools: Sequence[str], ledger: Ledger, progress: Progress) -> None:
    """Run *tools* as a guest and as a member of the audit's own."""
    if not tools:
        return
    environ = cleaned(os.environ)
    with ExitStack() as held:
        told = environ.get(STACK_FILE)
        demo_file = Path(told) if told else held.enter_context(fresh_stack(environ))
        local_stack = opened(demo_file)
        for name in tools:
            for member in (None, new_member(local_stack)):
                scan = ON_STACK[name]

                def run(member: Member | None = member, scan: OnStack = scan) -> Outcome:
                    return scan(local_stack, member)

                ledger.outcomes.append(_timed(progress, named(name, member), run))


def _timed(progress: Progress, name: str, run: OnCode) -> Outcome:
    started = time.monotonic()
    with progress.step(name):
        try:
            outcome = run()
        except ToolFailed as failure:
            outcome = Outcome(name, "broke off", (Finding("tool", name, str(failure)),))
    return replace(outcome, seconds=time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
