"""How a password is read aloud (【パスワードの読み】 of the letter; manual, section 1).

Each character is told with its kind, because エー alone says neither ``A`` nor ``a``. Readings are
those by which Japanese spell on the telephone; 7 is ナナ, since シチ is heard as イチ.
"""

from dataclasses import dataclass

GROUP = 4
"""Characters that stand together in a letter. Between groups there is a gap and no character."""

UPPER, LOWER, DIGIT = "大文字", "小文字", "数字"

# fmt: off
_NAMES = {
    "A": "エー", "B": "ビー", "C": "シー", "D": "ディー", "E": "イー", "F": "エフ", "G": "ジー",
    "H": "エイチ", "I": "アイ", "J": "ジェー", "K": "ケー", "L": "エル", "M": "エム", "N": "エヌ",
    "O": "オー", "P": "ピー", "Q": "キュー", "R": "アール", "S": "エス", "T": "ティー", "U": "ユー",
    "V": "ブイ", "W": "ダブリュー", "X": "エックス", "Y": "ワイ", "Z": "ゼット",
    "0": "ゼロ", "1": "イチ", "2": "ニ", "3": "サン", "4": "ヨン",
    "5": "ゴ", "6": "ロク", "7": "ナナ", "8": "ハチ", "9": "キュウ",
}
# fmt: on


@dataclass(frozen=True)
class Spoken:
    """One character as it is read: *kind* 大文字, 小文字 or 数字, *name* in katakana."""

    character: str
    kind: str
    name: str

    @property
    def text(self) -> str:
        """The reading in the manual's manner: 大文字の「A（エー）」."""
        return f"{self.kind}の「{self.character}（{self.name}）」"


def reading(password: str) -> tuple[Spoken, ...]:
    """Return how each character is read. Raises ValueError, which does not repeat it, for a sign.

    Initial passwords have none, which are hard to tell by telephone.
    """
    return tuple(_spoken(one) for one in password)


def groups(password: str) -> tuple[str, ...]:
    """Return the password in the groups in which a letter prints it."""
    return tuple(password[begin : begin + GROUP] for begin in range(0, len(password), GROUP))


def _spoken(one: str) -> Spoken:
    name = _NAMES.get(one.upper())
    if name is None:
        raise ValueError("a character that has no reading")
    kind = DIGIT if one.isdigit() else UPPER if one.isupper() else LOWER
    return Spoken(one, kind, name)
