"""Which characters can be drawn, and what stands where one cannot."""

import struct
from pathlib import Path

import pytest

from portal.glyphs import covered, printable
from portal.typesetting import FONT_FILE
from tests.unit.receipts.samples import fonts


def glyphs() -> frozenset[int]:
    return covered(fonts() / FONT_FILE)


def test_the_font_draws_all_of_jis_x_0208() -> None:
    """These 6,879 are what the check of the record accepts."""
    accepted = [
        ord(bytes((row, cell)).decode("euc_jp", "ignore") or "\0")
        for row in range(0xA1, 0xFF)
        for cell in range(0xA1, 0xFF)
    ]
    points = {point for point in accepted if point}
    assert len(points) == 6879
    assert points <= glyphs()


@pytest.mark.parametrize("text", ["山田 花子", "﨑山 髙", "￥10,000－", "〓", "ABC-123（）"])
def test_what_has_glyphs_stays_as_it_is(text: str) -> None:
    assert printable(text, glyphs()) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("𠮷田", "〓田"),
        ("花子😀", "花子〓"),
        ("葛\U000e0100城", "葛城"),
        ("か\u200bな", "かな"),
        ("山\n田\x1b", "山田"),
        ("\ue000", "〓"),
        ("𝐀病棟", "A病棟"),
    ],
)
def test_what_has_none_falls_back_by_rule(text: str, printed: str) -> None:
    assert printable(text, glyphs()) == printed


def table(form: int, body: bytes) -> bytes:
    """Return a font file with nothing but a cmap of one Unicode sub-table."""
    kind = {4: (3, 1), 12: (3, 10)}.get(form, (3, 1))
    cmap = struct.pack(">HHHHL", 0, 1, *kind, 12) + struct.pack(">H", form) + body
    head = struct.pack(">LHHHH", 0x00010000, 1, 0, 0, 0)
    return head + struct.pack(">4sLLL", b"cmap", 0, 28, len(cmap)) + cmap


def test_a_table_of_format_4_is_read(tmp_path: Path) -> None:
    # Two segments: A to C as glyphs 1 to 3, and the closing one at U+FFFF.
    body = struct.pack(">HHHHHH", 32, 0, 4, 0, 0, 0)
    body += struct.pack(">HHH", ord("C"), 0xFFFF, 0) + struct.pack(">HH", ord("A"), 0xFFFF)
    body += struct.pack(">HH", (1 - ord("A")) & 0xFFFF, 1) + struct.pack(">HH", 0, 0)
    font = tmp_path / "four.ttf"
    font.write_bytes(table(4, body))
    assert covered(font) == frozenset(map(ord, "ABC"))


def test_a_table_of_format_12_is_read(tmp_path: Path) -> None:
    body = struct.pack(">HLLL", 0, 28, 0, 1) + struct.pack(">LLL", 0x20BB7, 0x20BB8, 5)
    font = tmp_path / "twelve.ttf"
    font.write_bytes(table(12, body))
    assert covered(font) == frozenset((0x20BB7, 0x20BB8))


@pytest.mark.parametrize("form", [0, 6, 13])
def test_another_format_is_refused_when_the_font_is_changed(form: int, tmp_path: Path) -> None:
    font = tmp_path / "other.ttf"
    font.write_bytes(table(form, b"\0" * 16))
    with pytest.raises(ValueError, match="format"):
        covered(font)
