"""SearchTrade, SearchTradeMulti, AlterTran and CvsCancel: as idPass forms and as JSON."""

import json
import re
from collections.abc import Callable, Iterable, Mapping

from local.gmo.desk import Desk, Refusal
from local.gmo.exchange import Answer, Call, as_json
from local.gmo.faults import Faults
from local.gmo.messages import (
    Pairs,
    card_search_reply,
    id_pass,
    id_pass_errors,
    json_errors,
    search_reply,
)
from local.gmo.orders import CARD, CVS, Order, OrderBook, Transaction
from local.gmo.settings import Settings

PAY_TYPES = {str(n) for n in range(60)}
JOBS = {"VOID", "RETURN", "RETURNX", "SALES", "CANCEL"}
Fields = Mapping[str, str]


class Errors(Exception):
    """GMO's error codes, in order."""

    def __init__(self, *infos: str) -> None:
        super().__init__("|".join(infos))
        self.infos = infos


class ServerApi:
    """What a shop's server may ask and order."""

    def __init__(self, settings: Settings, faults: Faults, book: OrderBook, desk: Desk) -> None:
        self._settings = settings
        self._faults = faults
        self._book = book
        self._desk = desk
        self.acts: dict[str, Callable[[Fields], Pairs]] = {
            "SearchTrade": self.search_trade,
            "SearchTradeMulti": self.search_trade_multi,
            "AlterTran": self.alter_tran,
            "CvsCancel": self.cvs_cancel,
        }

    def answer(self, name: str, call: Call) -> Answer:
        """Answers `name` = `SearchTradeMulti.idPass` and the like, in the form it was asked."""
        act, _, kind = name.partition(".")
        if act not in self.acts or kind not in {"idPass", "json"}:
            return refused(kind, ["E91099997"])
        try:
            return reply(kind, self.acts[act](asked(kind, call)))
        except Errors as errors:
            return refused(kind, errors.infos)

    def search_trade(self, fields: Fields) -> Pairs:
        """A card transaction of an order."""
        self._check_shop(fields, "E01030002")
        if not fields.get("OrderID"):
            raise Errors("E01040001")
        found = self._seen(fields["OrderID"], CARD)
        if found is None:
            raise Errors("E01110002")
        return card_search_reply(*found)

    def search_trade_multi(self, fields: Fields) -> Pairs:
        """A transaction of an order by the way of paying."""
        self._check_shop(fields, "M01002002")
        pay_type = fields.get("PayType", "")
        errors = [] if fields.get("OrderID") else ["M01004001"]
        errors += pay_type_errors(pay_type)
        found = self._seen(fields.get("OrderID", ""), pay_type)
        if found is None:
            raise Errors(*errors, "M01004002")
        return search_reply(*found)

    def _seen(self, order_id: str, pay_type: str) -> tuple[Order, Transaction] | None:
        """Order and transaction as the search sees them: with `lag` before the last change."""
        order = self._book.find(order_id)
        if order is None:
            return None
        seen = order.before if self._faults.search == "lag" else order.transactions
        return (order, seen[pay_type]) if pay_type in seen else None

    def alter_tran(self, fields: Fields) -> Pairs:
        """Turns a card payment back, or captures an authorised one."""
        self._check_shop(fields, "E01030002")
        job, amount = fields.get("JobCd", ""), fields.get("Amount", "")
        order = self._by_access(fields, CARD)
        errors = [*access_errors(fields), *([] if job in JOBS else ["E01050002"])]
        if order is None:
            raise Errors(*errors, "E01110002")
        if errors or (amount and amount != order.amount):
            raise Errors(*(errors or ["E01060010"]))
        tran = attempted(lambda: self._desk.alter(order.order_id, job))
        return [
            ("AccessID", tran.access_id),
            ("AccessPass", tran.access_pass),
            ("Forward", tran.forward),
            ("Approve", tran.approve),
            ("TranID", tran.tran_id),
            ("TranDate", tran.tran_date),
        ]

    def cvs_cancel(self, fields: Fields) -> Pairs:
        """Stops a slip that has not been paid."""
        self._check_shop(fields, "M01002002")
        order = self._by_access(fields, CVS)
        if order is None or order.order_id != fields.get("OrderID"):
            raise Errors("M01058002")
        attempted(lambda: self._desk.cancel_slip(order.order_id))
        return [("OrderID", order.order_id), ("Status", "CANCEL")]

    def _check_shop(self, fields: Fields, wrong: str) -> None:
        given = (fields.get("ShopID"), fields.get("ShopPass"))
        if given != (self._settings.shop_id, self._settings.shop_pass):
            raise Errors(wrong)

    def _by_access(self, fields: Fields, pay_type: str) -> Order | None:
        wanted = (fields.get("AccessID"), fields.get("AccessPass"))

        def has_it(order: Order) -> bool:
            tran = order.transactions.get(pay_type)
            return tran is not None and (tran.access_id, tran.access_pass) == wanted

        return self._book.where(has_it)


def attempted[T](act: Callable[[], T]) -> T:
    """Does an act whose refusal carries one of GMO's codes."""
    try:
        return act()
    except Refusal as refusal:
        raise Errors(str(refusal)) from refusal


def pay_type_errors(pay_type: str) -> list[str]:
    """What is wrong with a PayType: missing, too long, none that exists."""
    if not pay_type:
        return ["M01051001"]
    too_long = ["M01051005"] if len(pay_type) > 2 else []
    return too_long + ([] if pay_type in PAY_TYPES else ["M01051011"])


def access_errors(fields: Fields) -> Iterable[str]:
    """What is wrong with AccessID and AccessPass as such."""
    for key, number in (("AccessID", "E01090"), ("AccessPass", "E01100")):
        given = fields.get(key, "")
        if not given:
            yield f"{number}001"
        elif not re.fullmatch(r"[0-9a-f]{32}", given):
            yield f"{number}008"


def asked(kind: str, call: Call) -> Fields:
    """The fields of a request under their idPass names."""
    if kind == "idPass":
        return call.form("cp932")
    try:
        given = json.loads(call.body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Errors("E00000010")
    return {key[:1].upper() + key[1:]: str(value) for key, value in given.items()}


def reply(kind: str, pairs: Pairs) -> Answer:
    """A reply as a line or as JSON, there with keys in lower camel case."""
    if kind == "json":
        return as_json({key[:1].lower() + key[1:]: value for key, value in pairs})
    return id_pass(pairs)


def refused(kind: str, infos: Iterable[str]) -> Answer:
    """Errors as a line or as JSON."""
    return json_errors(infos) if kind == "json" else id_pass_errors(infos)
