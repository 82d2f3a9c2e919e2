"""Reads the letters of initial passwords as a member does: number and password off the page."""

import re
from pathlib import Path

import pikepdf

from tests.browser.pdftext import page_texts

_LETTER = re.compile(r"（会員番号）\s*(\d+)\s*初期パスワード\s*([A-Za-z2-9]{12})")


def passwords_in(letters: Path) -> dict[str, str]:
    """Return the initial password of each member number in a file of letters."""
    with pikepdf.open(letters) as pdf:
        found = [_LETTER.search(text) for text in page_texts(pdf)]
    return {one[1]: one[2] for one in found if one}
