"""The rights of the role that a command needs, by template.yaml, held over the memory.

Every command that a test types runs under them, so that a right that template.yaml lacks shows
here, and not on the office's machine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache

from ops.desk import Desk
from ops.roles import NEEDED
from ops.scan import Scan, Seen
from portal.accounts.hashing import Hasher
from portal.config import Tables
from portal.database import (
    Check,
    Database,
    Delete,
    Found,
    Get,
    Item,
    Key,
    Put,
    Query,
    Read,
    Update,
    Write,
)
from tests.unit.template.test_roles import reach

_ACTIONS: Mapping[type[Write], str] = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    Check: "ConditionCheckItem",
}


class Lacking(Exception):
    """A command needs a right that template.yaml does not give to its role."""


@cache
def _granted(role: str) -> Mapping[str, set[str]]:
    return reach(f"Office{role.capitalize()}Role")


@dataclass(frozen=True)
class Rights:
    """What the role of one command may do."""

    command: str
    tables: Tables

    def need(self, where: str, action: str) -> None:
        """Raise Lacking unless the role may take *action* on a resource of the template."""
        role = NEEDED[self.command]
        if action not in _granted(role).get(where, ()):
            raise Lacking(f"{self.command}: {role} may not {action} on {where}")

    def at(self, table: str, action: str, index: str = "") -> None:
        """Raise Lacking unless the role may take *action* on a table of the deployment."""
        # Which of the settings names the table tells what the template calls it.
        named = next(one.name for one in fields(Tables) if getattr(self.tables, one.name) == table)
        arn = f"{named.capitalize()}Table.Arn"
        self.need(f"${{{arn}}}/index/{index}" if index else arn, action)


class Guarded:
    """A database that refuses what the role may not do."""

    def __init__(self, database: Database, rights: Rights) -> None:
        self._database = database
        self._rights = rights

    def get(self, table: str, key: Key) -> Item | None:
        self._rights.at(table, "GetItem")
        return self._database.get(table, key)

    def read(self, reads: Sequence[Read]) -> list[Found]:
        gets = [one for one in reads if isinstance(one, Get)]
        for one in reads:
            single = "GetItem" if len(gets) == 1 else "BatchGetItem"
            self._rights.at(one.table, single if isinstance(one, Get) else "Query")
        return self._database.read(reads)

    def query(self, query: Query) -> list[Item]:
        self._rights.at(query.table, "Query")
        return self._database.query(query)

    def due(
        self,
        table: str,
        index: str,
        hash_value: Mapping[str, str],
        until: Mapping[str, str],
        limit: int,
    ) -> list[Item]:
        self._rights.at(table, "Query", index)
        return self._database.due(table, index, hash_value, until, limit)

    def commit(self, *writes: Write) -> None:
        for one in writes:
            self._rights.at(one.table, _ACTIONS[type(one)])
        self._database.commit(*writes)

    def update(self, update: Update) -> Item:
        self._rights.at(update.table, "UpdateItem")
        return self._database.update(update)


def under_role(desk: Desk, arguments: Sequence[str]) -> Desk:
    """Return a desk at which the typed command has the rights of its role; as it is, for none."""
    command = _command(arguments)
    if command is None:
        return desk
    rights = Rights(command, desk.tables)

    def payments(table: str) -> Iterable[Item]:
        rights.at(table, "Scan")
        return desk.payments(table)

    def scan(table: str, key: str, begin: str) -> Iterable[Item]:
        rights.at(table, "Scan")
        return desk.scan(table, key, begin)

    def sweep(scan: Scan, seen: Seen) -> Iterable[Item]:
        rights.at(scan.table, "Scan")
        return desk.sweep(scan, seen)

    return replace(
        desk,
        database=Guarded(desk.database, rights),
        payments=payments,
        scan=scan,
        sweep=sweep,
        hasher=_guarded(desk.hasher, rights, "PepperSecret.Id"),
        mask_secret=_guarded(desk.mask_secret, rights, "MaskSecret.Id"),
    )


def _guarded[Kept: Hasher | str](
    fetch: Callable[[], Kept], rights: Rights, secret: str
) -> Callable[[], Kept]:
    def fetched() -> Kept:
        rights.need(secret, "GetSecretValue")
        return fetch()

    return fetched


def _command(arguments: Sequence[str]) -> str | None:
    words = [one for one in arguments if not one.startswith("-")]
    names = [" ".join(words[:2]), *words[:1]]
    with_option = [f"{names[0]} {one}" for one in arguments if one.startswith("--")]
    return next((one for one in (*with_option, *names) if one in NEEDED), None)
