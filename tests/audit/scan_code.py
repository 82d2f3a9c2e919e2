"""What needs no running portal: bandit over the code, and known weaknesses of what is locked."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.settings import ROOT
from tests.audit.findings import Finding, Outcome
from tests.audit.places import BANDIT, PIP_AUDIT, ToolFailed, report, run

CODE = ("layers/common/portal", "layers/build", "functions", "ops", "local")
LOCKS = sorted([*ROOT.glob("layers/*/*.txt"), *ROOT.glob("requirements/*.txt")])
NODE_LOCK = ROOT / "requirements/observatory"
_SECONDS = 300.0


def bandit() -> Outcome:
    """Look through the code; what is skipped as a whole stands in pyproject.toml."""
    answer = report("bandit.json")
    command: list[str | Path] = [
        BANDIT,
        "--recursive",
        *CODE,
        "--configfile",
        "pyproject.toml",
        "--quiet",
    ]
    run([*command, "--format", "json", "--output", answer], "bandit.log", seconds=_SECONDS)
    told = json.loads(answer.read_text(encoding="utf-8"))
    found = (
        Finding(f"{one['test_id']} {one['test_name']}", one["filename"], _first_line(one))
        for one in told["results"]
    )
    lines = told["metrics"]["_totals"]["loc"]
    return Outcome("bandit", f"{lines} lines", tuple(found))


def _first_line(one: dict[str, Any]) -> str:
    return str(one["issue_text"]).splitlines()[0]


def pip_audit() -> Outcome:
    """Ask the index for known weaknesses of every pin of every lock file."""
    findings: list[Finding] = []
    packages = 0
    for lock in LOCKS:
        name = "-".join(lock.relative_to(ROOT).with_suffix("").parts)
        answer = report(f"pip-audit-{name}.json")
        command: list[str | Path] = [
            PIP_AUDIT,
            "--requirement",
            lock,
            "--no-deps",
            "--disable-pip",
            "--strict",
        ]
        command += ["--progress-spinner", "off", "--format", "json", "--output", answer]
        try:
            run(command, f"pip-audit-{name}.log", seconds=_SECONDS)
        except ToolFailed as failure:
            return Outcome("pip-audit", "", skipped=_last(failure))
        if not answer.exists():
            log = answer.with_suffix(".log").read_text(encoding="utf-8").splitlines()
            return Outcome("pip-audit", "", skipped=f"no answer: {log[-1][-100:]}")
        told = json.loads(answer.read_text(encoding="utf-8"))
        packages += len(told["dependencies"])
        findings += _weak(told, str(lock.relative_to(ROOT)))
    return Outcome("pip-audit", f"{packages} pins in {len(LOCKS)} files", tuple(findings))


def _weak(told: dict[str, Any], lock: str) -> Iterator[Finding]:
    for one in told["dependencies"]:
        for weakness in one.get("vulns", ()):
            fixed = ", ".join(weakness["fix_versions"]) or "no version yet"
            where = f"{one['name']} {one['version']}"
            yield Finding(weakness["id"], f"{where} in {lock}", f"fixed in {fixed}")


def npm_audit() -> Outcome:
    """Ask the registry for known weaknesses of what the Observatory is made of."""
    npm = shutil.which("npm")
    if npm is None:
        return Outcome("npm audit", "", skipped="no npm on this machine")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(NODE_LOCK / name, Path(folder) / name)
        command = [npm, "audit", "--json", "--package-lock-only", "--prefix", folder]
        text = run(command, "npm-audit.json", seconds=_SECONDS)
    # What npm says to a person stands before and behind the JSON.
    told, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    if "vulnerabilities" not in told:
        return Outcome("npm audit", "", skipped=f"no answer: {_told(told)[:60]}")
    found = [
        Finding(one["severity"], name, _titles(one))
        for name, one in told["vulnerabilities"].items()
    ]
    total = told["metadata"]["dependencies"]["total"]
    return Outcome("npm audit", f"{total} packages", tuple(found))


def _told(answer: dict[str, Any]) -> str:
    return str(answer.get("message", answer))


def _titles(one: dict[str, Any]) -> str:
    told = [via["title"] if isinstance(via, dict) else f"by {via}" for via in one["via"]]
    return "; ".join(dict.fromkeys(told))


def _last(failure: ToolFailed) -> str:
    return f"not reachable? {str(failure).splitlines()[-1][:100]}"
