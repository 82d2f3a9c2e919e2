"""A door on this machine through which scanners reach the portal.

They do not resolve *.localhost and send no Secure cookie over http, so the door is their name
server and their cookie jar: it takes any address (as a server or as an HTTP proxy), asks the portal
under its own Host, and carries the cookies of one visitor. What the portal answers goes back as it
came. When a scanner has ended the session, the door signs in again, so that the rest of the run
still tells of a signed-in member.
"""

import http.client
import secrets
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.stack.client import Client

FORM_TOKEN = "FORM-TOKEN"
"""Stands in a body where a scanner wants the token of the visitor's forms."""

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "proxy-authorization"}
)
_OURS = frozenset({"host", "cookie", "content-length", "x-forwarded-for", "accept-encoding"})
_LONGEST = 1024 * 1024
_TIMEOUT = 60.0


@dataclass
class Visitor:
    """Whose cookies the door carries. *sign_in* fills the cookies of a client, or does nothing."""

    connect: str
    portal: str
    sign_in: Callable[[Client], None] | None = None
    renewed: int = 0
    """How often a scanner had ended the session."""

    _cookies: dict[str, str] = field(default_factory=dict)
    _token: str = ""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(self) -> None:
        """Get cookies and a form token as a browser does. Raises AssertionError when that fails."""
        with self._lock:
            # A network of its own each time: failed tries of the scanner's are counted there.
            client = Client(self.connect, self.portal, f"198.18.0.{secrets.randbelow(254) + 1}")
            if self.sign_in is not None:
                self.sign_in(client)
            page = client.get("/member/contact" if self.sign_in else "/member/login")
            self._token = page.forms[0].fields["csrf"]
            self._cookies = dict(client.cookies)

    def cookie(self, sent: str) -> str:
        """Return the Cookie header: what the scanner sends, and of ours what it does not name."""
        with self._lock:
            named = {pair.partition("=")[0].strip() for pair in sent.split(";")}
            ours = [f"{name}={value}" for name, value in self._cookies.items() if name not in named]
        return "; ".join([*([sent] if sent else []), *ours])

    def filled(self, body: bytes) -> bytes:
        """Return *body* with the form token where a scanner asks for it."""
        return body.replace(FORM_TOKEN.encode(), self._token.encode())

    def turned_out(self, status: int, headers: Mapping[str, str]) -> bool:
        """Tell whether an answer says that the member is no longer signed in."""
        return self.sign_in is not None and status == 303 and headers["location"] == "/member/login"

    def again(self) -> None:
        """Sign in once more."""
        with self._lock:
            self.renewed += 1
            self.begin()


@dataclass(frozen=True)
class _Reply:
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection of a scanner."""

    protocol_version = "HTTP/1.1"
    visitor: Visitor
    timeout = _TIMEOUT

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks for do_GET and its like; a scanner may ask by any method.
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Ask the portal the same and hand its answer on."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LONGEST:
            self.close_connection = True
            self.send_error(413)
            return
        body = self.rfile.read(int(length))
        reply = self._asked(body)
        if self.visitor.turned_out(reply.status, {"location": reply.header("location")}):
            self.visitor.again()
            reply = self._asked(body)
        self._send(reply)

    def _asked(self, body: bytes) -> _Reply:
        connection = http.client.HTTPConnection(self.visitor.connect, timeout=_TIMEOUT)
        try:
            self._put(connection, self.visitor.filled(body))
            response = connection.getresponse()
            content = response.read()
            headers = tuple(response.getheaders())
            return _Reply(response.status, response.reason, headers, content)
        finally:
            connection.close()

    def _put(self, connection: http.client.HTTPConnection, body: bytes) -> None:
        parts = urlsplit(self.path)
        # As a proxy we are asked for whole addresses, as a server for paths.
        target = parts._replace(scheme="", netloc="").geturl() if parts.scheme else self.path
        connection.putrequest(
            self.command, target or "/", skip_host=True, skip_accept_encoding=True
        )
        connection.putheader("Host", urlsplit(self.visitor.portal).netloc)
        cookie = self.visitor.cookie(self.headers.get("Cookie", ""))
        if cookie:
            connection.putheader("Cookie", cookie)
        for name, value in self.headers.items():
            if name.lower() not in _HOP_BY_HOP | _OURS:
                connection.putheader(name, value.encode("latin-1", "replace"))
        if self.command == "POST" and "Origin" not in self.headers:
            connection.putheader("Origin", self.visitor.portal)
        if body or self.command in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)

    def _send(self, reply: _Reply) -> None:
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.headers:
            if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the base class's.
        """Keep the terminal for the audit's own lines."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: scanners hang up in the middle of an answer."""


@contextmanager
def opened(visitor: Visitor, certificate: tuple[Path, Path] | None = None) -> Iterator[int]:
    """Keep the door open during the body and yield its port; with a certificate it speaks TLS."""
    visitor.begin()
    handler = type("Handler", (_Handler,), {"visitor": visitor})
    server = _Server(("127.0.0.1", 0), handler)
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
