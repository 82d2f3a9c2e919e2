"""The orders a shop ever used. They are kept for ever: an order id is never free again."""

import copy
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CARD, CVS = "0", "3"
PAID_BY_CARD = {"CAPTURE", "SALES"}


@dataclass
class Transaction:
    """One way of paying one order: a card payment or a slip. All values as GMO writes them."""

    pay_type: str
    access_id: str
    access_pass: str
    status: str
    job_cd: str
    amount: str
    tax: str
    process_date: str
    tran_date: str = ""
    card_no: str = ""
    expire: str = ""
    method: str = ""
    forward: str = ""
    tran_id: str = ""
    approve: str = ""
    cvs_code: str = ""
    conf_no: str = ""
    receipt_no: str = ""
    receipt_url: str = ""
    payment_term: str = ""
    finish_date: str = ""
    receipt_date: str = ""
    err_code: str = ""
    err_info: str = ""


@dataclass
class Order:
    """An order with its link; `page` is how far the payer got, `transactions` are by pay type.

    `before` holds the transactions as they were before the last change of any of them.
    """

    order_id: str
    token: str
    created_at: str
    amount: str
    tax: str
    pay_methods: list[str]
    request: dict[str, Any]
    page: str = "CREATE"
    first_access: str = ""
    attempts: int = 0
    pending_card: dict[str, str] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    before: dict[str, Transaction] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What the payer pays, in yen."""
        return int(self.amount) + int(self.tax or "0")

    @property
    def method(self) -> str:
        """`card` or `cvs`: what was used, else what the link offers first."""
        if self.transactions:
            return "cvs" if CVS in self.transactions else "card"
        return "card" if "credit" in self.pay_methods else "cvs"

    @property
    def status(self) -> str:
        """One word of GMO for the whole order."""
        if self.page in {"INVALID", "EXPIRED", "ERROR"} or not self.transactions:
            return self.page
        return self.transactions[CVS if CVS in self.transactions else CARD].status

    def text(self, section: str, key: str) -> str:
        """A value of the request that made the link, "" when it was not sent."""
        value = self.request.get(section, {}).get(key, "")
        return "" if value is None else str(value)


class UnknownOrder(Exception):
    """No link was ever issued for this order id."""


class OrderBook:
    """All orders, in memory and one JSON file each; every change goes through a lock.

    Readers get copies. Nothing of a change is kept when its block raises.
    """

    def __init__(self, folder: Path | None) -> None:
        self._lock = threading.RLock()
        self._folder = folder / "orders" if folder else None
        self._orders: dict[str, Order] = {}
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._load(self._folder)

    def _load(self, folder: Path) -> None:
        for path in folder.glob("*.json"):
            order = from_json(path.read_text("utf-8"))
            self._orders[order.order_id] = order

    def add(self, order: Order) -> None:
        """Keeps a new order."""
        with self._lock:
            self._keep(order)

    def find(self, order_id: str) -> Order | None:
        """A copy of an order."""
        with self._lock:
            return copy.deepcopy(self._orders.get(order_id))

    def where(self, wanted: Callable[[Order], bool]) -> Order | None:
        """A copy of the first order that is wanted."""
        with self._lock:
            found = next((order for order in self._orders.values() if wanted(order)), None)
            return copy.deepcopy(found)

    def newest_first(self) -> list[Order]:
        """Copies of all orders."""
        with self._lock:
            orders = sorted(self._orders.values(), key=lambda o: o.created_at, reverse=True)
            return copy.deepcopy(orders)

    @contextmanager
    def change(self, order_id: str) -> Iterator[Order]:
        """An order to be changed in place; stored when the block ends. Raises UnknownOrder."""
        with self._lock:
            if order_id not in self._orders:
                raise UnknownOrder(order_id)
            old = self._orders[order_id]
            order = copy.deepcopy(old)
            yield order
            if order.transactions != old.transactions:
                order.before = old.transactions
            self._keep(order)

    def _keep(self, order: Order) -> None:
        self._orders[order.order_id] = order
        if self._folder:
            path = self._folder / f"{order.order_id}.json"
            draft = path.with_suffix(".tmp")
            draft.write_text(json.dumps(asdict(order), ensure_ascii=False), "utf-8")
            draft.replace(path)

    def clear(self) -> None:
        """Forgets every order, which GMO never does."""
        with self._lock:
            self._orders.clear()
            if self._folder:
                for path in self._folder.glob("*.json"):
                    path.unlink()


def from_json(text: str) -> Order:
    """An order as it was stored."""
    stored = json.loads(text)
    for kind in ("transactions", "before"):
        stored[kind] = {key: Transaction(**value) for key, value in stored[kind].items()}
    return Order(**stored)
