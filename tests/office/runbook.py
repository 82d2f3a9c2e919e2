"""docs/office.md as a play: its commands, what it says is seen, and what happens in between.

A block ``sh`` is typed, the block ``text`` after it is what must be seen: each of its lines in this
order, ``…`` standing for anything. What members and the world do meanwhile stands in comments that
nobody reads on the page: ``<!-- play: name -->``.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "docs/office.md"
BEGIN = ["./portal-ops", "--stage", "production"]
_PARTS = re.compile(r"```(sh|text)\n(.*?)```|<!-- play: ([^>]+) -->", re.DOTALL)
ANYTHING = "…"


@dataclass(frozen=True)
class Typed:
    """One command, as the words after the stage."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """Lines that the last command has shown."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """Something that others do."""

    name: str


type Part = Typed | Seen | Played


class NotAPlay(Exception):
    """A block holds something else than the office's commands."""


def parts(text: str) -> Iterator[Part]:
    """Yield the play's parts in their order. Raises NotAPlay."""
    for found in _PARTS.finditer(text):
        kind, block, name = found.groups()
        if name:
            yield Played(name)
        elif kind == "text":
            yield Seen(tuple(filter(None, map(str.strip, block.splitlines()))))
        else:
            yield from _commands(block)


def _commands(block: str) -> Iterator[Typed]:
    for line in block.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[:3] != BEGIN:
            raise NotAPlay(line)
        yield Typed(tuple(words[3:]))


def missing(seen: Seen, shown: str) -> str:
    """Return the first line that is not among what was *shown*, empty when all are, in order."""
    lines = iter(_plain(line) for line in shown.splitlines())
    for wanted in seen.lines:
        pattern = re.compile(".*".join(map(re.escape, _plain(wanted).split(ANYTHING))))
        if not any(pattern.search(line) for line in lines):
            return wanted
    return ""


def _plain(line: str) -> str:
    """Return a line with single blanks: how wide a column is depends on the other rows."""
    return " ".join(line.split())
