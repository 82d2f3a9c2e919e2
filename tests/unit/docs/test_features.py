"""docs/features.md names tests that exist, so that no feature rests on a test that went away."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.proofs import proofs_in

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs/features.md").read_text(encoding="utf-8")

_ROW = re.compile(r"^\| ([SMEL]\d+) \|(.+)\|$", re.MULTILINE)
_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")

ROWS = {found[1]: found[2] for found in _ROW.finditer(TEXT)}
NAMED = sorted({(found[1], found[2]) for found in _NAMED.finditer(TEXT)})

PROMISED = (
    *(f"S{number}" for number in (*range(1, 16), *range(20, 28), 30)),
    *(f"M{number}" for number in (5, 11, *range(20, 28), 30, 31, 40, 53, 54, 60)),
    *("M4", "M6", "E1", "E4", "E5"),
    *("M1", "M2", "M3", "E2", "E3", "L1"),
    *("E10", "E11", "L11"),
    *("L10", "M41", "M42", "E40"),
    "E12",
    "M10",
    *("E13", "E14", "E15", "E16"),
    *("E21", "E24", "L2", "L21", "L22"),
    *("E50", "E53", "M50", "M51", "M52"),
    *("E20", "E22", "E23", "E30", "E51", "L20", "L50"),
)
"""What the first release promises: the manual's rows, and those that keep money right."""


def test_every_promised_feature_has_its_row_once() -> None:
    written = [found[1] for found in _ROW.finditer(TEXT)]
    assert sorted(written) == sorted(PROMISED)


@pytest.mark.parametrize("row", PROMISED)
def test_every_feature_names_a_test(row: str) -> None:
    assert _NAMED.search(ROWS[row])


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file}::{name}" for file, name in NAMED])
def test_every_named_test_exists(file: str, name: str) -> None:
    assert name in proofs_in(ROOT / "tests" / file)


def test_nothing_but_tests_is_named_as_a_proof() -> None:
    """A path without a name, or a name misspelt in its form, would otherwise be passed over."""
    paths = re.findall(r"`([^`]*\.py[^`]*)`", TEXT.split("## Sign-in", 1)[1])
    assert sorted(set(paths)) == [f"{file}::{name}" for file, name in NAMED]
