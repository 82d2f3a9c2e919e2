"""Reads find the same, in the same order, in memory and on DynamoDB."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.clock import iso
from portal.database import Database, Get, Item, Put, Query, Update

TABLE = "billing"
NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)


def row(pk: str, sk: str, **more: str | int) -> Item:
    return {"pk": pk, "sk": sk, **more}


def get(pk: str, sk: str) -> Get:
    return Get(TABLE, {"pk": pk, "sk": sk})


@pytest.fixture
def filled(database: Database) -> Database:
    sorts = ["INV#2024", "INV#2025", "INV#2026", "PAY#a", "PAY#b", "RCPT#2025", "pay#x", "領収書"]
    database.commit(*(Put(TABLE, row("m1", sk, n=n)) for n, sk in enumerate(sorts)))
    database.commit(Put(TABLE, row("m2", "INV#2026")), Put("credentials", {"pk": "m1", "x": "y"}))
    return database


def sorts(rows: object) -> list[str]:
    assert isinstance(rows, list)
    return [str(one["sk"]) for one in rows]


def test_an_absent_row_is_none(filled: Database) -> None:
    assert filled.get(TABLE, {"pk": "m1", "sk": "absent"}) is None
    assert filled.get("credentials", {"pk": "absent"}) is None


def test_a_query_finds_one_partition_in_the_order_of_its_sort_key(filled: Database) -> None:
    """The order is that of UTF-8 bytes: capitals first, Japanese last."""
    found = sorts(filled.query(Query(TABLE, "m1")))
    assert found == [
        "INV#2024",
        "INV#2025",
        "INV#2026",
        "PAY#a",
        "PAY#b",
        "RCPT#2025",
        "pay#x",
        "領収書",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (Query(TABLE, "m1", prefix="INV#"), ["INV#2024", "INV#2025", "INV#2026"]),
        (
            Query(TABLE, "m1", prefix="INV#", newest_first=True),
            ["INV#2026", "INV#2025", "INV#2024"],
        ),
        (Query(TABLE, "m1", prefix="INV#", limit=2), ["INV#2024", "INV#2025"]),
        (Query(TABLE, "m1", prefix="PAY#", newest_first=True, limit=1), ["PAY#b"]),
        (Query(TABLE, "m1", limit=99, newest_first=True, prefix="領"), ["領収書"]),
        (Query(TABLE, "m1", prefix="INV#2026"), ["INV#2026"]),
        (Query(TABLE, "m1", prefix="none"), []),
        (Query(TABLE, "nobody"), []),
        (Query(TABLE, "m2"), ["INV#2026"]),
    ],
    ids=str,
)
def test_a_query_keeps_to_prefix_order_and_limit(
    filled: Database, query: Query, expected: list[str]
) -> None:
    assert sorts(filled.query(query)) == expected


def test_reads_are_answered_in_the_order_they_were_asked(filled: Database) -> None:
    found = filled.read(
        [
            Query(TABLE, "m1", prefix="PAY#"),
            get("m1", "INV#2026"),
            get("m1", "absent"),
            Query(TABLE, "m2"),
            Get("credentials", {"pk": "m1"}),
            get("m1", "INV#2024"),
            Query(TABLE, "nobody"),
        ]
    )
    assert sorts(found[0]) == ["PAY#a", "PAY#b"]
    assert found[1] == row("m1", "INV#2026", n=2)
    assert found[2] is None
    assert sorts(found[3]) == ["INV#2026"]
    assert found[4] == {"pk": "m1", "x": "y"}
    assert found[5] == row("m1", "INV#2024", n=0)
    assert found[6] == []


def test_two_rows_of_one_table_are_told_apart(filled: Database) -> None:
    found = filled.read([get("m1", "INV#2026"), get("m2", "INV#2026"), get("m2", "INV#2024")])
    assert found == [row("m1", "INV#2026", n=2), row("m2", "INV#2026"), None]


def test_the_same_row_may_be_asked_for_twice(filled: Database) -> None:
    twice = [get("m1", "INV#2026"), get("m1", "INV#2025"), get("m1", "INV#2026")]
    first, between, second = filled.read(twice)
    assert first == second == row("m1", "INV#2026", n=2)
    assert between == row("m1", "INV#2025", n=1)
    assert filled.read([get("m1", "INV#2026")] * 2) == [first, second]


@pytest.mark.parametrize("count", [0, 1])
def test_few_reads_are_answered_too(filled: Database, count: int) -> None:
    assert filled.read([get("m1", "INV#2025")] * count) == [row("m1", "INV#2025", n=1)] * count


def test_a_hundred_rows_are_read_at_once(database: Database) -> None:
    names = [f"{n:03}" for n in range(100)]
    database.commit(*(Put("inbox", {"pk": name}) for name in names))
    found = database.read([Get("inbox", {"pk": name}) for name in reversed(names)])
    assert found == [{"pk": name} for name in reversed(names)]


def test_a_query_reads_beyond_one_page_of_dynamodb(database: Database) -> None:
    """A page of DynamoDB ends at 1 MB."""
    for n in range(5):
        database.commit(Put(TABLE, row("m1", f"EVT#{n}", text="x" * 300_000)))
    assert len(database.query(Query(TABLE, "m1"))) == 5
    assert sorts(database.query(Query(TABLE, "m1", limit=4))) == [f"EVT#{n}" for n in range(4)]


# Sparse indexes


def waiting(pk: str, minutes: int) -> Item:
    return {"pk": pk, "pending": "P", "due_at": iso(NOON + timedelta(minutes=minutes)), "x": 1}


def due(database: Database, limit: int = 10) -> list[str]:
    rows = database.due("inbox", "pending", {"pending": "P"}, {"due_at": iso(NOON)}, limit)
    return [str(one["pk"]) for one in rows]


def test_what_is_due_comes_oldest_first_up_to_now(database: Database) -> None:
    minutes = {"late": 1, "b": -5, "a": -3, "c": -60, "now": 0}
    database.commit(*(Put("inbox", waiting(pk, when)) for pk, when in minutes.items()))
    assert due(database) == ["c", "b", "a", "now"]
    assert due(database, limit=2) == ["c", "b"]


def test_a_row_leaves_the_index_with_its_attribute(database: Database) -> None:
    database.commit(Put("inbox", waiting("a", -1)), Put("inbox", waiting("b", -1)))
    database.commit(Update("inbox", {"pk": "a"}, remove=("pending",)))
    assert due(database) == ["b"]
    database.commit(Put("inbox", {"pk": "b", "due_at": iso(NOON)}))
    assert due(database) == []


def test_a_row_of_another_kind_is_not_in_the_index(database: Database) -> None:
    database.commit(Put("inbox", {**waiting("a", -1), "pending": "Q"}), Put("inbox", {"pk": "b"}))
    assert due(database) == []


def test_an_index_of_everything_gives_whole_rows(database: Database) -> None:
    whole: Item = {**row("DISC#a", "DISC"), "open": "open", "found_at": iso(NOON), "times": 1}
    database.commit(Put(TABLE, whole))
    found = database.due(TABLE, "discrepancies", {"open": "open"}, {"found_at": iso(NOON)}, 1)
    assert found == [whole]


def test_an_index_of_keys_gives_keys_only(database: Database) -> None:
    keys: Item = {**row("m1", "PAY#a"), "ask_shard": "OPEN#3", "next_ask_at": iso(NOON)}
    database.commit(Put(TABLE, {**keys, "amount": 12_000}))
    found = database.due(TABLE, "asks", {"ask_shard": "OPEN#3"}, {"next_ask_at": iso(NOON)}, 1)
    assert found == [keys]
