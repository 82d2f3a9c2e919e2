"""What a dry run shows of many rows: the first few of each kind."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

SHOWN = 5
"""Rows of each kind that are shown."""


@dataclass
class First[Kind: Hashable, Row]:
    """The first rows of each kind, in the order in which they came."""

    rows: dict[Kind, list[Row]] = field(default_factory=dict)

    def add(self, kind: Kind, row: Row) -> None:
        """Keep *row* where it is one of the first of its kind."""
        kept = self.rows.setdefault(kind, [])
        if len(kept) < SHOWN:
            kept.append(row)

    def of(self, kind: Kind) -> list[Row]:
        """Return the first of one kind."""
        return self.rows.get(kind, [])


def in_a_line(first: Sequence[str], *, of: int) -> str:
    """Return the first of so many in one line."""
    return f"             {'、'.join(first)}{' …' if of > len(first) else ''}"
