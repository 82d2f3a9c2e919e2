"""The office compares GMO's settlement file with the payments."""

import os
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from ops.exits import Status
from portal.billing.model import Payment
from portal.database import Item, Write
from tests.fakes import MemoryDatabase, Table
from tests.unit.billing.house import TABLES
from tests.unit.billing.test_settlement_file import a_file, paid, sale
from tests.unit.ops.counter import Counter

YES = ("--by", "山田", "--yes")


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
        return self.types("settlement", "match", str(self.file), *words)


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


# Wrong files


HEADER = "オーダーID,決済方法,処理区分,取引金額,入金日\r\n"
ROW = "D26-X,クレジットカード,売上,1,2026/11/22\r\n"
WRONG = {
    "nothing": (b"", "空です"),
    "only a BOM": (b"\xef\xbb\xbf", "見出しの行が見つかりません"),
    "an Excel book": (b"PK\x03\x04" + os.urandom(300), ".xlsx"),
    "an old Excel book": (b"\xd0\xcf\x11\xe0" + os.urandom(300), ".xls"),
    "Unicode text": ((HEADER + ROW).encode("utf-16"), "Unicode テキスト"),
    "a PDF": (b"%PDF-1.7\n" + os.urandom(300), "PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0" + os.urandom(3000), "CSV ではありません"),
    "binary without nought": (bytes(range(1, 256)) * 20, "UTF-8 でも"),
    "UTF-8 then cp932": (HEADER.encode() + ROW.encode("cp932"), "混ざって"),
    "cp932 then UTF-8": (HEADER.encode("cp932") + ROW.encode(), "混ざって"),
    "the file of members": ("会員番号,姓,名\r\n001234,山田,花子\r\n".encode(), "オーダーID"),
    "no amounts": ("オーダーID,入金日\r\nD26-X,2026/11/22\r\n".encode(), "取引金額"),
    "semicolons": ((HEADER + ROW).replace(",", ";").encode(), "見出しの行が見つかりません"),
    "an endless line": (HEADER.encode() + b"1," * 40_000, "1行が長すぎます"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("words", [(), YES], ids=["dry", "yes"])
def test_a_wrong_file_is_one_sentence_and_changes_nothing(
    office: Checked, name: str, words: tuple[str, ...]
) -> None:
    content, why = WRONG[name]
    office.file.write_bytes(content)
    before = office.rows()
    assert office.types("settlement", "match", str(office.file), *words) == Status.REFUSED
    assert why in office.said[0]
    assert office.said[1:] == ["何も変更していません。"]
    assert office.rows() == before


def test_a_hundred_megabytes_are_refused_unread(office: Checked) -> None:
    with office.file.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert office.types("settlement", "match", str(office.file)) == Status.REFUSED
    assert "100 MB は大きすぎます" in office.said[0]


@pytest.mark.parametrize("name", ["nowhere.csv", "."])
def test_a_file_that_cannot_be_opened_is_told(office: Checked, name: str) -> None:
    path = office.file.parent / name
    assert office.types("settlement", "match", str(path)) == Status.REFUSED
    assert "ファイルを読めません" in office.said[0]
    assert "がありません" in office.said[0] or "フォルダです" in office.said[0]


@pytest.mark.parametrize(
    "text",
    ["x", 'order = ["a"]', 'order = ["a"]\namount = ["b"]\nmethods = {x = "gold"}', "methods = 1"],
    ids=["no TOML", "no amounts", "an unknown way of paying", "another shape"],
)
def test_a_wrong_file_of_columns_is_told(office: Checked, text: str) -> None:
    columns = office.file.with_suffix(".toml")
    columns.write_text(text, encoding="utf-8")
    assert office.compares(sale(office.payment), words=("--columns", str(columns))) == 1
    assert "列の名前のファイルに誤りがあります" in office.said[0]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_the_encodings_of_spreadsheets_are_read(office: Checked, encoding: str) -> None:
    office.file.write_bytes(a_file(sale(office.payment), encoding=encoding))
    assert office.types("settlement", "match", str(office.file)) == Status.DONE


def test_nothing_is_noted_by_nobody(office: Checked) -> None:
    before = office.rows()
    assert office.compares(sale(office.payment, "1"), words=("--yes",)) == Status.USAGE
    assert office.rows() == before


@pytest.mark.parametrize(
    "words", [("--from", "2026-11-01"), ("--to", "2026-11-01")], ids=["no end", "no begin"]
)
def test_half_a_period_is_refused(office: Checked, words: tuple[str, ...]) -> None:
    assert office.compares(sale(office.payment), words=words) == Status.REFUSED
    assert "両方" in office.text


# Comparing


def test_when_all_agrees_the_status_says_so(office: Checked) -> None:
    assert office.compares(sale(office.payment)) == 0
    assert any(line.split() == ["agreed", "1", "一致"] for line in office.said)


def test_without_yes_nothing_is_written(office: Checked) -> None:
    before = office.rows()
    assert (
        office.compares(sale(office.payment, "1"), "D26-X,コンビニ,売上,1,2026/11/22")
        == Status.PARTLY
    )
    assert any(line.split()[0] == "D26-X" and "知らない注文" in line for line in office.said)
    assert office.rows() == before


def test_with_yes_differences_are_noted_and_a_second_run_changes_nothing(office: Checked) -> None:
    lines = (sale(office.payment, "1"), "D26-X,コンビニ,売上,1,2026/11/22", "合計,,,x,")
    assert office.compares(*lines, words=YES) == Status.PARTLY
    assert [row["kind"] for row in office.house.discrepancies()] == [
        "file_differs",
        "file_unknown_order",
    ]
    assert "4行目: 金額が読めません" in office.text
    before = office.rows()
    assert office.compares(*lines, words=YES) == Status.PARTLY
    assert office.rows() == before
    assert "0 件を書きました" in office.text


def test_who_noted_and_why_is_in_the_audit(office: Checked) -> None:
    line = "D26-X,コンビニ,売上,1,2026/11/22"
    office.compares(line, words=YES)
    office.compares(line.replace("X", "Y"), words=(*YES, "--reason", "11月分"))
    assert {(row["actor"], row["note"]) for row in told(office)} == {
        ("office:山田", "入金明細 入金明細.csv との照合"),
        ("office:山田", "11月分"),
    }


def test_long_work_tells_how_far_it_is(office: Checked, capsys: pytest.CaptureFixture[str]) -> None:
    office.slow = 3.0
    office.compares("D26-X,コンビニ,売上,1,2026/11/22", words=YES)
    told = capsys.readouterr().err
    assert "… 1 件の支払いを読みました" in told
    assert "1 / 2 件の食い違い" in told


def test_a_program_gets_counts_and_differences(office: Checked) -> None:
    office.file.write_bytes(a_file(sale(office.payment, "1")))
    data = office.data("settlement", "match", str(office.file))
    counts = {row["outcome"]: row["count"] for row in data["counts"]}
    assert (counts["agreed"], counts["file_differs"]) == (0, 1)
    assert [row["order_id"] for row in data["differences"]] == [office.payment.order_id]


def test_a_run_that_is_stopped_in_the_middle_is_in_the_audit_too(office: Checked) -> None:
    """Seen red by writing the entry last: what was noted before the stop was nobody's act."""
    lines = [f"D26-{number},コンビニ,売上,1,2026/11/22" for number in range(3)]
    whole = office.desk
    office.desk = replace(whole, database=StoppedAfterOne(office.house.database.tables))
    assert office.compares(*lines, words=YES) == Status.STOPPED
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
    assert office.compares(sale(office.payment), *lines, words=(*YES, "--many")) == Status.PARTLY
    assert any(line.split()[1:] == ["6,000", "知らない注文"] for line in office.said)
    assert "ほか 5,950 件" in office.text
    assert len(office.said) < 80
