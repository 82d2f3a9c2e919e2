"""A whole table read row by row, only as much of each row as is needed.

No function may do that; the office's commands may. DynamoDB counts the whole row all the same: what
is left out saves the way here, and brings no more of a member than the answer shows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.database import Item
from portal.expressions import plain

type Seen = Callable[[int], object]
"""Is told of each page how many rows of the table it took."""


@dataclass(frozen=True)
class Scan:
    """Which rows of *table* are wanted, and the attributes of them; all where none is named.

    *begins* are beginnings of the sort key, of which one is enough. *since* and *until* bound the
    sort key, the first of them inside.
    """

    table: str
    names: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


def rows_of(scan: Scan, seen: Seen, client: Any, page: int | None = None) -> Iterator[Item]:
    """Yield the rows, strongly consistent. *page* is the most rows of a page, as tests have it."""
    limit = {"PageSize": page} if page else {}
    pages = client.get_paginator("scan").paginate(
        TableName=scan.table, ConsistentRead=True, PaginationConfig=limit, **_expressions(scan)
    )
    for answer in pages:
        seen(answer["ScannedCount"])
        yield from map(plain, answer["Items"])


def _expressions(scan: Scan) -> dict[str, Any]:
    names = {f"#n{place}": name for place, name in enumerate(scan.names)}
    values = {f":b{place}": begin for place, begin in enumerate(scan.begins)}
    conditions = []
    if scan.begins:
        conditions.append("(" + " OR ".join(f"begins_with(sk, {one})" for one in values) + ")")
    for sign, name, bound in ((">=", ":since", scan.since), ("<", ":until", scan.until)):
        if bound:
            conditions.append(f"sk {sign} {name}")
            values[name] = bound
    found: dict[str, Any] = {}
    if names:
        found["ProjectionExpression"] = ", ".join(names)
        found["ExpressionAttributeNames"] = names
    if conditions:
        found["FilterExpression"] = " AND ".join(conditions)
        found["ExpressionAttributeValues"] = {name: {"S": text} for name, text in values.items()}
    return found
