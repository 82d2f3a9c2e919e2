"""The HTTP service: takes requests, lets the faults happen, hands out answers."""

import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from local.gmo.controls import Controls
from local.gmo.desk import Desk
from local.gmo.exchange import Answer, Call
from local.gmo.faults import Faults
from local.gmo.hosted import HostedPages, missing
from local.gmo.link_api import LinkApi
from local.gmo.messages import id_pass_errors, json_errors
from local.gmo.notifications import Postman, http_sender
from local.gmo.orders import OrderBook
from local.gmo.server_api import ServerApi
from local.gmo.settings import Settings

LARGEST_BODY = 1_000_000
SERVER_ERROR = Answer("<html><body><h1>500 Internal Server Error</h1></body></html>", 500)
FIREWALL = Answer("<html><body><h1>403 Forbidden</h1></body></html>", 403)
HOSTED = re.compile(r"/v2/plus/(\w+)/checkout/([0-9a-f]{64})(?:/(card|tds|cvs))?")
LINK_CALLS = {"GetLinkplusUrlPayment.json", "RejectLinkplusUrlPayment.json"}


class Standin:
    """The whole service apart from its socket."""

    def __init__(self, settings: Settings, public_url: str) -> None:
        self._shop_id = settings.shop_id
        self._settings = settings
        self.faults = Faults()
        self.book = OrderBook(settings.data_dir)
        self.postman = Postman(settings, self.faults, http_sender(settings))
        desk = Desk(settings, self.book, self.postman)
        self._links = LinkApi(settings, public_url, self.book, desk)
        self._server_api = ServerApi(settings, self.faults, self.book, desk)
        self._pages = HostedPages(settings, public_url, self.faults, self.book, desk)
        self._controls = Controls(
            settings,
            faults=self.faults,
            book=self.book,
            desk=desk,
            postman=self.postman,
            link=self._links.link_url,
        )
        self._stopping = threading.Event()

    def answer(self, call: Call) -> Answer:
        """Answers any request."""
        if call.path.startswith("/payment/"):
            return self._payment(call.path.removeprefix("/payment/"), call)
        if call.path.startswith("/_standin/"):
            return self._controls.answer(call.path.removeprefix("/_standin/"), call)
        if call.path == "/" and call.method == "GET":
            return self._controls.start_page()
        if call.path.startswith("/receipt/"):
            return self._pages.receipt(call.path.removeprefix("/receipt/"))
        found = HOSTED.fullmatch(call.path)
        if found and found[1] == self._shop_id:
            return self._pages.answer(found[2], found[3] or "", call)
        return missing()

    def _payment(self, name: str, call: Call) -> Answer:
        if name in LINK_CALLS:
            return self._link_call(name, call)
        if call.method != "POST":
            wrong = ["E00000001"]
            return json_errors(wrong, 405) if name.endswith(".json") else id_pass_errors(wrong)
        if name.startswith("SearchTrade"):
            return self._search_call(name, call)
        return self._server_api.answer(name, call)

    def _link_call(self, name: str, call: Call) -> Answer:
        word = self.faults.link
        if refused := {"down": SERVER_ERROR, "forbidden": FIREWALL}.get(word):
            return refused
        if word == "throttled":
            return json_errors(["E92000001"])
        if name == "RejectLinkplusUrlPayment.json":
            return self._links.reject(call)
        answer = self._links.issue(call)
        if word == "timeout_after_commit":
            self._stopping.wait(self._settings.hold_seconds)
            return Answer(hang_up=True)
        return answer

    def _search_call(self, name: str, call: Call) -> Answer:
        word = self.faults.search
        if refused := {"down": SERVER_ERROR, "forbidden": FIREWALL}.get(word):
            return refused
        if word == "throttled":
            wrong = ["E92000001"]
            return json_errors(wrong) if name.endswith(".json") else id_pass_errors(wrong)
        if word == "slow":
            self._stopping.wait(self._settings.slow_seconds)
        return self._server_api.answer(name, call)

    def start(self) -> None:
        """Begins to deliver notifications."""
        self.postman.start()

    def stop(self) -> None:
        """Lets go of requests that are being held, and ends the deliveries."""
        self._stopping.set()
        self.postman.stop()


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a Call and an Answer back into HTTP."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    standin: Standin

    def _serve(self) -> None:
        call = self._call()
        answer = self.standin.answer(call) if call else Answer("too large", 413)
        if answer.hang_up or call is None:
            self.close_connection = True
        if not answer.hang_up:
            self._send(answer)

    def _call(self) -> Call | None:
        """The request, None when its body is too large or its length is no number."""
        size = self.headers.get("Content-Length", "0")
        if not size.isdecimal() or int(size) > LARGEST_BODY:
            return None
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        return Call(self.command, url.path, query, headers, self.rfile.read(int(size)))

    def _send(self, answer: Answer) -> None:
        encoding = "cp932" if "Windows-31J" in answer.content_type else "utf-8"
        body = answer.body.encode(encoding, "replace")
        self.send_response(answer.status)
        for name, value in (
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *answer.headers,
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names are http.server's.

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name.
        """Requests are not logged: their addresses and bodies hold what a log must not hold."""


class Server(ThreadingHTTPServer):
    """Waits for no request when it is closed; a caller that went away is no error worth a trace."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection broken by the caller is silent; everything else is shown as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Running:
    """A stand-in that serves until `stop()`."""

    def __init__(self, settings: Settings) -> None:
        self._server = Server(("127.0.0.1", settings.port), Handler)
        self.port = int(self._server.server_address[1])
        self.url = settings.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"
        self.standin = Standin(settings, self.url)
        self._server.RequestHandlerClass = type("Bound", (Handler,), {"standin": self.standin})
        self._thread = threading.Thread(target=self._loop, name="gmo-standin", daemon=True)
        self.standin.start()
        self._thread.start()

    def _loop(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def wait(self) -> None:
        """Blocks while it serves."""
        self._thread.join()

    def stop(self) -> None:
        """Ends serving and frees the port; the orders stay in the data folder."""
        self._server.shutdown()
        self._server.server_close()
        self.standin.stop()
        self._thread.join()


def serve(settings: Settings) -> Running:
    """Starts a stand-in on 127.0.0.1. Raises OSError when the port is taken."""
    return Running(settings)
