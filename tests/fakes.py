"""Fakes for our own ports. They keep state and obey the same rules; nothing is patched.

tests/adapters runs the same cases on :class:`MemoryDatabase` and on DynamoDB.
"""

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import cast

from portal.aws import marshal, unmarshal
from portal.database import (
    AtLeast,
    AtMost,
    Check,
    Condition,
    Delete,
    Differs,
    Either,
    Equals,
    Exists,
    Found,
    Get,
    Item,
    Key,
    Less,
    Missing,
    OneOf,
    Put,
    Query,
    Read,
    Rejected,
    Update,
    Value,
    When,
    Write,
)
from tests import dynamo_rules as rules

ABSENT = object()


class FixedClock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 11, 22, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.now

    def tick(self, **step: float) -> datetime:
        """Move on by the keyword arguments of timedelta and return the new moment."""
        self.now += timedelta(**step)
        return self.now


class MemoryDatabase:
    """The Database port in memory, as strict as DynamoDB (tests/dynamo_rules.py).

    ``calls`` counts round trips by kind; ``fail_next`` raises once.
    """

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, str], Item]] = {}
        self.calls: Counter[str] = Counter()
        self.fail_next: list[tuple[str, Exception]] = []

    def get(self, table: str, key: Key) -> Item | None:
        """Return a copy of one row or None."""
        self._called("read")
        rules.check_key(key)
        return self._row(table, key)

    def read(self, reads: Sequence[Read]) -> list[Found]:
        """Answer all reads in one round trip."""
        self._called("read")
        rules.check_reads([(read.table, read.key) for read in reads if isinstance(read, Get)])
        return [
            self._row(read.table, read.key) if isinstance(read, Get) else self._rows(read)
            for read in reads
        ]

    def query(self, query: Query) -> list[Item]:
        """Return copies of the rows of one query."""
        self._called("read")
        return self._rows(query)

    def due(
        self,
        table: str,
        index: str,
        hash_value: Mapping[str, str],
        until: Mapping[str, str],
        limit: int,
    ) -> list[Item]:
        """Answer a query of a sparse index from the rows that have both attributes."""
        self._called("index")
        ((name, equal),) = hash_value.items()
        ((order, most),) = until.items()
        known = rules.INDEXES[index]
        rules.refuse((name, order) != (known.hash_name, known.range_name), "a key it has not")
        rules.refuse(limit < 1, "a limit below 1")
        rows = [
            row
            for row in self.tables.get(table, {}).values()
            if row.get(name) == equal and order in row and str(row[order]) <= most
        ]
        given = sorted(rows, key=lambda row: str(row[order]))[:limit]
        projected = {"pk", "sk", name, order} if known.keys_only else None
        return [
            {n: copy.deepcopy(v) for n, v in row.items() if projected is None or n in projected}
            for row in given
        ]

    def commit(self, *writes: Write) -> None:
        """Write all or nothing."""
        self._called("write")
        self._apply(writes)

    def update(self, update: Update) -> Item:
        """Change one row and return it."""
        self._called("write")
        self._apply((update,))
        row = self._row(update.table, update.key)
        assert row is not None
        return row

    def rows(self, table: str, prefix: str = "") -> list[Item]:
        """Return all rows of a table whose sort key begins with *prefix* (tests only)."""
        found = self.tables.get(table, {})
        return [
            copy.deepcopy(row) for (_, sk), row in sorted(found.items()) if sk.startswith(prefix)
        ]

    def _called(self, kind: str) -> None:
        self.calls[kind] += 1
        for number, (wanted, error) in enumerate(self.fail_next):
            if wanted == kind:
                del self.fail_next[number]
                raise error

    def _apply(self, writes: Sequence[Write]) -> None:
        rules.check_writes(writes)
        failed = frozenset(number for number, write in enumerate(writes) if not self._holds(write))
        if failed:
            raise Rejected(failed)
        # Every row is made before the first is kept, so that a fault leaves nothing half done.
        for write, row in [(write, self._written(write)) for write in writes]:
            table, key = self.tables.setdefault(write.table, {}), _key(write.key)
            if row is not None:
                table[key] = row
            elif isinstance(write, Delete):
                table.pop(key, None)

    def _holds(self, write: Write) -> bool:
        row = self._row(write.table, write.key) or {}
        return holds(row, write.when)

    def _written(self, write: Write) -> Item | None:
        """Return the row as it is after a write; None where none is written."""
        match write:
            case Put(item=item):
                return {name: _kept(value) for name, value in item.items()}
            case Update():
                row = _changed(self._row(write.table, write.key) or dict(write.key), write)
                rules.check_row(row)
                return row
            case Delete() | Check():
                return None

    def _row(self, table: str, key: Key) -> Item | None:
        rows = self.tables.get(table, {})
        halves = any(bool(sk) != ("sk" in key) for _, sk in islice(rows, 1))
        rules.refuse(halves, "a key unlike the table's")
        return copy.deepcopy(rows.get(_key(key)))

    def _rows(self, query: Query) -> list[Item]:
        rules.check_key({"pk": query.pk})
        rules.refuse(query.limit is not None and query.limit < 1, "a limit below 1")
        found = [
            row
            for (pk, sk), row in sorted(self.tables.get(query.table, {}).items())
            if pk == query.pk and sk.startswith(query.prefix)
        ]
        ordered = found[::-1] if query.newest_first else found
        return copy.deepcopy(ordered[: query.limit])


def holds(row: Mapping[str, Value], when: When) -> bool:
    """Tell whether a row meets all conditions, by DynamoDB's rules for absent attributes."""
    return all(_met(row, condition) for condition in when)


def _met(row: Mapping[str, Value], condition: Condition) -> bool:
    if isinstance(condition, Either):
        return any(_met(row, one) for one in condition.any)
    found = next(rules.along(row, condition.attr), ABSENT)
    if isinstance(condition, Missing | Differs) and found is ABSENT:
        return True
    if isinstance(condition, Missing) or found is ABSENT:
        return False
    return isinstance(condition, Exists) or _compares(found, condition)


def _compares(found: object, condition: Equals | Differs | OneOf | Less | AtMost | AtLeast) -> bool:
    match condition:
        case Equals(value=value):
            return _same(found, value)
        case Differs(value=value):
            return not _same(found, value)
        case OneOf(values=values):
            return any(_same(found, value) for value in values)
        case _:
            return _in_order(found, condition)


def _in_order(found: object, condition: Less | AtMost | AtLeast) -> bool:
    value = condition.value
    if marshal(cast("Value", found)).keys() != marshal(value).keys():
        return False  # Values of different types are in no order.
    below, same = bool(found < value), found == value  # type: ignore[operator]
    return {Less: below, AtMost: below or same, AtLeast: not below}[type(condition)]


def _same(found: object, value: Value) -> bool:
    """Tell whether two values are the same in DynamoDB's types: 1 is not True, not even inside."""
    return marshal(cast("Value", found)) == marshal(value)


def _kept(value: Value) -> Value:
    """Return what DynamoDB gives back for a value: of an enum's member its plain text."""
    return unmarshal(marshal(value))


def _key(key: Key) -> tuple[str, str]:
    return key["pk"], key.get("sk", "")


def _changed(row: Item, update: Update) -> Item:
    changed = copy.deepcopy(row)
    for path, value in update.set.items():
        holder, name = rules.parent(changed, path)
        holder[name] = _kept(value)
    for name, step in update.add.items():
        changed[name] = rules.counted(changed, name) + step
    for path in update.remove:
        holder, name = rules.parent(changed, path)
        holder.pop(name, None)
    return changed
