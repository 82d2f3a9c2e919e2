"""The rules of GetLinkplusUrlPayment's request. All errors are collected, as GMO does.

Each rule's number is the middle part of GMO's error (EZ1nnn…). Numbers from 900 on are invented:
no public source tells GMO's own for these fields. Keys that GMO does not know are ignored.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from local.gmo.stores import HIGHEST_TOTAL
from local.gmo.times import parse_minute

MISSING, TOO_LONG, NOT_A_NUMBER, BAD_FORMAT = "001", "005", "006", "008"
OUT_OF_RANGE, UNKNOWN_CHOICE, WRONG_PAIR = "011", "016", "002"
KATAKANA = re.compile(r"[ァ-ヶー・ヽヾ　]+")
ACCEPTED_METHODS = {"credit", "cvs"}
LONGEST_TERM = 60

Size = Callable[[str], int]


def encoded(text: str) -> int:
    """Length in bytes of Windows-31J, the encoding GMO counts in."""
    return len(text.encode("cp932", "replace"))


def columns(text: str) -> int:
    """Length in half-width columns: a full-width character counts two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


@dataclass(frozen=True)
class Rule:
    """What one field must satisfy."""

    section: str
    key: str
    number: str
    limit: int
    pattern: str = r"(?s).*"
    required: bool = False
    size: Size = len
    wrong: str = BAD_FORMAT

    def errors(self, value: object) -> Iterator[str]:
        """The errors of a value as it came in the JSON."""
        if value is None or value == "":
            if self.required:
                yield f"EZ1{self.number}{MISSING}"
            return
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            yield f"EZ1{self.number}{BAD_FORMAT}"
            return
        if self.size(str(value)) > self.limit:
            yield f"EZ1{self.number}{TOO_LONG}"
        if not re.fullmatch(self.pattern, str(value)):
            yield f"EZ1{self.number}{self.wrong}"


DIGITS, FLAG = r"[0-9]+", r"[01]"
URL = r"https?://[!-~]+"
MAIL = r"[!-~]+@[!-~]+"
RULES = (
    Rule("", "configid", "001", 16, r"[A-Za-z0-9]+", required=True),
    Rule("geturlparam", "ShopID", "040", 13, r"[A-Za-z0-9]{8,}", required=True),
    Rule("geturlparam", "ShopPass", "218", 10, r"[A-Za-z0-9]{8,}", required=True),
    Rule("geturlparam", "GuideMailSendFlag", "901", 1, FLAG),
    Rule("geturlparam", "ThanksMailSendFlag", "902", 1, FLAG),
    Rule("geturlparam", "SendMailAddress", "109", 256, MAIL),
    Rule("geturlparam", "CustomerName", "110", 40),
    Rule("geturlparam", "TemplateNo", "903", 1, DIGITS),
    Rule("transaction", "OrderID", "003", 27, r"[A-Za-z0-9-]+", required=True),
    Rule("transaction", "Amount", "004", 12, DIGITS, required=True, wrong=NOT_A_NUMBER),
    Rule("transaction", "Tax", "005", 12, DIGITS, wrong=NOT_A_NUMBER),
    Rule("transaction", "ClientField1", "911", 100, size=encoded),
    Rule("transaction", "ClientField2", "912", 100, size=encoded),
    Rule("transaction", "ClientField3", "913", 100, size=encoded),
    Rule("transaction", "Overview", "914", 64, size=encoded),
    Rule("transaction", "Detail", "915", 256),
    Rule("transaction", "RetUrl", "012", 256, URL),
    Rule("transaction", "CompleteUrl", "268", 256, URL),
    Rule("transaction", "CancelUrl", "269", 256, URL),
    Rule("transaction", "NotifyMailaddress", "916", 256, MAIL),
    Rule("transaction", "RetryMax", "042", 2, DIGITS),
    Rule("transaction", "ExpireDays", "917", 2, DIGITS),
    Rule("transaction", "ResultSkipFlag", "918", 1, FLAG),
    Rule("transaction", "ConfirmSkipFlag", "919", 1, FLAG),
    Rule("transaction", "TranDetailShowFlag", "920", 1, FLAG),
    Rule("credit", "JobCd", "931", 8, r"CAPTURE|AUTH|CHECK|SAUTH"),
    Rule("credit", "Method", "932", 1, r"[125]"),
    Rule("credit", "PayTimes", "933", 2, DIGITS),
    Rule("credit", "ItemCode", "934", 7, DIGITS),
    Rule("credit", "TdFlag", "935", 1, r"[012]"),
    Rule("credit", "Tds2Type", "936", 1, r"[23]"),
    Rule("credit", "TdTenantName", "937", 25, size=encoded),
    Rule("cvs", "ReserveNo", "941", 20, size=encoded),
    Rule("cvs", "MemberNo", "942", 20, size=encoded),
    *(Rule("cvs", f"RegisterDisp{n}", "943", 32, size=encoded) for n in range(1, 9)),
    *(Rule("cvs", f"ReceiptsDisp{n}", "944", 60, size=encoded) for n in range(1, 11)),
    Rule("cvs", "ReceiptsDisp11", "945", 42, size=encoded),
    Rule("cvs", "ReceiptsDisp12", "946", 12, r"[0-9-]+"),
    Rule("cvs", "ReceiptsDisp13", "947", 11, r"[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]"),
    Rule("cvs", "PaymentTermDay", "278", 2, DIGITS, wrong=NOT_A_NUMBER),
    Rule("customer", "MailAddress", "951", 256, MAIL),
    Rule("customer", "CustomerName", "952", 40, size=columns),
    Rule("customer", "CustomerKana", "953", 40, KATAKANA.pattern, size=columns),
    Rule("customer", "TelNo", "954", 13, r"[0-9-]+"),
    Rule("displaysetting", "TemplateID", "019", 16, r"design[A-D]"),
    Rule("displaysetting", "ShopName", "961", 128),
    Rule("displaysetting", "Lang", "962", 2, r"ja|en|zh"),
)
SECTIONS = sorted({rule.section for rule in RULES if rule.section})


def errors_of(request: dict[str, Any], shop_id: str, shop_pass: str, now: datetime) -> list[str]:
    """Every error of a request, in the order of GMO's field list; empty when it is in order."""
    parts = {name: section(request, name) for name in SECTIONS}
    found = [f"EZ1{980 + i}{BAD_FORMAT}" for i, part in enumerate(parts.values()) if part is None]
    for rule in RULES:
        holder = parts[rule.section] if rule.section else request
        found += rule.errors((holder or {}).get(rule.key))
    known = {name: part or {} for name, part in parts.items()}
    found += pair(known["geturlparam"], shop_id, shop_pass)
    found += methods(known["transaction"])
    found += deadline(known["transaction"], now)
    found += one_host(known["transaction"])
    found += card(known["transaction"], known["credit"])
    found += slip(known["transaction"], known["cvs"])
    return found


def section(request: dict[str, Any], name: str) -> dict[str, Any] | None:
    """One object of the request, empty when it was left out, None when it is no object."""
    part = request.get(name, {})
    return part if isinstance(part, dict) else None


def pair(param: dict[str, Any], shop_id: str, shop_pass: str) -> Iterator[str]:
    """Whether there is a shop with this id and password."""
    given = (param.get("ShopID"), param.get("ShopPass"))
    if all(given) and given != (shop_id, shop_pass):
        yield f"EZ1040{WRONG_PAIR}"


def methods(transaction: dict[str, Any]) -> Iterator[str]:
    """The ways of paying; this shop has a contract for cards and convenience stores only."""
    given = transaction.get("PayMethods")
    if given is None:
        return
    if not isinstance(given, list) or not given or not all(isinstance(m, str) for m in given):
        yield f"EZ1011{BAD_FORMAT}"
    elif not set(given) <= ACCEPTED_METHODS:
        yield f"EZ1011{UNKNOWN_CHOICE}"


def offered(transaction: dict[str, Any]) -> list[str]:
    """The ways of paying that a valid request offers; left out means all."""
    return list(transaction.get("PayMethods") or sorted(ACCEPTED_METHODS))


def deadline(transaction: dict[str, Any], now: datetime) -> Iterator[str]:
    """PaymentExpireDate: yyyyMMddHHmm in Japan, and not over yet."""
    given = transaction.get("PaymentExpireDate")
    if given in (None, ""):
        return
    try:
        over = parse_minute(str(given)) < now
    except ValueError:
        over = True
    if over:
        yield f"EZ1216{BAD_FORMAT}"


def one_host(transaction: dict[str, Any]) -> Iterator[str]:
    """A return address needs a host."""
    for key, number in (("RetUrl", "012"), ("CompleteUrl", "268"), ("CancelUrl", "269")):
        given = transaction.get(key)
        if isinstance(given, str) and re.fullmatch(URL, given) and not urlsplit(given).netloc:
            yield f"EZ1{number}{BAD_FORMAT}"


def card(transaction: dict[str, Any], credit: dict[str, Any]) -> Iterator[str]:
    """3-D Secure is compulsory for this shop, and instalments need their number."""
    if "credit" not in asked(transaction):
        return
    if str(credit.get("TdFlag", "")) in {"", "0", "1"}:
        yield "E01080101"
    if (str(credit.get("Method", "")) == "2") != bool(credit.get("PayTimes")):
        yield f"EZ1933{MISSING}"


def slip(transaction: dict[str, Any], cvs: dict[str, Any]) -> Iterator[str]:
    """A slip's days and its highest amount, when nothing but a slip is offered."""
    days = str(cvs.get("PaymentTermDay", ""))
    if days.isdecimal() and int(days) > LONGEST_TERM:
        yield f"EZ1278{OUT_OF_RANGE}"
    total = sum(whole(transaction.get(key)) for key in ("Amount", "Tax"))
    if asked(transaction) == ["cvs"] and total > HIGHEST_TOTAL:
        yield "M01005011"


def asked(transaction: dict[str, Any]) -> list[object]:
    """The ways of paying of a request that may be wrong."""
    given = transaction.get("PayMethods")
    return [*given] if isinstance(given, list) else [*sorted(ACCEPTED_METHODS)]


def whole(value: object) -> int:
    """A number of a request that may be wrong; 0 when it is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
