"""What documents lead to is there, and so is every document that the code sends its reader to."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("local/**/*.md")])
SOURCES = ("layers/common", "layers/build", "functions", "local", "ops", "tests")

_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_MENTION = re.compile(r"\bdocs/[\w./-]+\.md\b")


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(one.relative_to(ROOT)) for one in DOCUMENTS]
)
def test_every_link_of_a_document_leads_to_a_file(document: Path) -> None:
    links = _LINK.findall(document.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (document.parent / link).exists()] == []


def test_every_document_that_is_mentioned_exists() -> None:
    mentioned = {name for text in _texts() for name in _MENTION.findall(text)}
    assert sorted(name for name in mentioned if not (ROOT / name).exists()) == []


def _texts() -> Iterator[str]:
    files = [*DOCUMENTS, ROOT / "template.yaml", ROOT / "Makefile", ROOT / "pyproject.toml"]
    for folder in SOURCES:
        files += (ROOT / folder).rglob("*.py")
    for file in files:
        yield file.read_text(encoding="utf-8")
