"""MDN HTTP Observatory: its own scanner over https, which the door speaks with a certificate of the
hour; the headers are the portal's, untouched. The portal's host answers no plain http, on AWS
neither, so the Observatory finds nothing to redirect.
"""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.audit import certificate
from tests.audit.door import opened
from tests.audit.findings import Finding, Outcome
from tests.audit.places import OBSERVATORY, ToolFailed, run
from tests.audit.visitors import Member, named, visitor
from tests.stackfixture import LocalStack

SCRIPT = Path(__file__).with_name("observatory.mjs")
WANTED = "A+"
_SECONDS = 120.0


def scan(stack: LocalStack, member: Member | None) -> Outcome:
    """Scan what `/` leads to: the sign-in page, or the menu of a member. Raises ToolFailed."""
    tool, node = named("HTTP Observatory", member), shutil.which("node")
    if node is None or not OBSERVATORY.exists():
        return Outcome(tool, "", skipped="no node and npm on this machine")
    log = f"observatory-{'member' if member else 'guest'}.json"
    with tempfile.TemporaryDirectory() as folder:
        pair = certificate.written(Path(folder))
        with opened(visitor(stack, member), pair) as port:
            host = f"{certificate.HOST}:{port}"
            trusted = {"NODE_EXTRA_CA_CERTS": str(pair[0])}
            command = [node, str(SCRIPT), str(OBSERVATORY), host]
            told = _read(run(command, log, seconds=_SECONDS, extra=trusted))
    verdict = told["verdict"]
    result = f"{verdict['grade']}, score {verdict['score']}"
    passed = f"{verdict['testsPassed']} of {verdict['testsQuantity']} passed"
    return Outcome(tool, f"{result}, {passed}", tuple(_findings(told)))


def _read(text: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    except (IndexError, ValueError):
        raise ToolFailed(f"the Observatory gave no verdict:\n{text[-400:]}") from None
    return told


def _findings(told: dict[str, Any]) -> list[Finding]:
    failed = [
        Finding("failed", name, test["result"])
        for name, test in told["tests"].items()
        if not test["pass"]
    ]
    grade = told["verdict"]["grade"]
    return failed if grade == WANTED else [Finding("grade", grade, f"not {WANTED}"), *failed]
