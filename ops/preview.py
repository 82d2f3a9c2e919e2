"""What a dry run shows of many rows: the first few of each kind."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from ops.people import name_of
from portal.members.model import Member

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


def in_a_line(first: Iterable[str], members: Mapping[str, Member], *, of: int) -> str:
    """Return the first of so many members, by their ids: a number alone tells nobody who it is."""
    there = [members[one] for one in first if one in members]
    who = [f"{one.member_no} {name_of(one.record)}".rstrip() for one in there]
    return f"             {'、'.join(who)}{' …' if of > len(who) else ''}"
