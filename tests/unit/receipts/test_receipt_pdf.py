"""The PDF: what it shows, that a screen reader can read it, and that it stays the same."""

import io
import re
from datetime import date, datetime
from statistics import median
from time import perf_counter
from typing import Any

import pikepdf
import pytest

from portal.billing.receipt_pdf import ReceiptPrinter, content
from portal.billing.receipts import Addressee, ReceiptSnapshot
from portal.clock import JST
from tests.unit.receipts.samples import ISSUER, PAID_DAY, SNAPSHOT, a_receipt, fonts, printer

LONG = "医療法人社団中央記念会消化器内視鏡センター附属総合病院第二診療部門内視鏡検査治療室分院" * 3


def opened(snapshot: ReceiptSnapshot = SNAPSHOT, *, reissued: bool = False) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printer().pdf(snapshot, reissued=reissued)))


def tags(pdf: pikepdf.Pdf) -> list[str]:
    """Return the structure's tags in reading order."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(str(node.S))
            if "/K" in node:
                walk(node.K)

    walk(pdf.Root.StructTreeRoot.K)
    return found


def fonts_in(pdf: pikepdf.Pdf) -> list[Any]:
    return [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary)
            and one.get("/Type") == "/FontDescriptor"]  # fmt: skip


def printed(pdf: pikepdf.Pdf) -> str:
    """Return the page's text by the font's own map from glyphs to characters."""
    (page,) = pdf.pages
    (font,) = page.Resources.Font.values()
    cmap = font.ToUnicode.read_bytes().decode()
    pairs = re.findall(r"^<([0-9a-f]{4})> <([0-9a-f]+)>$", cmap, re.MULTILINE | re.IGNORECASE)
    characters = {code.lower(): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
    shown = ""
    for instruction in pikepdf.parse_content_stream(page):
        if str(instruction.operator) in ("Tj", "TJ"):
            codes = b"".join(bytes(one) for one in _strings(instruction.operands[0])).hex()
            shown += "".join(characters[codes[n : n + 4]] for n in range(0, len(codes), 4))
    return shown


def _strings(operand: Any) -> list[Any]:
    parts = list(operand) if isinstance(operand, pikepdf.Array) else [operand]
    return [one for one in parts if isinstance(one, pikepdf.String)]


def test_it_is_a_tagged_document_in_japanese_with_a_title() -> None:
    pdf = opened()
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang).lower() in ("ja", "ja-jp")
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "領収書 2026-001234-1"
        assert metadata["pdfuaid:part"] == "1"


def test_it_begins_with_one_heading_and_has_tables_with_header_cells() -> None:
    found = tags(opened())
    assert found.count("/H1") == 1
    assert not {"/H2", "/H3", "/Figure"} & set(found)
    assert found.count("/Table") == 2
    assert found.count("/TH") == 6


@pytest.mark.parametrize("name", ["山田 花子", "𠮷田 😀花子", "Ω Ж ㎡ ℡ ① ｶﾅ"])
def test_the_one_font_is_embedded_as_a_subset(name: str) -> None:
    """A misspelt font name or a missing glyph would silently bring another font in."""
    pdf = opened(a_receipt(name=name))
    descriptors = fonts_in(pdf)
    assert descriptors
    for one in descriptors:
        prefix, _, family = str(one.FontName).removeprefix("/").partition("+")
        assert (len(prefix), family) == (6, "IPAexGothic")
        assert any(key in one for key in ("/FontFile2", "/FontFile3"))


def test_it_is_one_a4_page() -> None:
    pdf = opened()
    (page,) = pdf.pages
    width, height = (float(one) for one in page.mediabox[2:])
    assert (round(width), round(height)) == (595, 842)


def test_a_long_addressee_and_title_stay_on_one_page() -> None:
    pdf = opened(a_receipt(name=LONG, title=LONG[:60]), reissued=True)
    assert len(pdf.pages) == 1


@pytest.mark.parametrize("reissued", [False, True])
def test_the_same_receipt_has_the_same_bytes(reissued: bool) -> None:
    """Also from another process, a day later: nothing of now is in it."""
    first = printer().pdf(SNAPSHOT, reissued=reissued)
    assert printer().pdf(SNAPSHOT, reissued=reissued) == first
    assert ReceiptPrinter(fonts()).pdf(SNAPSHOT, reissued=reissued) == first


def test_another_receipt_in_between_leaves_no_trace() -> None:
    first = printer().pdf(SNAPSHOT, reissued=False)
    printer().pdf(a_receipt(name="別人", number="2026-9-9"), reissued=True)
    assert printer().pdf(SNAPSHOT, reissued=False) == first


def test_its_creation_date_is_the_day_of_issue_in_japan() -> None:
    with opened().open_metadata() as metadata:
        created = datetime.fromisoformat(str(metadata["xmp:CreateDate"]))
        assert created == datetime(2026, 11, 23, tzinfo=JST)


@pytest.mark.parametrize("name", ["山田 花子", LONG[:80]])
def test_it_is_small(name: str) -> None:
    assert len(printer().pdf(a_receipt(name=name, method="cvs"), reissued=True)) <= 60_000


def test_it_is_quick_once_warm() -> None:
    """The goal is 30 ms; the bound is loose because tests share their machine."""
    printer().pdf(SNAPSHOT, reissued=False)
    times = []
    for number in range(9):
        started = perf_counter()
        printer().pdf(a_receipt(name=f"山田 花子{number}"), reissued=False)
        times.append(perf_counter() - started)
    assert median(times) < 0.1


@pytest.mark.parametrize(
    "name", ['*x* #sys.inputs $x$ @ref /* */ // "\\', "#panic()", "= 見出し", "<label>"]
)
def test_a_name_is_never_markup(name: str) -> None:
    found = tags(opened(a_receipt(name=name)))
    assert found == tags(opened())


# What it says ------------------------------------------------------------------------------------


def test_it_says_what_a_receipt_says() -> None:
    shown = content(SNAPSHOT, reissued=False)
    assert shown["number"] == "2026-001234-1"
    assert shown["issued_on"] == "2026年11月23日"
    assert (shown["addressee"], shown["honorific"]) == ("山田 花子", "様")
    assert shown["amount"] == "￥10,000－"
    assert shown["title"] == "2026年度 年会費"
    assert shown["tax_note"] == "不課税"
    assert shown["issuer"]["name"] == "日本消化器内視鏡技師会"


@pytest.mark.parametrize(
    ("method", "words"), [("card", "クレジットカード利用"), ("cvs", "コンビニエンスストア払")]
)
def test_it_says_how_and_when_was_paid_and_by_which_order(method: str, words: str) -> None:
    facts = content(a_receipt(method=method), reissued=False)["facts"]
    assert [fact["value"] for fact in facts] == ["2026年11月22日", words, "D26-ABCDEFGHJKMNPQRS"]
    assert [fact["label"] for fact in facts] == ["領収日", "お支払い方法", "取引番号"]


def test_made_out_to_the_workplace_it_names_the_workplace() -> None:
    chosen = a_receipt(addressee_kind=Addressee.WORKPLACE, addressed_on=PAID_DAY)
    shown = content(chosen, reissued=False)
    assert (shown["addressee"], shown["honorific"]) == ("中野病院", "御中")


def test_members_are_told_that_dues_are_not_taxable() -> None:
    notes = "".join(content(SNAPSHOT, reissued=False)["notes"])
    assert "不課税" in notes


def test_a_slip_has_a_receipt_of_its_own_so_two_are_warned_of() -> None:
    assert "二重" not in "".join(content(SNAPSHOT, reissued=False)["notes"])
    assert "二重" in "".join(content(a_receipt(method="cvs"), reissued=False)["notes"])


def test_a_registration_number_is_shown_only_where_there_is_one() -> None:
    assert not any(
        "登録番号" in line for line in content(SNAPSHOT, reissued=False)["issuer"]["lines"]
    )
    issuer = type(ISSUER)(**{**vars(ISSUER), "registration_number": "T1234567890123"})
    lines = content(a_receipt(issuer=issuer), reissued=False)["issuer"]["lines"]
    assert "登録番号 T1234567890123" in lines


def test_a_later_year_is_written_by_its_own_snapshot() -> None:
    shown = content(a_receipt(issued_on=date(2027, 4, 1), amount=1234567), reissued=True)
    assert (shown["issued_on"], shown["amount"]) == ("2027年4月1日", "￥1,234,567－")
    assert shown["reissued"] is True


def test_its_text_can_be_copied_and_searched() -> None:
    """Glyph numbers lead back to the characters, in the order of reading."""
    chosen = a_receipt(addressee_kind=Addressee.SELF, addressed_on=PAID_DAY)
    text = printed(opened(chosen, reissued=True))
    for words in ("領収書", "再発行", "山田 花子", "様", "￥10,000－", "2026年11月22日"):
        assert words in text
    assert "再発行" not in printed(opened(chosen))
