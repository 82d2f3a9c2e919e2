"""The letter and the labels as PDF: what they show, and that nothing runs out of its place."""

import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pikepdf
import pytest
import segno

from ops.letters.address import Address, address_of, without_mail
from ops.letters.label import LabelPrinter
from ops.letters.layout import PAPER_WIDTH, layout
from ops.letters.letter import TITLE, Letter, LetterPrinter, last_day, qr_code
from portal.accounts.policy import PasswordPolicy
from portal.accounts.reading import reading
from portal.config import load_society, receipt_fonts
from portal.members.fields import BY_NAME
from portal.members.model import MailFault, Record
from tests.browser.pdftext import page_texts
from tests.unit.members.desk import a_member

URL = "https://jgets-member.net/member/login"
# A moment as the clock gives it: the typesetter knows whole seconds only.
NOW = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)
PASSWORD = "ABbd23Wqp79Z"
ADDRESS = Address("1640001", ("東京都中野区中野１−２−３", "コーポ中野２０１"), "山田 花子")
LETTER = Letter(ADDRESS, "001234", PASSWORD, date(2027, 5, 21))
type Matrix = tuple[float, ...]
UNMOVED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
POINTS = 72 / 25.4
"""Of a millimetre."""


@cache
def printer() -> LetterPrinter:
    return LetterPrinter(load_society(), URL, PasswordPolicy(), receipt_fonts())


def opened(*letters: Letter) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printer().pdf(letters or (LETTER,), "20261123-103000-A", NOW)))


def labels(*addresses: Address) -> pikepdf.Pdf:
    made = LabelPrinter("技師会", receipt_fonts()).pdf(addresses, NOW)
    return pikepdf.open(io.BytesIO(made))


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_neither_a_letter_nor_its_faults_show_the_password() -> None:
    assert PASSWORD not in repr(LETTER)
    with pytest.raises(ValueError, match="no reading") as caught:
        opened(replace(LETTER, password="Abc#Abc#"))
    assert "Abc#" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["𠮷田 😀花子", "*山田* #sys.inputs $x$ @ref /* */", "葛󠄀城 花子", "", "Ω Ж ㎡ ℡ ① ｶﾅ"]
)
def test_whatever_a_name_holds_the_letter_is_printed_in_one_font(name: str) -> None:
    pdf = opened(replace(LETTER, address=replace(ADDRESS, name=name)))
    fonts = [
        one
        for one in pdf.objects
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor"
    ]
    assert {str(one.FontName).partition("+")[2] for one in fonts} == {"IPAexGothic"}
    assert all("/FontFile2" in one or "/FontFile3" in one for one in fonts)


def test_a_character_without_a_glyph_is_shown_by_its_rule() -> None:
    (text,) = page_texts(opened(replace(LETTER, address=replace(ADDRESS, name="𠮷田 花子"))))
    assert "〓田 花子" in text


def test_it_shows_number_groups_date_address_and_sign_in_page() -> None:
    (text,) = page_texts(opened())
    for shown in (
        *("〒164-0001", "東京都中野区中野１−２−３", "コーポ中野２０１", "山田 花子　様"),
        *("001234", "ABbd", "23Wq", "p79Z", "2027年5月21日（金）まで", "2026年11月23日", URL),
        *("日本消化器内視鏡技師会", "info@jgets.jp", "https://web.gogo.jp/jgets/form/contact"),
        *("20261123-103000-A  001/001", "【パスワードの読み】", "会員編集"),
    ):
        assert flat(shown) in flat(text), shown


def test_it_has_the_advice_of_the_manual() -> None:
    text = flat(page_texts(opened())[0])
    for advice in (
        *("0（ゼロ）も忘れずに", "大文字は大文字、小文字は小文字", "よく似た文字"),
        *("日本語入力がON", "「OK」を押してください", "8～20文字", '!"#$%'),
    ):
        assert advice in text


def test_each_character_has_its_kind_and_reading_in_the_passwords_order() -> None:
    text = flat(page_texts(opened())[0])
    spoken = reading(PASSWORD)
    for row in (
        "".join(f"{place}文字目" for place in range(1, 13)),
        "".join(one.kind for one in spoken),
        PASSWORD,
        "".join(one.name for one in spoken),
    ):
        assert row in text


def test_who_has_no_mail_is_told_how_to_get_it_and_nobody_else_is() -> None:
    without, with_mail = page_texts(opened(replace(LETTER, without_mail=True), LETTER))
    assert "メールアドレスを入力し" in flat(without)
    assert "メールアドレスを入力し" not in flat(with_mail)


def test_each_letter_is_one_a4_page_of_its_own() -> None:
    letters = [
        replace(LETTER, member_no=f"{number:020}", without_mail=True, address=long_address())
        for number in range(30)
    ]
    pdf = opened(*letters)
    texts = page_texts(pdf)
    assert len(texts) == 30
    for number, text in enumerate(texts):
        assert f"{number:020}" in text
    assert [round(float(one)) for one in pdf.pages[0].mediabox[2:]] == [595, 842]


def long_address() -> Address:
    """Return an address of which each part is as long as the record takes it."""
    longest = {name: "漢" * field.max_length for name, field in BY_NAME.items()}
    member = replace(
        a_member(), record=Record.of({**longest, "postal_code": "1640001", "email": ""})
    )
    return address_of(member)


@pytest.mark.parametrize(
    "address",
    [
        ADDRESS,
        long_address(),
        Address("1640001", ("W" * 120, "ａ" * 60), "W" * 60),
        Address("1640001", ("東京都",), "Wolfeschlegelsteinhausenbergerdorff" * 2),
    ],
)
def test_no_address_runs_out_of_the_window_nor_of_a_label(address: Address) -> None:
    """The text's own extent, which a clip would only hide."""
    box, sheet = layout().address, layout().labels
    right = max(x for x, y in drawn(opened(replace(LETTER, address=address)), address))
    assert right <= box.left + box.width + 0.1
    lowest = max(y for x, y in drawn(opened(replace(LETTER, address=address)), address))
    assert lowest <= box.top + box.height + 0.1
    spots = drawn(labels(address), address)
    assert max(x for x, _ in spots) <= sheet["left"] + sheet["width"] - sheet["padding"] + 0.1
    assert max(y for _, y in spots) <= sheet["top"] + sheet["height"] - sheet["padding"] + 0.1


def drawn(pdf: pikepdf.Pdf, address: Address) -> list[tuple[float, float]]:
    """Return the right end and the base line of each run of the address, in millimetres.

    The address is what is set first: as many glyphs as it has characters.
    """
    wanted = len(flat(f"〒000-0000{''.join(address.lines)}{address.name}様"))
    return _runs(pdf, wanted)


def _runs(pdf: pikepdf.Pdf, wanted: int) -> list[tuple[float, float]]:
    (page, *_) = pdf.pages
    (font,) = page.Resources.Font.values()
    widths = _widths(font.DescendantFonts[0])
    found: list[tuple[float, float]] = []
    saved: list[Matrix] = []
    seen, size, matrix, text = 0, 0.0, UNMOVED, UNMOVED
    for instruction in pikepdf.parse_content_stream(page):
        name, operands = str(instruction.operator), instruction.operands
        if name == "q":
            saved.append(matrix)
        elif name == "Q":
            matrix = saved.pop()
        elif name == "cm":
            matrix = _times(tuple(map(float, operands)), matrix)
        elif name == "Tf":
            size = float(operands[1])
        elif name == "Tm":
            text = tuple(map(float, operands))
        elif name in ("Tj", "TJ") and seen < wanted:
            codes, kern = _shown(operands[0])
            length = sum(widths.get(code, 1000.0) for code in codes) / 1000 * size - kern * size
            at = _times((1, 0, 0, 1, length, 0), _times(text, matrix))
            height = float(page.mediabox[3])
            found.append((at[4] / POINTS, (height - at[5]) / POINTS))
            seen += len(codes)
    assert seen >= wanted
    return found


def _shown(operand: Any) -> tuple[list[int], float]:
    parts = list(operand) if isinstance(operand, pikepdf.Array) else [operand]
    text = b"".join(bytes(one) for one in parts if isinstance(one, pikepdf.String))
    kern = sum(float(one) for one in parts if not isinstance(one, pikepdf.String)) / 1000
    return [int.from_bytes(text[n : n + 2], "big") for n in range(0, len(text), 2)], kern


def _widths(font: Any) -> dict[int, float]:
    entries, place = list(font.W), 0
    widths: dict[int, float] = {}
    while place < len(entries):
        first, given = int(entries[place]), entries[place + 1]
        if isinstance(given, pikepdf.Array):
            widths |= {first + n: float(one) for n, one in enumerate(given)}
            place += 2
        else:
            widths |= dict.fromkeys(range(first, int(given) + 1), float(entries[place + 2]))
            place += 3
    return widths


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


def test_wherever_the_paper_slides_the_address_stays_in_the_window() -> None:
    """長形3号 with the window of layout.toml; folded, the paper has play both ways."""
    numbers = layout()
    box, fold = numbers.address, numbers.folds[0]
    for x in (0.0, 235 - PAPER_WIDTH):
        for y in (0.0, 120 - fold):
            assert 20 <= box.left + x <= box.left + box.width + x <= 20 + 90
            assert 12 <= box.top + y <= box.top + box.height + y <= 12 + 45
    assert box.width > 60
    assert box.height > 25


def test_the_paper_folded_at_its_marks_fits_the_envelope() -> None:
    first, second = layout().folds
    assert max(first, second - first, 297 - second) <= 120 - 5


def test_the_code_is_the_sign_in_page() -> None:
    """The path of the SVG against the library's own modules."""
    svg = qr_code(URL)
    made = segno.make_qr(URL, error="m")
    matrix = [[bool(module) for module in row] for row in made.matrix]
    size = len(matrix) + 8
    shown = [[False] * size for _ in range(size)]
    (path,) = re.findall(r' d="([^"]+)"', svg)
    x, y = 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:\s*(-?[\d.]+))?", path):
        if command == "h":
            for column in range(int(x), int(x + float(first))):
                shown[int(y)][column] = True
            x += float(first)
        else:
            x, y = (
                (float(first), float(second))
                if command == "M"
                else (x + float(first), y + float(second))
            )
    assert [row[4:-4] for row in shown[4:-4]] == matrix
    assert not any(map(any, (*shown[:4], *shown[-4:])))


def test_it_is_a_tagged_document_in_japanese_with_a_picture_that_is_told_of() -> None:
    pdf = opened()
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang).lower() in ("ja", "ja-jp")
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == TITLE
        assert metadata["pdfuaid:part"] == "1"
    told = [
        str(one.Alt) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
    ]
    assert "ログインのページの QR コード" in told


def test_the_title_names_no_member() -> None:
    with opened().open_metadata() as metadata:
        assert "山田" not in str(metadata)
        assert "001234" not in str(metadata)


def test_the_font_is_embedded_once_for_all_letters() -> None:
    one, many = (len(printer().pdf([LETTER] * count, "x", NOW)) for count in (1, 101))
    assert (many - one) / 100 < 40_000
    assert one < 120_000


def test_the_last_day_is_a_whole_one() -> None:
    """Issued at 10:30 in Japan it ends at 10:30 on the 22nd of May, so the 21st is named."""
    assert last_day(NOW, PasswordPolicy()) == date(2027, 5, 21)
    almost_midnight = datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC)
    assert last_day(almost_midnight, PasswordPolicy()) == date(2027, 5, 21)
    assert last_day(datetime(2026, 11, 23, 15, tzinfo=UTC), PasswordPolicy()) == date(2027, 5, 22)


# Labels ----------------------------------------


def test_twelve_labels_are_a_sheet() -> None:
    addresses = [replace(ADDRESS, name=f"会員 {number}号") for number in range(13)]
    first, second = page_texts(labels(*addresses))
    assert [f"会員 {number}号" in first for number in range(13)] == [True] * 12 + [False]
    assert "会員 12号" in second
    assert "〒164-0001" in second
    assert "様" in second


def test_the_sheet_of_labels_is_a4() -> None:
    sheet = layout().labels
    wide = 2 * sheet["left"] + 2 * sheet["width"] + sheet["gap"]
    high = 2 * sheet["top"] + 6 * sheet["height"]
    assert (round(wide, 3), round(high, 3)) == (210, 297)


# Addresses ----------------------------------------


def test_the_true_name_is_on_the_letter_where_the_society_keeps_it() -> None:
    member = a_member(family_name="高橋", display_family_name="髙橋")
    assert address_of(member).name == "髙橋 花子"


def test_without_a_building_there_is_one_line() -> None:
    assert address_of(a_member(building="")).lines == ("東京都中野区中野１−２−３",)


def test_an_address_that_mail_does_not_reach_is_none() -> None:
    member = a_member()
    fault = MailFault("hanako@example.jp", "bounce", NOW)
    assert not without_mail(member)
    assert without_mail(a_member(email=""))
    assert without_mail(replace(member, mail_fault=fault))
    assert not without_mail(replace(member, mail_fault=replace(fault, address="old@example.jp")))
