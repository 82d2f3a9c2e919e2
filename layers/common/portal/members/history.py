"""変更履歴: what changed in a record, when and by whom, for the member and the office.

A change is a row of its own beside the record, written in the record's transaction and never
touched again. It holds the changed fields only. The audit knows the same and more, but no function
may read the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.clock import iso, parse_iso
from portal.database import Item, Missing, Query, Update
from portal.ids import crockford
from portal.members.fields import BY_NAME
from portal.members.model import Member

CHANGE = "CHANGE#"
SHOWN = 50
"""Changes on the page, the newest first."""
MEMBER, OFFICE = "member", "office"


@dataclass(frozen=True)
class Line:
    """One field of one change, by its label."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One change of a record. *by* is MEMBER or OFFICE."""

    at: datetime
    by: str
    lines: tuple[Line, ...]


def written(table: str, before: Member, after: Member, *, by: str, now: datetime) -> Update:
    """Return the write that remembers how *after* differs from *before*."""
    old, new = before.record.values(), after.record.values()
    names = before.record.differences(after.record)
    # An update and not a put: no function may replace whole rows of this table.
    return Update(
        table,
        {"pk": before.member_id, "sk": f"{CHANGE}{iso(now)}#{crockford(6)}"},
        set={
            "by": by,
            "before": {name: old.get(name, "") for name in names},
            "after": {name: new.get(name, "") for name in names},
        },
        when=(Missing("pk"),),
    )


def query(table: str, member_id: str) -> Query:
    """Return the read of a member's latest changes."""
    return Query(table, member_id, prefix=CHANGE, newest_first=True, limit=SHOWN)


def changes(rows: Sequence[Item]) -> list[Change]:
    """Return the changes that *rows* tell of, in their order."""
    return [_change(row) for row in rows]


def _change(row: Item) -> Change:
    before, after = _texts(row.get("before")), _texts(row.get("after"))
    moment = str(row["sk"])[len(CHANGE) :].partition("#")[0]
    return Change(
        at=parse_iso(moment),
        by=str(row.get("by")),
        # A field that the record no longer has keeps its name.
        lines=tuple(
            Line(BY_NAME[name].label if name in BY_NAME else name, before.get(name, ""), text)
            for name, text in after.items()
        ),
    )


def _texts(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}
