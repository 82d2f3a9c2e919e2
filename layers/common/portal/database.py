"""The port to DynamoDB: small frozen values for keys, conditions, reads and writes.

A subject's ``store.py`` builds reads and writes out of these and hands them to a :class:`Database`;
``portal.aws`` has the adapter, ``portal.expressions`` its language; the tests have one in memory.

Errors::

    DatabaseError
    ├── Rejected       a condition did not hold; .failed says of which write
    ├── Contended      another transaction touched the same rows, or throttled; try again
    └── Unreachable    no answer, or an answer that is nobody's fault here; the outcome is unknown
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

type Value = str | int | bool | bytes | list[Value] | dict[str, Value] | None
type Item = dict[str, Value]
type Key = dict[str, str]
type Path = str | tuple[str, ...]


class DatabaseError(Exception):
    """Never raised directly."""


class Rejected(DatabaseError):
    """A condition did not hold; nothing was written. ``failed`` has the indexes of those writes."""

    def __init__(self, failed: frozenset[int]) -> None:
        super().__init__(f"conditions failed at {sorted(failed)}")
        self.failed = failed


class Contended(DatabaseError):
    """The rows were busy even after retries; nothing was written and a new try is right."""


class Unreachable(DatabaseError):
    """DynamoDB gave no usable answer: whether a write happened is unknown."""


# Conditions ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Equals:
    """The attribute exists and equals the value."""

    attr: Path
    value: Value


@dataclass(frozen=True)
class Differs:
    """The attribute is absent or differs from the value."""

    attr: Path
    value: Value


@dataclass(frozen=True)
class Missing:
    """The attribute (or, with ``pk``, the row) is absent."""

    attr: Path


@dataclass(frozen=True)
class Exists:
    """The attribute (or, with ``pk``, the row) is there."""

    attr: Path


@dataclass(frozen=True)
class AtMost:
    """The attribute exists and is not above the value."""

    attr: Path
    value: Value


@dataclass(frozen=True)
class AtLeast:
    """The attribute exists and is not below the value."""

    attr: Path
    value: Value


@dataclass(frozen=True)
class OneOf:
    """The attribute exists and equals one of the values."""

    attr: Path
    values: tuple[Value, ...]


@dataclass(frozen=True, init=False)
class Either:
    """At least one of the conditions holds."""

    any: tuple["Condition", ...]

    def __init__(self, *conditions: "Condition") -> None:
        object.__setattr__(self, "any", conditions)


type Condition = Equals | Differs | Missing | Exists | AtMost | AtLeast | OneOf | Either
type When = tuple[Condition, ...]

# Reads and writes ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Get:
    """One row by its whole key, strongly consistent."""

    table: str
    key: Key


@dataclass(frozen=True)
class Query:
    """All rows of a partition whose sort key begins with *prefix*, strongly consistent."""

    table: str
    pk: str
    prefix: str = ""
    newest_first: bool = False
    limit: int | None = None


@dataclass(frozen=True)
class Put:
    """Write a whole row."""

    table: str
    item: Item
    when: When = ()

    @property
    def key(self) -> Key:
        """The row's key, taken from the item."""
        return {name: str(self.item[name]) for name in ("pk", "sk") if name in self.item}


@dataclass(frozen=True)
class Update:
    """Change some attributes of a row, which comes into being if no condition forbids it.

    *initial* attributes are set only where the row has none of that name yet.
    """

    table: str
    key: Key
    set: Mapping[Path, Value] = field(default_factory=dict)
    initial: Mapping[str, Value] = field(default_factory=dict)
    add: Mapping[str, int] = field(default_factory=dict)
    remove: tuple[Path, ...] = ()
    when: When = ()


@dataclass(frozen=True)
class Delete:
    """Remove a row."""

    table: str
    key: Key
    when: When = ()


@dataclass(frozen=True)
class Check:
    """Write nothing, but hold the transaction to a condition on this row."""

    table: str
    key: Key
    when: When


type Write = Put | Update | Delete | Check
type Read = Get | Query
type Found = Item | list[Item] | None


class Database(Protocol):
    """The port to DynamoDB. Every method may raise Contended or Unreachable."""

    def get(self, table: str, key: Key) -> Item | None:
        """Return one row, strongly consistent, or None."""

    def read(self, reads: Sequence[Read]) -> list[Found]:
        """Answer all reads in one sequential round trip, in their order."""

    def query(self, query: Query) -> list[Item]:
        """Return the rows of one query."""

    def due(
        self,
        table: str,
        index: str,
        hash_value: Mapping[str, str],
        until: Mapping[str, str],
        limit: int,
    ) -> list[Item]:
        """Return rows of a sparse index up to a value of its sort key, lowest first (eventual)."""

    def commit(self, *writes: Write) -> None:
        """Write all or nothing. Raises Rejected when a condition did not hold."""

    def update(self, update: Update) -> Item:
        """Change one row and return it as it is afterwards. Raises Rejected."""
