"""The audit's table: what is explained, what is not, and what needs no explanation any more."""

import re

import pytest

from local.settings import ROOT
from tests.audit.findings import Explanation, Finding, Ledger, Outcome, explanations

XSS = Finding("Cross Site Scripting", "POST /member/login", "by the field member_no")
METHODS = Finding("HTTP Methods", "GET /member")
WHY = Explanation("wapiti", re.compile("^HTTP Methods"), "additional information")


def ledger(*outcomes: Outcome, why: tuple[Explanation, ...] = (WHY,)) -> Ledger:
    return Ledger(why, list(outcomes))


def test_a_finding_that_nobody_explained_fails_the_audit_and_is_told() -> None:
    made = ledger(Outcome("wapiti, signed in", "2 addresses", (XSS, METHODS)))
    assert made.failed()
    assert f"wapiti, signed in: {XSS}" in made.table()
    assert str(METHODS) not in made.table()
    assert made.table().endswith("1 unexplained")


def test_an_explanation_is_for_its_tool_alone() -> None:
    assert ledger(Outcome("schemathesis, signed out", "", (METHODS,))).failed()


def test_explained_findings_and_none_at_all_pass() -> None:
    assert not ledger(Outcome("wapiti, signed out", "", (METHODS,))).failed()
    assert not ledger(Outcome("bandit", "")).failed()


def test_an_explanation_that_nothing_needs_is_told_once_its_tool_ran() -> None:
    assert "no longer needed: wapiti" in ledger(Outcome("wapiti, signed out", "")).table()
    assert "no longer needed" not in ledger(Outcome("bandit", "")).table()
    assert "no longer needed" not in ledger(Outcome("wapiti", "", skipped="absent")).table()


def test_a_tool_that_was_left_out_says_why() -> None:
    assert "skipped: no npm" in ledger(Outcome("npm audit", "", skipped="no npm")).table()


@pytest.mark.parametrize("one", explanations(), ids=lambda one: one.pattern.pattern)
def test_every_explanation_says_why_and_is_of_a_tool(one: Explanation) -> None:
    assert one.tool in {"wapiti", "schemathesis", "HTTP Observatory", "bandit", "pip-audit"}
    assert len(one.why) > 10
    # Whatever is explained is named, never a whole tool.
    assert not one.pattern.search("")


def test_the_audit_reads_the_lock_files_of_everything_that_is_installed() -> None:
    from tests.audit.scan_code import LOCKS

    names = {str(lock.relative_to(ROOT)) for lock in LOCKS}
    assert {"layers/common/requirements.txt", "requirements/dev.txt"} <= names
