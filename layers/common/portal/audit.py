"""The append-only audit: who did what to whom, when and from where.

A function's role may only put into this table, so nothing that runs can change the past.
"""

from datetime import datetime

from portal.clock import iso
from portal.database import Item, Missing, Put
from portal.ids import crockford


def entry(
    table: str,
    *,
    actor: str,
    action: str,
    subject: str,
    at: datetime,
    source: str = "",
    before: Item | None = None,
    after: Item | None = None,
    note: str = "",
    once: str = "",
) -> Put:
    """Return the row that tells of one act.

    *actor* is a member id, ``office:NAME``, ``gmo`` or ``system``; *subject* is the member id (or
    member number where no member is known); *source* is the network address it came from.
    Passwords and tokens are never put into *before* or *after*. *once* is the sort key of an act
    that can be done only once: the write of a second one is rejected.
    """
    item: Item = {
        "pk": subject,
        "sk": once or f"{iso(at)}#{crockford(8)}",
        "actor": actor,
        "action": action,
        "source": source,
        "note": note,
    }
    if before is not None:
        item["before"] = dict(before)
    if after is not None:
        item["after"] = dict(after)
    return Put(table, item, when=(Missing("pk"),))
