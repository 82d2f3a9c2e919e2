"""Which characters the record takes: exactly those of JIS X 0208, and fewer where a field says so.

The manual, section 3, refuses 機種依存文字 and names 﨑 as one. That character is in cp932 and in
JIS X 0213, so neither can be the old system's set; JIS X 0208 with its 6,879 characters is.

The order of operations matters. Twins, half-width kana and split voiced marks are folded silently,
because they look the same. A whole-string NFC or NFKC never happens: it would rewrite the
compatibility ideographs (神 U+FA19 to U+795E) without the member being told.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from portal.members.jisx0208 import cell, row
from portal.members.reasons import SHAPELESS, VARIATION_SELECTORS, Reason, reason
from portal.members.replacements import KANA_LOOKALIKES, substitute

# One JIS code, two Unicode spellings: Windows types the left one, the standard has the right one.
TWINS = str.maketrans("～－∥￠￡￢—¥‾", "〜−‖¢£¬―￥￣")

# ASCII in the width of the record. The four that have no plain counterpart in JIS X 0208 are
# given the one that looks alike.
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {
    ord(narrow): ord(wide) for narrow, wide in zip(" \u00a0\"'-~", "\u3000\u3000”’−〜", strict=True)
}
_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_HALF_WIDTH_KANA = re.compile("[\uff61-\uff9f]+")
_SPLIT_VOICED_MARK = re.compile("[\u3041-\u30fe][\u3099\u309a]")
_EDGES = " \t\r\n\u00a0\u3000"

_ATTACHED = VARIATION_SELECTORS + (
    "\u0300-\u036f\u20d0-\u20ff\u3099\u309a"
    # Skin tones, and the tags that make a region's flag.
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_JOINED_EMOJI = "\u200d[\u2600-\u27bf\u2b1b\U0001f000-\U0001faff]"
# One place on the screen: a character with whatever is drawn onto it.
_PLACE = re.compile(f"(?:{_FLAG}|.)(?:[{_ATTACHED}]|{_JOINED_EMOJI})*", re.DOTALL)
_VARIATION = re.compile(f"[{VARIATION_SELECTORS}]")

# Standardized variants of kanji have the first three selectors, registered ones the later plane's.
_KANJI_VARIATION = re.compile("[\ufe00-\ufe02\U000e0100-\U000e01ef]")
_IDEOGRAPHS = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")

_NAME_MARKS = frozenset("仝々〆〇ー・ヽヾゝゞ\u3000")
_KANA_MARKS = frozenset("ー・\u3000")


class Repertoire(Enum):
    """The part of JIS X 0208 that one kind of field takes."""

    NAME = "name"
    KANA = "kana"
    ADDRESS = "address"
    TRUE_NAME = "true_name"
    """Not a part of the set but more than it: any kanji there is, for show only."""


@dataclass(frozen=True)
class Refused:
    """One refused character: its place counted from 1, the text there, why, and what to offer."""

    place: int
    text: str
    reason: Reason
    proposal: str | None

    @property
    def codes(self) -> str:
        """The code points as Unicode writes them, for what cannot be shown on a page."""
        return " ".join(f"U+{ord(character):04X}" for character in self.text)


def normalise(text: str, repertoire: Repertoire) -> str:
    """Fold what looks the same to the one spelling the record keeps.

    Only silent, harmless changes happen here: edges trimmed, twins, half-width kana, voiced marks
    typed apart, and the width of letters; hiragana become katakana in a reading.
    """
    folded = _fold(text.strip(_EDGES))
    if repertoire is Repertoire.KANA:
        folded = folded.translate(_HIRAGANA_TO_KATAKANA)
    return folded.strip(_EDGES)


def inspect(text: str, repertoire: Repertoire) -> list[Refused]:
    """Return every character of a normalised text that the repertoire does not take."""
    if all(_takes(one, repertoire) for one in text):
        # Nearly every text; only what is refused has to be told apart place by place.
        return _second_spaces(text, repertoire)
    refused = [
        _refused(place, found, repertoire)
        for place, found in _places(text)
        if not _takes(found, repertoire)
    ]
    return refused or _second_spaces(text, repertoire)


def propose(text: str, repertoire: Repertoire) -> str | None:
    """Return the corrected text to offer, or None when nothing is wrong or something cannot be.

    What is returned passes :func:`inspect`, so a press of the button never leads to a new error.
    """
    refused = {found.place: found for found in inspect(text, repertoire)}
    if not refused or any(found.proposal is None for found in refused.values()):
        return None
    corrected = "".join(
        (refused[place].proposal or "") if place in refused else found
        for place, found in _places(text)
    )
    corrected = normalise(corrected, repertoire)
    return None if _still_wrong(corrected, repertoire) else corrected


def _still_wrong(text: str, repertoire: Repertoire) -> bool:
    return not text or bool(inspect(text, repertoire))


def _fold(text: str) -> str:
    text = text.translate(TWINS)
    text = _HALF_WIDTH_KANA.sub(lambda run: unicodedata.normalize("NFKC", run[0]), text)
    text = _SPLIT_VOICED_MARK.sub(lambda pair: unicodedata.normalize("NFC", pair[0]), text)
    return text.translate(_WIDE)


def _places(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(_PLACE.findall(text), start=1)


def _is_kanji(character: str) -> bool:
    return row(character) >= 16


def _is_letter(character: str) -> bool:
    in_row, in_cell = cell(character)
    return in_row == 3 and in_cell >= 33


def _in_name(character: str) -> bool:
    kana = row(character) in (4, 5)
    return kana or _is_kanji(character) or _is_letter(character) or character in _NAME_MARKS


def _in_true_name(found: str) -> bool:
    """Take what a name takes, and any kanji, alone or with one selector of its variant."""
    if len(found) == 1:
        return _in_name(found) or _is_ideograph(found)
    return len(found) == 2 and _is_ideograph(found[0]) and bool(_KANJI_VARIATION.match(found[1]))


def _is_ideograph(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_IDEOGRAPHS)


def _in_kana(character: str) -> bool:
    return row(character) == 5 or character in _KANA_MARKS


def _in_address(character: str) -> bool:
    return 1 <= row(character) <= 7 or _is_kanji(character)


_TAKES: dict[Repertoire, Callable[[str], bool]] = {
    Repertoire.NAME: _in_name,
    Repertoire.KANA: _in_kana,
    Repertoire.ADDRESS: _in_address,
    Repertoire.TRUE_NAME: _in_true_name,
}


def _takes(found: str, repertoire: Repertoire) -> bool:
    alone = len(found) == 1 or repertoire is Repertoire.TRUE_NAME
    return alone and _TAKES[repertoire](found)


def _refused(place: int, found: str, repertoire: Repertoire) -> Refused:
    why = reason(found)
    return Refused(place, found, why, None if why in SHAPELESS else _offer(found, repertoire))


def _offer(found: str, repertoire: Repertoire) -> str | None:
    """Return a substitute that the field takes, else None."""
    base = _VARIATION.sub("", found)
    if len(base) != 1:
        return None
    if _takes(base, repertoire):
        return base
    offered = _substitute(base, repertoire)
    return offered if offered and all(_takes(c, repertoire) for c in offered) else None


def _substitute(base: str, repertoire: Repertoire) -> str | None:
    if repertoire is Repertoire.KANA and base in KANA_LOOKALIKES:
        return KANA_LOOKALIKES[base]
    offered = substitute(base)
    return None if offered is None else normalise(offered, repertoire)


def _second_spaces(text: str, repertoire: Repertoire) -> list[Refused]:
    """A name may hold one space (a middle name); any further one is most likely a slip."""
    if repertoire is Repertoire.ADDRESS or text.count("\u3000") < 2:
        return []
    spaces = [place for place, found in _places(text) if found == "\u3000"]
    return [Refused(place, "\u3000", Reason.SECOND_SPACE, "") for place in spaces[1:]]
