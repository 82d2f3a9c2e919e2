"""One HTTP request and its answer, apart from the server that carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

HTML = "text/html; charset=utf-8"
JSON = "application/json;charset=UTF-8"
ID_PASS = "text/plain;charset=Windows-31J"  # noqa: S105 - a content type, no password.


@dataclass(frozen=True)
class Call:
    """A request; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def form(self, encoding: str = "utf-8") -> dict[str, str]:
        """The form fields of the body; of a repeated name the last one."""
        pairs = parse_qsl(
            self.body.decode("ascii", "replace"),
            keep_blank_values=True,
            encoding=encoding,
            errors="replace",
        )
        return dict(pairs)


@dataclass(frozen=True)
class Answer:
    """A response. With `hang_up` the connection is closed without a single byte."""

    body: str = ""
    status: int = 200
    content_type: str = HTML
    headers: tuple[tuple[str, str], ...] = ()
    hang_up: bool = False


def as_json(value: object, status: int = 200) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value, ensure_ascii=False), status, JSON)


def see_other(path: str) -> Answer:
    """Leads the browser on by GET."""
    return Answer(status=303, headers=(("Location", path),))
