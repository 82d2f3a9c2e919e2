"""Requests and responses as the pages see them, and their form at API Gateway (REST, format 1.0).

A request's path is built from the matched resource, so that neither a stage prefix nor the Host
header can enter it. Bodies are decoded from bytes and once only (ASVS V1.1.1).
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, quote

from portal.accounts.sessions import Session
from portal.database import Found
from portal.log import mask
from portal.web.errors import BadRequest

BODY_LIMIT = 64 * 1024
FIELD_LIMIT = 100


class Form(Mapping[str, str]):
    """The fields of one form, each once."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._fields = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


@dataclass(frozen=True)
class Request:
    """One request. ``session`` and ``beside`` are filled in by the gate."""

    method: str
    resource: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes
    source_ip: str
    request_id: str
    now: datetime
    session: Session | None = None
    beside: list[Found] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The path without query, built from the matched resource."""
        path = self.resource
        for name, value in self.params.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path

    @property
    def user_agent(self) -> str:
        """The browser's own description, at most 300 characters of it."""
        return self.headers.get("user-agent", "")[:300]

    @property
    def reference(self) -> str:
        """What a member tells the office, and what finds the log line: the id's first eight."""
        return self.request_id.replace("-", "")[:8].upper()

    @cached_property
    def form(self) -> Form:
        """The posted form. Raises BadRequest for double keys, wrong encodings and oversize."""
        return parse_form(self.body)

    @property
    def signed_in(self) -> Session:
        """The session of a route whose gate asks for one."""
        if self.session is None:
            raise LookupError("this route's gate lets requests pass without a session")
        return self.session


def identified(request: Request) -> dict[str, object]:
    """Return what every log line of a request says: which one, of what, and whose."""
    return {
        "request_id": request.request_id,
        "method": request.method,
        "resource": request.resource,
        "member": mask(request.session.member_id) if request.session else "",
    }


def parse_form(body: bytes) -> Form:
    """Read an urlencoded UTF-8 form (WHATWG URL, application/x-www-form-urlencoded)."""
    if len(body) > BODY_LIMIT:
        raise BadRequest("body too long")
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FIELD_LIMIT,
        )
    except ValueError:
        raise BadRequest("not an urlencoded UTF-8 form") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadRequest("a field was sent twice")
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise BadRequest("NUL in a field")
    # Browsers send line ends as CR LF; nothing here has several lines, but one form is enough.
    return Form([(name, value.replace("\r\n", "\n")) for name, value in pairs])


@dataclass(frozen=True)
class Response:
    """What a handler gives back; security headers are added by portal.web.headers."""

    status: int
    body: str | bytes = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "text/html; charset=utf-8"

    def with_header(self, name: str, value: str) -> "Response":
        """Return the response with one more header; Set-Cookie may come several times."""
        return Response(self.status, self.body, (*self.headers, (name, value)), self.content_type)


def redirect(path: str) -> Response:
    """Answer 303 to a path of this portal, which the browser then gets with GET."""
    # Browsers read a backslash as a slash and drop tabs and line ends before they look at it.
    leaves = path[1:2] in {"/", "\\"} or not path.isprintable()
    if not path.startswith("/") or leaves:
        raise ValueError("a redirect stays inside the portal")
    return Response(303, "", (("Location", path),))


def parse_event(event: Mapping[str, Any], now: datetime) -> Request:
    """Turn API Gateway's event into a Request. Raises BadRequest for a body that is no base64."""
    context = event["requestContext"]
    headers = {
        name.lower(): ", ".join(values)
        for name, values in (event.get("multiValueHeaders") or {}).items()
    }
    return Request(
        method=event["httpMethod"],
        resource=event["resource"],
        params=dict(event.get("pathParameters") or {}),
        query=dict(event.get("queryStringParameters") or {}),
        headers=headers,
        cookies=parse_cookies(headers.get("cookie", "")),
        body=_body(event),
        source_ip=context["identity"]["sourceIp"],
        request_id=context["requestId"],
        now=now,
    )


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadRequest("body is not base64") from None


def parse_cookies(header: str) -> dict[str, str]:
    """Read a Cookie header; the first of two equal names counts, as RFC 6265 orders them."""
    cookies: dict[str, str] = {}
    for pair in header.replace(",", ";").split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            cookies.setdefault(name, value)
    return cookies


def to_gateway(response: Response, headers: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Turn a Response into what API Gateway expects; bytes travel as base64."""
    collected: dict[str, list[str]] = {"Content-Type": [response.content_type]}
    for name, value in (*headers, *response.headers):
        if "\n" in value or "\r" in value:
            raise ValueError(f"line break in header {name}")
        if name == "Set-Cookie":
            collected.setdefault(name, []).append(value)
        else:
            collected[name] = [value]
    binary = isinstance(response.body, bytes)
    body = (
        base64.b64encode(response.body).decode()
        if isinstance(response.body, bytes)
        else response.body
    )
    return {
        "statusCode": response.status,
        "multiValueHeaders": collected,
        "body": body,
        "isBase64Encoded": binary,
    }
