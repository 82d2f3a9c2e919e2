"""The member row in DynamoDB: the only place that knows its attributes."""

from datetime import date, datetime
from typing import cast

from portal.clock import iso, parse_iso
from portal.database import (
    Equals,
    Exists,
    Get,
    Item,
    Key,
    Missing,
    Path,
    Put,
    Update,
    Value,
    When,
)
from portal.members.fields import BY_NAME, TRUE_NAMES
from portal.members.model import Member, Record

PROFILE = "PROFILE"


def key(member_id: str) -> Key:
    """Return the key of a member's row."""
    return {"pk": member_id, "sk": PROFILE}


def read(table: str, member_id: str) -> Get:
    """Return the read that finds a member's row."""
    return Get(table, key(member_id))


def parse(item: Item) -> Member:
    """Turn a row into a Member; a text that was never stored is empty."""
    confirmed_on = str(item.get("confirmed_on") or "")
    updated_at = str(item.get("updated_at") or "")
    return Member(
        member_id=str(item["pk"]),
        member_no=str(item["member_no"]),
        record=Record.of({name: str(item.get(name) or "") for name in BY_NAME}),
        confirmed_email=str(item.get("confirmed_email") or ""),
        qualification=str(item.get("qualification") or ""),
        version=cast("int", item["version"]),
        confirmed_on=date.fromisoformat(confirmed_on) if confirmed_on else None,
        updated_at=parse_iso(updated_at) if updated_at else None,
    )


def new(table: str, member: Member) -> Put:
    """Return the write of a member who is not there yet (office import, demo members)."""
    item: Item = {**key(member.member_id), **_office_part(member), **_content(member)}
    item["confirmed_email"] = member.confirmed_email
    return Put(table, item, when=(Missing("pk"),))


def change(table: str, before: Member, after: Member) -> Update:
    """Return the write of a changed record, on condition that nobody changed it meanwhile.

    The confirmed address is left alone, so that no page that was read earlier undoes it.
    """
    written: dict[Path, Value] = dict(_content(after).items())
    emptied = tuple(name for name in TRUE_NAMES if _lost(name, before, after))
    return Update(
        table, key(before.member_id), set=written, remove=emptied, when=_unchanged(before)
    )


def confirm(table: str, member: Member, today: date) -> Update:
    """Return the write of today's confirmation of exactly this version of the record."""
    return Update(
        table,
        key(member.member_id),
        set={"confirmed_on": today.isoformat()},
        when=_unchanged(member),
    )


def confirm_email(table: str, member: Member) -> Update:
    """Return the write that notes the member's address as confirmed, if it is still that one."""
    address = member.record.email
    return Update(
        table,
        key(member.member_id),
        set={"confirmed_email": address},
        when=(Exists("pk"), Equals("email", address)),
    )


def _lost(name: str, before: Member, after: Member) -> bool:
    return name in before.record.values() and name not in after.record.values()


def _unchanged(member: Member) -> When:
    return (Exists("pk"), Equals("version", member.version))


def _office_part(member: Member) -> Item:
    return {"member_no": member.member_no, "qualification": member.qualification}


def _content(member: Member) -> Item:
    texts: Item = dict(member.record.values())
    return texts | {
        "version": member.version,
        "confirmed_on": member.confirmed_on.isoformat() if member.confirmed_on else "",
        "updated_at": _moment(member.updated_at),
    }


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""
