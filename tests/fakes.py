"""Fakes for our own ports. They keep state and obey the same rules; nothing is patched.

tests/adapters runs the same cases on :class:`MemoryDatabase` and on DynamoDB.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import cast

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
from portal.expressions import marshal, unmarshal
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


type Place = tuple[str, str]
"""Where a row lies in its table: partition key and sort key, which is empty where there is none."""

_LAST = "\U0010ffff"
"""Sorts behind every sort key."""


class Table(dict[Place, Item]):
    """The rows of one table by their place; whatever is put in or taken out is kept in order.

    A year of 10,000 members is only bearable when partitions and indexes need no look at every row.
    A row that a test changes in place is found under what it said when it was put in.
    """

    def __init__(self) -> None:
        super().__init__()
        self._partitions: defaultdict[str, list[str]] = defaultdict(list)
        self._indexes: defaultdict[tuple[str, str, str], list[tuple[str, int, Place]]]
        self._indexes = defaultdict(list)
        self._entries: dict[Place, list[tuple[str, str, str, str]]] = {}
        self._numbers: dict[Place, int] = {}
        self._next = 0

    def __setitem__(self, place: Place, row: Item) -> None:
        if place in self:
            self._unlist(place)
        else:
            insort(self._partitions[place[0]], place[1])
            self._numbers[place] = self._next = self._next + 1
        super().__setitem__(place, row)
        self._list(place, row)

    def __delitem__(self, place: Place) -> None:
        super().__delitem__(place)
        self._unlist(place)
        del self._numbers[place]
        self._partitions[place[0]].remove(place[1])

    def partition(self, pk: str, prefix: str) -> list[Item]:
        """Return the rows of a partition whose sort key begins with *prefix*, in order."""
        sort_keys = self._partitions.get(pk, [])
        until = bisect_right(sort_keys, prefix + _LAST)
        return [self[pk, sk] for sk in sort_keys[bisect_left(sort_keys, prefix) : until]]

    def up_to(self, name: str, equal: str, order: str, most: str) -> Iterator[Item]:
        """Yield the rows of an index entry up to *most*, lowest first, then as first put in."""
        entries = self._indexes.get((name, equal, order), [])
        until = bisect_right(entries, most, key=lambda entry: entry[0])
        for _, _, place in entries[:until]:
            yield self[place]

    def earliest(self, name: str, equal: str, order: str) -> str | None:
        """Return the lowest value of an index entry: when something is due there next."""
        entries = self._indexes.get((name, equal, order))
        return entries[0][0] if entries else None

    def _list(self, place: Place, row: Item) -> None:
        found = self._entries[place] = [
            (
                index.hash_name,
                str(row[index.hash_name]),
                index.range_name,
                str(row[index.range_name]),
            )
            for index in rules.INDEXES.values()
            if index.hash_name in row and index.range_name in row
        ]
        for *which, value in found:
            name, equal, order = which
            insort(self._indexes[name, equal, order], (value, self._numbers[place], place))

    def _unlist(self, place: Place) -> None:
        for name, equal, order, value in self._entries.pop(place):
            entries = self._indexes[name, equal, order]
            del entries[bisect_left(entries, (value, self._numbers[place], place))]


class MemoryDatabase:
    """The Database port in memory, as strict as DynamoDB (tests/dynamo_rules.py).

    ``calls`` counts round trips by kind; ``fail_next`` raises once.
    """

    def __init__(self) -> None:
        self.tables: defaultdict[str, Table] = defaultdict(Table)
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
        given = list(islice(self.tables[table].up_to(name, equal, order, most), limit))
        return [projection(row, known) for row in given]

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
        found = self.tables[table]
        return [_copied(row) for (_, sk), row in sorted(found.items()) if sk.startswith(prefix)]

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
            table, key = self.tables[write.table], _key(write.key)
            if row is not None:
                table[key] = row
            elif isinstance(write, Delete) and key in table:
                del table[key]

    def _holds(self, write: Write) -> bool:
        return holds(self._found(write.table, write.key) or {}, write.when)

    def _written(self, write: Write) -> Item | None:
        """Return the row as it is after a write; None where none is written."""
        match write:
            case Put(item=item):
                return {name: _kept(value) for name, value in item.items()}
            case Update():
                row = _changed(self._found(write.table, write.key) or dict(write.key), write)
                rules.check_row(row)
                return row
            case Delete() | Check():
                return None

    def _row(self, table: str, key: Key) -> Item | None:
        found = self._found(table, key)
        return None if found is None else _copied(found)

    def _found(self, table: str, key: Key) -> Item | None:
        rows = self.tables[table]
        halves = any(bool(sk) != ("sk" in key) for _, sk in islice(rows, 1))
        rules.refuse(halves, "a key unlike the table's")
        return rows.get(_key(key))

    def _rows(self, query: Query) -> list[Item]:
        rules.check_key({"pk": query.pk})
        rules.refuse(query.limit is not None and query.limit < 1, "a limit below 1")
        found = self.tables[query.table].partition(query.pk, query.prefix)
        ordered = found[::-1] if query.newest_first else found
        return [_copied(row) for row in ordered[: query.limit]]


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


def _compares(found: object, condition: Equals | Differs | OneOf | AtMost | AtLeast) -> bool:
    match condition:
        case Equals(value=value):
            return _same(found, value)
        case Differs(value=value):
            return not _same(found, value)
        case OneOf(values=values):
            return any(_same(found, value) for value in values)
        case _:
            return _in_order(found, condition)


def _in_order(found: object, condition: AtMost | AtLeast) -> bool:
    value = condition.value
    if marshal(cast("Value", found)).keys() != marshal(value).keys():
        return False  # Values of different types are in no order.
    below, same = bool(found < value), found == value  # type: ignore[operator]
    return below or same if isinstance(condition, AtMost) else not below


def _same(found: object, value: Value) -> bool:
    """Tell whether two values are the same in DynamoDB's types: 1 is not True, not even inside."""
    return marshal(cast("Value", found)) == marshal(value)


def _kept(value: Value) -> Value:
    """Return what DynamoDB gives back for a value: of an enum's member its plain text."""
    return unmarshal(marshal(value))


def _key(key: Key) -> tuple[str, str]:
    return key["pk"], key.get("sk", "")


def projection(row: Item, index: rules.Index) -> Item:
    """Return what an index gives of a row."""
    names = ("pk", "sk", index.hash_name, index.range_name, *index.included)
    some = index.keys_only or index.included
    return _copied({n: v for n, v in row.items() if n in names} if some else row)


def _copied(row: Item) -> Item:
    """Return a copy that shares nothing with the row that can be changed."""
    return {name: _copy(value) for name, value in row.items()}


def _copy(value: Value) -> Value:
    if isinstance(value, dict):
        return _copied(value)
    return [_copy(element) for element in value] if isinstance(value, list) else value


def _changed(row: Item, update: Update) -> Item:
    changed = _copied(row)
    for path, value in update.set.items():
        holder, name = rules.parent(changed, path)
        holder[name] = _kept(value)
    for name, value in update.initial.items():
        changed.setdefault(name, _kept(value))
    for name, step in update.add.items():
        changed[name] = rules.counted(changed, name) + step
    for path in update.remove:
        holder, name = rules.parent(changed, path)
        holder.pop(name, None)
    return changed
