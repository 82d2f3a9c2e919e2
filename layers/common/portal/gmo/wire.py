"""The two formats of GMO's answers, read leniently in form and strictly in meaning.

* idPass: ``key=value&key=value`` in Windows-31J, HTTP 200 even for errors, several errors
  joined by ``|``, values not percent-encoded.
* JSON: an object, or a list of errors, whose keys come in two spellings.

The ``Content-Type`` is not asked: what counts is whether the body says what was expected.
Everything that is not clearly GMO's answer becomes :class:`UnknownOutcome`.
"""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from portal.gmo.errors import Code, UnknownOutcome
from portal.gmo.transport import Reply

FORM = "application/x-www-form-urlencoded"
JSON = "application/json;charset=UTF-8"


def form_body(fields: Mapping[str, str]) -> bytes:
    """Write a request of the idPass family."""
    return urlencode(fields, encoding="cp932").encode("ascii")


def json_body(message: Mapping[str, object]) -> bytes:
    """Write a request of the JSON family."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def read_form(reply: Reply) -> tuple[dict[str, str], tuple[Code, ...]]:
    """Read an idPass answer: its fields, and its errors (one of the two is empty).

    Raises UnknownOutcome for a server error, a redirect, a page, or anything else.
    """
    _check_status(reply)
    body = reply.body.strip(b"\r\n")
    if body.lstrip().startswith(b"<"):
        raise UnknownOutcome("format", status=reply.status)
    fields = _pairs(body)
    codes = pair(fields.get("ErrCode", ""), fields.get("ErrInfo", ""))
    if codes:
        return {}, codes
    if reply.status != 200:
        raise UnknownOutcome("http status", status=reply.status)
    return fields, ()


def read_json(reply: Reply) -> tuple[dict[str, object], tuple[Code, ...]]:
    """Read a JSON answer: its object with lower-case keys, and its errors (one is empty).

    Raises UnknownOutcome like :func:`read_form`.
    """
    _check_status(reply)
    message = _json(reply)
    codes = _codes(message if isinstance(message, list) else [message])
    if codes:
        return {}, codes
    if reply.status != 200:
        raise UnknownOutcome("http status", status=reply.status)
    if not isinstance(message, dict):
        raise UnknownOutcome("format", status=reply.status)
    return _lower(message), ()


def pair(err_code: str, err_info: str) -> tuple[Code, ...]:
    """Pair ``E01|M01`` with ``E01…|M01…``: the n-th info belongs to the n-th code."""
    codes, infos = err_code.split("|"), err_info.split("|")
    length = max(len(codes), len(infos))
    codes += [""] * (length - len(codes))
    infos += [""] * (length - len(infos))
    return tuple((code, info) for code, info in zip(codes, infos, strict=True) if code or info)


def _check_status(reply: Reply) -> None:
    """A server error or a redirect says nothing, whatever its body holds."""
    if not (reply.status == 200 or 400 <= reply.status < 500):
        raise UnknownOutcome("http status", status=reply.status)


def _pairs(body: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for part in body.split(b"&"):
        key, equals, value = part.partition(b"=")
        if equals:
            fields.setdefault(_decode(key), _decode(value))
    return fields


def _decode(raw: bytes) -> str:
    """Windows-31J; what is not becomes a replacement sign, as all values we use are ASCII."""
    return raw.decode("cp932", errors="replace")


def _json(reply: Reply) -> object:
    try:
        message: object = json.loads(reply.body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        message = None
    if message is None:
        raise UnknownOutcome("format", status=reply.status)
    return message


def _codes(entries: Iterable[object]) -> tuple[Code, ...]:
    codes: list[Code] = []
    for entry in entries:
        if isinstance(entry, dict):
            low = _lower(entry)
            codes.extend(pair(_text(low.get("errcode")), _text(low.get("errinfo"))))
    return tuple(codes)


def _lower(entry: Mapping[object, object]) -> dict[str, object]:
    return {str(key).lower(): value for key, value in entry.items()}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
