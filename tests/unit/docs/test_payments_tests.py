"""docs/payments.md names tests that exist, for every life of a payment and all bad input."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.proofs import proofs_in

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs/payments.md").read_text(encoding="utf-8")

_NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
_HEADINGS = ("## Every life of a payment", "## Bad input at the door")


def rows(heading: str) -> list[str]:
    """Return the body rows of the table below a heading."""
    _, found, below = TEXT.partition(f"\n{heading}\n")
    assert found, heading
    table = re.search(r"(?:^\|.*\|$\n)+", below, re.MULTILINE)
    assert table is not None
    return table.group().splitlines()[2:]


ROWS = [row for heading in _HEADINGS for row in rows(heading)]
NAMED = sorted({(found[1], found[2]) for found in _NAMED.finditer(TEXT)})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_every_row_names_a_test(row: str) -> None:
    named = row.rstrip("| ").split("|")[-1]
    assert _NAMED.search(named)
    assert re.findall(r"`([^`]+)`", named) == ["::".join(one) for one in _NAMED.findall(named)]


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{file}::{name}" for file, name in NAMED])
def test_every_named_test_exists(file: str, name: str) -> None:
    assert name in proofs_in(ROOT / "tests" / file)
