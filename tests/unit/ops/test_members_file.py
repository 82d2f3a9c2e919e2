"""Wrong files of members: one clear sentence, and nothing is changed."""

import os
import tracemalloc
from pathlib import Path

import pytest

from ops.members import csv_file
from tests.unit.members.desk import TEXTS
from tests.unit.ops.members_office import LABELS, NEW, SIGNED, Office, a_row, as_csv

HEADER = ",".join(LABELS.values()).encode() + b"\r\n"
PLAIN = as_csv(a_row())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def without(name: str) -> bytes:
    row = a_row()
    del row[name]
    return as_csv(row)


WRONG = {
    "nothing": (b"", "空です"),
    "only a BOM": (b"\xef\xbb\xbf", "列がありません"),
    "only a header": (HEADER, "会員の行がありません"),
    "blank lines": (b"\r\n\r\n,,,\r\n", "列がありません"),
    "an Excel book": (b"PK\x03\x04" + os.urandom(300), ".xlsx"),
    "an old Excel book": (b"\xd0\xcf\x11\xe0" + os.urandom(300), ".xls"),
    "Unicode text": (PLAIN.decode("utf-8-sig").encode("utf-16"), "Unicode テキスト"),
    "a PDF": (b"%PDF-1.7\n" + os.urandom(300), "PDF"),
    "binary": (b"\x89PNG\r\n\x1a\n\0\0" + os.urandom(3000), "CSV ではありません"),
    "binary without nought": (bytes(range(1, 256)) * 20, "UTF-8 でも"),
    "EUC-JP": (PLAIN.decode("utf-8-sig").encode("euc_jp"), "UTF-8 でも|列がありません"),
    "UTF-8 then cp932": (PLAIN + as_csv(a_row("7"), encoding="cp932"), "混ざって"),
    "cp932 then UTF-8": (as_csv(a_row(), encoding="cp932") + as_csv(a_row("7")), "混ざって"),
    "UTF-8 that could be cp932": (
        "会員番号,勤務先\r\n".encode("cp932") + "001234,ああ\r\n".encode(),
        "混ざって",
    ),
    "no header": (PLAIN.split(b"\r\n", 1)[1], "列がありません"),
    "another file": (b"\xef\xbb\xbf" + "オーダーID,金額\r\nD26,1\r\n".encode(), "列がありません"),
    "an unknown column": (as_csv({**a_row(), "携帯": "1"}), "知らない列があります: 携帯"),
    "a column twice": (as_csv({**a_row(), "携帯番号": "1"}), "携帯電話番号"),
    "numbers only": ("会員番号\r\n001234\r\n".encode(), "取り込む列がありません"),
    "no numbers": (without("member_no"), "会員番号"),
    "semicolons": (PLAIN.replace(b",", b";"), "列がありません"),
    "a quote never closed": (PLAIN + b'"020003,x\r\n' + PLAIN * 3, "CSV として読めません"),
    "text behind a quote": (PLAIN + b'"020003"x,y\r\n', "3行目から CSV として読めません"),
    "one number twice": (as_csv(a_row("7"), a_row("8"), a_row("7")), "7（2行目と4行目）"),
    "one number in two widths": (as_csv(a_row("7"), a_row("７")), "7（2行目と3行目）"),
    "an endless line": (HEADER + b"1," * 40_000, "1行が長すぎます"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("words", [(), ("--yes", *SIGNED)], ids=["dry", "yes"])
def test_a_wrong_file_is_one_sentence_and_changes_nothing(
    office: Office, name: str, words: tuple[str, ...]
) -> None:
    content, told = WRONG[name]
    office.file.write_bytes(content)
    before = office.stored()
    assert office.types("import", str(office.file), *words) == 1
    assert any(one in office.said[0] for one in told.split("|")), office.text
    assert office.said[1:] == ["何も変更していません。"]
    assert office.stored() == before
    assert list(office.folder.iterdir()) == [office.file]
    assert office.database.calls == {}


def test_a_hundred_megabytes_are_refused_unread(office: Office) -> None:
    with office.file.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert office.types("import", str(office.file)) == 1
    assert "100 MB は大きすぎます" in office.text


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.csv", "nowhere.csv を開けません（ファイルかフォルダがありません）。"),
        (".", "フォルダです"),
        ("/", "フォルダです"),
    ],
)
def test_a_file_that_cannot_be_opened_is_told_in_japanese(
    office: Office, name: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(office.folder)
    assert office.types("import", name) == 1
    assert told in office.said[0]
    assert office.said[1:] == ["何も変更していません。"]


@pytest.mark.parametrize(
    "text",
    ["", "number = 1", "[fields]\nfamily_name = ['姓']", "kaputt = [", "new = []\n[fields]"],
)
def test_a_wrong_file_of_columns_is_told(office: Office, text: str) -> None:
    columns = office.folder / "columns.toml"
    columns.write_text(text, encoding="utf-8")
    office.file.write_bytes(PLAIN)
    assert office.types("import", str(office.file), "--columns", str(columns)) == 1
    assert "列の名前のファイル" in office.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_the_encodings_of_excel_are_recognised(office: Office, encoding: str, end: bytes) -> None:
    content = as_csv(a_row(street="中野１～３－１"), encoding=encoding).replace(b"\r\n", end)
    assert office.looks(content) == 0
    assert ("cp932" in office.said[0]) == (encoding == "cp932")
    assert "1 件  新規" in office.text


def test_a_cp932_file_with_half_width_kana_is_not_taken_for_utf_8(office: Office) -> None:
    row = a_row(family_name_kana="ﾔﾏﾀﾞ", given_name_kana="ﾃｱﾅ", workplace="")
    assert office.looks(as_csv(row, encoding="cp932")) == 0
    assert "cp932" in office.said[0]


def test_lines_are_told_as_an_editor_counts_them(office: Office) -> None:
    broken = a_row("5", building="コーポ\r\n中野")
    office.looks(as_csv(a_row("3"), broken, {**a_row("6"), "city": ""}))
    assert "3行目 5" in office.text
    assert "5行目 6" in office.text


def test_a_file_is_read_in_steady_memory(office: Office) -> None:
    """Seen red by reading the lines into a list."""
    columns = csv_file.columns_of(csv_file.NAMES_OF_COLUMNS, tuple(TEXTS))

    def peak(rows: int) -> int:
        office.file.write_bytes(as_csv(*(a_row(f"{number:06d}") for number in range(rows))))
        tracemalloc.start()
        with csv_file.opened(office.file, columns) as file:
            assert sum(1 for _ in file.lines()) == file.rows == rows
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few, many = peak(1000), peak(8000)
    # Numbers are remembered to find those that come twice; nothing else is.
    assert many - few < 7000 * 250


def test_an_existing_file_of_another_kind_is_not_written_over(office: Office) -> None:
    other = office.folder / "大切.csv"
    other.write_text("大切", encoding="utf-8")
    office.file.write_bytes(as_csv(a_row("x")))
    assert office.types("import", str(office.file), "--errors", str(other)) == 1
    assert other.read_text(encoding="utf-8") == "大切"
    assert office.types("import", str(office.file), "--errors", str(office.file)) == 1
    assert office.types("import", str(office.file), "--errors", "/nowhere/x.csv") == 1
    assert office.file.read_bytes() == as_csv(a_row("x"))
    assert NEW not in office.text
