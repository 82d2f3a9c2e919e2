"""What a member had typed when the session ended: kept beside the sessions, for one hour.

It is a row of the member's own, so nobody else who signs in at the same browser ever sees it. It is
shown again as unsaved text and becomes part of the record by 保存 alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.clock import epoch, iso, parse_iso
from portal.database import Delete, Get, Item, Key, Update
from portal.members.fields import BY_NAME

LIFE = timedelta(hours=1)
_SORT_KEY = "DRAFT"
_LONGEST = 4
"""A text longer than this many times its field's length is no text of a member's."""


@dataclass(frozen=True)
class Draft:
    """The texts by field name, the version they were based on, and the invoice to pay next."""

    values: Mapping[str, str]
    version: int
    invoice: str = ""

    @property
    def reasonable(self) -> bool:
        """Whether this is a form of ours, and small enough to keep."""
        return bool(self.values) and all(
            name in BY_NAME and len(text) <= BY_NAME[name].max_length * _LONGEST
            for name, text in self.values.items()
        )


def read(table: str, member_id: str) -> Get:
    """Return the read of a member's draft. *table* is the table of sessions."""
    return Get(table, _key(member_id))


def parse(item: Item, now: datetime) -> Draft | None:
    """Return the draft in a row, None when its hour is over."""
    if now >= parse_iso(str(item["expires_at"])):
        return None
    values, version = item.get("values"), item.get("version")
    return Draft(
        {str(name): str(text) for name, text in values.items()} if isinstance(values, dict) else {},
        version if isinstance(version, int) else 0,
        str(item.get("invoice", "")),
    )


def kept(table: str, member_id: str, draft: Draft, now: datetime) -> Update:
    """Return the write that keeps *draft*; a later one takes its place."""
    ends_at = now + LIFE
    return Update(
        table,
        _key(member_id),
        set={
            "values": dict(draft.values),
            "version": draft.version,
            "invoice": draft.invoice,
            "expires_at": iso(ends_at),
            "ttl": epoch(ends_at),
        },
    )


def dropped(table: str, member_id: str) -> Delete:
    """Return the write that forgets the draft."""
    return Delete(table, _key(member_id))


def _key(member_id: str) -> Key:
    return {"pk": member_id, "sk": _SORT_KEY}
