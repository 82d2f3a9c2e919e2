"""The controls below /_standin and the start page: what a person or a test makes happen."""

import json
from collections.abc import Callable

from local.gmo import markup as m
from local.gmo.desk import Desk, Refusal
from local.gmo.exchange import Answer, Call, as_json, see_other
from local.gmo.faults import Faults
from local.gmo.messages import notification, ping
from local.gmo.notifications import Postman
from local.gmo.orders import CARD, Order, OrderBook, Transaction, UnknownOrder
from local.gmo.settings import Settings

LINES_SHOWN = 200
Link = Callable[[Order], str]


class Controls:
    """Answers the paths below `/_standin/` and `/`."""

    def __init__(
        self,
        settings: Settings,
        *,
        faults: Faults,
        book: OrderBook,
        desk: Desk,
        postman: Postman,
        link: Link,
    ) -> None:
        self._settings = settings
        self._faults = faults
        self._book = book
        self._desk = desk
        self._postman = postman
        self._link = link
        self._acts = {"deposit": desk.deposit, "expire": desk.expire, "refund": desk.refund}
        self._calls: dict[tuple[str, str], Callable[[Call], Answer]] = {
            ("GET", "orders"): lambda _: as_json([self._line(o) for o in book.newest_first()]),
            ("GET", "faults"): lambda _: as_json(faults.words()),
            ("POST", "faults"): self._set_faults,
            ("GET", "notifications"): lambda _: as_json(postman.sent()),
            ("POST", "notifications/flush"): lambda _: as_json(postman.flush()),
            ("POST", "notifications/ping"): self._ping,
            ("POST", "notifications/forge"): self._forge,
            ("POST", "reset"): self._reset,
        }

    def answer(self, path: str, call: Call) -> Answer:
        """`path` is what follows `/_standin/`."""
        known = self._calls.get((call.method, path))
        if known:
            return known(call)
        parts = path.split("/")
        if call.method == "POST" and len(parts) == 3 and parts[0] == "orders":
            return self._act(parts[1], parts[2], call)
        return as_json({"error": "no such control"}, 404)

    def _act(self, order_id: str, word: str, call: Call) -> Answer:
        if word not in self._acts:
            return as_json({"error": f"no such act; known: {', '.join(self._acts)}"}, 404)
        try:
            order = self._acts[word](order_id)
        except UnknownOrder:
            return as_json({"error": "no such order"}, 404)
        except Refusal as refusal:
            return as_json({"error": str(refusal)}, 409)
        # The buttons of the start page lead back to it; other callers get the order.
        return see_other("/") if call.form().get("back") else as_json(self._line(order))

    def _line(self, order: Order) -> dict[str, object]:
        return {
            "order_id": order.order_id,
            "method": order.method,
            "status": order.status,
            "amount": order.total,
            "link": self._link(order),
            "created_at": order.created_at,
        }

    def _set_faults(self, call: Call) -> Answer:
        try:
            return as_json(self._faults.merge(json.loads(call.body)))
        except ValueError as error:
            return as_json({"error": str(error)}, 400)

    def _ping(self, _: Call) -> Answer:
        self._postman.post(ping(self._settings.shop_id))
        return as_json({"sent": "ping"})

    def _forge(self, call: Call) -> Answer:
        """Sends a notification that nothing happened for: known or unknown order, any words."""
        try:
            given = json.loads(call.body)
        except ValueError:
            given = None
        if not isinstance(given, dict) or not isinstance(given.get("OrderID"), str):
            return as_json({"error": "a JSON object with OrderID is expected"}, 400)
        order = Order(given["OrderID"], "", "", "0", "0", [], {})
        tran = Transaction(
            CARD, "f" * 32, "f" * 32, "CAPTURE", "CAPTURE", "10000", "0", "", method="1"
        )
        fields = notification(self._settings.shop_id, order, tran)
        known = [(key, str(given.get(key, value))) for key, value in fields]
        extra = [(key, str(value)) for key, value in given.items() if key not in dict(fields)]
        self._postman.post(known + extra)
        return as_json({"sent": "forged"})

    def _reset(self, _: Call) -> Answer:
        self._faults.reset()
        self._postman.clear()
        self._book.clear()
        return as_json({"orders": 0})

    def start_page(self) -> Answer:
        """The orders with their buttons, for a person."""
        orders = self._book.newest_first()
        rows = "".join(self._row(order) for order in orders[:LINES_SHOWN])
        head = "<tr><th>操作</th><th>状態</th><th>方法</th><th>金額</th><th>オーダーID</th></tr>"
        table = f"<table>{head}{rows}</table>" if rows else "<p>まだ取引はありません。</p>"
        words = m.facts([("不具合の設定", ", ".join(map("=".join, self._faults.words().items())))])
        return Answer(m.page("GMO の代役：取引一覧", m.card(table), m.card(words), wide=True))

    def _row(self, order: Order) -> str:
        buttons = "".join(
            m.form(
                f"/_standin/orders/{order.order_id}/{word}",
                m.hidden("back", "1"),
                m.button(text, quiet=True),
            )
            for word, text in (("deposit", "入金"), ("expire", "期限切れ"), ("refund", "返金"))
            if fits(order, word)
        )
        method = "カード" if order.method == "card" else "コンビニ"
        link = f'<a href="{self._link(order)}">{order.order_id}</a>'
        acts = f'<div class="row">{buttons}</div>'
        cells = (acts, order.status, method, m.yen(order.total), link)
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def fits(order: Order, word: str) -> bool:
    """Whether a button makes sense in the state of an order."""
    states = {
        "deposit": {"REQSUCCESS"},
        "expire": {"REQSUCCESS", "CREATE", "PAYSTART"},
        "refund": {"CAPTURE", "SALES"},
    }
    late = word == "deposit" and order.status == "EXPIRED" and bool(order.transactions)
    return order.status in states[word] or late
