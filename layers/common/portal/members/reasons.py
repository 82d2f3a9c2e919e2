"""Why a character is refused: the classes that a member is told apart, and how they are seen."""

import re
import unicodedata
from enum import Enum

from portal.members.jisx0208 import in_jis_x_0208

VARIATION_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_VARIATION = re.compile(f"[{VARIATION_SELECTORS}]")
# What makes a picture of a character that may otherwise be written.
_EMOJI_MARKS = frozenset("\ufe0f\u20e3\u200d")
# Pictures outside the blocks of pictures.
_LONE_PICTURES = frozenset("⌚⌛⏩⏪⏫⏬⏰⏳◽◾⬛⬜⭐⭕")


class Reason(Enum):
    """Why a character is refused; each reason has its own explanation for the member."""

    NOT_IN_FIELD = "not_in_field"
    MACHINE_DEPENDENT = "machine_dependent"
    VARIANT = "variant"
    RADICAL = "radical"
    PRIVATE_USE = "private_use"
    EMOJI = "emoji"
    CONTROL = "control"
    DIRECTION = "direction"
    INVISIBLE = "invisible"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    COMBINING = "combining"
    FOREIGN = "foreign"
    SECOND_SPACE = "second_space"


SHAPELESS = frozenset(
    {
        Reason.PRIVATE_USE,
        Reason.EMOJI,
        Reason.CONTROL,
        Reason.DIRECTION,
        Reason.INVISIBLE,
        Reason.BROKEN,
        Reason.UNKNOWN,
        Reason.COMBINING,
    }
)
"""Reasons for which no other character can be offered: nobody knows what was meant."""

_BY_CATEGORY = {
    "Co": Reason.PRIVATE_USE,
    "Cc": Reason.CONTROL,
    "Cf": Reason.INVISIBLE,
    "Cs": Reason.BROKEN,
    "Cn": Reason.UNKNOWN,
    "Zs": Reason.INVISIBLE,
    "Zl": Reason.INVISIBLE,
    "Zp": Reason.INVISIBLE,
    "Mn": Reason.COMBINING,
    "Mc": Reason.COMBINING,
    "Me": Reason.COMBINING,
}
# Marks that turn the direction of writing, and so can show one name and store another.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Of no shape though they count as letters or marks: fillers of Hangul, the empty Braille cell.
_SHAPELESS_LETTERS = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
)
_JAPANESE_NAMES = (
    *("CJK", "HIRAGANA", "KATAKANA", "HENTAIGANA", "IDEOGRAPHIC", "FULLWIDTH"),
    *("HALFWIDTH KATAKANA", "VERTICAL KANA", "VERTICAL IDEOGRAPHIC", "MASU", "OLD CHINESE ITER"),
)


def reason(found: str) -> Reason:
    """Return why the text of one place is refused: a character with whatever is attached to it."""
    return _of_one(found) if len(found) == 1 else _of_cluster(found)


def _of_one(character: str) -> Reason:
    if in_jis_x_0208(character):
        return Reason.NOT_IN_FIELD
    return _by_block(character) or _by_category(character)


def _of_cluster(found: str) -> Reason:
    base = _of_one(found[0])
    if base not in (Reason.NOT_IN_FIELD, Reason.MACHINE_DEPENDENT):
        return base
    if _EMOJI_MARKS.intersection(found):
        return Reason.EMOJI
    return Reason.VARIANT if _VARIATION.match(found[-1]) else Reason.COMBINING


def _by_block(character: str) -> Reason | None:
    code = ord(character)
    if character in _DIRECTIONS:
        return Reason.DIRECTION
    if character in _SHAPELESS_LETTERS or _VARIATION.match(character):
        return Reason.INVISIBLE
    if 0x2E80 <= code <= 0x2FD5:
        return Reason.RADICAL
    if 0x20000 <= code <= 0x3FFFD:
        # Two planes are set aside for ideographs; new ones come with each year's Unicode.
        return Reason.MACHINE_DEPENDENT
    return Reason.EMOJI if _is_picture(character) else None


def _is_picture(character: str) -> bool:
    """Say whether a character is drawn as a picture. Numbers and letters in a frame are not."""
    code = ord(character)
    if 0x2600 <= code <= 0x27BF:
        return unicodedata.category(character) == "So"
    framed = 0x1F100 <= code < 0x1F170
    return character in _LONE_PICTURES or (0x1F000 <= code <= 0x1FAFF and not framed)


def _by_category(character: str) -> Reason:
    category = unicodedata.category(character)
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    return Reason.FOREIGN if _is_foreign_letter(character) else Reason.MACHINE_DEPENDENT


def _is_foreign_letter(character: str) -> bool:
    """Say whether a letter belongs to a script that Japanese names are not written in."""
    if not unicodedata.category(character).startswith("L"):
        return False
    return not unicodedata.name(character, "").startswith(_JAPANESE_NAMES)
