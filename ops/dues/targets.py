"""Whom a year is to be billed to: members by number, with as little of each as the rules want."""

from collections.abc import Iterable
from dataclasses import dataclass

from ops.desk import Desk, named
from ops.people import numbered
from ops.scan import Scan
from portal.billing.dues import Facts
from portal.billing.office import OfficeError
from portal.database import Item
from portal.members import store as members
from portal.members.standing import Membership, Standing

NAME = ("family_name", "given_name")


@dataclass(frozen=True)
class Target:
    """One member, with as little of the record as the rules want."""

    member_id: str
    member_no: str
    standing: Standing
    name: str = ""

    @property
    def named(self) -> str:
        """The number and the name."""
        return numbered(self.member_no, self.name)

    @property
    def facts(self) -> Facts:
        """What the rules are told."""
        stands = self.standing
        on_leave = stands.membership is Membership.ON_LEAVE
        return Facts(stands.kind, on_leave, stands.withdrawn, exempt=bool(stands.exempt))


def targets(kind: str, member_no: str, desk: Desk) -> list[Target]:
    """Return whom the year is to be billed to, by number. Raises OfficeError."""
    if kind and desk.society.kind(kind) is None:
        known = "、".join(one.name for one in desk.society.dues_kinds)
        raise OfficeError(f"種別 {kind} は society.toml にありません（{known}）")
    found = _one(member_no, desk) if member_no else _all(desk)
    if kind:
        meant = desk.society.kind(kind)
        found = (one for one in found if desk.society.kind(one.standing.kind) == meant)
    return sorted(found, key=lambda one: one.member_no)


def _one(member_no: str, desk: Desk) -> Iterable[Target]:
    credential = named(member_no, desk)
    if credential is None:
        raise OfficeError("会員番号を確かめてください")
    row = desk.database.get(desk.tables.members, members.key(credential.member_id))
    if row is None:
        raise OfficeError("会員番号はありますが、会員の記録がありません。運用担当者へ")
    return [_target(row)]


def _all(desk: Desk) -> Iterable[Target]:
    names = ("pk", "sk", "member_no", *NAME, *members.STANDING)
    return map(_target, desk.rows(Scan(desk.tables.members, names, (members.PROFILE,))))


def _target(row: Item) -> Target:
    name = " ".join(str(row[part]) for part in NAME if row.get(part))
    return Target(str(row["pk"]), str(row["member_no"]), members.standing(row), name)
