"""DynamoDB's wire for measurements: answers at once with rows that were put in beforehand."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class StubDynamo:
    """Serves GetItem, BatchGetItem and Query from a fixed set of rows on loopback."""

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.rows = rows
        self.calls: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """The endpoint to set as AWS_ENDPOINT_URL."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Return what DynamoDB would answer."""
        self.calls.append(operation)
        match operation:
            case "GetItem":
                found = self._matching(asked["TableName"], asked["Key"])
                return {"Item": found[0]} if found else {}
            case "BatchGetItem":
                responses = {
                    table: [row for key in part["Keys"] for row in self._matching(table, key)]
                    for table, part in asked["RequestItems"].items()
                }
                return {"Responses": responses, "UnprocessedKeys": {}}
            case "Query":
                pk = next(iter(asked["ExpressionAttributeValues"].values()))
                items = [row for row in self.rows[asked["TableName"]] if row["pk"] == pk]
                return {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        return {}

    def _matching(self, table: str, key: dict[str, Any]) -> list[dict[str, Any]]:
        return [row for row in self.rows[table] if all(row[n] == v for n, v in key.items())]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].rsplit(".", 1)[-1]
                body = json.dumps(stub.answer(operation, asked)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay silent: the output is the report."""

        return Handler
