"""Members by their ids, as lists for the office name them."""

from collections.abc import Iterable
from itertools import batched

from ops.desk import Desk
from portal.members import store
from portal.members.model import Member

AT_ONCE = 50
"""Rows that are looked up together."""


def people(member_ids: Iterable[str], desk: Desk) -> dict[str, Member]:
    """Return those members of *member_ids* that there are, by id; each is read once."""
    found: dict[str, Member] = {}
    for some in batched(dict.fromkeys(member_ids), AT_ONCE, strict=False):
        rows = desk.database.read([store.read(desk.tables.members, one) for one in some])
        members = [store.parse(row) for row in rows if isinstance(row, dict)]
        found |= {member.member_id: member for member in members}
    return found
