"""The members whom the office speaks of: one by the typed number, several by their ids, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched

from ops.desk import Desk, named
from portal.accounts.model import Credential
from portal.members import store
from portal.members.model import Member, Record

AT_ONCE = 50
"""Rows that are looked up together."""


@dataclass(frozen=True)
class Person:
    """A member with the way in."""

    member: Member
    credential: Credential


def person(number: str, desk: Desk) -> Person | None:
    """Return the member of a typed number; None, and said so, where there is none to act on."""
    credential = named(number, desk)
    if credential is None:
        return None
    row = desk.database.get(desk.tables.members, store.key(credential.member_id))
    if row is None:
        desk.say("会員番号はありますが、会員の記録がありません。運用担当者へ。")
        return None
    return Person(store.parse(row), credential)


def still_there(one: Person, desk: Desk) -> bool:
    """Tell whether something is left of a member to act on; where not, say so."""
    if one.member.anonymised or one.member.anonymising:
        desk.say(f"会員番号 {one.member.member_no} は匿名化した会員です。")
        return False
    return True


def people(member_ids: Iterable[str], desk: Desk) -> dict[str, Member]:
    """Return those members of *member_ids* that there are, by id; each is read once."""
    found: dict[str, Member] = {}
    for some in batched(dict.fromkeys(member_ids), AT_ONCE, strict=False):
        rows = desk.database.read([store.read(desk.tables.members, one) for one in some])
        members = [store.parse(row) for row in rows if isinstance(row, dict)]
        found |= {member.member_id: member for member in members}
    return found


def whose(member_id: str, member_no: str, desk: Desk) -> str:
    """Return a member in one line."""
    found = record_of(member_id, desk)
    return f"会員 {member_no}  {name_of(found) if found else '（会員情報がありません）'}"


def named_line(member: Member) -> str:
    """Return a member's number and name."""
    return numbered(member.member_no, name_of(member.record))


def numbered(member_no: str, name: str) -> str:
    """Return a number with its name: a number alone tells nobody whom it is about."""
    return f"{member_no} {name}".rstrip()


def record_of(member_id: str, desk: Desk) -> Record | None:
    """Return a member's record."""
    row = desk.database.get(desk.tables.members, store.key(member_id))
    return store.parse(row).record if row else None


def name_of(record: Record) -> str:
    """Return a member's whole name."""
    return f"{record.family_name} {record.given_name}"
