"""A whole table read for the office, on DynamoDB itself."""

import pytest

from ops.scan import Scan, rows_of
from portal.database import Item, Put
from tests.adapters.house import TABLES, Dynamo
from tests.fakes import MemoryDatabase
from tests.unit.ops.sweeping import sweep

ROWS: list[Item] = [
    {"pk": pk, "sk": sk, "state": "paid", "name": "山田", "yen": number}
    for number, (pk, sk) in enumerate(
        [("a", "INV#1"), ("a", "PAY#1"), ("a", "RCPT#1"), ("b", "INV#2"), ("c", "2026-05-01")]
    )
]
SCANS = {
    "all": Scan(TABLES.billing),
    "reserved names": Scan(TABLES.billing, names=("sk", "state", "name")),
    "two beginnings": Scan(TABLES.billing, ("pk", "sk"), begins=("INV#", "PAY#")),
    "from a key": Scan(TABLES.billing, since="INV#2"),
    "until a key": Scan(TABLES.billing, until="INV#2"),
    "between": Scan(TABLES.billing, ("yen",), begins=("INV#",), since="INV#2", until="INV#3"),
}


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS.keys())
def test_every_page_is_read_and_the_one_in_memory_reads_alike(aws: Dynamo, scan: Scan) -> None:
    memory = MemoryDatabase()
    for row in ROWS:
        aws.database.commit(Put(TABLES.billing, row))
        memory.commit(Put(TABLES.billing, row))
    seen: list[int] = []
    found = list(rows_of(scan, seen.append, aws.client, page=2))
    assert sorted(map(repr, map(sorted, map(dict.items, found)))) == sorted(
        map(repr, map(sorted, map(dict.items, sweep(memory, scan, lambda _: None))))
    )
    assert found
    assert sum(seen) == len(ROWS)
    assert len(seen) > 1
