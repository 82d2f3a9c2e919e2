"""Whom a payment that a restore has forgotten is receipted to: the member's record as it is now."""

from portal.billing.reattach import NOBODY, Payer
from portal.database import Database
from portal.members import store


class Payers:
    """Reads members. *table* is the members table's name."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def __call__(self, member_id: str) -> Payer:
        """Return name and workplace of a member; NOBODY where the row is missing."""
        row = self._database.get(self._table, store.key(member_id))
        if row is None:
            return NOBODY
        record = store.parse(row).record
        return Payer(f"{record.family_name} {record.given_name}", record.workplace)
