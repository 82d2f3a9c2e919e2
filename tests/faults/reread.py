"""What a reminder must not say: held against the rows as they were before the mailer read them.

What changes while the mailer reads is not held against it; what stood before it began is.
"""

from collections.abc import Callable

from portal.billing.reminders import Told
from portal.database import Item
from portal.mail.outbox import Row
from portal.mail.sender import Letter
from tests.fakes import MemoryDatabase
from tests.faults.watch import Watch
from tests.unit.billing.house import TABLES

REMINDERS = frozenset(one.value for one in Told)


class Reread:
    """Looks before and after a letter is written; a reminder of what is settled is *broken*."""

    def __init__(self, database: MemoryDatabase, watch: Watch) -> None:
        self._database = database
        self._watch = watch

    def __call__(self, row: Row) -> Callable[[Letter], None]:
        """Note what the member need not pay now; return what looks at the letter."""
        if row.kind not in REMINDERS:
            return lambda _: None
        unwanted = self._unwanted(row)

        # Red by "the mailer looks again before it reminds of dues" and "... of a slip".
        def looked(letter: Letter) -> None:
            self._watch.broken += [
                f"{row.mail_id} reminds of {title}, {why}"
                for title, why in unwanted.items()
                if title in letter.text
            ]

        return looked

    def _unwanted(self, row: Row) -> dict[str, str]:
        """Return by title why a year is not to be reminded of, as the rows are now."""
        billing = self._database.tables[TABLES.billing]
        payments = {str(one["sk"])[4:]: one for one in billing.partition(row.member_id, "PAY#")}
        found: dict[str, str] = {}
        owed: set[str] = set()
        for invoice in billing.partition(row.member_id, "INV#"):
            live = payments.get(str(invoice.get("live_order", "")))
            why = _reason(row, invoice, live)
            if why:
                found[str(invoice["title"])] = why
            else:
                owed.add(str(invoice["title"]))
        # A year that was billed again has two invoices of one title, of which one may be owed.
        return {title: why for title, why in found.items() if title not in owed}


def _reason(row: Row, invoice: Item, live: Item | None) -> str:
    if invoice["state"] != "unpaid":
        return f"which is {invoice['state']!s}"
    if row.kind == Told.SLIP:
        its_own = live is not None and str(live["sk"])[4:] == row.data["order_id"]
        return "" if its_own and live and live["state"] == "slip" else "whose slip is over"
    if live is not None and live["state"] == "slip":
        return "whose slip is open"
    return "of which money waits for the office" if live and live.get("flag") else ""
