"""What DynamoDB refuses, so that the database in memory refuses it too.

A request that breaks one of these rules is a mistake of the program and no case to be handled, so
it fails the test at once. tests/adapters holds the same cases against DynamoDB.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from portal.database import (
    AtLeast,
    AtMost,
    Check,
    Condition,
    Either,
    Item,
    Key,
    OneOf,
    Path,
    Put,
    Update,
    Value,
    When,
    Write,
)

MOST = 100
"""The most actions of one transaction, keys of one batch, and values of one IN."""

KEY_BYTES = {"pk": 2048, "sk": 1024}


@dataclass(frozen=True)
class Index:
    """An index of the template. *keys_only* ones give keys alone, others some *included* too."""

    hash_name: str
    range_name: str
    keys_only: bool = False
    included: tuple[str, ...] = ()


INDEXES = {
    "asks": Index("ask_shard", "next_ask_at", keys_only=True),
    "reminders": Index("remind_shard", "next_remind_at", keys_only=True),
    "discrepancies": Index("open", "found_at"),
    "pending": Index("pending", "due_at", keys_only=True),
    "mail_fails": Index(
        "mail_fails",
        "mail_fails_at",
        included=("member_no", "mail_fails_to", "mail_fails_why"),
    ),
    "member": Index(
        "member_id",
        "created_at",
        included=(
            "kind",
            "state",
            "sent_at",
            "delivered_at",
            "bounced_at",
            "bounced_why",
            "complained_at",
            "complained_why",
            "failure",
            "reason",
        ),
    ),
}
"""A test in tests/adapters holds these against template.yaml."""

_INDEXED = {name for index in INDEXES.values() for name in (index.hash_name, index.range_name)}


def refuse(broken: object, rule: str) -> None:
    """Fail the test when *broken* is true."""
    assert not broken, f"DynamoDB refuses {rule}"


def check_writes(writes: Sequence[Write]) -> None:
    """Hold one commit to the rules that its form alone tells."""
    refuse(not 1 <= len(writes) <= MOST, "no action, or more than 100 actions")
    keys = [(write.table, *sorted(write.key.items())) for write in writes]
    refuse(len(set(keys)) != len(keys), "two actions on one item")
    for write in writes:
        check_key(write.key)
        check_when(write.when)
        match write:
            case Put(item=item):
                check_row(item)
            case Update():
                _check_update(write)
            case Check(when=when):
                refuse(not when, "a check without a condition")


def check_key(key: Key) -> None:
    """Hold a key to its rules."""
    refuse(not set(key) <= set(KEY_BYTES) or "pk" not in key, "a key of other attributes")
    for name, text in key.items():
        refuse(not isinstance(text, str), f"a {name} that is no text")
        refuse(not text, f"an empty {name}")
        refuse(len(text.encode()) > KEY_BYTES[name], f"so long a {name}")


def check_row(row: Item) -> None:
    """Hold a row as it would be written to the rules of indexes."""
    for name in _INDEXED & set(row):
        value = row[name]
        refuse(not isinstance(value, str), f"{name}, the key of an index, that is no text")
        refuse(not value, f"{name}, the key of an index, that is empty")


def check_when(when: When) -> None:
    """Hold conditions to the rules of expressions."""
    for condition in when:
        _check_condition(condition)


def _check_condition(condition: Condition) -> None:
    match condition:
        case Either(any=conditions):
            refuse(not conditions, "brackets around nothing")
            check_when(conditions)
        case OneOf(values=values):
            refuse(not 1 <= len(values) <= MOST, "IN with no value, or more than 100")
        case AtMost(value=value) | AtLeast(value=value):
            ordered = isinstance(value, str | int | bytes) and not isinstance(value, bool)
            refuse(not ordered, "an order of such values")


def _check_update(update: Update) -> None:
    paths = [*update.set, *update.initial, *update.add, *update.remove]
    refuse(not paths, "an update of nothing")
    parts = sorted(parts_of(path) for path in paths)
    for path in parts:
        refuse(path[0] in update.key, "a change of a key")
    for one, other in pairwise(parts):
        refuse(other[: len(one)] == one, "two paths of which one holds the other")
    for step in update.add.values():
        refuse(isinstance(step, bool) or not isinstance(step, int), "to add what is no number")


def check_reads(keys: Sequence[tuple[str, Key]]) -> None:
    """Hold one batch of reads to its rules; the same key twice is asked for once."""
    different = {(table, *sorted(key.items())) for table, key in keys}
    refuse(len(different) > MOST, "more than 100 keys in one read")
    for _, key in keys:
        check_key(key)


def counted(row: Mapping[str, Value], name: str) -> int:
    """Return the number that is to be added to, nought where there is none."""
    before = row.get(name, 0)
    assert isinstance(before, int), "DynamoDB refuses to add to what is no number"
    refuse(isinstance(before, bool), "to add to what is no number")
    return before


def parent(row: Item, path: Path) -> tuple[Item, str]:
    """Return the map that holds the last part of a path, and that part."""
    *outer, last = parts_of(path)
    for part in outer:
        inner = row.get(part)
        assert isinstance(inner, dict), "DynamoDB refuses a path through an absent map"
        row = inner
    return row, last


def parts_of(path: Path) -> tuple[str, ...]:
    """Return the names along a path."""
    return (path,) if isinstance(path, str) else path


def along(row: Mapping[str, Value], path: Path) -> Iterator[object]:
    """Yield the value at a path, or nothing where there is none."""
    found: object = row
    for part in parts_of(path):
        if not isinstance(found, Mapping) or part not in found:
            return
        found = found[part]
    yield found
