"""The test cards and what becomes of them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from local.gmo.times import JST


@dataclass(frozen=True)
class Outcome:
    """What a card does: paid, declined with GMO's error, or a 3-D Secure page first.

    A challenge carries the outcome that follows when the payer authenticates.
    """

    kind: Literal["paid", "declined", "challenge"]
    error: str = ""


PAID = Outcome("paid")
OTHER_CARD_NEEDED = "E21030201"
NOT_ENROLLED = "E21030202"
CANCELLED_BY_PAYER = "E21020002"

CARDS: dict[str, Outcome] = {
    "4111111111111111": PAID,
    "5555555555554444": PAID,
    "3530111333300000": PAID,
    "378282246310005": PAID,
    "36006666333344": PAID,
    "4999000000000002": Outcome("declined", "42G020000"),
    "4999000000000005": Outcome("declined", "42G030000"),
    "4100000000000100": PAID,
    "4100000000005000": Outcome("challenge"),
    "4100000000100009": PAID,
    "4100000000200007": Outcome("declined", NOT_ENROLLED),
    "4100000000300005": Outcome("challenge", "E21030001"),
    "4100000000400003": Outcome("declined", OTHER_CARD_NEEDED),
    "4100000000500000": Outcome("declined", "E21030007"),
}


def outcome(number: str, expire: str, now: datetime, tds2_type: str) -> Outcome:
    """What happens to a card of 12 to 19 digits with a readable expiry (yyMM)."""
    if expire < now.astimezone(JST).strftime("%y%m"):
        return Outcome("declined", "42G830000")
    known = CARDS.get(number)
    if known is None:
        return Outcome("declined", "E41170002" if luhn(number) else "E41170099")
    if tds2_type == "3" and known.error in {OTHER_CARD_NEEDED, NOT_ENROLLED}:
        return PAID  # Tds2Type 3 authorises without 3-D Secure where the card cannot do it.
    return known


def luhn(number: str) -> bool:
    """Whether the check digit of a card number is right."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def read_number(text: str) -> str:
    """The digits of a card number as typed (spaces, hyphens, full width), or "" when unreadable."""
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    return digits if re.fullmatch(r"[0-9]{12,19}", digits) else ""


def read_expire(text: str) -> str:
    """An expiry typed as MM/YY or MMYY in GMO's order yyMM, or "" when unreadable."""
    found = re.fullmatch(
        r"\s*(0[1-9]|1[0-2])\s*/?\s*([0-9]{2})\s*", unicodedata.normalize("NFKC", text)
    )
    return found[2] + found[1] if found else ""


def read_cvc(text: str) -> str:
    """A security code of 3 or 4 digits, or "" when unreadable."""
    digits = unicodedata.normalize("NFKC", text).strip()
    return digits if re.fullmatch(r"[0-9]{3,4}", digits) else ""


def masked(number: str) -> str:
    """A card number as GMO shows it: all but the last four digits as asterisks."""
    return "*" * (len(number) - 4) + number[-4:]


MESSAGES = {
    "42G020000": "カードの残高が不足しています。",
    "42G030000": "カードの利用限度額を超えています。",
    "42G830000": "カードの有効期限が正しくありません。",
    "E41170002": "このカードはご利用になれません。",
    "E41170099": "カード番号に誤りがあります。",
    "E21020002": "本人認証（3Dセキュア）がキャンセルされました。",
    OTHER_CARD_NEEDED: "このカードは本人認証（3Dセキュア）に対応していません。",
    NOT_ENROLLED: "このカードは本人認証（3Dセキュア）に登録されていません。",
}


def message(error: str) -> str:
    """A declined card in plain Japanese."""
    default = (
        "本人認証（3Dセキュア）ができませんでした。"
        if error.startswith("E21")
        else "このカードはご利用になれません。"
    )
    return MESSAGES.get(error, default)
