"""The text of a PDF of ours, read by the map from glyphs to characters that it brings along."""

import re
from pathlib import Path
from typing import Any

import pikepdf

_PAIR = re.compile(r"^<([0-9a-f]{4})> <([0-9a-f]+)>$", re.MULTILINE | re.IGNORECASE)


def pdf_text(path: Path) -> str:
    """Return what is printed on the only page of a PDF with one embedded font."""
    with pikepdf.open(path) as pdf:
        (text,) = page_texts(pdf)
        return text


def page_texts(pdf: pikepdf.Pdf) -> list[str]:
    """Return what is printed on each page of a PDF with one embedded font."""
    return [_page_text(page) for page in pdf.pages]


def _page_text(page: pikepdf.Page) -> str:
    (font,) = page.Resources.Font.values()
    characters = {
        code.lower(): bytes.fromhex(text).decode("utf-16-be")
        for code, text in _PAIR.findall(font.ToUnicode.read_bytes().decode())
    }
    return "".join(
        characters[code] for one in pikepdf.parse_content_stream(page) for code in _codes(one)
    )


def _codes(instruction: Any) -> list[str]:
    if str(instruction.operator) not in ("Tj", "TJ"):
        return []
    shown = instruction.operands[0]
    parts = list(shown) if isinstance(shown, pikepdf.Array) else [shown]
    digits = b"".join(bytes(one) for one in parts if isinstance(one, pikepdf.String)).hex()
    return [digits[place : place + 4] for place in range(0, len(digits), 4)]
