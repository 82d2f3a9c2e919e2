"""A table in memory read as :func:`ops.scan.rows_of` reads one of DynamoDB."""

from collections.abc import Iterator

from ops.scan import Scan, Seen
from portal.database import Item
from tests.fakes import MemoryDatabase


def sweep(database: MemoryDatabase, scan: Scan, seen: Seen) -> Iterator[Item]:
    """Yield the wanted parts of the wanted rows, in no order that anybody may count on."""
    for row in reversed(database.rows(scan.table)):
        seen(1)
        sort_key = str(row.get("sk", ""))
        begins = not scan.begins or sort_key.startswith(scan.begins)
        if begins and scan.since <= sort_key and not (scan.until and sort_key >= scan.until):
            yield {name: row[name] for name in scan.names or row if name in row}
