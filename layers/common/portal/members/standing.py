"""Where a member stands in the society: what dues are asked by, and the office alone decides."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Membership(StrEnum):
    """Whether somebody belongs to the society."""

    ACTIVE = "active"
    ON_LEAVE = "on_leave"
    WITHDRAWN = "withdrawn"


LABELS = {Membership.ACTIVE: "在籍", Membership.ON_LEAVE: "休会", Membership.WITHDRAWN: "退会"}
"""The office's words, also those of its file of members."""


@dataclass(frozen=True)
class Standing:
    """*kind* is one of society.toml's kinds of members (会員種別), empty for the first of them.

    *exempt* says why no dues are asked (名誉会員, 災害 …) and is empty where they are. *since* is
    the JST day on which *membership* became what it is, None where it never changed.
    """

    kind: str = ""
    membership: Membership = Membership.ACTIVE
    exempt: str = ""
    since: date | None = None

    @property
    def withdrawn(self) -> bool:
        """Whether the member has left."""
        return self.membership is Membership.WITHDRAWN
