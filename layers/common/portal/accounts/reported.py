"""What reports know of a member's way in: never a password, nor anything that it was made to."""

from dataclasses import dataclass
from datetime import datetime

from portal.clock import parse_iso
from portal.database import Item

ATTRIBUTES = (
    "pk",
    "member_id",
    "must_change",
    "initial_until",
    "signed_in_at",
    "disabled",
    "closed_at",
)
"""All that is read of a credential's row, so that its hashes stay where they are."""


@dataclass(frozen=True)
class WayIn:
    """*initial_until* is the end of an initial password's life, None where there is none to use."""

    member_no: str
    member_id: str
    signed_in: bool
    must_change: bool
    initial_until: datetime | None
    disabled: bool
    closed: bool

    @property
    def never_used(self) -> bool:
        """Whether the member was never here: not signed in, and no password of their own set."""
        return self.must_change and not self.signed_in


def parse(row: Item) -> WayIn:
    """Read the named attributes of a credential's row."""
    ends = row.get("initial_until")
    return WayIn(
        member_no=str(row["pk"]),
        member_id=str(row["member_id"]),
        signed_in=bool(row.get("signed_in_at")),
        must_change=bool(row["must_change"]),
        initial_until=parse_iso(str(ends)) if ends else None,
        disabled=bool(row["disabled"]),
        closed="closed_at" in row,
    )
