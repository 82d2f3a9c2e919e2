"""What a year costs each kind of member, as it was when the year was first billed.

society.toml says what a year costs now. Whoever joins in March is billed the year that began last
April, when the file may hold the next year's amounts already, and two copies of it may differ. So
the first run that bills a year notes its amounts, and others are refused until the office says
which of the two it means (docs/decisions/0044-amounts-of-a-year.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal import audit
from portal.billing.office import OfficeError
from portal.config import MemberKind, Society
from portal.database import (
    Database,
    Equals,
    Item,
    Missing,
    Put,
    Query,
    Rejected,
    Update,
    When,
)

SUBJECT = "dues"
"""The audit's word for what is not about one member."""

_KIND = "KIND#"


@dataclass(frozen=True)
class Difference:
    """One kind of member whose dues of a year are *noted* otherwise than the *file* says."""

    noted: MemberKind
    file: MemberKind


class Rates:
    """The amounts of the years, in the billing table."""

    def __init__(self, database: Database, table: str, audit_table: str) -> None:
        self._database = database
        self._table = table
        self._audit = audit_table

    def of(self, fiscal_year: int) -> tuple[MemberKind, ...]:
        """Return what was noted of a year; nothing where it was never billed."""
        rows = self._database.query(Query(self._table, _pk(fiscal_year)))
        return tuple(_kind(row) for row in rows)

    def note(
        self, fiscal_year: int, society: Society, *, actor: str, reason: str, now: datetime
    ) -> None:
        """Make the society's amounts those of a year. Raises OfficeError where somebody else does.

        Nothing is written where they are already.
        """
        noted = self.of(fiscal_year)
        changes, new = differences(noted, society), _new(noted, society)
        if not changes and not new:
            return
        told = audit.entry(
            self._audit,
            actor=actor,
            action="dues.amounts_noted",
            subject=SUBJECT,
            at=now,
            before=_amounts(fiscal_year, [one.noted for one in changes]) or None,
            after=_amounts(fiscal_year, [*(one.file for one in changes), *new]),
            note=reason,
        )
        puts = [self._put(fiscal_year, one) for one in new]
        updates = [self._update(fiscal_year, one) for one in changes]
        try:
            self._database.commit(*puts, *updates, told)
        except Rejected:
            if differences(self.of(fiscal_year), society):
                raise OfficeError(
                    "ほかの人が同時に、違う金額でこの年度の請求を始めました。金額を確かめてください"
                ) from None
            # Of two who begin at once the second may mean the same, or know of one more kind.
            self.note(fiscal_year, society, actor=actor, reason=reason, now=now)

    def _put(self, fiscal_year: int, kind: MemberKind) -> Put:
        item: Item = {
            "pk": _pk(fiscal_year),
            "sk": f"{_KIND}{kind.name}",
            "amount": kind.amount,
            "on_leave": kind.on_leave,
        }
        return Put(self._table, item, when=(Missing("pk"),))

    def _update(self, fiscal_year: int, change: Difference) -> Update:
        key = {"pk": _pk(fiscal_year), "sk": f"{_KIND}{change.noted.name}"}
        return Update(
            self._table,
            key,
            set={"amount": change.file.amount, "on_leave": change.file.on_leave},
            when=_still(change.noted),
        )


def differences(noted: Sequence[MemberKind], society: Society) -> tuple[Difference, ...]:
    """Return where what is noted of a year differs from the society's file."""
    known = {one.name: one for one in noted}
    pairs = [(known[one.name], one) for one in society.dues_kinds if one.name in known]
    return tuple(Difference(old, new) for old, new in pairs if old != new)


def as_noted(noted: Sequence[MemberKind], society: Society) -> Society:
    """Return the society with a year's own amounts in the place of those of its file."""
    known = {one.name: one for one in noted}
    kinds = tuple(known.get(one.name, one) for one in society.dues_kinds)
    return replace(society, dues_kinds=kinds)


def _new(noted: Sequence[MemberKind], society: Society) -> list[MemberKind]:
    names = {one.name for one in noted}
    return [one for one in society.dues_kinds if one.name not in names]


def _still(kind: MemberKind) -> When:
    return (Equals("amount", kind.amount), Equals("on_leave", kind.on_leave))


def _amounts(fiscal_year: int, kinds: Sequence[MemberKind]) -> Item:
    """Return the amounts as the audit tells of them: a name and a number each."""
    full: Item = {f"{fiscal_year}年度 {one.name}": one.amount for one in kinds}
    return full | {f"{fiscal_year}年度 {one.name}（休会）": one.on_leave for one in kinds}


def _kind(row: Item) -> MemberKind:
    name = str(row["sk"]).removeprefix(_KIND)
    return MemberKind(name, int(str(row["amount"])), int(str(row["on_leave"])))


def _pk(fiscal_year: int) -> str:
    return f"RATES#{fiscal_year}"
