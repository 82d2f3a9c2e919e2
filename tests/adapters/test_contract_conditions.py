"""Conditions mean the same in memory and on DynamoDB, for present, absent and other-typed values.

moto does not tell a number from a truth value, nor null from nothing, and breaks when a text is
compared with a number. DynamoDB's own rule is that values of different types are different and in
no order; there the database in memory alone is held to it.
"""

from collections.abc import Iterator
from enum import StrEnum

import pytest

from portal.database import (
    AtLeast,
    AtMost,
    Check,
    Condition,
    Database,
    Differs,
    Either,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    OneOf,
    Put,
    Rejected,
)
from tests.adapters.house import dynamo
from tests.fakes import MemoryDatabase

KEY = {"pk": "one", "sk": "row"}


class Colour(StrEnum):
    RED = "red"


ROW: Item = {
    **KEY,
    "text": "m",
    "empty": "",
    "number": 5,
    "nought": 0,
    "negative": -3,
    "yes": True,
    "no": False,
    "bytes": b"\x05",
    "nothing": None,
    "list": ["a", 1],
    "map": {"inner": "m", "deep": {"n": 1}, "192.0.2.0/24": "here"},
    "colour": Colour.RED,
    # A reserved word of DynamoDB's expressions.
    "status": "open",
}

HOLD: list[Condition] = [
    Equals("text", "m"),
    Equals("empty", ""),
    Equals("number", 5),
    Equals("negative", -3),
    Equals("yes", True),
    Equals("no", False),
    Equals("bytes", b"\x05"),
    Equals("nothing", None),
    Equals("list", ["a", 1]),
    Equals("colour", "red"),
    Equals("colour", Colour.RED),
    Equals("status", "open"),
    Equals(("map", "inner"), "m"),
    Equals(("map", "deep", "n"), 1),
    Equals(("map", "deep"), {"n": 1}),
    Equals(("map", "192.0.2.0/24"), "here"),
    Differs("text", "n"),
    Differs("absent", "n"),
    Differs("number", "5"),
    Differs("number", 6),
    Differs("nothing", ""),
    Differs(("map", "absent"), 1),
    Differs(("absent", "inner"), 1),
    Missing("absent"),
    Missing(("map", "absent")),
    Missing(("absent", "inner")),
    Missing(("text", "inner")),
    Exists("text"),
    Exists("nothing"),
    Exists("empty"),
    Exists("pk"),
    Exists(("map", "deep", "n")),
    AtMost("number", 5),
    AtMost("number", 6),
    AtMost("negative", 0),
    AtMost("bytes", b"\x05"),
    AtMost(("map", "deep", "n"), 1),
    AtMost("text", "m"),
    AtMost("text", "ma"),
    AtLeast("number", 5),
    AtLeast("text", "m"),
    AtLeast("text", "Z"),
    OneOf("text", ("a", "m")),
    OneOf("number", (4, 5)),
    OneOf("text", (Colour.RED, "m")),
    OneOf("colour", ("blue", "red")),
    OneOf("nothing", (None, "x")),
    Either(Equals("text", "x"), Equals("number", 5)),
    Either(Missing("pk"), Differs("text", "x")),
    Either(Either(Missing("text"), Exists("text")), Missing("pk")),
]

FAIL: list[Condition] = [
    Equals("text", "n"),
    Equals("absent", "m"),
    Equals("number", "5"),
    Equals("number", 6),
    Equals("text", 5),
    Equals("yes", False),
    Equals("text", b"m"),
    Equals("nothing", ""),
    Equals("list", [1, "a"]),
    Equals(("map", "absent"), "m"),
    Equals(("absent", "inner"), "m"),
    Equals(("text", "inner"), "m"),
    Differs("text", "m"),
    Differs("nothing", None),
    Differs(("map", "inner"), "m"),
    Differs("colour", "red"),
    Missing("pk"),
    Missing("nothing"),
    Missing(("map", "inner")),
    Exists("absent"),
    Exists(("map", "absent")),
    Exists(("absent", "inner")),
    Exists(("text", "inner")),
    AtMost("number", 4),
    AtMost("absent", "z"),
    AtLeast("number", 6),
    AtLeast("absent", ""),
    AtLeast("text", "ma"),
    OneOf("text", ("a", "b")),
    OneOf("absent", ("a", "b")),
    Either(Equals("text", "x"), Equals("number", 6)),
    Either(Missing("pk")),
]

OTHER_TYPES_HOLD: list[Condition] = [
    Differs("yes", 1),
    Differs("nought", False),
    Differs("list", ["a", True]),
]

OTHER_TYPES_FAIL: list[Condition] = [
    Equals("absent", None),
    Equals("yes", 1),
    Equals("number", True),
    Equals("nought", False),
    Equals("no", 0),
    Equals("list", ["a", True]),
    Equals(("map", "deep"), {"n": True}),
    AtMost("yes", 9),
    AtMost("nothing", "z"),
    AtMost("map", "z"),
    AtMost("text", 99),
    AtMost("number", "99"),
    AtLeast("text", 0),
    OneOf("yes", (1, "True")),
    OneOf("nought", (False, "0")),
    OneOf("number", ("5", True)),
]


@pytest.fixture(scope="module", params=["memory", "dynamo"])
def full(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each database with the one row; nothing here changes it."""
    with dynamo() as made:
        database: Database = MemoryDatabase() if request.param == "memory" else made.database
        database.commit(Put("members", ROW))
        yield database


def memory() -> Database:
    database = MemoryDatabase()
    database.commit(Put("members", ROW))
    return database


def holds(database: Database, *when: Condition, key: Key = KEY) -> bool:
    try:
        database.commit(Check("members", key, when=when))
    except Rejected:
        return False
    return True


@pytest.mark.parametrize("condition", HOLD, ids=str)
def test_a_condition_holds(full: Database, condition: Condition) -> None:
    assert holds(full, condition)


@pytest.mark.parametrize("condition", FAIL, ids=str)
def test_a_condition_does_not_hold(full: Database, condition: Condition) -> None:
    assert not holds(full, condition)


@pytest.mark.parametrize("condition", OTHER_TYPES_HOLD, ids=str)
def test_values_of_different_types_differ(condition: Condition) -> None:
    assert holds(memory(), condition)


@pytest.mark.parametrize("condition", OTHER_TYPES_FAIL, ids=str)
def test_values_of_different_types_are_neither_equal_nor_in_order(condition: Condition) -> None:
    assert not holds(memory(), condition)


def test_conditions_beside_each_other_must_all_hold(full: Database) -> None:
    assert holds(full, Equals("text", "m"), Exists("number"), Missing("absent"))
    assert not holds(full, Equals("text", "m"), Exists("absent"), Missing("absent"))


def test_either_binds_closer_than_the_conditions_beside_it(full: Database) -> None:
    """Without brackets `A AND B OR C` would hold by C alone."""
    either = Either(Equals("text", "x"), Equals("number", 5))
    assert not holds(full, Exists("absent"), either)
    assert not holds(full, either, Exists("absent"))


def test_of_a_row_that_is_not_there_only_absence_holds(full: Database) -> None:
    nobody = {"pk": "one", "sk": "no row"}
    assert holds(full, Missing("pk"), key=nobody)
    assert holds(full, Differs("text", "m"), key=nobody)
    assert holds(full, Either(Missing("pk"), Equals("text", "m")), key=nobody)
    assert not holds(full, Exists("pk"), key=nobody)
    assert not holds(full, Equals("text", "m"), key=nobody)
    assert not holds(full, AtMost("text", "z"), key=nobody)
