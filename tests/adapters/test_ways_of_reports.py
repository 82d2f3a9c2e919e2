"""Whole tables read for the office, and reports of them, on DynamoDB itself."""

from dataclasses import replace

import pytest

from ops.scan import Scan, rows_of
from portal.billing.model import InvoiceState
from portal.database import Item, Put
from tests.adapters.house import TABLES, Dynamo
from tests.fakes import MemoryDatabase
from tests.unit.billing.house import MEMBER_NO
from tests.unit.billing.test_sums import invoice as an_invoice
from tests.unit.ops.sweeping import sweep
from tests.unit.ops.test_reports import Office

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


REPORTS: dict[str, tuple[str, ...]] = {
    "overview": ("report", "overview", "--year", "2026"),
    "paid": ("report", "paid", "--year", "2026"),
    "slips": ("report", "slips"),
    "never": ("report", "never-signed-in"),
    "arrears": ("report", "arrears", "--years", "1"),
    "bounces": ("report", "bounces"),
    "audit": ("audit", "find", "--since", "2026-01-01"),
    "audit of a member": ("audit", "find", "--member", MEMBER_NO),
}


@pytest.mark.parametrize("words", REPORTS.values(), ids=REPORTS.keys())
def test_each_report_says_of_dynamodb_what_it_says_of_memory(
    aws: Dynamo, words: tuple[str, ...]
) -> None:
    office = Office()
    office.joins()
    office.bounces()
    office.house.slip()
    office.paid("paid-before")
    office.writes(an_invoice("unpaid", 2025, state=InvoiceState.UNPAID))
    for table, rows in office.database.tables.items():
        for row in rows.values():
            aws.database.commit(Put(table, row))
    told = office.data(*words)
    office.desk = replace(
        office.desk,
        database=aws.database,
        sweep=lambda scan, seen: rows_of(scan, seen, aws.client, page=3),
    )
    assert office.data(*words) == told
    assert any(told.values())
