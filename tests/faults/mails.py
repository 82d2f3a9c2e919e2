"""Mails in the end: each fact told once, none twice but for a crash at SES, nobody forgotten."""

from collections import Counter
from collections.abc import Iterator

from portal.database import Item
from portal.mail.outbox import MAX_ATTEMPTS
from tests.faults.ground import Ground
from tests.faults.reread import REMINDERS
from tests.faults.rows import told
from tests.unit.billing.house import TABLES


def mails(world: Ground) -> Iterator[str]:
    """Yield what is wrong with the mails."""
    rows = {str(row["pk"]): row for row in world.database.tables[TABLES.outbox].values()}
    for mail_id, row in rows.items():
        yield from _mail(world, mail_id, row)
    completed = Counter(_subject(one) for one in rows if one.startswith(COMPLETED))
    paid = told(world, "paid") + told(world, "accepted")
    # Red by "a payment is told by mail".
    if paid - completed:
        yield f"LOST mails {sorted(completed)} tell of {sorted(paid)}"
    # A restored table may have forgotten what a mail has told, but not that the money came.
    # Red by "money that was not booked is not told as paid".
    more = completed - paid
    if more if not world.restored else any(not _came(world, one) for one in more):
        yield f"UNMATCHED mails {sorted(completed)} tell of {sorted(paid)}"
    issued = {_subject(one) for one in rows if one.startswith("slip_issued#")}
    slips = set(told(world, "slip_issued"))
    # Red by "a slip is told by mail".
    if slips - issued or (issued - slips and not world.restored):
        yield f"LOST mails of slips and slips differ by {sorted(slips ^ issued)}"


COMPLETED = ("card_paid#", "deposit_paid#")


def _subject(mail_id: str) -> str:
    return mail_id.partition("#")[2]


def _came(world: Ground, order_id: str) -> bool:
    """Tell whether GMO ever took money for an order."""
    order = world.gmo.orders.get(order_id)
    return order is not None and not {"CAPTURE", "PAYSUCCESS"}.isdisjoint(order.history)


def _mail(world: Ground, mail_id: str, row: Item) -> Iterator[str]:
    taken, excused = world.ses.taken[mail_id], world.ses.excused[mail_id]
    tried = row.get("attempts")
    if row["state"] == "failed" and isinstance(tried, int) and tried >= MAX_ATTEMPTS:
        return  # Ten tries met ten faults of a day; the office has it on its list.
    skipped = row["state"] == "skipped" and row["kind"] in REMINDERS
    # Red by "a mail that SES did not take goes again".
    if not skipped and (row["state"] != "sent" or taken == 0):
        yield f"LOST mail {mail_id} is {row['state']!s}, SES has taken it {taken} times"
    # Red by "two workers do not send the same mail" and "SES's yes is noted ...".
    if taken > (not skipped) + excused:
        yield f"DOUBLED mail {mail_id} went {taken} times, {excused} of them after a crash"
