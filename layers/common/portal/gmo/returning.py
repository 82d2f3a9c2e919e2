"""The signed ``result`` with which GMO sends the payer's browser back to us.

``result`` = base64url of a JSON text, a dot, and the SHA-256 (hex) of that base64url text
followed by the shop password. The hash is taken over the text as received, before decoding,
since GMO's padding is not known and re-encoding would change it.

It decides what the payer is shown and nothing else: many payers never press the button that
brings them back, anyone may send an old result again, and a password of ten characters is a
short key. Whether money came is only told by :meth:`portal.gmo.client.Gmo.search`.
"""

import binascii
import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal.gmo.errors import BadSignature, Malformed
from portal.gmo.model import parse_moment

_RESULT = re.compile(r"([A-Za-z0-9_-]+)(={0,2})\.([0-9A-Fa-f]{64})")
_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,27}")
_LONGEST = 16_384


@dataclass(frozen=True, kw_only=True)
class Return:
    """What GMO says on the way back.

    ``result`` is ``PAYSUCCESS`` (card paid), ``REQSUCCESS`` (slip issued), ``PAYSTART`` (went
    back without paying; the link lives on), ``ERROR``, ``EXPIRED``, ``INVALID``, or a word we
    do not know. ``pay_method`` is ``credit``, ``cvs`` or empty, as are the errors.
    """

    order_id: str
    result: str
    pay_method: str = ""
    err_code: str = ""
    err_info: str = ""
    process_date: datetime | None = None


def read(result: str, shop_pass: str) -> Return:
    """Verify and read the form field ``result``.

    Raises :class:`Malformed` when it has not GMO's form, :class:`BadSignature` when our shop
    password did not sign it. Nothing in it is decoded before the signature was verified.
    """
    found = _RESULT.fullmatch(result) if len(result) <= _LONGEST else None
    if not found:
        raise Malformed("result is not base64url, dot, hash")
    payload, padding, signature = found.groups()
    expected = sha256(f"{payload}{padding}{shop_pass}".encode()).hexdigest()
    if not hmac.compare_digest(expected, signature.lower()):
        raise BadSignature("result is not signed with the shop password")
    return _return(_decode(payload))


def _decode(payload: str) -> Mapping[str, object]:
    """Decode what is signed; the standard library wants the padding that GMO may leave out."""
    padded = payload + "=" * (-len(payload) % 4)
    try:
        message: object = json.loads(urlsafe_b64decode(padded))
    except (binascii.Error, ValueError, RecursionError):
        message = None
    inner = _lower(message).get("transactionresult")
    if not isinstance(inner, dict):
        raise Malformed("result holds no transactionresult")
    return _lower(inner)


def _return(fields: Mapping[str, object]) -> Return:
    def text(key: str) -> str:
        value = fields.get(key)
        return value if isinstance(value, str) else ""

    if not _ORDER_ID.fullmatch(text("orderid")):
        raise Malformed("result holds no order")
    return Return(
        order_id=text("orderid"),
        result=text("result"),
        pay_method=text("paymethod"),
        err_code=text("errcode"),
        err_info=text("errinfo"),
        process_date=parse_moment(text("processdate")),
    )


def _lower(message: object) -> dict[str, object]:
    """Keys without case: GMO writes ``OrderID`` beside ``Processdate`` and ``Paymethod``."""
    if not isinstance(message, dict):
        return {}
    return {str(key).lower(): value for key, value in message.items()}
