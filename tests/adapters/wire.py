"""A server on this machine that answers as DynamoDB would on the wire, or not at all."""

import json
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

type Body = Mapping[str, Any]


@dataclass
class Wire:
    """``answers`` are given one by one; ``asked`` keeps the bodies of the requests."""

    endpoint: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    answers: deque[tuple[int, Body, float]] = field(default_factory=deque)

    def answer(self, body: Body, *, status: int = 200, after: float = 0.0) -> None:
        """Give this answer to the next request, *after* seconds."""
        self.answers.append((status, body, after))

    def refuse(self, code: str, *, status: int = 400, **more: Any) -> None:
        """Refuse the next request as DynamoDB does."""
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", **more}
        self.answer(body, status=status)


@contextmanager
def wire() -> Iterator[Wire]:
    """Serve until the end of the block."""
    made = Wire()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            made.asked.append(json.loads(self.rfile.read(length)))
            status, body, after = made.answers.popleft()
            time.sleep(after)
            with suppress(BrokenPipeError):  # The client may have given up waiting.
                self._send(status, json.dumps(body).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name.
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.endpoint = f"http://127.0.0.1:{server.server_port}"
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield made
        finally:
            server.shutdown()
            serving.join()
