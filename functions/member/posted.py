"""What the form of 会員編集 carries besides the texts of the record, read from a request."""

import re

from portal.ids import digest
from portal.web.errors import BadRequest
from portal.web.http import Request

CONTROLS = frozenset({"csrf", "action", "version", "invoice", "area", "email_kept", "whose"})
CONFIRM_FIELDS = frozenset({"csrf", "version", "invoice"})
UNSEEN = 0
"""No record has this version, so a form without one never overwrites anything."""

_INVOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_VERSION = re.compile("[0-9]{1,15}")
_AREA = re.compile("[0-9]{1,3}")
_WHOSE_LENGTH = 16


def texts(request: Request) -> dict[str, str]:
    """Return the texts of the record as they were typed, and whatever else the form holds."""
    return {name: text for name, text in request.form.items() if name not in CONTROLS}


def invoice(request: Request) -> str:
    """Return the invoice that is to be paid next, from the form or the address; else nothing.

    Raises BadRequest for what cannot be an invoice's id.
    """
    posted = request.form.get("invoice", "") if request.method == "POST" else ""
    found = posted or request.query.get("invoice", "")
    if found and not _INVOICE.fullmatch(found):
        raise BadRequest("not an invoice id")
    return found


def version(request: Request, otherwise: int) -> int:
    """Return the version that the posted page was made from, *otherwise* where it tells none."""
    text = request.form.get("version", "") if request.method == "POST" else ""
    return int(text) if _VERSION.fullmatch(text) else otherwise


def area(request: Request) -> int:
    """Return the number of the chosen address. Raises BadRequest for what is no number."""
    text = request.form.get("area", "")
    if not _AREA.fullmatch(text):
        raise BadRequest("not one of the addresses")
    return int(text)


def whose(member_id: str) -> str:
    """Return what a page carries to tell later whose record it showed; it opens nothing."""
    return digest(member_id)[:_WHOSE_LENGTH]
