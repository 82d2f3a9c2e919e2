"""A shop's server, a receiver of notifications and a payer's browser, from the standard library."""

import base64
import hashlib
import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from local.gmo import Running

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "gmo"
SHOP_ID, SHOP_PASS = "tshop00000000", "tpass00000"
CARD_ORDER, CVS_ORDER = "D26-7Q2M9V0X4TBKC81H", "D26-3ZP5RW8E1JG6N0YS"
RETURN_URL = "http://portal.localhost:9/member/billing/return"
LITERAL = {"CvsCode", "Amount", "Tax", "PayType", "Method", "PaymentTerm", "ItemCode", "ErrInfo"}
Changes = Mapping[str, object]
NOTHING: Changes = {}
GOOD_CARD, POOR_CARD, CHALLENGE_CARD = "4111111111111111", "4999000000000002", "4100000000005000"


def fixture_pairs(name: str) -> list[tuple[str, str]]:
    """A form or idPass fixture as ordered pairs."""
    return pairs((FIXTURES / name).read_text("ascii"), form=name.startswith("notification"))


def fixture_json(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text("utf-8"))


def pairs(line: str, *, form: bool) -> list[tuple[str, str]]:
    if form:
        return parse_qsl(line, keep_blank_values=True, strict_parsing=True)
    return [(key, value) for key, _, value in (part.partition("=") for part in line.split("&"))]


def shape(value: str) -> str:
    """What kind of value it is, so that two messages can be compared without their moments."""
    kinds = {r"[0-9a-f]{32}": "id", r" \d{6}": "approve", r"https?://.+": "address"}
    for pattern, kind in kinds.items():
        if re.fullmatch(pattern, value):
            return kind
    return f"{len(value)} digits" if value.isdigit() else value


def shapes(listed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(key, value if key in LITERAL else shape(value)) for key, value in listed]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def errors(self) -> list[str]:
        return [error["errInfo"] for error in self.json]


def send(url: str, method: str, path: str, body: str, headers: dict[str, str]) -> Reply:
    where = urlsplit(url)
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=5)
    try:
        line.request(method, path, body.encode(), headers)
        answer = line.getresponse()
        text = answer.read().decode(answer.headers.get_content_charset() or "utf-8")
        return Reply(answer.status, dict(answer.headers.items()), text)
    finally:
        line.close()


@dataclass
class Receiver:
    """The portal's end: records bodies, answers from a list and then always `0`."""

    answers: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                receiver.hosts.append(self.headers["Host"])
                answer = receiver.answers.pop(0) if receiver.answers else "0"
                body = self.rfile.read(size).decode("ascii")
                self.send_response(500 if answer == "500" else 200)
                self.end_headers()
                self.wfile.write(answer.encode())
                receiver.bodies.append(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://portal.localhost:{self._server.server_port}/gmo/notification"
        self._thread = threading.Thread(
            target=lambda: self._server.serve_forever(0.002), daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, count: int) -> list[list[tuple[str, str]]]:
        """The first notifications, once there are as many as expected."""
        until(lambda: len(self.bodies) >= count)
        return [pairs(body, form=True) for body in self.bodies]

    def seen(self, key: str) -> list[str]:
        return [dict(pairs(body, form=True))[key] for body in self.bodies]


def until(true: Callable[[], bool]) -> None:
    """Waits for something that another thread does."""
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "it did not happen within five seconds"
        time.sleep(0.005)


class Shop:
    """The shop's server: issues links and asks, and pulls the levers."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.url = running.url

    def post_json(self, path: str, value: object, **headers: str) -> Reply:
        known = {"Content-Type": "application/json;charset=UTF-8"} | headers
        return send(self.url, "POST", path, json.dumps(value), known)

    def post_form(self, path: str, fields: Mapping[str, str]) -> Reply:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return send(self.url, "POST", path, urlencode(fields), kind)

    def get(self, path: str) -> Reply:
        return send(self.url, "GET", path, "", {})

    def issue(self, order_id: str = CARD_ORDER, changes: Changes = NOTHING) -> Reply:
        request = link_request(order_id, changes)
        return self.post_json("/payment/GetLinkplusUrlPayment.json", request)

    def link(self, order_id: str = CARD_ORDER, changes: Changes = NOTHING) -> str:
        reply = self.issue(order_id, changes)
        assert reply.status == 200, reply.text
        return str(reply.json["LinkUrl"])

    def slip_link(self, order_id: str = CVS_ORDER, changes: Changes = NOTHING) -> str:
        return self.link(order_id, {"transaction.PayMethods": ["cvs"], **changes})

    def reject(self, order_id: str) -> Reply:
        keys = {"ShopID": SHOP_ID, "ShopPass": SHOP_PASS, "OrderID": order_id}
        return self.post_json("/payment/RejectLinkplusUrlPayment.json", keys)

    def call(self, name: str, **fields: str) -> Reply:
        known = {"ShopID": SHOP_ID, "ShopPass": SHOP_PASS} | fields
        return self.post_form(f"/payment/{name}.idPass", known)

    def search(self, order_id: str, pay_type: str = "0") -> dict[str, str]:
        reply = self.call("SearchTradeMulti", OrderID=order_id, PayType=pay_type)
        return dict(pairs(reply.text, form=False))

    def orders(self) -> list[dict[str, Any]]:
        return list(self.get("/_standin/orders").json)

    def status(self, order_id: str) -> str:
        return next(str(o["status"]) for o in self.orders() if o["order_id"] == order_id)

    def act(self, order_id: str, word: str) -> Reply:
        return self.post_form(f"/_standin/orders/{order_id}/{word}", {})

    def faults(self, **words: str) -> Reply:
        return self.post_json("/_standin/faults", words)

    def flush(self) -> None:
        self.post_form("/_standin/notifications/flush", {})

    def pay(self, link: str, number: str = GOOD_CARD) -> "Screen":
        return Screen.open(link).submit("支払う", **card(number))

    def take_slip(self, link: str, chain: str = "10001") -> "Screen":
        return Screen.open(link).submit("申し込む", **payer(chain))


def link_request(order_id: str, changes: Changes = NOTHING) -> dict[str, Any]:
    """A request that is in order; a change is written section.key=value, None leaves a key out."""
    request: dict[str, Any] = {
        "configid": "dues01",
        "geturlparam": {"ShopID": SHOP_ID, "ShopPass": SHOP_PASS},
        "transaction": {
            "OrderID": order_id,
            "Amount": "8000",
            "Tax": "0",
            "PayMethods": ["credit"],
            "RetUrl": RETURN_URL,
            "PaymentExpireDate": "203704302359",
            "ClientField1": "2026-annual",
            "ClientField2": "4k8m2r6t0v3x5z7b9d1f2g4h6j",
            "ClientField3": "local",
        },
        "credit": {"JobCd": "CAPTURE", "Method": "1", "TdFlag": "2", "Tds2Type": "2"},
        "cvs": {"PaymentTermDay": "14"},
        "customer": {
            "CustomerName": "内視鏡花子",
            "CustomerKana": "ナイシキョウハナコ",
            "TelNo": "0300000000",
        },
    }
    for path, value in changes.items():
        section, _, key = path.rpartition(".")
        place = request.setdefault(section, {}) if section else request
        place[key] = value
    return without_none(request)


def without_none(value: dict[str, Any]) -> dict[str, Any]:
    return {
        key: without_none(part) if isinstance(part, dict) else part
        for key, part in value.items()
        if part is not None
    }


def card(number: str, expire: str = "12/36", cvc: str = "123") -> dict[str, str]:
    return {"card_number": number, "expire": expire, "cvc": cvc}


def payer(chain: str = "10001") -> dict[str, str]:
    return {"cvs": chain}


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """Finds the forms of a page, as a browser without JavaScript would use them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.disabled: list[str] = []
        self._open: Form | None = None
        self._button: dict[str, str | None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._open = Form(found.get("action") or "")
            self.forms.append(self._open)
        elif tag == "button":
            self._button = found
        elif tag == "input" and self._open and (found.get("type") != "radio" or "checked" in found):
            self._open.fields[found["name"] or ""] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._button is None:
            return
        if "disabled" in self._button:
            self.disabled.append(data)
        elif self._open is not None:
            name, value = self._button.get("name") or "", self._button.get("value") or ""
            self._open.buttons[data] = (name, value)
        self._button = None


@dataclass(frozen=True)
class Screen:
    """What the payer sees."""

    url: str
    status: int
    text: str

    @classmethod
    def open(cls, url: str) -> "Screen":
        where = urlsplit(url)
        path = where.path + (f"?{where.query}" if where.query else "")
        reply = send(url, "GET", path, "", {})
        return cls(url, reply.status, reply.text)

    @property
    def read(self) -> Reader:
        reader = Reader()
        reader.feed(self.text)
        return reader

    def form(self, button: str) -> Form:
        return next(form for form in self.read.forms if button in form.buttons)

    @property
    def buttons(self) -> list[str]:
        return [text for form in self.read.forms for text in form.buttons]

    def submit(self, button: str, **typed: str) -> "Screen":
        """Fills in a form, presses its button and follows the redirect."""
        form = self.form(button)
        name, value = form.buttons[button]
        fields = form.fields | typed | ({name: value} if name else {})
        target = urljoin(self.url, form.action)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = send(target, "POST", urlsplit(target).path, urlencode(fields), kind)
        if reply.status == 303:
            return Screen.open(urljoin(target, reply.headers["Location"]))
        return Screen(target, reply.status, reply.text)

    def returned(self, button: str = "サイトに戻る") -> tuple[str, dict[str, Any]]:
        """Where the return goes and what it says, its signature checked."""
        form = self.form(button)
        part, _, signature = form.fields["result"].partition(".")
        assert hashlib.sha256((part + SHOP_PASS).encode()).hexdigest() == signature
        padded = part + "=" * (-len(part) % 4)
        return form.action, json.loads(base64.urlsafe_b64decode(padded))


def key_tree(value: object) -> Iterator[str]:
    """The keys of nested objects as paths."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from (f"{key}.{below}" for below in key_tree(part))
