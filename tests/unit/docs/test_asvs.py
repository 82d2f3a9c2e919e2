"""The score of OWASP ASVS 5.0: complete, and every claim rests on a test or a file that exists."""

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "docs/security"
COLUMNS = ["group", "id", "level", "check", "score", "evidence"]

with (FOLDER / "asvs.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
BY_ID = {row["id"]: row for row in ROWS}
DEVIATIONS = (FOLDER / "deviations.md").read_text(encoding="utf-8")
LISTED = set(re.findall(r"^\| (V[\d.]+) \|", DEVIATIONS, re.MULTILINE))
MET = [row for row in ROWS if row["score"] == "1"]

OF_LEVELS = {"1": 55, "2": 119, "3": 28}
"""Rows of ASVS 5.0.0 that apply to an application like this one, by level."""


def test_every_row_is_there_once_and_scored() -> None:
    assert list(ROWS[0]) == COLUMNS
    assert Counter(row["level"] for row in ROWS) == OF_LEVELS
    assert len(BY_ID) == len(ROWS)
    assert {row["score"] for row in ROWS} <= {"0", "1", "NA"}


@pytest.mark.parametrize("row", MET, ids=[row["id"] for row in MET])
def test_a_row_that_is_met_names_what_proves_it(row: dict[str, str]) -> None:
    named = row["evidence"].split()
    assert named
    assert [one for one in named if not _exists(one)] == []


def test_a_row_that_does_not_apply_says_why() -> None:
    assert [row["id"] for row in ROWS if row["score"] == "NA" and len(row["evidence"]) < 20] == []


def test_what_is_not_met_is_listed_with_its_reason_and_nothing_else_is() -> None:
    assert {row["id"] for row in ROWS if row["score"] == "0"} == LISTED


def test_the_count_in_the_text_is_the_tables() -> None:
    counted = Counter((row["level"], row["score"]) for row in ROWS)
    for level in OF_LEVELS:
        met, unmet, outside = (counted[level, score] for score in ("1", "0", "NA"))
        assert f"| {level} | {met} | {unmet} | {outside} |" in DEVIATIONS


def _exists(named: str) -> bool:
    path, _, test = named.partition("::")
    file = ROOT / path
    return file.exists() and (not test or test in _tests_in(file))


@cache
def _tests_in(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
