"""The 6,879 characters of JIS X 0208, told from all others by how EUC-JP writes them.

EUC-JP writes them, and only them, as two bytes from 0xA1 up: half-width kana begin with 0x8E, and
JIS X 0212 takes three bytes. The first byte says the row, the second the cell.
"""

from functools import lru_cache


def in_jis_x_0208(character: str) -> bool:
    """Say whether one character is among the 6,879 of JIS X 0208."""
    return row(character) > 0


def row(character: str) -> int:
    """Return the row of JIS X 0208 (1 to 84) a character stands in, or 0 when it is not there."""
    return cell(character)[0]


@lru_cache(maxsize=2048)
def cell(character: str) -> tuple[int, int]:
    """Return row and cell of a character, both from 1 up; two zeros when it is not there."""
    try:
        code = character.encode("euc_jp")
    except UnicodeEncodeError:
        return 0, 0
    if len(code) != 2 or code[0] < 0xA1 or code[1] < 0xA1:
        return 0, 0
    return code[0] - 0xA0, code[1] - 0xA0
