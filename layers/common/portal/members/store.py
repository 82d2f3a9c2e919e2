"""The member row in DynamoDB: the only place that knows its attributes."""

from datetime import date, datetime
from typing import cast

from portal.clock import iso, parse_iso
from portal.database import (
    AtMost,
    Differs,
    Either,
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
from portal.members.model import MailFault, Member, Record
from portal.members.standing import Membership, Standing

PROFILE = "PROFILE"
FAILING = "F"
FAILING_INDEX = "mail_fails"
"""The index of members whom mail does not reach: (``mail_fails`` = ``F``, ``mail_fails_at``)."""

STANDING = ("kind", "membership", "dues_exempt", "membership_since")
"""The attributes of where a member stands."""

_FAULT = ("mail_fails", "mail_fails_at", "mail_fails_to", "mail_fails_why")


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
    anonymised_at = str(item.get("anonymised_at") or "")
    return Member(
        member_id=str(item["pk"]),
        member_no=str(item["member_no"]),
        record=Record.of({name: str(item.get(name) or "") for name in BY_NAME}),
        confirmed_email=str(item.get("confirmed_email") or ""),
        qualification=str(item.get("qualification") or ""),
        version=cast("int", item["version"]),
        confirmed_on=date.fromisoformat(confirmed_on) if confirmed_on else None,
        updated_at=parse_iso(updated_at) if updated_at else None,
        mail_fault=_fault(item),
        standing=standing(item),
        anonymised_at=parse_iso(anonymised_at) if anonymised_at else None,
        anonymising="anonymising" in item,
        office_version=cast("int", item.get("office_version", 0)),
    )


def standing(item: Item) -> Standing:
    """Read where a member stands; of a row, STANDING is enough."""
    since = str(item.get("membership_since") or "")
    return Standing(
        kind=str(item.get("kind") or ""),
        membership=Membership(str(item.get("membership") or Membership.ACTIVE)),
        exempt=str(item.get("dues_exempt") or ""),
        since=date.fromisoformat(since) if since else None,
    )


def _fault(item: Item) -> MailFault | None:
    if "mail_fails" not in item:
        return None
    since = parse_iso(str(item["mail_fails_at"]))
    return MailFault(str(item.get("mail_fails_to")), str(item.get("mail_fails_why")), since)


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
    if before.record.email != after.record.email:
        # What was known of the old address says nothing of the new one.
        emptied += _FAULT
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


def mail_failed(table: str, member_id: str, fault: MailFault) -> Update:
    """Return the write that marks the record's address as one that mail does not reach.

    Events come in any order, so it holds only if nothing later is known of this address: neither
    another failure nor an arrival. The version stays, for the record's content does.
    """
    at = iso(fault.since)
    return Update(
        table,
        key(member_id),
        set={
            "mail_fails": FAILING,
            "mail_fails_at": at,
            "mail_fails_to": fault.address,
            "mail_fails_why": fault.why,
        },
        when=(
            Equals("email", fault.address),
            Either(
                Missing("mail_fails_at"),
                Differs("mail_fails_to", fault.address),
                AtMost("mail_fails_at", at),
            ),
            _not_arrived_after(fault.address, at),
        ),
    )


def mail_arrived(table: str, member_id: str, address: str, at: datetime) -> tuple[Update, Update]:
    """Return two writes, of which one is to be made: the first where the address has no mark.

    The second takes away a mark that is not later than the arrival. Both note the arrival, so that
    a failure before it, heard of after it, marks nothing.
    """
    moment = iso(at)
    arrived: dict[Path, Value] = {"mail_arrived_at": moment, "mail_arrived_to": address}
    latest = (Equals("email", address), _not_arrived_after(address, moment))
    unmarked = Either(Missing("mail_fails_to"), Differs("mail_fails_to", address))
    return (
        Update(table, key(member_id), set=arrived, when=(*latest, unmarked)),
        Update(
            table,
            key(member_id),
            set=arrived,
            remove=_FAULT,
            when=(*latest, Equals("mail_fails_to", address), AtMost("mail_fails_at", moment)),
        ),
    )


def mail_fault_ended(table: str, member_id: str, fault: MailFault) -> Update:
    """Return the write by which the office takes away the very mark it has seen."""
    seen = Equals("mail_fails_at", iso(fault.since))
    return Update(table, key(member_id), remove=_FAULT, when=(seen,))


def _not_arrived_after(address: str, moment: str) -> Either:
    return Either(
        Missing("mail_arrived_at"),
        Differs("mail_arrived_to", address),
        AtMost("mail_arrived_at", moment),
    )


def _lost(name: str, before: Member, after: Member) -> bool:
    return name in before.record.values() and name not in after.record.values()


def _unchanged(member: Member) -> When:
    return (Exists("pk"), Equals("version", member.version))


def _office_part(member: Member) -> Item:
    return {"member_no": member.member_no, **office_texts(member)}


def office_texts(member: Member) -> Item:
    """Return the attributes that the office alone writes."""
    texts: Item = dict(standing_texts(member.standing))
    return {"qualification": member.qualification, **texts}


def standing_texts(standing: Standing) -> dict[str, str]:
    """Return the attributes of where a member stands, STANDING by name."""
    return {
        "kind": standing.kind,
        "membership": standing.membership.value,
        "dues_exempt": standing.exempt,
        "membership_since": standing.since.isoformat() if standing.since else "",
    }


def _content(member: Member) -> Item:
    texts: Item = dict(member.record.values())
    return texts | {
        "version": member.version,
        "confirmed_on": member.confirmed_on.isoformat() if member.confirmed_on else "",
        "updated_at": _moment(member.updated_at),
    }


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""
