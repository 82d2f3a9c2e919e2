"""Which mail addresses the record takes: plain ASCII that a mail server can be given.

The portal's mails go out through SES, whose API takes 7-bit ASCII only, so the rule is stricter
than RFC 5322: no quoted local parts, comments, address literals or non-ASCII letters. One
exception follows life: until about 2009 docomo and au gave out addresses with dots where the RFC
has none (``a..b@docomo.ne.jp``). Members who own one may keep it and are warned.
"""

import re

LEGACY_DOMAINS = frozenset({"docomo.ne.jp", "ezweb.ne.jp", "au.com"})
LEGACY_WARNING = "このアドレスには届かないことがあります。別のアドレスをおすすめします。"

_MAX_LOCAL = 64
_MAX_ADDRESS = 254
_MAX_LABEL = 63
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LEGACY_LOCAL = re.compile("[A-Za-z0-9._+/?-]+")
_LABEL = re.compile("[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_TOP_LABEL = re.compile("[A-Za-z]{2,}|xn--[A-Za-z0-9-]+")

_SHAPE = "メールアドレスは「name@example.jp」のような形で入力してください。"


def fault(address: str) -> str:
    """Return what is wrong with an address in a sentence for the member, or an empty text."""
    if not address.isascii() or not address.isprintable() or " " in address:
        return "メールアドレスは、空白を含まない半角の英数字と記号で入力してください。"
    if len(address) > _MAX_ADDRESS:
        return f"メールアドレスは{_MAX_ADDRESS}文字以内で入力してください。"
    local, at, domain = address.rpartition("@")
    if not at or not local or "@" in local:
        return f"メールアドレスには「@」が1つ必要です。{_SHAPE}"
    if not _is_domain(domain):
        return f"メールアドレスの「@」より後ろをご確認ください。{_SHAPE}"
    return _fault_of_local(local, domain)


def is_legacy(address: str) -> bool:
    """Say whether an address is one of the old carrier addresses that break the RFC's dot rule."""
    local, _, domain = address.rpartition("@")
    return _is_legacy_local(local, domain)


def _fault_of_local(local: str, domain: str) -> str:
    well_formed = _LOCAL.fullmatch(local) or _is_legacy_local(local, domain)
    if well_formed and len(local) <= _MAX_LOCAL:
        return ""
    return f"メールアドレスの「@」より前をご確認ください。{_SHAPE}"


def _is_legacy_local(local: str, domain: str) -> bool:
    if domain.lower() not in LEGACY_DOMAINS or _LOCAL.fullmatch(local):
        return False
    return _LEGACY_LOCAL.fullmatch(local) is not None


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or not _TOP_LABEL.fullmatch(labels[-1]):
        return False
    return all(len(label) <= _MAX_LABEL and _LABEL.fullmatch(label) for label in labels)
