"""A browser for page tests: talks to an App through API Gateway events, without a network.

It keeps cookies, takes the form token out of the last page, and follows nothing by itself.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

ORIGIN = "https://jgets-member.net"

type Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]


@dataclass(frozen=True)
class Page:
    """One answer."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8")

    @property
    def location(self) -> str:
        """Where a redirect leads, or nothing."""
        return self.headers.get("Location", [""])[0]


class Browser:
    """Sends requests to the apps of one portal. *apps* maps a path prefix to its handler."""

    def __init__(self, *apps: Handler, resources: Mapping[str, str] | None = None) -> None:
        self._apps = apps
        self._resources = dict(resources or {})
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.headers: dict[str, str] = {"sec-fetch-site": "same-origin", "origin": ORIGIN}
        self.source_ip = "192.0.2.10"

    def get(self, target: str, **params: str) -> Page:
        """GET a path; *params* are the path parameters of the resource written in braces."""
        return self._send("GET", target, b"", params)

    def post(
        self,
        target: str,
        form: Mapping[str, str] | None = None,
        *,
        token: bool = True,
        **params: str,
    ) -> Page:
        """POST a form, with the token of the last page unless told otherwise."""
        fields = {**({"csrf": self.token} if token else {}), **(form or {})}
        return self.post_raw(target, urlencode(fields).encode(), **params)

    def send(self, method: str, target: str, **params: str) -> Page:
        """Send any method; with POST a form of the page's token alone."""
        body = urlencode({"csrf": self.token}).encode() if method == "POST" else b""
        return self._send(method, target, body, params)

    def post_raw(self, target: str, body: bytes, **params: str) -> Page:
        """POST a body as it is."""
        return self._send("POST", target, body, params)

    def _send(self, method: str, target: str, body: bytes, params: Mapping[str, str]) -> Page:
        event = self.event(method, target, body, params)
        answers = [app(event, None) for app in self._apps]
        # Of several functions the one that knows the resource answers, as the gateway decides.
        answer = next((one for one in answers if one["statusCode"] != 404), answers[0])
        return self._taken(answer)

    def event(
        self, method: str, target: str, body: bytes = b"", params: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the event of API Gateway (REST, format 1.0) for one request."""
        parts = urlsplit(target)
        headers = {name: [value] for name, value in self.headers.items()}
        if self.cookies:
            headers["Cookie"] = ["; ".join(f"{n}={v}" for n, v in self.cookies.items())]
        return {
            "httpMethod": method,
            "resource": parts.path,
            "path": parts.path,
            "pathParameters": dict(params or {}) or None,
            "queryStringParameters": dict(parse_qsl(parts.query)) or None,
            "multiValueHeaders": headers,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            "requestContext": {
                "requestId": "0f1e2d3c-0000-4000-8000-000000000000",
                "identity": {"sourceIp": self.source_ip},
            },
        }

    def _taken(self, answer: Mapping[str, Any]) -> Page:
        body = answer["body"]
        raw = base64.b64decode(body) if answer["isBase64Encoded"] else str(body).encode()
        page = Page(answer["statusCode"], dict(answer["multiValueHeaders"]), raw)
        for cookie in page.headers.get("Set-Cookie", []):
            self._keep(cookie)
        found = re.search(rb'name="csrf" value="([^"]+)"', raw)
        if found:
            self.token = found.group(1).decode()
        return page

    def _keep(self, cookie: str) -> None:
        name, _, value = cookie.partition(";")[0].partition("=")
        if value and "Max-Age=0" not in cookie:
            self.cookies[name] = value
        else:
            self.cookies.pop(name, None)
