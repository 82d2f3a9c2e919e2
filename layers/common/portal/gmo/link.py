"""What is told to GMO to get a payment link, and what comes back.

GMO's page is pre-filled with what is known of the payer. That is a courtesy: whatever does not
satisfy GMO's limits is left out (:func:`fit` tells what), and the payer types it there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from portal.gmo.model import PayType

_SPACES = re.compile(r"\s+")
_KANA = re.compile(r"[ァ-ヶー]{1,20}")
_PHONE = re.compile(r"[0-9]{10,13}", re.ASCII)
_MAIL = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]+\.[!-?A-~]+")
_HALF_WIDTH = re.compile(r"[A-Za-z0-9]")


@dataclass(frozen=True, kw_only=True)
class Payer:
    """What is known of the payer; every part may be empty or unfit for GMO."""

    name: str = field(default="", repr=False)
    kana: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    mail: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class SlipTerms:
    """What a convenience-store slip says: days to pay, and whom to ask (ReceiptsDisp11–13).

    ``contact`` holds at most 42 bytes (21 full-width characters), ``phone`` 12 digits and
    hyphens, ``hours`` is ``HH:MM-HH:MM``.
    """

    days: int
    contact: str
    phone: str
    hours: str


@dataclass(frozen=True, kw_only=True)
class LinkRequest:
    """One payment link: an order that GMO has never seen, paid in exactly one way.

    ``amount`` is yen with everything in it, the tax too. ``expires`` is aware; GMO knows
    minutes, in Japanese time. ``slip`` is needed for, and only for, :attr:`PayType.CVS`.
    """

    order_id: str
    pay_type: PayType
    amount: int
    return_url: str
    expires: datetime
    client_fields: tuple[str, str, str] = ("", "", "")
    slip: SlipTerms | None = None
    payer: Payer = Payer()


@dataclass(frozen=True)
class Link:
    """An issued payment link.

    ``warned`` says that GMO gave a warning with it, in practice that this order had a link
    before. The address lets anyone who has it see GMO's page, hence it is not in the repr.
    """

    url: str = field(repr=False)
    process_date: datetime | None
    warned: bool = False


class RejectOutcome(Enum):
    """What became of the wish to stop a link."""

    STOPPED = "stopped"
    NOT_FOUND = "GMO knows no link of this order (EZ2278002)"
    NOT_POSSIBLE = "not in its present state, for instance because it was paid (EZ2278010)"


@dataclass(frozen=True)
class Fitted:
    """``sent`` are GMO's ``customer`` keys with their values, ``omitted`` the keys left out."""

    sent: Mapping[str, str] = field(repr=False)
    omitted: tuple[str, ...]


def fit(payer: Payer) -> Fitted:
    """Keep of *payer* what GMO accepts. An empty part is neither sent nor called omitted."""
    sent: dict[str, str] = {}
    omitted: list[str] = []
    for key, value, fitting in _parts(payer):
        fitted = fitting(value)
        if fitted:
            sent[key] = fitted
        elif value:
            omitted.append(key)
    return Fitted(sent, tuple(omitted))


def _parts(payer: Payer) -> tuple[tuple[str, str, Callable[[str], str]], ...]:
    return (
        ("CustomerName", payer.name, _name),
        ("CustomerKana", payer.kana, _kana),
        ("TelNo", payer.phone, _phone),
        ("MailAddress", payer.mail, _mail),
    )


def _name(text: str) -> str:
    """Without spaces; 20 full-width characters of JIS X 0208, a half-width letter counts half."""
    name = _SPACES.sub("", text)
    widths = [_width(char) for char in name]
    return name if all(widths) and sum(widths) <= 40 else ""


def _width(char: str) -> int:
    """2 for a character of JIS X 0208, 1 for a half-width letter or digit, 0 for all others.

    Stores print slips with the oldest character set, and Seven-Eleven refuses half-width signs.
    """
    if _HALF_WIDTH.fullmatch(char):
        return 1
    try:
        code = char.encode("euc_jp")
    except UnicodeEncodeError:
        return 0
    return 2 if len(code) == 2 and code[0] >= 0xA1 else 0


def _kana(text: str) -> str:
    kana = _SPACES.sub("", text)
    return kana if _KANA.fullmatch(kana) else ""


def _phone(text: str) -> str:
    phone = text.replace("-", "")
    return phone if _PHONE.fullmatch(phone) else ""


def _mail(text: str) -> str:
    return text if len(text) <= 256 and _MAIL.fullmatch(text) else ""
