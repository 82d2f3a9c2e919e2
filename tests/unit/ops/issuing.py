"""A counter in April at which a year is billed, and a database in trouble."""

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from portal.config import MemberKind
from portal.database import (
    Contended,
    Database,
    Found,
    Path,
    Read,
    Update,
    Value,
    Write,
)
from portal.members import store as members
from portal.members.standing import Standing
from tests.fakes import MemoryDatabase
from tests.unit.billing.house import MEMBER_ID, TABLES
from tests.unit.members.desk import a_member
from tests.unit.ops.counter import SIGNED, Counter

APRIL = datetime(2027, 4, 5, 1, 0, tzinfo=UTC)
ISSUE = ("dues", "issue", "--year", "2027", *SIGNED)
KINDS = (MemberKind("正会員", 12_000, 0), MemberKind("賛助会員", 5_000, 2_500))


def member_id(number: int) -> str:
    return f"{number:026}"


class InApril(Counter):
    """A counter in April, one member in good standing. ``pauses`` has for how long it waited."""

    def __init__(self) -> None:
        super().__init__()
        self.house.clock.now = APRIL
        self.pauses: list[float] = []
        society = replace(self.house.society, dues_kinds=KINDS)
        self.desk = replace(self.desk, society=society, pause=self.pauses.append)


def add(counter: Counter, number: int, standing: Standing | None = None) -> str:
    """Add a member 00nnnn with a standing and return the member's id."""
    found = replace(
        a_member(),
        member_id=member_id(number),
        member_no=f"{number:06}",
        standing=standing or Standing(),
    )
    counter.house.database.commit(members.new(TABLES.members, found))
    return found.member_id


def stands(counter: Counter, standing: Standing) -> None:
    """Let the first member stand elsewhere."""
    texts: dict[Path, Value] = dict(members.standing_texts(standing).items())
    counter.house.database.commit(Update(TABLES.members, members.key(MEMBER_ID), set=texts))


def billed(counter: Counter) -> dict[str, int]:
    """Return the amount that each member was billed for 2027. Fails when one was billed twice."""
    rows = [
        row
        for row in counter.house.database.rows(TABLES.billing, "INV#")
        if row["fiscal_year"] == 2027
    ]
    assert not [number for number, times in Tally(row["pk"] for row in rows).items() if times > 1]
    guards = counter.house.database.rows(TABLES.billing, "DUES#2027")
    assert {(row["pk"], row["sk"]) for row in rows} == {
        (row["pk"], f"INV#{row['invoice_id']!s}") for row in guards
    }
    return {str(row["member_no"]): int(str(row["amount"])) for row in rows}


def audited(counter: Counter) -> list[str]:
    """Return whom the audit tells of, for each row."""
    rows = counter.house.database.rows(TABLES.audit)
    return sorted(str(row["pk"]) for row in rows if row["action"] == "invoice.issued")


class Troubled(MemoryDatabase):
    """The same rows; at a write or a read something happens, after or before it is done."""

    def __init__(self, counter: Counter, fault: Callable[[int], BaseException | None]) -> None:
        super().__init__()
        self.tables = counter.house.database.tables
        self.fault = fault
        self.done_first = False
        self.writes = self.reads = 0

    def commit(self, *writes: Write) -> None:
        """Write, and perhaps fail."""
        self.writes += 1
        error = self.fault(self.writes)
        if error is None or self.done_first:
            super().commit(*writes)
        if error is not None:
            raise error

    def read(self, reads: Sequence[Read]) -> list[Found]:
        """Read, having failed twice."""
        self.reads += 1
        if self.reads < 3:
            raise Contended
        return super().read(reads)


def over(counter: Counter, database: Database, *typed: str) -> int:
    whole = counter.desk
    counter.desk = replace(whole, database=database)
    try:
        return counter.types(*typed)
    finally:
        counter.desk = whole
