"""GetLinkplusUrlPayment and RejectLinkplusUrlPayment."""

import json
import secrets
import threading
from typing import Any

from local.gmo import validation
from local.gmo.desk import Desk, Refusal
from local.gmo.exchange import Answer, Call, as_json
from local.gmo.messages import json_errors
from local.gmo.orders import Order, OrderBook
from local.gmo.settings import Settings
from local.gmo.times import iso, stamp

ALREADY_ISSUED = {"warnCode": "EZ4", "warnInfo": "EZ4135014"}


class LinkApi:
    """Issues and stops payment links."""

    def __init__(self, settings: Settings, public_url: str, book: OrderBook, desk: Desk) -> None:
        self._settings = settings
        self._base = f"{public_url}/v2/plus/{settings.shop_id}/checkout/"
        self._book = book
        self._desk = desk
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def issue(self, call: Call) -> Answer:
        """A link for a new order; for one already known a warning or an error."""
        request = read(call)
        if isinstance(request, Answer):
            return request
        shop = (self._settings.shop_id, self._settings.shop_pass)
        if errors := validation.errors_of(request, *shop, self._settings.clock()):
            return json_errors(errors)
        order_id = str(request["transaction"]["OrderID"])
        if not self._begin(order_id):
            return json_errors(["E90010001"])
        try:
            return self._issue(order_id, request)
        finally:
            self._busy.discard(order_id)

    def _begin(self, order_id: str) -> bool:
        """False while another request for the same order is under way."""
        with self._lock:
            if order_id in self._busy:
                return False
            self._busy.add(order_id)
            return True

    def _issue(self, order_id: str, request: dict[str, Any]) -> Answer:
        known = self._book.find(order_id)
        if known is None:
            order = new_order(order_id, request, iso(self._settings.clock()))
            self._book.add(order)
            return as_json(self._link(order))
        if known.transactions or known.page == "INVALID":
            return json_errors(["EZ1070014"])
        return as_json({**self._link(known), "WarnList": [ALREADY_ISSUED]})

    def _link(self, order: Order) -> dict[str, object]:
        return {
            "OrderID": order.order_id,
            "LinkUrl": self.link_url(order),
            "ProcessDate": stamp(self._settings.clock()),
        }

    def link_url(self, order: Order) -> str:
        """Where the payer pays."""
        return self._base + order.token

    def reject(self, call: Call) -> Answer:
        """Stops a link that has not been paid."""
        request = read(call)
        if isinstance(request, Answer):
            return request
        given = (request.get("ShopID"), request.get("ShopPass"))
        if given != (self._settings.shop_id, self._settings.shop_pass):
            return json_errors(["EZ1040002"])
        order_id = str(request.get("OrderID", ""))
        if self._book.find(order_id) is None:
            return json_errors(["EZ2278002"])
        try:
            self._desk.reject(order_id)
        except Refusal as refusal:
            return json_errors([str(refusal)])
        date = stamp(self._settings.clock())
        return as_json({"OrderID": order_id, "Status": "INVALID", "ProcessDate": date})


def read(call: Call) -> dict[str, Any] | Answer:
    """The JSON object of a request, or GMO's answer to one that is none."""
    if call.method != "POST":
        return json_errors(["E00000001"], 405)
    accepted = call.headers.get("accept", "*/*")
    if not any(kind in accepted for kind in ("*/*", "application/*", "application/json")):
        return json_errors(["E00000002"], 406)
    if not call.headers.get("content-type", "").lower().startswith("application/json"):
        return json_errors(["E00000003"], 415)
    try:
        request = json.loads(call.body)
    except ValueError:
        request = None
    return request if isinstance(request, dict) and request else json_errors(["E00000010"])


def new_order(order_id: str, request: dict[str, Any], now: str) -> Order:
    """An order as it was asked for; the passwords of the request are not kept."""
    transaction = request["transaction"]
    kept = {k: v for k, v in request.items() if isinstance(v, dict) and k != "geturlparam"}
    return Order(
        order_id=order_id,
        token=secrets.token_hex(32),
        created_at=now,
        amount=str(int(transaction["Amount"])),
        tax=str(int(transaction.get("Tax") or 0)),
        pay_methods=validation.offered(transaction),
        request=kept,
    )
