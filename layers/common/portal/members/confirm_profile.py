"""Use case 変更なし: the member says that the record as shown is right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.database import Database, Write
from portal.members.checks import check
from portal.members.fields import FIELDS
from portal.members.model import Member
from portal.members.save_profile import Conflict, MemberTables, Saved, confirm_current


@dataclass(frozen=True)
class Incomplete:
    """The record as stored would not pass 保存, so it cannot be confirmed as it is."""

    current: Member


def confirm_profile(
    database: Database,
    tables: MemberTables,
    *,
    current: Member,
    seen: int,
    now: datetime,
    source: str,
    also: Sequence[Write] = (),
) -> Saved | Conflict | Incomplete:
    """Confirm the record for today if it is complete and still the version the member saw.

    *also* is written along.
    """
    if seen != current.version:
        return Conflict(current)
    if not is_right(current):
        return Incomplete(current)
    return confirm_current(database, tables, current=current, now=now, source=source, also=also)


def is_right(member: Member) -> bool:
    """Say whether every field of the stored record passes its check."""
    values = member.record.values()
    return all(check(field, values[field.name]).problem is None for field in FIELDS)
