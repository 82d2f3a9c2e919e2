"""How amounts, days and columns are written in a plain-text mail."""

import unicodedata
from datetime import date

from portal.clock import JST, parse_iso

WEEKDAYS = "月火水木金土日"


def yen(amount: int) -> str:
    """Write whole yen: 10000 → 「10,000円」."""
    return f"{amount:,}円"


def japanese_day(day: date) -> str:
    """Write a day with its weekday: 「2026年11月22日（日）」."""
    return f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def deadline(term: str) -> str:
    """Write a payment term: a UTC moment as ``portal.clock.iso`` writes it, or an ISO day.

    Raises ValueError for anything else: a deadline must never be guessed.
    """
    if len(term) == len("2026-11-22"):
        return f"{japanese_day(date.fromisoformat(term))}まで"
    moment = parse_iso(term).astimezone(JST)
    return f"{japanese_day(moment.date())}{moment.hour}時{moment.minute:02}分まで"


def column(text: str, width: int) -> str:
    """Fill *text* with blanks up to *width* half-width columns, so that what follows lines up."""
    used = sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in text)
    wide, narrow = divmod(max(width - used, 0), 2)
    return text + "\u3000" * wide + " " * narrow
