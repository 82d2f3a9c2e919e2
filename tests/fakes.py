"""Fakes for our own ports. They keep state and obey the same rules; nothing is patched."""

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

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
    Path,
    Put,
    Query,
    Read,
    Rejected,
    Update,
    Value,
    When,
    Write,
)

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
    """The Database port in memory. ``calls`` counts round trips by kind; ``fail_next`` raises once."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[str, str], Item]] = {}
        self.calls: Counter[str] = Counter()
        self.fail_next: list[tuple[str, Exception]] = []

    def get(self, table: str, key: Key) -> Item | None:
        """Return a copy of one row or None."""
        self._called("read")
        return self._row(table, key)

    def read(self, reads: Sequence[Read]) -> list[Found]:
        """Answer all reads in one round trip."""
        self._called("read")
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
        rows = [
            row
            for row in self.tables.get(table, {}).values()
            if row.get(name) == equal and order in row and str(row[order]) <= most
        ]
        return copy.deepcopy(sorted(rows, key=lambda row: str(row[order]))[:limit])

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
        keys = [(write.table, *_key(write.key)) for write in writes]
        assert len(set(keys)) == len(keys), "DynamoDB refuses two actions on one item"
        assert len(writes) <= 100, "DynamoDB refuses more than 100 actions"
        failed = frozenset(number for number, write in enumerate(writes) if not self._holds(write))
        if failed:
            raise Rejected(failed)
        for write in writes:
            self._write(write)

    def _holds(self, write: Write) -> bool:
        row = self._row(write.table, write.key) or {}
        return holds(row, write.when)

    def _write(self, write: Write) -> None:
        table = self.tables.setdefault(write.table, {})
        key = _key(write.key)
        match write:
            case Put(item=item):
                table[key] = copy.deepcopy(item)
            case Delete():
                table.pop(key, None)
            case Update():
                table[key] = _changed(table.get(key) or dict(write.key), write)
            case Check():
                pass

    def _row(self, table: str, key: Key) -> Item | None:
        return copy.deepcopy(self.tables.get(table, {}).get(_key(key)))

    def _rows(self, query: Query) -> list[Item]:
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
    found = _at(row, condition.attr)
    match condition:
        case Missing():
            return found is ABSENT
        case Exists():
            return found is not ABSENT
        case Differs(value=value):
            return found is ABSENT or found != value
        case OneOf(values=values):
            return found is not ABSENT and found in values
    if found is ABSENT or type(found) is not type(condition.value):
        return False
    match condition:
        case Equals(value=value):
            return found == value
        case Less(value=value):
            return bool(found < value)  # type: ignore[operator]
        case AtMost(value=value):
            return bool(found <= value)  # type: ignore[operator]
        case AtLeast(value=value):
            return bool(found >= value)  # type: ignore[operator]


def _at(row: Mapping[str, Value], path: Path) -> object:
    found: object = row
    for part in (path,) if isinstance(path, str) else path:
        if not isinstance(found, Mapping) or part not in found:
            return ABSENT
        found = found[part]
    return found


def _key(key: Key) -> tuple[str, str]:
    return key["pk"], key.get("sk", "")


def _changed(row: Item, update: Update) -> Item:
    changed = copy.deepcopy(row)
    for path, value in update.set.items():
        _set(changed, (path,) if isinstance(path, str) else path, value)
    for name, step in update.add.items():
        before = changed.get(name, 0)
        assert isinstance(before, int)
        changed[name] = before + step
    for path in update.remove:
        _remove(changed, (path,) if isinstance(path, str) else path)
    return changed


def _set(row: Item, path: tuple[str, ...], value: Value) -> None:
    for part in path[:-1]:
        inner = row[part]
        assert isinstance(inner, dict), "DynamoDB refuses a path through an absent map"
        row = inner
    row[path[-1]] = copy.deepcopy(value)


def _remove(row: Item, path: tuple[str, ...]) -> None:
    for part in path[:-1]:
        inner = row.get(part)
        if not isinstance(inner, dict):
            return
        row = inner
    row.pop(path[-1], None)
