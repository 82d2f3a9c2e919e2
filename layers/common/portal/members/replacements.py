"""What may be written for a character outside JIS X 0208, as a proposal and never by itself.

``replacements.txt`` has the pairs of the official maps (layers/build/replacements.py); what Unicode
itself calls a compatibility form (神 U+FA19, Kangxi radicals) ``unicodedata`` knows. The file is
read when the first character is refused, so it costs nothing where none is.
"""

import unicodedata
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("replacements.txt")

# In a reading these are nearly always a slip of the eye or of the conversion.
_KANA_LOOKALIKES = "−ー ―ー ‐ー –ー 一ー 二ニ 三ミ 口ロ 力カ 工エ 夕タ 八ハ 卜ト 才オ 千チ 〜ー"
KANA_LOOKALIKES = {pair[0]: pair[1:] for pair in _KANA_LOOKALIKES.split()}


def substitute(character: str) -> str | None:
    """Return what could stand for one character outside JIS X 0208, or None where nothing can.

    The answer still has to be checked against the field: ① becomes １, which a name does not take.
    """
    listed = _listed(character)
    if listed is not None:
        return listed
    compatible = unicodedata.normalize("NFKC", character)
    if compatible == character:
        return None
    return _listed(compatible) or compatible


def _listed(character: str) -> str | None:
    """Look one character up in the text itself, which is sooner done than making a dictionary.

    A line is the proposal, a tab and the characters it stands for. The heading is ASCII.
    """
    if len(character) != 1 or character.isascii():
        return None
    text = _text()
    found = text.find(character)
    if found < 0:
        return None
    line = text.rfind("\n", 0, found) + 1
    offered = text[line : text.index("\t", line)]
    # A character of JIS X 0208 that this field does not take stands left of the tab.
    return None if character in offered else offered


@cache
def _text() -> str:
    return _FILE.read_text(encoding="utf-8")
