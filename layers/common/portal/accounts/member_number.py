"""The member number as a member types it, folded to the one form in which it is stored.

A number is a text: its leading zeros are part of it (manual, section 1). Only the way it was typed
is folded, never its digits, so that 123 never becomes 0123.
"""

LONGEST = 20

_FULL_WIDTH = str.maketrans("０１２３４５６７８９", "0123456789")
_HYPHENS = frozenset("-‐‑‒–—―−ーｰ－﹣")
# Zero-width characters come along when a number is copied from a web page or a PDF.
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\ufeff")


class NotANumber(ValueError):
    """What was typed cannot be a member number; the text of it is not repeated here."""


def fold(typed: str) -> str:
    """Return the canonical member number: digits only, leading zeros kept.

    Full-width digits become ASCII; spaces of any width, hyphens and invisible characters go.
    Raises NotANumber when nothing is left, something else is in it, or it is too long.
    """
    kept = "".join(character for character in typed if not _is_filler(character))
    number = kept.translate(_FULL_WIDTH)
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST):
        raise NotANumber
    return number


def _is_filler(character: str) -> bool:
    return character.isspace() or character in _HYPHENS or character in _INVISIBLE
