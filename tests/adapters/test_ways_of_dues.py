"""``dues issue`` once from end to end on DynamoDB with the template's tables.

This proves that DynamoDB takes every expression, that no transaction has two actions on one item,
and how many calls a year costs; what is decided is tested in memory.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.cli import main
from ops.desk import Desk
from ops.exits import Status
from ops.output import Output
from ops.scan import rows_of
from portal.config import load_society
from portal.database import Update
from portal.members import store as members
from portal.members.standing import Membership, Standing
from tests.adapters.house import TABLES, Dynamo
from tests.fakes import FixedClock
from tests.unit.members.desk import a_member

APRIL = datetime(2027, 4, 5, 1, 0, tzinfo=UTC)
ISSUE = ("dues", "issue", "--year", "2027", "--by", "山田", "--reason", "新年度")
MEMBERS = 130


class Office:
    """An office worker over DynamoDB in the test's process. ``calls`` counts what it was asked."""

    def __init__(self, aws: Dynamo) -> None:
        self.aws = aws
        self.said: list[str] = []
        self.calls: Counter[str] = Counter()
        self.desk = Desk(
            aws.database,
            TABLES,
            load_society(),
            FixedClock(APRIL),
            Output(self.said.append),
            sweep=lambda scan, seen: rows_of(scan, seen, aws.client),
        )

    def types(self, *arguments: str) -> int:
        """Type a command and return its exit status."""
        self.said.clear()
        self.calls.clear()
        events = self.aws.client.meta.events
        events.register("before-call.dynamodb", self._called, unique_id="office")
        try:
            return main(
                ["--stage", "production", *arguments],
                lambda _, out: replace(self.desk, out=out),
                lambda: self.desk.out,
            )
        finally:
            events.unregister("before-call.dynamodb", unique_id="office")

    def rows(self, table: str, begin: str) -> list[Any]:
        """Return the rows of a table whose sort key begins so."""
        found = self.aws.client.scan(TableName=table)["Items"]
        return [row for row in found if row["sk"]["S"].startswith(begin)]

    def _called(self, model: Any, **_: object) -> None:
        self.calls[model.name] += 1


def add(aws: Dynamo, number: int, standing: Standing) -> None:
    found = replace(
        a_member(), member_id=f"{number:026}", member_no=f"{number:06}", standing=standing
    )
    aws.database.commit(members.new(TABLES.members, found))


@pytest.fixture
def office(aws: Dynamo) -> Office:
    for number in range(MEMBERS):
        add(aws, number, Standing())
    return Office(aws)


def test_a_year_costs_a_query_and_a_transaction_for_each_and_nothing_is_written_twice(
    office: Office,
) -> None:
    assert office.types(*ISSUE) == Status.DONE, office.said
    # One query besides: what the year costs.
    assert office.calls == {"Scan": 1, "Query": MEMBERS + 1}
    assert office.types(*ISSUE, "--yes") == Status.DONE, office.said
    # It is read again when it is noted, which is one transaction.
    writes = {"TransactWriteItems": MEMBERS + 1}
    assert office.calls == {"Scan": 1, "Query": MEMBERS + 2, **writes}
    for begin in ("INV#", "DUES#2027"):
        assert len(office.rows(TABLES.billing, begin)) == MEMBERS
    assert len(office.rows(TABLES.audit, "")) == MEMBERS + 1
    assert office.types(*ISSUE, "--yes") == Status.DONE
    assert office.calls == {"Scan": 1, "Query": MEMBERS + 2}


def test_what_a_year_costs_is_noted_once_and_moved_on_from_what_was_noted(aws: Dynamo) -> None:
    office = Office(aws)
    assert office.types(*ISSUE, "--yes") == Status.DONE, office.said
    dearer = tuple(replace(one, amount=13_000) for one in office.desk.society.dues_kinds)
    office.desk = replace(office.desk, society=replace(office.desk.society, dues_kinds=dearer))
    assert office.types(*ISSUE, "--yes") == Status.REFUSED
    assert office.types(*ISSUE, "--amounts", "file", "--yes") == Status.DONE, office.said
    (noted,) = office.rows(TABLES.billing, "KIND#")
    assert (noted["pk"]["S"], noted["amount"]["N"]) == ("RATES#2027", "13000")
    assert len(office.rows(TABLES.audit, "")) == 2


@pytest.mark.parametrize(
    "standing",
    [
        Standing(),
        Standing(kind="正会員", since=APRIL.date()),
        Standing(kind="正会員", membership=Membership.ON_LEAVE, since=APRIL.date()),
    ],
    ids=["as stored", "a kind and a day", "on leave"],
)
def test_a_transaction_holds_to_where_the_member_stands(aws: Dynamo, standing: Standing) -> None:
    """Each of the conditions is met by what is stored, and by nothing else."""
    add(aws, 1, standing)
    office = Office(aws)
    society = office.desk.society
    paying = tuple(replace(one, on_leave=1_000) for one in society.dues_kinds)
    office.desk = replace(office.desk, society=replace(society, dues_kinds=paying))
    assert office.types(*ISSUE, "--yes") == Status.DONE, office.said
    assert len(office.rows(TABLES.billing, "INV#")) == 1


def test_a_row_of_before_there_were_standings_is_billed(aws: Dynamo) -> None:
    add(aws, 1, Standing())
    aws.database.update(
        Update(TABLES.members, members.key(f"{1:026}"), remove=tuple(members.STANDING))
    )
    office = Office(aws)
    assert office.types(*ISSUE, "--yes") == Status.DONE, office.said
    assert len(office.rows(TABLES.billing, "INV#")) == 1


def test_who_leaves_while_the_year_is_billed_is_not_billed(aws: Dynamo) -> None:
    add(aws, 1, Standing())
    office = Office(aws)
    read = aws.database.read

    class Leaving:
        """The same database, where the member leaves after the accounts were read."""

        def __getattr__(self, name: str) -> Any:
            return getattr(aws.database, name)

        def read(self, reads: Any) -> Any:
            found = read(reads)
            gone: dict[Any, Any] = {"membership": "withdrawn"}
            aws.database.update(Update(TABLES.members, members.key(f"{1:026}"), set=gone))
            return found

    office.desk = replace(office.desk, database=Leaving())
    assert office.types(*ISSUE, "--yes") == Status.PARTLY, office.said
    assert office.rows(TABLES.billing, "INV#") == []
    assert {row["action"]["S"] for row in office.rows(TABLES.audit, "")} == {"dues.amounts_noted"}
