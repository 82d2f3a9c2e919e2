"""結果通知: what GMO posts to us when something happened to a transaction.

Anybody can post the same, since GMO does not sign it: it is a hint to ask GMO and never more.
Reading it therefore never fails. What is missing is empty, what is odd is named in
:attr:`Notification.flaws`, and whoever wants the evidence reads the stored bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_to_bytes

from portal.gmo.errors import Code
from portal.gmo.model import PayType, parse_moment, parse_yen
from portal.gmo.wire import pair

PING = "E00000000"
"""ErrInfo of the connectivity test (疎通確認) that GMO's 管理画面 can send."""

LONGEST_VALUE = 256
"""Characters kept of one value; GMO's longest has 32."""

_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,27}")
_UTF8 = re.compile(r"charset\s*=\s*[\"']?utf-?8", re.IGNORECASE)
_KNOWN = frozenset(
    {
        *("ShopID", "ShopPass", "AccessID", "AccessPass", "OrderID", "PayType", "Status", "JobCd"),
        *("Amount", "Tax", "Currency", "ErrCode", "ErrInfo"),
        *("Forward", "Method", "PayTimes", "TranID", "Approve", "TranDate"),
        *("CvsCode", "CvsConfNo", "CvsReceiptNo", "CvsReceiptUrl", "ReceiptUrl"),
        *("PaymentTerm", "FinishDate", "ReceiptDate"),
    }
)


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One notification, as far as it can be read.

    ``order_id`` is empty unless it has the form of an order, so it is safe as a key. Amounts
    are yen, None when missing or no number; moments are aware, in Japanese time, or None.
    ``flaws`` names what is odd: ``duplicate Status``, ``unknown key``, ``bad Amount``, …
    """

    shop_id: str
    order_id: str
    access_id: str
    pay_type: str
    status: str
    job_cd: str
    amount: int | None
    tax: int | None
    currency: str
    forward: str
    tran_id: str
    approve: str
    tran_date: datetime | None
    cvs_code: str
    conf_no: str
    receipt_no: str
    receipt_url: str
    payment_term: datetime | None
    finish_date: datetime | None
    receipt_date: datetime | None
    err_code: str
    err_info: str
    flaws: tuple[str, ...]

    @property
    def is_ping(self) -> bool:
        """Whether this is GMO's connectivity test: answer ``0``, do nothing."""
        return self.err_info == PING

    @property
    def codes(self) -> tuple[Code, ...]:
        """The errors, paired; empty on success. The link may live on after a card's error."""
        return pair(self.err_code, self.err_info)

    @property
    def total(self) -> int | None:
        """Yen with tax, None when either is not told."""
        return None if self.amount is None or self.tax is None else self.amount + self.tax

    @property
    def way(self) -> PayType | None:
        """The way of paying, if it is one of ours."""
        return next((way for way in PayType if way == self.pay_type), None)


def parse(body: bytes, content_type: str = "") -> Notification:
    """Read the form *body*. Never raises, whatever the bytes are."""
    values, flaws = _read(body, _encodings(content_type))
    flaws += [f"bad {key}" for key in ("Amount", "Tax") if _bad_yen(values.get(key, ""))]
    order_id = values.get("OrderID", "")
    if order_id and not _ORDER_ID.fullmatch(order_id):
        flaws.append("bad OrderID")
        values["OrderID"] = ""
    return _notification(values, tuple(dict.fromkeys(flaws)))


def _notification(values: dict[str, str], flaws: tuple[str, ...]) -> Notification:
    def text(key: str) -> str:
        return values.get(key, "")

    return Notification(
        shop_id=text("ShopID"),
        order_id=text("OrderID"),
        access_id=text("AccessID"),
        pay_type=text("PayType"),
        status=text("Status"),
        job_cd=text("JobCd"),
        amount=parse_yen(text("Amount")),
        tax=parse_yen(text("Tax")),
        currency=text("Currency"),
        forward=text("Forward"),
        tran_id=text("TranID"),
        approve=text("Approve"),
        tran_date=parse_moment(text("TranDate")),
        cvs_code=text("CvsCode"),
        conf_no=text("CvsConfNo"),
        receipt_no=text("CvsReceiptNo"),
        receipt_url=text("CvsReceiptUrl") or text("ReceiptUrl"),
        payment_term=parse_moment(text("PaymentTerm")),
        finish_date=parse_moment(text("FinishDate")),
        receipt_date=parse_moment(text("ReceiptDate")),
        err_code=text("ErrCode"),
        err_info=text("ErrInfo"),
        flaws=flaws,
    )


def _read(body: bytes, encodings: tuple[str, str]) -> tuple[dict[str, str], list[str]]:
    """Split the form; of a key that comes twice the first value stands."""
    values: dict[str, str] = {}
    flaws: list[str] = []
    for part in body.strip(b"\r\n").split(b"&"):
        raw_key, _, raw_value = part.partition(b"=")
        key = _decode(raw_key, encodings)
        if key not in _KNOWN:
            flaws += ["unknown key"] if part else []
        elif key in values:
            flaws.append(f"duplicate {key}")
        else:
            values[key] = _decode(raw_value, encodings)[:LONGEST_VALUE]
    return values, flaws


def _encodings(content_type: str) -> tuple[str, str]:
    """GMO speaks Windows-31J; UTF-8 goes first only where it is declared."""
    return ("utf-8", "cp932") if _UTF8.search(content_type) else ("cp932", "utf-8")


def _decode(raw: bytes, encodings: tuple[str, str]) -> str:
    plain = unquote_to_bytes(raw.replace(b"+", b" "))
    for encoding in encodings:
        try:
            return plain.decode(encoding)
        except UnicodeDecodeError:
            continue
    return plain.decode("ascii", errors="replace")


def _bad_yen(text: str) -> bool:
    return bool(text) and parse_yen(text) is None
