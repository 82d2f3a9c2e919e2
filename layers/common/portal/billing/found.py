"""Rows of what does not add up: how a find is counted, and which deliveries told of it.

=====================  ==============  =========================================================
pk                     sk              holds
=====================  ==============  =========================================================
``DISC#{kind}#{…}``    ``DISC``        one discrepancy; index ``discrepancies`` (open, found_at)
``HEARD#{kind}#{…}``   inbox id        a delivery that had claimed it, so that it can be replayed
=====================  ==============  =========================================================
"""

from collections.abc import Mapping
from datetime import datetime

from portal.clock import iso
from portal.database import Key, Put, Update, Value

OPEN, DONE = "open", "done"


def key(ident: str) -> Key:
    """Return the key of a discrepancy; *ident* is ``{kind}#{subject}``."""
    return {"pk": f"DISC#{ident}", "sk": "DISC"}


def heard_pk(ident: str) -> str:
    """Return the partition of the deliveries that had claimed a discrepancy."""
    return f"HEARD#{ident}"


def found(
    table: str, kind: str, subject: str, now: datetime, evidence: Mapping[str, Value]
) -> Update:
    """Return the write that opens a discrepancy, opens it again, or counts it once more.

    ``found_at`` stays the first find's moment; how it was closed before stays as well.
    """
    return Update(
        table,
        key(f"{kind}#{subject}"),
        set={
            "open": OPEN,
            "kind": kind,
            "subject": subject,
            "last_found_at": iso(now),
            "evidence": dict(evidence),
        },
        initial={"found_at": iso(now)},
        add={"times": 1},
    )


def heard(table: str, kind: str, subject: str, inbox_id: str) -> Put:
    """Return the write that remembers which delivery claimed it."""
    return Put(table, {"pk": heard_pk(f"{kind}#{subject}"), "sk": inbox_id})
