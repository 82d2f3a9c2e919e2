"""The real transport against servers on this machine: what it must not do comes first."""

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import portal
from portal.gmo.errors import UnknownOutcome
from portal.gmo.transport import IDLE_SECONDS, LONGEST_BODY, Reply, RequestsTransport
from tests.unit.gmo.test_secrets import shown

LAYER = str(Path(portal.__file__).parents[1])


class Handler(BaseHTTPRequestHandler):
    """Answers by path and notes each request on its server."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Server)
        self.server.seen.append((self.path, dict(self.headers), body, self.client_address[1]))
        {"/moved": self._moved, "/silent": self._silent, "/broken": self._broken}.get(
            self.path, self._echo
        )()

    def _moved(self) -> None:
        self._answer(307, b"", Location="/elsewhere")

    def _silent(self) -> None:
        assert isinstance(self.server, Server)
        self.server.release.wait(10)
        self.close_connection = True

    def _broken(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"Status=CAPTURE")
        self.close_connection = True

    def _echo(self) -> None:
        size = LONGEST_BODY + 1 if self.path == "/endless" else 0
        self._answer(503 if self.path == "/down" else 200, b"Status=CAPTURE" + b"x" * size)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        fixed = {"Content-Type": "text/plain", "Set-Cookie": "seen=1"}
        for name, value in (fixed | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name.
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    """A server on a free port; ``url`` is where it listens."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, dict[str, str], bytes, int]] = []
        self.release = threading.Event()
        self.scheme = "http"

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as started:
        yield started


@pytest.fixture
def post() -> Iterator[Callable[[str], Reply]]:
    """Posts a shop password to an address, by one transport."""
    with closing(RequestsTransport()) as transport:
        yield lambda url: transport.post(
            url, content_type="text/x", body=b"ShopPass=tpass00000", timeout=0.3
        )


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return pem


def test_a_server_that_nobody_vouches_for_gets_nothing(
    tmp_path: Path, post: Callable[[str], Reply]
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    server = Server()
    server.scheme = "https"
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server), pytest.raises(UnknownOutcome, match="connection"):
        post(f"{server.url}/")
    assert server.seen == []


def test_a_redirect_is_a_reply_and_not_followed(
    server: Server, post: Callable[[str], Reply]
) -> None:
    assert post(f"{server.url}/moved").status == 307
    assert [path for path, *_ in server.seen] == ["/moved"]


def test_silence_is_an_unknown_outcome_and_not_repeated(
    server: Server, post: Callable[[str], Reply]
) -> None:
    with pytest.raises(UnknownOutcome) as raised:
        post(f"{server.url}/silent")
    assert raised.value.reason == "timeout"
    assert len(server.seen) == 1


def test_an_answer_that_breaks_off_is_an_unknown_outcome(
    server: Server, post: Callable[[str], Reply]
) -> None:
    """Half a line could read as a whole one."""
    with pytest.raises(UnknownOutcome) as raised:
        post(f"{server.url}/broken")
    assert raised.value.reason == "connection"


def test_an_answer_without_end_is_not_read_to_its_end(
    server: Server, post: Callable[[str], Reply]
) -> None:
    with pytest.raises(UnknownOutcome, match="too long"):
        post(f"{server.url}/endless")


def test_nobody_listening_is_an_unknown_outcome(post: Callable[[str], Reply]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(UnknownOutcome) as raised:
        post(f"http://127.0.0.1:{port}/")
    assert raised.value.reason == "connection"


@pytest.mark.parametrize("url", ["", "gmo", "ftp://127.0.0.1/", "http://"])
def test_an_address_that_is_none_is_an_unknown_outcome(
    post: Callable[[str], Reply], url: str
) -> None:
    with pytest.raises(UnknownOutcome):
        post(url)


def test_the_request_does_not_travel_along_with_the_error(
    server: Server, post: Callable[[str], Reply]
) -> None:
    """The errors of requests hold the whole request, shop password included."""
    with pytest.raises(UnknownOutcome) as raised:
        post(f"{server.url}/silent")
    assert raised.value.__context__ is None
    assert "tpass00000" not in shown(raised.value).replace('body=b"ShopPass=tpass00000"', "")


def test_proxies_of_the_environment_are_not_asked(server: Server) -> None:
    program = (
        f"import sys; sys.path.insert(0, {LAYER!r})\n"
        "from portal.gmo.transport import RequestsTransport\n"
        f"post = RequestsTransport().post\nurl = '{server.url}/'\n"
        "reply = post(url, content_type='x', body=b'', timeout=5)\n"
        "print(reply.status)\n"
    )
    nowhere = {"http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env=nowhere, text=True
    )
    assert done.stdout == "200\n"


def test_an_answer_comes_back_as_it_is(server: Server, post: Callable[[str], Reply]) -> None:
    assert post(f"{server.url}/") == Reply(200, "text/plain", b"Status=CAPTURE")
    assert post(f"{server.url}/down").status == 503
    assert all("Cookie" not in headers for _, headers, *_ in server.seen)
    _, headers, body, _ = server.seen[0]
    assert (headers["Content-Type"], body) == ("text/x", b"ShopPass=tpass00000")


def test_a_connection_is_kept_only_while_it_is_young(server: Server) -> None:
    """One that slept with the function may be dead, and that would look like no answer."""
    times = iter([0.0, 1.0, IDLE_SECONDS + 2])
    with closing(RequestsTransport(lambda: next(times))) as transport:
        for _ in range(3):
            transport.post(f"{server.url}/", content_type="x", body=b"", timeout=5)
    ports = [port for *_, port in server.seen]
    assert ports[0] == ports[1] != ports[2]


def test_a_reply_does_not_show_its_body() -> None:
    assert "AccessPass" not in repr(Reply(200, "text/plain", b"AccessPass=1"))
