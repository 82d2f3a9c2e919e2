"""What the office alone keeps of a member, as its files and commands write it.

These texts are no part of the record: no form has them, the record's version does not count
them, and the change history that the member sees does not tell of them. The audit does, and
``office_version`` counts their changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from portal.clock import jst_date
from portal.members.fields import Field
from portal.members.model import Member
from portal.members.standing import LABELS, Membership, Standing

QUALIFICATION = Field("qualification", "資格", required=False, max_length=100)
KIND = Field("kind", "会員種別", required=False, max_length=100)
MEMBERSHIP = Field("membership", "会員状態", required=False, max_length=10)
EXEMPT = Field("dues_exempt", "会費免除", required=False, max_length=100)
"""Why no dues are asked; empty where they are."""
FIELDS = {one.name: one for one in (QUALIFICATION, KIND, MEMBERSHIP, EXEMPT)}

_BY_LABEL = {label: membership for membership, label in LABELS.items()}
CHOSEN = (KIND.name, MEMBERSHIP.name)
"""What is chosen from a list, so that an empty cell says nothing of it."""


def texts(member: Member, kinds: Sequence[str]) -> dict[str, str]:
    """Return the texts by name. *kinds* are the names of society.toml, the first for no kind."""
    standing = member.standing
    return {
        QUALIFICATION.name: member.qualification,
        KIND.name: standing.kind or kinds[0],
        MEMBERSHIP.name: LABELS[standing.membership],
        EXEMPT.name: standing.exempt,
    }


def fault(name: str, text: str, kinds: Sequence[str], *, withdrawn: bool = False) -> str:
    """Return why a text of CHOSEN cannot be taken, empty if it can; *withdrawn* is the member."""
    if name == KIND.name:
        offered = "・".join(kinds)
        known = text in kinds
        return "" if known else f"会員種別「{text[:40]}」はありません（{offered} のどれか）。"
    if text not in _BY_LABEL:
        return f"会員状態「{text[:40]}」はありません（在籍・休会 のどちらか）。"
    if withdrawn:
        return "退会した会員です。会員に戻すときは members return を使ってください。"
    if _BY_LABEL[text] is Membership.WITHDRAWN:
        return "退会の記録は members withdraw を使ってください（ログインの停止もします）。"
    return ""


def changed(member: Member, values: Mapping[str, str], now: datetime) -> Member:
    """Return the member with those of *values* that are the office's; the texts are checked."""
    standing = member.standing
    membership = standing.membership
    if MEMBERSHIP.name in values:
        membership = _BY_LABEL[values[MEMBERSHIP.name]]
    moved = membership is not standing.membership
    return replace(
        member,
        qualification=values.get(QUALIFICATION.name, member.qualification),
        standing=Standing(
            kind=values.get(KIND.name, standing.kind),
            membership=membership,
            exempt=values.get(EXEMPT.name, standing.exempt),
            since=jst_date(now) if moved else standing.since,
        ),
    )
