"""Batches of letters in the audit: which are whole, so that a stopped run can be finished.

A batch ends once: complete or void. Both are the same row, which can only be put where there is
none, so of two runs exactly one says how it ended (docs/decisions/0038).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from ops.desk import Signature
from portal import audit
from portal.clock import JST, iso
from portal.database import Database, Item, Put, Query, Rejected
from portal.ids import CROCKFORD, crockford

SUBJECT = "letters"
COMPLETE, VOID, PLACED = "letters_completed", "letters_voided", "letters_placed"

NO_BATCH = (
    "{name} という番号で発行した手紙はありません。手紙の右下の番号を、空白の前まで"
    "（PDF のファイル名から .pdf を除いたもの）指定してください。"
    "passwords reissue で1通だけ作った手紙は、会員番号で指定してください。"
)
"""What is said of a name that no batch ever had. A letter that was made alone bears one, too."""

_NAME = re.compile(rf"\d{{8}}-\d{{6}}-\d{{3,}}-[{CROCKFORD}]{{6}}")
_FORM = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Batch:
    """One PDF of letters. *name* is its file's and stands on each letter and each credential."""

    name: str

    @classmethod
    def begun(cls, now: datetime, place: int = 1) -> "Batch":
        """Return a new one, named after the moment in Japan and its place in the run, from 1."""
        return cls(f"{now.astimezone(JST).strftime(_FORM)}-{place:03}-{crockford(6)}")

    @classmethod
    def named(cls, name: str) -> "Batch | None":
        """Return the batch of a file's name; None where it is none of ours."""
        return cls(name) if _NAME.fullmatch(name) else None

    @property
    def begun_at(self) -> datetime:
        """When it began, to the second."""
        return datetime.strptime(self.name[:15], _FORM).replace(tzinfo=JST)

    @property
    def key(self) -> str:
        """Its one place in the audit: the moment and the random part, as in every entry."""
        return f"{iso(self.begun_at)}#{self.name[16:]}"


@dataclass(frozen=True)
class Ended:
    """How a batch ended. *placed*: its PDF got its name. *folder*: where that is, as was typed."""

    complete: bool
    placed: bool
    folder: str


class Batches:
    """Reads and writes how batches ended."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def ended(self) -> dict[str, Ended]:
        """Return all batches that ended, by name."""
        rows = self._database.query(Query(self._table, SUBJECT))
        of_action = {
            action: {_name(row): row for row in rows if row["action"] == action}
            for action in (COMPLETE, VOID, PLACED)
        }
        complete = {
            name: Ended(complete=True, placed=name in of_action[PLACED], folder=_folder(row))
            for name, row in of_action[COMPLETE].items()
        }
        void = dict.fromkeys(of_action[VOID], Ended(complete=False, placed=False, folder=""))
        return {**void, **complete}

    def end(self, batch: Batch, action: str, by: Signature, at: datetime, after: Item) -> bool:
        """Say how *batch* ended; False where it has ended already, perhaps otherwise."""
        told: Item = {**after, "batch": batch.name}
        try:
            self._database.commit(self._entry(action, by, at, told, once=batch.key))
        except Rejected:
            return False
        return True

    def place(self, batch: Batch, by: Signature, at: datetime) -> None:
        """Note that the PDF of a complete batch has got its name."""
        self._database.commit(self._entry(PLACED, by, at, {"batch": batch.name}))

    def _entry(
        self, action: str, by: Signature, at: datetime, after: Item, *, once: str = ""
    ) -> Put:
        return audit.entry(
            self._table,
            actor=by.actor,
            action=action,
            subject=SUBJECT,
            at=at,
            after=after,
            note=by.reason,
            once=once,
        )


def _name(row: Item) -> str:
    return str(_after(row)["batch"])


def _folder(row: Item) -> str:
    return str(_after(row).get("folder", ""))


def _after(row: Item) -> Mapping[str, object]:
    return cast("Mapping[str, object]", row["after"])
