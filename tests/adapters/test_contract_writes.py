"""Writes do the same in memory and on DynamoDB."""

from enum import StrEnum

import pytest

from portal.database import (
    AtMost,
    Check,
    Database,
    Delete,
    Equals,
    Exists,
    Item,
    Missing,
    Path,
    Put,
    Rejected,
    Update,
    Value,
)

TABLE = "members"
KEY = {"pk": "one", "sk": "row"}
OTHER = {"pk": "two", "sk": "row"}


class Colour(StrEnum):
    RED = "red"


def stored(database: Database) -> Item | None:
    return database.get(TABLE, KEY)


@pytest.mark.parametrize(
    "value",
    [
        "text",
        "",
        "﨑髙① 𠮷 👩🏽‍⚕️ \0\r\n",
        0,
        -7,
        10**30,
        True,
        False,
        None,
        b"",
        b"\x82\x60\x00\xff",
        [],
        {},
        ["a", 1, True, None, b"\x00", ["b"], {"c": []}],
        {"a": {"b": {"c": [1, {"d": "e"}]}}, "192.0.2.0/24": "here"},
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was_put(database: Database, value: Value) -> None:
    database.commit(Put(TABLE, {**KEY, "value": value}))
    row = stored(database)
    assert row is not None
    assert row == {**KEY, "value": value}
    assert type(row["value"]) is type(value)


def test_truth_values_and_numbers_stay_apart(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "yes": True, "one": 1, "list": [True, 1]}))
    row = stored(database)
    assert row is not None
    assert [type(row["yes"]), type(row["one"])] == [bool, int]
    assert isinstance(row["list"], list)
    assert [type(one) for one in row["list"]] == [bool, int]


def test_an_enums_member_comes_back_as_plain_text(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "colour": Colour.RED, "all": [Colour.RED]}))
    database.commit(Update(TABLE, KEY, set={"again": Colour.RED}))
    row = stored(database)
    assert row is not None
    assert type(row["colour"]) is type(row["again"]) is str
    assert row == {**KEY, "colour": "red", "again": "red", "all": ["red"]}


def test_a_put_replaces_the_whole_row(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "a": 1, "b": 2}))
    database.commit(Put(TABLE, {**KEY, "b": 3}))
    assert stored(database) == {**KEY, "b": 3}


def test_what_was_read_is_a_copy(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "map": {"a": 1}}))
    first = stored(database)
    assert first is not None
    assert isinstance(first["map"], dict)
    first["map"]["a"] = 2
    assert stored(database) == {**KEY, "map": {"a": 1}}


def test_a_put_may_ask_for_an_absent_row(database: Database) -> None:
    put = Put(TABLE, {**KEY, "a": 1}, when=(Missing("pk"),))
    database.commit(put)
    with pytest.raises(Rejected) as rejected:
        database.commit(put)
    assert rejected.value.failed == {0}


def test_an_update_makes_the_row_it_does_not_find(database: Database) -> None:
    database.commit(Update(TABLE, KEY, set={"a": 1}, add={"n": 2}))
    assert stored(database) == {**KEY, "a": 1, "n": 2}


def test_an_update_of_a_row_that_must_exist_makes_none(database: Database) -> None:
    with pytest.raises(Rejected):
        database.commit(Update(TABLE, KEY, set={"a": 1}, when=(Exists("pk"),)))
    assert stored(database) is None


def test_an_update_sets_adds_and_removes_at_once(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "a": 1, "b": 2, "n": 5, "map": {"x": 1, "y": 2}}))
    database.commit(
        Update(
            TABLE,
            KEY,
            set={"a": "new", ("map", "x"): [1], ("map", "192.0.2.0/24"): "here"},
            add={"n": -3, "m": 1},
            remove=("b", "absent", ("map", "y"), ("map", "absent")),
        )
    )
    assert stored(database) == {
        **KEY,
        "a": "new",
        "n": 2,
        "m": 1,
        "map": {"x": [1], "192.0.2.0/24": "here"},
    }


def test_an_update_gives_back_the_new_row(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "kept": b"\x00", "n": 1}))
    new = database.update(Update(TABLE, KEY, set={"a": None}, add={"n": 1}))
    assert new == {**KEY, "kept": b"\x00", "n": 2, "a": None}


def test_an_update_that_gives_back_may_be_rejected(database: Database) -> None:
    with pytest.raises(Rejected) as rejected:
        database.update(Update(TABLE, KEY, add={"n": 1}, when=(Exists("pk"),)))
    assert rejected.value.failed == {0}


def test_counting_up_to_a_limit_stops_there(database: Database) -> None:
    one_more = Update(TABLE, KEY, add={"n": 1}, when=(Exists("n"), AtMost("n", 1)))
    database.commit(Put(TABLE, {**KEY, "n": 0}))
    assert [database.update(one_more)["n"], database.update(one_more)["n"]] == [1, 2]
    with pytest.raises(Rejected):
        database.update(one_more)


@pytest.mark.parametrize("name", ["name", "status", "open", "ttl", "a.b", "a-b", "#x", "会員", "1"])
def test_any_name_may_be_set_asked_for_and_removed(database: Database, name: str) -> None:
    """Reserved words and dots are no trouble, because names travel beside the expression."""
    whole, inner = name, ("map", name)
    database.commit(Put(TABLE, {**KEY, "map": {}}))
    database.commit(Update(TABLE, KEY, set={whole: "x", inner: "x"}))
    paths: tuple[Path, ...] = (whole, inner)
    when = (Equals(whole, "x"), Equals(inner, "x"))
    database.commit(Update(TABLE, KEY, remove=paths, when=when))
    assert stored(database) == {**KEY, "map": {}}


def test_a_delete_takes_the_row_and_no_other(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "a": 1}), Put(TABLE, {**OTHER, "a": 1}))
    database.commit(Delete(TABLE, KEY))
    assert stored(database) is None
    assert database.get(TABLE, OTHER) == {**OTHER, "a": 1}


def test_a_delete_of_nothing_is_no_error(database: Database) -> None:
    database.commit(Delete(TABLE, KEY))
    assert stored(database) is None


def test_a_delete_may_be_rejected(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "a": 1}))
    with pytest.raises(Rejected):
        database.commit(Delete(TABLE, KEY, when=(Equals("a", 2),)))
    assert stored(database) == {**KEY, "a": 1}


def test_a_check_writes_nothing(database: Database) -> None:
    database.commit(Check(TABLE, KEY, when=(Missing("pk"),)))
    assert stored(database) is None


def test_a_transaction_writes_every_kind_over_several_tables(database: Database) -> None:
    gone, changed, seen = ({"pk": name, "sk": "row"} for name in ("gone", "changed", "seen"))
    for key in (gone, changed, seen):
        database.commit(Put(TABLE, {**key, "n": 1}))
    database.commit(
        Put("credentials", {"pk": "new", "n": 1}, when=(Missing("pk"),)),
        Update(TABLE, changed, add={"n": 1}, when=(Equals("n", 1),)),
        Delete(TABLE, gone, when=(Exists("pk"),)),
        Check(TABLE, seen, when=(Equals("n", 1),)),
    )
    assert database.get("credentials", {"pk": "new"}) == {"pk": "new", "n": 1}
    assert database.get(TABLE, changed) == {**changed, "n": 2}
    assert database.get(TABLE, gone) is None
    assert database.get(TABLE, seen) == {**seen, "n": 1}


def test_a_transaction_writes_nothing_when_one_condition_fails(database: Database) -> None:
    """The indexes tell which; also conditions after the first that failed are looked at."""
    database.commit(Put(TABLE, {**KEY, "n": 1}))
    with pytest.raises(Rejected) as rejected:
        database.commit(
            Put(TABLE, {**OTHER, "n": 1}),
            Update(TABLE, KEY, add={"n": 1}, when=(Equals("n", 2),)),
            Put("credentials", {"pk": "new"}, when=(Missing("pk"),)),
            Check("credentials", {"pk": "absent"}, when=(Exists("pk"),)),
            Delete(TABLE, {"pk": "absent", "sk": "row"}),
        )
    assert rejected.value.failed == {1, 3}
    assert stored(database) == {**KEY, "n": 1}
    assert database.get(TABLE, OTHER) is None
    assert database.get("credentials", {"pk": "new"}) is None


def test_the_same_key_in_two_tables_is_two_items(database: Database) -> None:
    database.commit(Put("inbox", {"pk": "same"}), Put("outbox", {"pk": "same"}))
    assert database.get("inbox", {"pk": "same"}) == {"pk": "same"}
    assert database.get("outbox", {"pk": "same"}) == {"pk": "same"}


def test_a_hundred_rows_fit_one_transaction(database: Database) -> None:
    rows = [Put("inbox", {"pk": f"{n:03}"}) for n in range(100)]
    database.commit(*rows)
    assert database.get("inbox", {"pk": "099"}) == {"pk": "099"}


def test_an_initial_value_is_set_once_and_then_kept(database: Database) -> None:
    for value in ("first", "second"):
        database.commit(Update(TABLE, KEY, set={"last": value}, initial={"first": value}))
    assert stored(database) == {**KEY, "first": "first", "last": "second"}


def test_an_initial_value_keeps_what_an_older_row_has(database: Database) -> None:
    database.commit(Put(TABLE, {**KEY, "first": None, "flag": False}))
    database.commit(Update(TABLE, KEY, initial={"first": "x", "flag": True}, add={"n": 1}))
    assert stored(database) == {**KEY, "first": None, "flag": False, "n": 1}
