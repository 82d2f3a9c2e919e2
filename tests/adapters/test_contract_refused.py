"""What DynamoDB refuses is no case to be handled but a mistake: it fails loudly in both databases.

In memory it fails the test; from DynamoDB comes Unreachable. Where moto is kinder than DynamoDB,
the database in memory alone is held to the rule, and a comment says so.
"""

from collections.abc import Callable
from typing import Any

import pytest

from portal.database import (
    AtMost,
    Check,
    Database,
    Delete,
    Either,
    Equals,
    Exists,
    Get,
    Missing,
    OneOf,
    Put,
    Query,
    Rejected,
    Unreachable,
    Update,
    Write,
)
from tests.adapters.house import TEMPLATE
from tests.dynamo_rules import INDEXES
from tests.fakes import MemoryDatabase

TABLE = "members"
KEY = {"pk": "one", "sk": "row"}
REFUSED = (AssertionError, Unreachable)

ON_BOTH: dict[str, tuple[Write, ...]] = {
    "two actions on one item": (
        Update(TABLE, KEY, set={"a": 1}),
        Check(TABLE, KEY, when=(Missing("pk"),)),
    ),
    "101 actions": tuple(Put("inbox", {"pk": f"{n}"}) for n in range(101)),
    "an empty pk": (Put(TABLE, {"pk": "", "sk": "x"}),),
    "an empty sk": (Put(TABLE, {"pk": "x", "sk": ""}),),
    "an empty sk in a transaction": (
        Put(TABLE, {"pk": "x", "sk": ""}),
        Delete("inbox", {"pk": "y"}),
    ),
    "a long sk": (Put(TABLE, {"pk": "x", "sk": "長" * 342}),),
    "an empty key of an index": (Put("inbox", {"pk": "x", "pending": "", "due_at": "1"}),),
    "a null key of an index": (Put("inbox", {"pk": "x", "pending": "P", "due_at": None}),),
    "a change of the key": (Update(TABLE, KEY, set={"sk": "other"}),),
    "a path through an absent map": (Update(TABLE, KEY, set={("networks", "n"): 1}),),
    "a path set and removed": (Update(TABLE, KEY, set={"a": 1}, remove=("a",)),),
    "to add to a text": (Update(TABLE, KEY, add={"text": 1}),),
}

# moto lets these pass, DynamoDB does not.
IN_MEMORY: dict[str, tuple[Write, ...]] = {
    "nothing": (),
    "a number as key of an index": (Put("inbox", {"pk": "x", "pending": "P", "due_at": 1}),),
    "an update to a null key of an index": (Update("inbox", {"pk": "x"}, set={"due_at": None}),),
    "a path through a text": (Update(TABLE, KEY, set={("text", "n"): 1}),),
    "overlapping paths": (Update(TABLE, KEY, set={"map": {}, ("map", "x"): 1}),),
    "in nothing": (Delete(TABLE, KEY, when=(OneOf("text", ()),)),),
    "brackets around nothing": (Delete(TABLE, KEY, when=(Either(),)),),
    "to remove through an absent map": (Update(TABLE, KEY, remove=(("networks", "n"),)),),
    "an update of nothing": (Update(TABLE, KEY),),
    "a check of nothing": (Check(TABLE, KEY, when=()),),
    "an order of truth values": (Delete(TABLE, KEY, when=(AtMost("text", value=True),)),),
    "an order of lists": (Delete(TABLE, KEY, when=(AtMost("text", []),)),),
    "an order of nothing": (Delete(TABLE, KEY, when=(Either(AtMost("text", None)),)),),
    "to add a truth value": (Update(TABLE, KEY, add={"n": True}),),
    "to add to a truth value": (Update(TABLE, KEY, add={"yes": 1}),),
    "in more than 100": (Delete(TABLE, KEY, when=(OneOf("n", tuple(range(101))),)),),
    "a long pk": (Put(TABLE, {"pk": "長" * 683, "sk": "x"}),),
    "an added key of an index": (Update("inbox", {"pk": "x"}, add={"due_at": 1}),),
}


def with_a_row(database: Database) -> Database:
    database.commit(Put(TABLE, {**KEY, "text": "m", "map": {}, "yes": True}))
    return database


@pytest.mark.parametrize("writes", ON_BOTH.values(), ids=ON_BOTH)
def test_a_write_is_refused(database: Database, writes: tuple[Write, ...]) -> None:
    with_a_row(database)
    with pytest.raises(REFUSED):
        database.commit(*writes)
    assert database.get(TABLE, KEY) == {**KEY, "text": "m", "map": {}, "yes": True}


@pytest.mark.parametrize("writes", IN_MEMORY.values(), ids=IN_MEMORY)
def test_a_write_is_refused_in_memory(writes: tuple[Write, ...]) -> None:
    with pytest.raises(AssertionError, match="DynamoDB refuses"):
        with_a_row(MemoryDatabase()).commit(*writes)


def test_a_condition_that_fails_comes_before_a_path_that_leads_nowhere(database: Database) -> None:
    nowhere = Update(TABLE, KEY, set={("networks", "n"): 1}, when=(Exists("networks"),))
    with pytest.raises(Rejected):
        with_a_row(database).commit(nowhere)


READS: dict[str, Callable[[Database], Any]] = {
    "an empty pk": lambda database: database.get("inbox", {"pk": ""}),
    "101 keys": lambda database: database.read([Get("inbox", {"pk": f"{n}"}) for n in range(101)]),
    "an unknown index": lambda database: database.due("inbox", "due", {"a": "b"}, {"c": "d"}, 1),
    "a query of nobody": lambda database: database.query(Query(TABLE, "")),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_is_refused(database: Database, read: Callable[[Database], Any]) -> None:
    with pytest.raises((*REFUSED, KeyError)):
        read(database)


def test_a_limit_of_nothing_is_refused_in_memory() -> None:
    """The adapter would read without a limit."""
    database = MemoryDatabase()
    with pytest.raises(AssertionError):
        database.query(Query(TABLE, "one", limit=0))
    with pytest.raises(AssertionError):
        database.due("inbox", "pending", {"pending": "P"}, {"due_at": "z"}, 0)


@pytest.mark.parametrize(
    "value",
    [1.5, {"a", "b"}, ("a", "b"), [{"a": 1.5}], object()],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("beside", [0, 1])
def test_a_value_of_another_type_is_an_error_also_among_others(
    database: Database, value: Any, beside: int
) -> None:
    """A transaction must never go out without the row that could not be written."""
    others = [Put("inbox", {"pk": f"{n}"}) for n in range(beside)]
    with pytest.raises(TypeError):
        database.commit(*others, Put("outbox", {"pk": "x", "value": value}))
    assert database.get("inbox", {"pk": "0"}) is None
    assert database.get("outbox", {"pk": "x"}) is None


def test_an_error_about_a_value_does_not_tell_it(database: Database) -> None:
    unfit: Any = {"not for a log"}
    with pytest.raises(TypeError) as error:
        database.commit(Put("outbox", {"pk": "x", "value": unfit}))
    assert "not for a log" not in str(error.value)


def test_a_row_asked_for_by_half_a_key_is_refused(database: Database) -> None:
    with pytest.raises(REFUSED):
        with_a_row(database).get(TABLE, {"pk": "one"})


def test_equals_needs_no_order(database: Database) -> None:
    with_a_row(database).commit(Delete(TABLE, KEY, when=(Equals("yes", value=True),)))
    assert database.get(TABLE, KEY) is None


def test_the_indexes_known_in_memory_are_those_of_the_template() -> None:
    found = {
        index["IndexName"]: (
            *(key["AttributeName"] for key in index["KeySchema"]),
            index["Projection"]["ProjectionType"] == "KEYS_ONLY",
            tuple(index["Projection"].get("NonKeyAttributes", ())),
        )
        for table in TEMPLATE.values()
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    assert found == {
        name: (index.hash_name, index.range_name, index.keys_only, index.included)
        for name, index in INDEXES.items()
    }
