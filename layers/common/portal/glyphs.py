"""Which characters a TrueType font can draw, read from its ``cmap`` table (OpenType 1.9).

PDF/UA refuses a character without a glyph, so it has to be known before a page is set. Only the
table's two Unicode formats are read, 4 and 12; every Japanese font has one of them.
"""

import struct
import unicodedata
from functools import cache
from pathlib import Path

GETA = "〓"
"""What Japanese printing puts where a character is missing."""

_UNICODE = {(3, 10): 2, (0, 4): 2, (0, 6): 2, (3, 1): 1, (0, 3): 1}
"""(platform, encoding) of the Unicode sub-tables and how good each is."""

_JOINERS = frozenset("\u200b\u200c\u200d\u2060\ufeff")


@cache
def covered(font: Path) -> frozenset[int]:
    """Return the code points that *font* has a glyph for. Raises ValueError for another format."""
    table = _cmap(font.read_bytes())
    offset = _best_subtable(table)
    (form,) = struct.unpack_from(">H", table, offset)
    readers = {4: _format_4, 12: _format_12}
    if form not in readers:
        raise ValueError(f"cmap format {form}")
    return frozenset(readers[form](table, offset))


def printable(text: str, glyphs: frozenset[int]) -> str:
    """Return *text* as it can be printed: by its own glyphs, else its plain equivalent, else 〓.

    Variation selectors and invisible joiners are left out, so that a name with a rare form of a
    character shows the usual form, as the check of the record would have asked for.
    """
    return "".join(_drawn(one, glyphs) for one in text)


def _drawn(one: str, glyphs: frozenset[int]) -> str:
    if one in _JOINERS or _is_variation_selector(one) or unicodedata.category(one) == "Cc":
        return ""
    if ord(one) in glyphs:
        return one
    plain = unicodedata.normalize("NFKC", one)
    return plain if all(ord(part) in glyphs for part in plain) else GETA


def _is_variation_selector(one: str) -> bool:
    return 0xFE00 <= ord(one) <= 0xFE0F or 0xE0100 <= ord(one) <= 0xE01EF


def _cmap(font: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", font, 4)
    for number in range(count):
        tag, _, offset, length = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag == b"cmap":
            return font[offset : offset + length]
    raise ValueError("no cmap table")


def _best_subtable(table: bytes) -> int:
    (count,) = struct.unpack_from(">H", table, 2)
    records: list[tuple[int, int, int]] = [
        struct.unpack_from(">HHL", table, 4 + 8 * number) for number in range(count)
    ]
    known = [
        (_UNICODE[platform, kind], offset)
        for platform, kind, offset in records
        if (platform, kind) in _UNICODE
    ]
    if not known:
        raise ValueError("no Unicode sub-table")
    return max(known)[1]


def _format_12(table: bytes, offset: int) -> set[int]:
    (groups,) = struct.unpack_from(">L", table, offset + 12)
    points: set[int] = set()
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", table, offset + 16 + 12 * number)
        points.update(range(first if glyph else first + 1, last + 1))
    return points


def _format_4(table: bytes, offset: int) -> set[int]:
    (doubled,) = struct.unpack_from(">H", table, offset + 6)
    segments = doubled // 2
    ends = offset + 14
    starts, deltas, ranges = (ends + 2 + doubled * n for n in (1, 2, 3))
    points: set[int] = set()
    for number in range(segments):
        at = 2 * number
        (last,), (first,) = (struct.unpack_from(">H", table, base + at) for base in (ends, starts))
        (delta,), (jump,) = (struct.unpack_from(">H", table, b + at) for b in (deltas, ranges))
        for point in range(first, min(last, 0xFFFE) + 1):
            place = ranges + at + jump + 2 * (point - first)
            (glyph,) = struct.unpack_from(">H", table, place) if jump else (point + delta,)
            if glyph & 0xFFFF:
                points.add(point)
    return points
