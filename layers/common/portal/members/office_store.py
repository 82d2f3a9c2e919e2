"""The office's write of a member's row, beside store.py's for the member's own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from portal.database import (
    Check,
    Condition,
    Either,
    Equals,
    Exists,
    Item,
    Missing,
    Path,
    Query,
    Update,
    Value,
)
from portal.members import history, store
from portal.members.model import Member
from portal.members.standing import Membership, Standing

_COUNTED = {"office_version": 1}
"""A file that is older than a change of the office's own texts is known by it."""


def office_change(table: str, before: Member, after: Member) -> Update:
    """Return the write of what the office changed, on condition that nobody changed it meanwhile.

    ``confirmed_on`` is left alone: it is the member's, who may press 変更なし at this moment, which
    changes no version. ``confirmed_email`` is written only with a new address, and of the office's
    own texts, which ``version`` does not count, only those that differ: a file never undoes a
    withdrawal.
    """
    change = store.change(table, before, after)
    written: dict[Path, Value] = {
        name: value for name, value in change.set.items() if name != "confirmed_on"
    }
    if before.record.email != after.record.email:
        written["confirmed_email"] = after.confirmed_email
    old, new = store.office_texts(before), store.office_texts(after)
    names = [name for name in new if new[name] != old[name]]
    written |= {name: new[name] for name in names}
    return replace(
        change,
        set=written,
        add=_COUNTED if names else {},
        when=(*change.when, *_still(old, names)),
    )


def _still(old: Item, names: Sequence[str]) -> list[Condition]:
    """Return the conditions that *names* are what they were; a row of before has none of them."""
    return [Either(Missing(name), Equals(name, old[name])) for name in names]


def whole_history(table: str, member_id: str) -> Query:
    """Return the read of all changes of a member, the newest first."""
    return replace(history.query(table, member_id), limit=None)


def same_standing(table: str, member_id: str, stood: Standing) -> Check:
    """Return what holds a transaction to where a member stood when it was planned."""
    texts = store.standing_texts(stood)
    unset = store.standing_texts(Standing())
    # A row that never heard of standings stands where every member begins.
    stands = (
        Either(Missing(name), Equals(name, text)) if text == unset[name] else Equals(name, text)
        for name, text in texts.items()
    )
    return Check(table, store.key(member_id), when=(Exists("pk"), *stands))


def withdrawal(table: str, member: Member, on: date) -> Update:
    """Return the write by which a member leaves. Rejected when the membership changed meanwhile."""
    return _membership(table, member, Membership.WITHDRAWN, on)


def return_of(table: str, member: Member, on: date) -> Update:
    """Return the write by which a member who left belongs again, unless the record is emptied."""
    change = _membership(table, member, Membership.ACTIVE, on)
    return replace(change, when=(*change.when, Missing("anonymising"), Missing("anonymised_at")))


def _membership(table: str, member: Member, membership: Membership, on: date) -> Update:
    # Nothing of the record: neither version nor change history tell of it.
    old = store.office_texts(member)
    return Update(
        table,
        store.key(member.member_id),
        set={"membership": membership.value, "membership_since": on.isoformat()},
        add=_COUNTED,
        when=(Exists("pk"), *_still(old, ["membership"])),
    )
