"""schemathesis: tries every route of docs/openapi.yaml with right and wrong data."""

import json
import shutil
from pathlib import Path
from typing import Any

from local.settings import ROOT
from tests.audit.door import opened
from tests.audit.findings import Finding, Outcome
from tests.audit.places import REPORTS, SCHEMATHESIS, report, run
from tests.audit.visitors import Member, named, visitor
from tests.stackfixture import LocalStack

DESCRIPTION = ROOT / "docs/openapi.yaml"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
EXAMPLES = 20
"""Random requests per operation, beside those that schemathesis derives from the description."""

_WHOLE = 900.0


def scan(stack: LocalStack, member: Member | None) -> Outcome:
    """Try every operation as a guest or as *member*. Raises ToolFailed."""
    who = "member" if member else "guest"
    answer = report(f"schemathesis-{who}.json")
    # What it remembers of an earlier run would let it leave operations out.
    shutil.rmtree(REPORTS / ".schemathesis", ignore_errors=True)
    with opened(visitor(stack, member)) as port:
        command: list[str | Path] = [
            SCHEMATHESIS,
            "run",
            DESCRIPTION,
            "--url",
            f"http://127.0.0.1:{port}",
        ]
        command += ["--phases", "examples,coverage,fuzzing", "--mode", "all", "--checks", CHECKS]
        command += ["--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-shrink"]
        command += ["--max-redirects", "0", "--continue-on-failure", "--request-timeout", "60"]
        command += ["--suppress-health-check", "all", "--warnings", "off", "--no-color"]
        command += ["--report-json-path", answer]
        run(
            command,
            f"schemathesis-{who}.log",
            seconds=_WHOLE,
            # It keeps examples and recordings where it is started.
            cwd=REPORTS,
            extra={
                "PYTHONPATH": str(ROOT),
                "SCHEMATHESIS_HOOKS": "tests.audit.schemathesis_hooks",
                "AUDIT_INVOICE": member.invoice_id if member else "",
            },
        )
    told = json.loads(answer.read_text(encoding="utf-8"))
    tested, cases = told["operations"]["tested"], told["test_cases"]["generated"]
    incomplete = () if told["complete"] else (Finding("run", "not complete", told["stop_reason"]),)
    return Outcome(
        named("schemathesis", member),
        f"{tested} operations, {cases} requests",
        (*incomplete, *_findings(told)),
    )


def _findings(told: dict[str, Any]) -> list[Finding]:
    failures = [
        Finding(f"{one['code']} {one['title']}", _operation(operation))
        for one in told["failures"]
        for operation in one["operations"]
    ]
    return [*failures, *(Finding("error", str(error)[:200]) for error in told["errors"])]


def _operation(operation: object) -> str:
    if isinstance(operation, dict):
        return str(operation.get("operation") or operation.get("label") or operation)
    return str(operation)
