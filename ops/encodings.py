"""The encoding of the office's file, told by decoding all of it, and what is no text at all."""

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

LONGEST_LINE = 64 * 1024
LARGEST = 64 * 1024 * 1024
"""Bytes; 20,000 members are about 8 MB, a year of payments about 4."""

_KINDS = (
    (b"PK\x03\x04", "Excel のブック（.xlsx）です。「名前を付けて保存」で「CSV UTF-8」を"),
    (b"\xd0\xcf\x11\xe0", "Excel のブック（.xls）です。「名前を付けて保存」で「CSV UTF-8」を"),
    (b"\xff\xfe", "「Unicode テキスト」です。「CSV UTF-8」を"),
    (b"\xfe\xff", "「Unicode テキスト」です。「CSV UTF-8」を"),
    (b"%PDF", "PDF です。CSV を"),
)
# Three bytes of UTF-8 in a row of characters that Japanese is written in.
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")


class FileRefused(Exception):
    """The file as a whole cannot be used; the text says why, in the office's words."""


def check_size(handle: BinaryIO, what: str) -> None:
    """Refuse a file that cannot be *what* it should be, by its size alone. Raises FileRefused."""
    size = os.fstat(handle.fileno()).st_size
    if size > LARGEST:
        raise FileRefused(
            f"{size / 1024 / 1024:,.0f} MB は大きすぎます（{LARGEST // 1024 // 1024} MB まで）。"
            f"{what}かどうか確かめ、必要なら分けてください。"
        )


def encoding_of(handle: BinaryIO) -> str:
    """Return ``utf-8`` or ``cp932``, by decoding every line strictly. Raises FileRefused.

    A file is in one encoding: a line of UTF-8 among lines of cp932 can be read as cp932 too, as
    other characters, which are kanji in part and would pass for a name.
    """
    broken, japanese = _looked_at(handle)
    if not broken["utf-8"]:
        return "utf-8"
    if not broken["cp932"] and not japanese:
        return "cp932"
    again = "Excel で「CSV UTF-8」として保存し直してください。"
    if japanese:
        raise FileRefused(
            f"文字コードが混ざっています（{japanese}行目は UTF-8、"
            f"{broken['utf-8']}行目は UTF-8 ではありません）。{again}"
        )
    raise FileRefused(
        "文字コードが UTF-8 でも Shift_JIS（cp932）でもありません"
        f"（{max(broken.values())}行目）。{again}"
    )


def _looked_at(handle: BinaryIO) -> tuple[dict[str, int], int]:
    """Return the first line that each encoding does not fit, and the first of Japanese in UTF-8.

    Lines count from 1; nought means none.
    """
    handle.seek(0)
    broken, japanese = {"utf-8": 0, "cp932": 0}, 0
    for number, line in enumerate(_raw_lines(handle), start=1):
        for encoding, before in broken.items():
            if not before and not _decodes(line, encoding):
                broken[encoding] = number
        if not japanese and _is_japanese_utf8(line):
            japanese = number
    return broken, japanese


def _raw_lines(handle: BinaryIO) -> Iterator[bytes]:
    first = True
    while line := handle.readline(LONGEST_LINE + 1):
        if first:
            for begin, what in _KINDS:
                if line.startswith(begin):
                    raise FileRefused(f"CSV ではなく {what}選んでください。")
            first = False
        if b"\0" in line:
            raise FileRefused("CSV ではありません（文字ではないデータが入っています）。")
        if len(line) > LONGEST_LINE:
            raise FileRefused("1行が長すぎます。CSV ではないか、改行が失われています。")
        yield line
    if first:
        raise FileRefused("ファイルが空です。")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_japanese_utf8(line: bytes) -> bool:
    try:
        return bool(_JAPANESE.search(line.decode("utf-8").removeprefix("\ufeff")))
    except UnicodeDecodeError:
        return False
