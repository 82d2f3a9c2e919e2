"""The check of one field: what was typed becomes the value to keep, or an explained problem.

Every problem says what is wrong and what to do, and carries a correction to offer where there is
one (WCAG 3.3.3). A correction is put in by the member's press of a button, never by us, and it
always passes the same check.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from portal.members import characters, email_address, email_typo
from portal.members.explain import explain
from portal.members.fields import PREFECTURES, Field, Kind

# What is longer than this many times the field's length is not looked at character by character.
_HOPELESS = 4
_POSTAL_CODE = re.compile("[0-9]{7}")
_PHONE = re.compile("0[0-9]{9,10}")
# The signs people write between the digits of a number, after NFKC.
_SEPARATORS = re.compile("[-‐‑‒–—―−ー〜~()（）.・/ \u3000]+")
_COUNTRY_CODE = re.compile(r"\+81[-\s]*(?:\(0\)|0)?")


@dataclass(frozen=True)
class Problem:
    """Why a field was refused, in sentences for the member, and the correction to offer, if any."""

    messages: tuple[str, ...]
    proposal: str | None = None


@dataclass(frozen=True)
class Checked:
    """The outcome for one field: the value to keep, or a problem; perhaps a warning beside it."""

    value: str
    problem: Problem | None = None
    warning: str = ""


def check(field: Field, typed: str) -> Checked:
    """Check what was typed into a field; never raises, whatever the text."""
    if len(typed) > field.max_length * _HOPELESS:
        return _refused(_too_long(field))
    return _CHECKS[field.kind](field, typed)


def _refused(message: str, proposal: str | None = None) -> Checked:
    return Checked("", Problem((message,), proposal))


def _too_long(field: Field) -> str:
    return f"{field.label}は{field.max_length}文字以内で入力してください。"


def _empty(field: Field) -> Checked:
    verb = "選んで" if field.kind is Kind.PREFECTURE else "入力して"
    return _refused(f"{field.label}を{verb}ください。") if field.required else Checked("")


def _check_text(field: Field, typed: str) -> Checked:
    text = characters.normalise(typed, field.repertoire)
    if not text:
        return _empty(field)
    refused = characters.inspect(text, field.repertoire)
    if refused:
        proposal = _fitting(field, characters.propose(text, field.repertoire))
        return Checked("", Problem(explain(field, refused), proposal))
    return _refused(_too_long(field)) if len(text) > field.max_length else Checked(text)


def _fitting(field: Field, proposal: str | None) -> str | None:
    """Drop a proposal that grew over the field's length (㈱ becomes three characters)."""
    return proposal if proposal is not None and len(proposal) <= field.max_length else None


def _check_postal_code(field: Field, typed: str) -> Checked:
    text = _narrow(typed).removeprefix("〒")
    digits = _SEPARATORS.sub("", text)
    if not digits:
        return _empty(field)
    if _POSTAL_CODE.fullmatch(digits):
        return Checked(digits)
    return _refused("郵便番号は7桁の数字で入力してください（例：1640001）。")


def _check_prefecture(field: Field, typed: str) -> Checked:
    name = typed.strip()
    if not name:
        return _empty(field)
    known = name in PREFECTURES
    return Checked(name) if known else _refused("都道府県を一覧から選んでください。")


def _check_phone(field: Field, typed: str) -> Checked:
    text = _narrow(typed)
    if not text:
        return _empty(field)
    if _PHONE.fullmatch(text):
        return Checked(text)
    return _refused(_phone_message(field, text), _phone_proposal(text))


def _phone_message(field: Field, text: str) -> str:
    if not re.fullmatch("[0-9]+", text):
        return f"{field.label}は、ハイフン(-)無しの数字のみで入力してください。"
    if not text.startswith("0"):
        return f"{field.label}は、0から始まる番号を市外局番から入力してください。"
    return f"{field.label}は、10桁または11桁の数字で入力してください。"


def _phone_proposal(text: str) -> str | None:
    digits = _SEPARATORS.sub("", _COUNTRY_CODE.sub("0", text, count=1))
    return digits if digits != text and _PHONE.fullmatch(digits) else None


def _check_email(field: Field, typed: str) -> Checked:
    address = _narrow(typed)
    if not address:
        return _empty(field)
    fault = email_address.fault(address)
    if fault:
        mended = email_typo.mended(address)
        return _refused(fault, None if email_address.fault(mended) else mended)
    legacy = email_address.is_legacy(address)
    return Checked(address, warning=email_address.LEGACY_WARNING if legacy else "")


def _narrow(typed: str) -> str:
    """Fold full-width digits and letters. Harmless here: these fields hold ASCII only."""
    return unicodedata.normalize("NFKC", typed).strip()


_CHECKS: dict[Kind, Callable[[Field, str], Checked]] = {
    Kind.TEXT: _check_text,
    Kind.POSTAL_CODE: _check_postal_code,
    Kind.PREFECTURE: _check_prefecture,
    Kind.PHONE: _check_phone,
    Kind.EMAIL: _check_email,
}
