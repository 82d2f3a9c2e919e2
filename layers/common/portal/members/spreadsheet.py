"""What Excel does to texts of a CSV file, and how they are kept safe from it.

Excel takes a cell for a number, a date or a formula by its text alone, quotes or not. An apostrophe
in front keeps it a text, also when the file is saved and opened again and again; it is taken off
when the file is read (docs/decisions/0035-members-as-a-file.md). What Excel has spoilt already is
recognised here and never guessed back.
"""

import re
import unicodedata

from portal.members.fields import Kind

KEEP = "'"
_AS_FORMULA = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)
# Full-width signs too: a Japanese Excel folds them before it looks.
_DANGEROUS = tuple("=+-@\t\r\n＝＋－−＠" + KEEP)
_NUMBERLIKE = re.compile(r"(?=.*[0-9])[0-9+\-−‐―./,:%¥$()eE年月日時分秒\s]+")

_POWER = re.compile(r"[+-]?[0-9](?:\.[0-9]+)?E[+-][0-9]{2,3}", re.IGNORECASE)
_ERROR = re.compile(r"#{2,}|#(?:REF!|NAME\?|N/A|VALUE!|DIV/0!|NUM!|NULL!|SPILL!|CALC!)")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE = re.compile(
    r"[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}(?: [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)?"
    r"|[0-9]{1,2}/[0-9]{1,2}(?:/[0-9]{2,4})?"
    r"|(?:[0-9]{4}年)?[0-9]{1,2}月[0-9]{1,2}日"
    rf"|[0-9]{{1,2}}-(?:{_MONTHS})(?:-[0-9]{{2,4}})?|(?:{_MONTHS})-[0-9]{{1,2}}"
)
# The shape of a number whose zeros are lost, and what it is called.
_NO_ZERO = {
    Kind.PHONE: (re.compile(r"[1-9][0-9]{8,9}"), "電話番号"),
    Kind.POSTAL_CODE: (re.compile(r"[1-9][0-9]{4,5}"), "郵便番号"),
}


def protected(text: str) -> str:
    """Return a text as a cell that Excel shows and keeps as it is. bare() takes it back."""
    folded = unicodedata.normalize("NFKC", text)
    if text.startswith(_DANGEROUS) or folded.startswith(_DANGEROUS):
        return KEEP + text
    return KEEP + text if _NUMBERLIKE.fullmatch(folded) else text


def bare(cell: str) -> str:
    """Return the text of a cell: without our apostrophe, or out of the formula ``="0012"``."""
    formula = _AS_FORMULA.fullmatch(cell)
    if formula:
        return formula[1].replace('""', '"')
    return cell.removeprefix(KEEP)


def damage(kind: Kind, text: str) -> str:
    """Return in a sentence what Excel has done to a text of this kind; empty if nothing is seen."""
    folded = unicodedata.normalize("NFKC", text).strip()
    if _POWER.fullmatch(folded):
        return f"「{text}」は Excel が数値に変えた跡です。元の番号に直してください。"
    if _ERROR.fullmatch(folded):
        return f"「{text}」は Excel のエラー表示です。元の文字に直してください。"
    if kind in (Kind.TEXT, Kind.PREFECTURE, Kind.PHONE) and _DATE.fullmatch(folded):
        return f"「{text}」は Excel が日付に変えた跡です。元の文字に直してください。"
    return _lost_zero(kind, folded)


def _lost_zero(kind: Kind, text: str) -> str:
    if kind not in _NO_ZERO:
        return ""
    shape, name = _NO_ZERO[kind]
    if not shape.fullmatch(text):
        return ""
    mended = f"0{text}" if kind is Kind.PHONE else text.zfill(7)
    return f"{name}「{text}」は先頭の 0 が失われています（候補: {mended}）。"
