"""docs/mutation.md explains changes of code that is still there, and is read as it is written."""

import ast
from collections import Counter

import pytest

from tests.mutate import BILLING, DOCUMENT, MODULES, ROOT, Mutation, explained, mutation, table

SOURCES = ROOT / "layers" / "common" / BILLING
EXPLAINED = explained(DOCUMENT.read_text(encoding="utf-8"))


def lines_of(module: str, function: str) -> set[str]:
    """Return the lines of a function (``Class.method`` or ``function``), stripped."""
    source = (SOURCES / f"{module}.py").read_text(encoding="utf-8")
    scope: ast.AST = ast.parse(source)
    for name in function.split("."):
        scope = next(
            node
            for node in ast.iter_child_nodes(scope)
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name
        )
    segment = ast.get_source_segment(source, scope)
    assert segment is not None
    return {line.strip() for line in segment.splitlines()}


def test_every_module_that_is_changed_exists() -> None:
    assert [name for name in MODULES if not (SOURCES / f"{name}.py").is_file()] == []


def test_survivors_are_explained_once_and_only_of_modules_that_are_changed() -> None:
    assert EXPLAINED
    assert len(set(EXPLAINED)) == len(EXPLAINED)
    assert {one.module for one in EXPLAINED} <= set(MODULES)


@pytest.mark.parametrize(
    "survivor",
    EXPLAINED,
    ids=[f"{number}-{one.module}.{one.function}" for number, one in enumerate(EXPLAINED, 1)],
)
def test_the_code_of_an_explained_survivor_is_still_there(survivor: Mutation) -> None:
    """Seen red by a line that was taken out of the module."""
    assert survivor.removed
    assert survivor.removed != survivor.added
    assert set(survivor.removed) <= lines_of(survivor.module, survivor.function)


def test_changes_of_one_block_are_told_apart_by_their_functions() -> None:
    document = "### judge.py\n\n```diff\n@@ first\n-a\n+b\n@@ A.second\n-  c\n```\nWhy.\n"
    assert explained(document) == [
        Mutation("judge", "first", ("a",), ("b",)),
        Mutation("judge", "A.second", ("c",), ()),
    ]


def test_lines_around_a_change_are_no_part_of_it() -> None:
    diff = "@@ -1,3 +1,3 @@\n def f():\n-    return 1\n+    return 2\n"
    assert mutation("ask", "f", diff) == Mutation("ask", "f", ("return 1",), ("return 2",))


def test_the_table_counts_by_module_and_calls_endless_runs_killed() -> None:
    verdicts = {
        "portal.billing.ask.x_ask__mutmut_1": "killed",
        "portal.billing.ask.x_ask__mutmut_2": "timeout",
        "portal.billing.ask.x_ask__mutmut_3": "survived",
        "portal.billing.settle.xǁSettlementǁsettle__mutmut_1": "no tests",
    }
    rows = [line.split() for line in table(verdicts, Counter({"ask": 1})).splitlines()]
    told = [[cell for cell in row if cell != "|"] for row in rows]
    assert told[-3:] == [
        ["settle", "1", "0", "1", "0"],
        ["ask", "3", "2", "1", "1"],
        ["all", "4", "2", "2", "1"],
    ]
