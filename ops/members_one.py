"""One member, found by the number that was typed."""

from dataclasses import dataclass

from ops.desk import Desk, named
from portal.accounts.model import Credential
from portal.members import store
from portal.members.model import Member


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
