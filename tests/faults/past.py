"""A restore of the billing table to an earlier moment: rows younger than that are lost.

What GMO, the inbox, the outbox and the audit know stays. As docs/data-model.md wants it, whoever
restores has every delivery since that moment applied anew; what the office itself recorded since
then is read from the audit and done again by hand, so here it counts as never promised.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random

from portal.billing.match_settlement import match, note
from portal.billing.rows import payment_of
from portal.billing.settlement_file import Line
from portal.clock import iso
from portal.database import Item
from tests.fake_gmo import CannotPay
from tests.fakes import Place
from tests.faults.machine import Process
from tests.faults.office import OfficeWorld
from tests.unit.billing.house import TABLES


@dataclass(frozen=True)
class Copy:
    """What the billing table was at a moment, and what was known of it."""

    at: datetime
    rows: dict[Place, Item]
    promised: frozenset[tuple[str, str]]
    ended: Counter[tuple[str, str]]
    receipts: dict[str, str]


class RestorableWorld(OfficeWorld):
    """A world whose billing table may be put back to an earlier moment."""

    _copy: Copy | None = None

    def copy_table(self, _random: Random) -> None:
        """A moment passes to which the table may be put back."""
        self._copy = Copy(
            at=self.clock(),
            rows=dict(self.database.tables[TABLES.billing]),
            promised=frozenset(self.promised),
            ended=Counter(self.watch.ended),
            receipts=dict(self.watch.receipts),
        )

    def restore_table(self, _random: Random) -> None:
        """The table is put back to that moment, and deliveries since then are applied anew."""
        copy, self._copy = self._copy, None
        if copy is None:
            raise CannotPay
        billing = self.database.tables[TABLES.billing]
        for place in list(billing):
            del billing[place]
        for place, row in copy.rows.items():
            billing[place] = row
        self.watch.ended, self.watch.receipts = Counter(copy.ended), dict(copy.receipts)
        self.promised = set(copy.promised)
        self.restored = True
        self.database.remember()
        before, self.machine.process = self.machine.process, Process()
        for row in list(self.database.tables[TABLES.inbox].values()):
            if str(row["received_at"]) >= iso(copy.at):
                self.put_back(row)
        self.machine.process = before

    def match_settlement_file(self) -> None:
        """GMO's settlement file of all its money is compared with our payments."""
        rows = self.database.rows(TABLES.billing, "PAY#")
        for finding in match(self._lines(), map(payment_of, rows)).differences:
            note(self.database, self.portal.store, finding, self.clock())

    def _lines(self) -> Iterator[Line]:
        paid = [name for name in self.gmo.orders if self.gmo.paid(name)]
        for number, name in enumerate(paid, 1):
            trade = self.gmo.orders[name].trade
            assert trade is not None
            yield Line(number, name, trade.total)
