"""What the tables say in the end: small looks that the rules share."""

from collections import Counter

from portal.database import Item
from tests.faults.ground import Ground
from tests.unit.billing.house import TABLES


def discrepancy(world: Ground, kind: str, subject: str) -> Item | None:
    """Return the row of one discrepancy."""
    return world.database.tables[TABLES.billing].get((f"DISC#{kind}#{subject}", "DISC"))


def times(world: Ground, kind: str, subject: str) -> int:
    """Return how often a discrepancy was found."""
    row = discrepancy(world, kind, subject)
    number = row["times"] if row else 0
    return number if isinstance(number, int) else 0


def all_times(world: Ground, kind: str) -> int:
    """Return how often discrepancies of one kind were found."""
    rows = world.database.tables[TABLES.billing].values()
    return sum(times(world, kind, str(r["subject"])) for r in rows if r.get("kind") == kind)


def told(world: Ground, what: str) -> Counter[str]:
    """Count what the orders' logs tell, by order."""
    return Counter(
        str(row["pk"]).removeprefix("ORDER#")
        for row in world.database.tables[TABLES.billing].values()
        if row.get("what") == what and str(row["sk"]).startswith("EVT#")
    )


def was_told(world: Ground, order: str, what: str) -> bool:
    """Tell whether an order's log tells of something, without a look at all others."""
    log = world.database.tables[TABLES.billing].partition(f"ORDER#{order}", "EVT#")
    return any(row["what"] == what for row in log)
