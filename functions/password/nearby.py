"""What somebody who knows a member would try as a password: names, number, the society's words.

It stands here because it needs the member's record and the rules for passwords.
"""

from collections.abc import Callable
from dataclasses import dataclass

from portal.accounts.guessable import Guesses
from portal.config import Society
from portal.database import Get, Item
from portal.members import store


@dataclass(frozen=True)
class RecordNearby:
    """Takes the names out of the member's record."""

    members_table: str
    society: Callable[[], Society]

    def read(self, member_id: str) -> Get:
        """Return the read of the member's record."""
        return store.read(self.members_table, member_id)

    def guesses(self, row: Item | None, member_no: str) -> Guesses:
        """Return the guesses; of a member without a record only number and the society's words."""
        record = store.parse(row).record if row else None
        kana = (record.family_name_kana, record.given_name_kana) if record else ()
        return Guesses(self.society().password_words, kana, member_no)
