"""Writes portal/members/replacements.txt: what may stand for a character outside JIS X 0208.

``python -m layers.build.replacements``, by hand, when the maps have a new edition. The file is kept
in the repository, so that a build needs neither the maps nor their 70 MB; a test makes it anew and
compares. The two official maps come out of the package jntajis-python, in this order:

1. 国税庁 JIS縮退マップ, made for the names of companies: JIS levels 3 and 4 to levels 1 and 2;
2. MJ縮退マップ, made for the family registers; of its four schemes the closest comes first;
3. a few pairs written here, for what both and Unicode's own compatibility forms leave out.

Unicode's forms (神 U+FA19, Kangxi radicals) are left to ``unicodedata`` at run time.
"""

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import jntajis

from portal.members.characters import Repertoire, inspect, normalise
from portal.members.jisx0208 import in_jis_x_0208

FILE = Path(__file__).resolve().parents[1] / "common/portal/members/replacements.txt"

# Above the ideographs of plane 3 there are no characters that one writes with.
_LAST = 0x3FFFF
# From one shape in two standards, over the ministry's notices on registers, to likeness.
_SCHEMES = (
    jntajis.MJShrinkSchemeCombo.JIS_INCORPORATION_UCS_UNIFICATION_RULE,
    jntajis.MJShrinkSchemeCombo.MOJ_FAMILY_REGISTER_ACT_RELATED_NOTICE,
    jntajis.MJShrinkSchemeCombo.MOJ_NOTICE_582,
    jntajis.MJShrinkSchemeCombo.INFERENCE_BY_READING_AND_GLYPH,
)
# Each word is one pair: the refused character, then the one to offer.
_BY_HAND = """
槗橋 𨺓隆 﨏垰
⻑長 ⻄西 ⻘青 ⻩黄 ⻫斉 ⻭歯 ⻯竜 ⻁虎 ⻤鬼 ⻲亀 ⻨麦 ⻝食 ⻛風 ⻆角 ⺠民 ⻅見
•・ ⋅・ ‒‐
"""
# The tax agency's map has a sign for every code; this one stands for nothing.
_MEANINGLESS = frozenset("®")

_HEAD = """\
# Characters outside JIS X 0208 (right of the tab) and what may be written for them (left of it).
# Written by layers/build/replacements.py; a change by hand is lost, and a test sees it.
#
# Adapted (only characters that JIS X 0208 lacks, one proposal each, from these editions as the
# package jntajis-python {version} holds them):
#   JIS Shrink Conversion Map, National Tax Agency of Japan, CC BY 4.0
#     https://www.houjin-bangou.nta.go.jp/download/
#   MJ Shrink Conversion Map and MJ Character Table, Character Information Technology Promotion
#     Council (CITPC) and Information-technology Promotion Agency (IPA), CC BY-SA 2.1 JP
#     https://moji.or.jp/mojikiban/map/
# This file is licensed CC BY-SA 2.1 JP (https://creativecommons.org/licenses/by-sa/2.1/jp/).
"""


def pairs() -> dict[str, str]:
    """Return the one proposal of each refused character that has one, by code point."""
    by_hand = {word[0]: word[1:] for word in _BY_HAND.split()}
    found = ((one, _nta(one) or _mj(one) or by_hand.get(one)) for one in _refused())
    return {one: offered for one, offered in found if offered}


def text() -> str:
    """Return the content of the file: one line for each proposal, in the order of code points."""
    lines: dict[str, str] = {}
    for refused, offered in pairs().items():
        lines[offered] = lines.get(offered, "") + refused
    body = "".join(f"{offered}\t{lines[offered]}\n" for offered in sorted(lines))
    return _HEAD.format(version=jntajis.__version__) + body


def _refused() -> Iterator[str]:
    for code in range(0x80, _LAST + 1):
        one = chr(code)
        if _is_written(one) and not in_jis_x_0208(one) and _folded(one) == one:
            yield one


def _is_written(one: str) -> bool:
    """Leave out what has no shape of its own: no character may stand for it."""
    return unicodedata.category(one)[0] not in "CMZ" and one not in _MEANINGLESS


def _folded(text: str) -> str:
    return normalise(text, Repertoire.ADDRESS)


def _nta(one: str) -> str | None:
    return _accepted(one, jntajis.jnta_shrink_translit(one))


def _mj(one: str) -> str | None:
    for scheme in _SCHEMES:
        for candidate in jntajis.mj_shrink_candidates(one, scheme):
            accepted = _accepted(one, candidate)
            if accepted:
                return accepted
    return None


def _accepted(one: str, candidate: str) -> str | None:
    folded = _folded(candidate)
    if folded in ("", one) or not all(map(in_jis_x_0208, folded)):
        return None
    return None if inspect(folded, Repertoire.ADDRESS) else folded


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{FILE.name}: {len(pairs())} characters, {FILE.stat().st_size} bytes\n")
