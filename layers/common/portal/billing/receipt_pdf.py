"""The receipt as a PDF: one tagged A4 page (PDF/UA-1) with its Japanese font embedded.

The page is set by ``receipt.typ`` beside this file. The same snapshot gives the same bytes.
"""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from portal.billing.receipts import METHOD_WORDS, Issuer, ReceiptSnapshot
from portal.clock import JST
from portal.typesetting import Typesetter

SOURCE = Path(__file__).with_name("receipt.typ")


class ReceiptPrinter:
    """Renders receipts with the font in *fonts*. Keep one per process: the font is read once."""

    def __init__(self, fonts: Path) -> None:
        self._typesetter = Typesetter(SOURCE, fonts)

    def pdf(self, snapshot: ReceiptSnapshot, *, reissued: bool) -> bytes:
        """Return the receipt. Its creation date is the day of issue, so bytes repeat."""
        at = datetime.combine(snapshot.issued_on, time(), JST)
        return self._typesetter.pdf("receipt", content(snapshot, reissued=reissued), at)


def content(snapshot: ReceiptSnapshot, *, reissued: bool) -> dict[str, Any]:
    """Return every text of the page, as receipt.typ expects them."""
    return {
        "number": snapshot.number,
        "issued_on": _day(snapshot.issued_on),
        "addressee": snapshot.shown_addressee,
        "honorific": snapshot.honorific,
        "amount": f"￥{snapshot.amount:,}－",
        "amount_plain": f"{snapshot.amount:,}円",
        "title": snapshot.title,
        "tax_note": snapshot.tax_note,
        "facts": [
            {"label": "領収日", "value": _day(snapshot.received_on)},
            {"label": "お支払い方法", "value": METHOD_WORDS.get(snapshot.method, snapshot.method)},
            {"label": "取引番号", "value": snapshot.order_id},
        ],
        "reissued": reissued,
        "issuer": {"name": snapshot.issuer.name, "lines": _issuer_lines(snapshot.issuer)},
        "notes": _notes(snapshot, reissued=reissued),
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _issuer_lines(issuer: Issuer) -> list[str]:
    phone = f"電話 {issuer.phone}（{issuer.hours}）" if issuer.hours else f"電話 {issuer.phone}"
    lines = [issuer.address, phone if issuer.phone else "", issuer.mail]
    if issuer.registration_number:
        lines.append(f"登録番号 {issuer.registration_number}")
    return [line for line in lines if line]


def _notes(snapshot: ReceiptSnapshot, *, reissued: bool) -> list[str]:
    notes = ["この領収書は電子データで発行しています。収入印紙の貼付は不要です。"]
    if snapshot.tax_note == "不課税":
        # A society that treats doubtful dues this way has to tell its members (消基通 5-5-3).
        notes.append("会費は、消費税の課税の対象とならない（不課税）ものとして取り扱っています。")
    if snapshot.method == "cvs":
        notes.append("店頭で受け取られた受領書と二重にお使いにならないよう、ご注意ください。")
    if snapshot.replaces:
        notes.append(
            f"この領収書は、宛名を改めて、領収書番号 {snapshot.replaces} に代えて発行したものです。"
            f"{snapshot.replaces} の領収書は無効です。"
        )
    elif reissued:
        notes.append(
            "同じ番号の領収書をすでに発行しています。二重にお使いにならないようお願いします。"
        )
    return notes
