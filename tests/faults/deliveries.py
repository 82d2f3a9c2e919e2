"""Deliveries in the end: kept, with an outcome, and counted where GMO denied them."""

from collections import Counter
from collections.abc import Iterator

from portal.billing.inbox import NOT_CONFIRMED
from portal.gmo.notification import parse
from tests.faults.ground import Ground
from tests.faults.rows import all_times, times
from tests.unit.billing.house import TABLES


def deliveries(world: Ground) -> Iterator[str]:
    """Yield what is wrong with the deliveries."""
    rows = list(world.database.tables[TABLES.inbox].values())
    # Red by "the door says 0 only to what it kept".
    lost = Counter(world.kept) - Counter(r["body"] for r in rows if isinstance(r["body"], bytes))
    if lost:
        yield f"LOST {lost.total()} deliveries that the door had answered with 0"
    # Red by "every delivery ends applied or as a discrepancy".
    if unsettled := [row["pk"] for row in rows if not row.get("outcome")]:
        yield f"LOST {len(unsettled)} deliveries have no outcome"
    denied: Counter[str] = Counter()
    strange = 0
    for row in rows:
        notice = parse(bytes(row["body"]), str(row["content_type"]))  # type: ignore[arg-type]
        denied[notice.order_id] += world.watch.ended[str(row["pk"]), NOT_CONFIRMED]
        strange += world.watch.ended[str(row["pk"]), "unknown order"]
    # Red by "what GMO denied is counted in its discrepancy".
    for order, often in denied.items():
        found = sum(times(world, kind, order) for kind in ("unconfirmed", "other_shop"))
        if found != often:
            yield f"LOST {often} denied deliveries of {order}, {found} in the discrepancy"
    # Red by "deliveries of unknown orders are counted".
    if strange != (counted := all_times(world, "unknown_order")):
        yield f"LOST {strange} deliveries of unknown orders, {counted} in discrepancies"
