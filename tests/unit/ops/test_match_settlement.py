"""The office compares GMO's settlement file with the payments."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from portal.billing.model import Payment
from portal.database import Item, Write
from tests.fakes import MemoryDatabase, Table
from tests.unit.billing.house import TABLES
from tests.unit.billing.test_settlement_file import a_file, paid, sale
from tests.unit.ops.counter import Counter


class Checked(Counter):
    """A counter with a file to be compared and one paid payment."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        database = self.house.database
        self.desk = replace(self.desk, payments=lambda table: database.rows(table, "PAY#"))
        self.file = folder / "入金明細.csv"
        self.payment: Payment = paid(self.house)

    def compares(self, *lines: str, words: tuple[str, ...] = ()) -> int:
        """Write the file and compare it."""
        self.file.write_bytes(a_file(*lines))
        return self.types("match-settlement", str(self.file), *words)


class StoppedAfterOne(MemoryDatabase):
    """The same rows, until Ctrl-C is pressed at the second write."""

    def __init__(self, tables: defaultdict[str, Table]) -> None:
        super().__init__()
        self.tables = tables

    def commit(self, *writes: Write) -> None:
        """Write once."""
        if self.calls["write"]:
            raise KeyboardInterrupt
        super().commit(*writes)


@pytest.fixture
def office(tmp_path: Path) -> Checked:
    return Checked(tmp_path)


def told(office: Checked) -> list[Item]:
    """Return what the audit has of files."""
    rows = office.house.database.rows(TABLES.audit)
    return [row for row in rows if "settlement" in str(row["action"])]


YES = ("--by", "山田", "--yes")


def test_a_file_that_is_not_there_is_told(office: Checked) -> None:
    assert office.types("match-settlement", "nowhere.csv") == 1
    assert "ファイルを読めません" in office.text


@pytest.mark.parametrize("words", [("--yes",), ("--from", "2026-11-01")])
def test_half_of_what_is_needed_is_refused(office: Checked, words: tuple[str, ...]) -> None:
    before = office.rows()
    assert office.compares(sale(office.payment), words=words) == 1
    assert office.rows() == before


def test_when_all_agrees_the_status_says_so(office: Checked) -> None:
    assert office.compares(sale(office.payment)) == 0
    assert "1 件  一致" in office.text


def test_without_yes_nothing_is_written(office: Checked) -> None:
    before = office.rows()
    assert office.compares(sale(office.payment, "1"), "D26-X,コンビニ,売上,1,2026/11/22") == 1
    assert "D26-X  知らない注文" in office.text
    assert office.rows() == before


def test_with_yes_differences_are_noted_and_a_second_run_changes_nothing(office: Checked) -> None:
    lines = (sale(office.payment, "1"), "D26-X,コンビニ,売上,1,2026/11/22", "合計,,,x,")
    assert office.compares(*lines, words=YES) == 1
    assert [row["kind"] for row in office.house.discrepancies()] == [
        "file_differs",
        "file_unknown_order",
    ]
    assert "4行目: 金額が読めません" in office.text
    before = office.rows()
    assert office.compares(*lines, words=YES) == 1
    assert office.rows() == before
    assert "0 件を書きました" in office.text


def test_who_noted_is_in_the_audit(office: Checked) -> None:
    office.compares("D26-X,コンビニ,売上,1,2026/11/22", words=YES)
    assert [row["actor"] for row in told(office)] == ["office:山田"]


def test_a_run_that_is_stopped_in_the_middle_is_in_the_audit_too(office: Checked) -> None:
    """Seen red by writing the entry last: what was noted before the stop was nobody's act."""
    lines = [f"D26-{number},コンビニ,売上,1,2026/11/22" for number in range(3)]
    whole = office.desk
    office.desk = replace(whole, database=StoppedAfterOne(office.house.database.tables))
    with pytest.raises(KeyboardInterrupt):
        office.compares(*lines, words=YES)
    assert len(office.house.discrepancies()) == 1
    assert [row["actor"] for row in told(office)] == ["office:山田"]
    office.desk = whole
    office.compares(*lines, words=YES)
    assert len(told(office)) == 2


def test_a_period_that_ends_before_it_begins_is_refused(office: Checked) -> None:
    """It would find nothing missing, which reads like a file that agrees."""
    words = ("--from", "2026-11-30", "--to", "2026-11-01")
    assert office.compares(sale(office.payment), words=words) == 1
    assert "より後の日付" in office.text


def test_a_large_file_tells_of_its_differences_in_short(office: Checked) -> None:
    lines = [f"D26-{number},コンビニ,売上,1,2026/11/22" for number in range(6000)]
    before = office.rows()
    assert office.compares(sale(office.payment), *lines, words=YES) == 1
    assert "--many" in office.text
    assert office.rows() == before
    assert office.compares(sale(office.payment), *lines, words=(*YES, "--many")) == 1
    assert "6,000 件  知らない注文" in office.text
    assert "ほか 5,950 件" in office.text
    assert "… 5,000 件を書きました" in office.text
    assert len(office.said) < 80
