"""The member's rows of somebody who left long ago: marked, then emptied for good.

The mark stands from the first write to the last, so that an act that died in between is found and
finished, and nobody comes back meanwhile. The member's number stays: receipts and invoices have it.
"""

from datetime import datetime

from portal.clock import iso
from portal.database import Delete, Equals, Exists, Item, Missing, Path, Query, Update, Value
from portal.members import history, store
from portal.members.fields import NAMES, TRUE_NAMES
from portal.members.model import Member
from portal.members.standing import Membership

PLACEHOLDER = "（匿名化）"
"""Stands for the name of somebody of whom nothing else is left."""

_EMPTIED = ("confirmed_email", "confirmed_on", "updated_at", "qualification", "dues_exempt")
_GONE = (
    *TRUE_NAMES,
    *("mail_fails", "mail_fails_at", "mail_fails_to", "mail_fails_why"),
    *("mail_arrived_at", "mail_arrived_to", "anonymising"),
)


def begun(table: str, member: Member, now: datetime) -> Update:
    """Return the write of the mark. Rejected when the member stands elsewhere by now.

    The version rises, so that no change that was planned before is written after it.
    """
    since = member.standing.since
    return Update(
        table,
        store.key(member.member_id),
        set={"anonymising": iso(now)},
        add={"version": 1},
        when=(
            Exists("pk"),
            Equals("membership", Membership.WITHDRAWN.value),
            Equals("membership_since", since.isoformat() if since else ""),
            Missing("anonymising"),
            Missing("anonymised_at"),
        ),
    )


def emptied(table: str, member_id: str, now: datetime) -> Update:
    """Return the write that leaves number, kind, membership and its day, and takes the mark off."""
    texts: dict[Path, Value] = dict.fromkeys((*NAMES, *_EMPTIED), "")
    return Update(
        table,
        store.key(member_id),
        set={**texts, "family_name": PLACEHOLDER, "anonymised_at": iso(now)},
        add={"version": 1},
        remove=_GONE,
        when=(Exists("anonymising"),),
    )


def changes(table: str, member_id: str) -> Query:
    """Return the read of the rows of a member's history."""
    return Query(table, member_id, prefix=history.CHANGE)


def forgotten(table: str, row: Item) -> Delete:
    """Return the write that forgets one change."""
    return Delete(table, {"pk": str(row["pk"]), "sk": str(row["sk"])})
