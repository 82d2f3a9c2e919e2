"""Passwords that are guessed first: common ones, and words around this member with digits added.

Only whole passwords are refused, never a part of one: a long password may hold any word. Words are
compared in one spelling, so that しょ is the same as sho, syo, shou and shoo.

Common ones come from a file that is read when the first password is set, not when a page is shown;
docs/sign-in.md, "What is guessed first", says which words and why.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

_COMMON = Path(__file__).with_name("common_passwords.txt")

# Letters that the manual's rule of a capital adds to a bare member number.
_LETTERS_BESIDE_A_NUMBER = 2
# A name of one letter would refuse every password of one letter and digits.
_SHORTEST_WORD = 2

_ROWS = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "y": "ヤ_ユ_ヨ",
    "r": "ラリルレロ",
    "w": "ワ___ヲ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダ__デド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_KANA = {
    kana: start + vowel
    for start, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
} | {"ヂ": "zi", "ヅ": "zu", "ヲ": "o", "ヰ": "i", "ヱ": "e", "ン": "n", "ヴ": "bu"}
# A small one takes the vowel before it away: シ, ョ are syo; フ, ァ are ha, as fa is folded.
# ッ and ー leave nothing, since folding makes double consonants and long vowels single.
_SMALL = dict(zip("ャュョァィゥェォ", "auoaiueo", strict=True))

# Compiled when the first password is judged, so that pages which set none do not pay for it.
_SPELLINGS = (
    ("[tc]ch", "ch"),
    ("shi", "si"),
    ("chi", "ti"),
    ("tsu", "tu"),
    ("d?zu|du", "zu"),
    ("ji|di", "zi"),
    ("sh", "sy"),
    ("ch", "ty"),
    ("j", "zy"),
    ("f", "h"),
    ("v", "b"),
    # Namba and Nanba, Homma and Honma.
    ("m(?=[bmp])", "n"),
    # Long vowels: Ohno, Oono and Ono; Yuuki and Yuki.
    ("oh(?![aiueoy])|ou", "o"),
    (r"(.)\1+", r"\1"),
)


def is_common(password: str) -> bool:
    """Tell whether *password* is on the list of common ones, whatever its capitals."""
    return f"\n{password.lower()}\n" in common_list()


@cache
def common_list() -> str:
    """Return the list, a password a line; read once, when the first one is judged."""
    return _COMMON.read_text(encoding="utf-8")


def folded(letters: str) -> str:
    """Return Roman letters in the one spelling in which words are compared."""
    text = letters.lower()
    for pattern, spelling in _SPELLINGS:
        text = re.sub(pattern, spelling, text)
    return text


def romanised(kana: str) -> str:
    """Return full-width katakana in Roman letters, folded; anything else is left out."""
    letters = ""
    for one in kana:
        if one in _SMALL:
            glide = "y" if letters.endswith("i") else ""
            letters = letters[:-1] + glide + _SMALL[one]
        else:
            letters += _KANA.get(one, "")
    return folded(letters)


@dataclass(frozen=True)
class Guesses:
    """What somebody who knows the member would try: *words* in Roman letters, *kana*, *number*.

    *words* are the society's, *kana* the member's names in katakana, *number* the member number.
    """

    words: tuple[str, ...] = ()
    kana: tuple[str, ...] = ()
    number: str = ""

    def has(self, password: str) -> bool:
        """Tell whether *password* is nothing but these, with digits and signs anywhere."""
        letters = re.findall("[a-z]+", password.lower())
        if letters and all(_is_made_of(folded(run), self._folded) for run in letters):
            return True
        few = sum(map(len, letters)) <= _LETTERS_BESIDE_A_NUMBER
        return bool(self.number) and self.number in password and few

    @cached_property
    def _folded(self) -> frozenset[str]:
        known = {*map(folded, self.words), *map(romanised, self.kana)}
        return frozenset(word for word in known if len(word) >= _SHORTEST_WORD)


def _is_made_of(text: str, words: Iterable[str]) -> bool:
    """Tell whether *text* is one or several of *words*, one after the other."""
    if not text:
        return True
    for word in words:
        if not text.startswith(word):
            continue
        # Folding made one letter of the last of a word and the same at the next one's beginning.
        for rest in (text[len(word) :], text[len(word) - 1 :]):
            if len(rest) < len(text) and _is_made_of(rest, words):
                return True
    return False
