"""GMO for unit tests: the Gateway port with a truth of its own, which payers and faults change.

It knows orders, how long their links live, what became of cards and slips. Calls can fail in every
way the real client tells apart; whether something happened at GMO is then a fact of this fake.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import Enum
from urllib.parse import urlencode

from portal.clock import JST, Clock
from portal.gmo.errors import Busy, NotFound, Refused, UnknownOutcome, Unsendable
from portal.gmo.link import Link, LinkRequest, RejectOutcome
from portal.gmo.model import PayType, Trade

SHOP_ID = "tshop00000000"
LINK = "https://link.example.com/v2/plus/tshop00000000/checkout/"
LARGEST_SLIP = 300_000
OVERRUN = timedelta(hours=24)
"""No 3-D Secure that was begun before the link's end takes longer."""

SETTLED = frozenset({"CAPTURE", "SALES", "PAYSUCCESS", "REQSUCCESS"})


class Fault(Enum):
    """How one call goes wrong."""

    DOWN = "nothing reached GMO"
    TIMEOUT = "it happened, but the answer got lost"
    REFUSED = "GMO says no"
    BUSY = "GMO says not now"


class CannotPay(Exception):
    """The payer stands before a page that does not let them pay."""


@dataclass
class Order:
    """What GMO knows of one order. ``trade`` is None until the payer has begun."""

    request: LinkRequest
    url: str
    stopped: bool = False
    trade: Trade | None = None
    history: list[str] = field(default_factory=list)


class FakeGmo:
    """The Gateway port. ``calls`` lists (call, order); ``faults`` are taken one by one.

    ``silent`` holds orders GMO never answers about, ``down`` calls that never get an answer.
    ``meanwhile`` is run once while a search is on its way.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.orders: dict[str, Order] = {}
        self.calls: list[tuple[str, str]] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.down: set[str] = set()
        self.silent: set[str] = set()
        self.meanwhile: list[Callable[[], object]] = []

    # The port

    def issue_link(self, request: LinkRequest) -> Link:
        """Get a payment link for a new order."""

        def happen() -> Link:
            if request.slip and request.amount > LARGEST_SLIP:
                raise Unsendable("slip")
            if request.order_id in self.orders:
                raise Refused([("EZ1", "EZ1070014")])
            url = f"{LINK}{len(self.orders):064x}"
            self.orders[request.order_id] = Order(request, url)
            return Link(url, self._clock())

        return self._called("issue_link", request.order_id, happen)

    def reject_link(self, order_id: str) -> RejectOutcome:
        """Stop a payment link."""
        return self._called("reject_link", order_id, lambda: self._rejected(order_id))

    def search(self, order_id: str, pay_type: PayType) -> Trade:
        """Ask for an order's state; raises NotFound."""

        def happen() -> Trade:
            order = self.orders.get(order_id)
            if order is None or order.trade is None or order.trade.pay_type is not pay_type:
                raise NotFound([("M01", "M01004002")])
            return order.trade

        found = self._called("search", order_id, happen)
        while self.meanwhile:
            self.meanwhile.pop()()
        return found

    def cancel_slip(self, order_id: str, access_id: str, access_pass: str) -> None:
        """Stop an unpaid slip."""

        def happen() -> None:
            trade = self._trade(order_id)
            assert (access_id, access_pass) == (trade.access_id, trade.access_pass)
            if trade.status != "REQSUCCESS":
                raise Refused([("M01", "M01054004")])
            self._now(order_id, "CANCEL")

        self._called("cancel_slip", order_id, happen)

    # What payers, stores and time do

    def pay_card(self, order_id: str, *, overrun: bool = False) -> None:
        """The payer's card is captured; *overrun* had 3-D Secure begun before the link's end."""
        self._usable(order_id, PayType.CARD, overrun=overrun)
        self._begin(order_id, PayType.CARD, "CAPTURE", tran_date=self._jst())

    def pay_otherwise(self, order_id: str) -> None:
        """GMO takes cash for an order that offered the card alone, which it never should."""
        self._begin(order_id, PayType.CVS, "PAYSUCCESS")

    def decline_card(self, order_id: str) -> None:
        """The card is refused; the link lives on and the same order may still be paid."""
        self._usable(order_id, PayType.CARD)
        self._begin(order_id, PayType.CARD, "UNPROCESSED")

    def issue_slip(self, order_id: str, cvs_code: str = "10002") -> None:
        """The payer chooses a store and gets the numbers."""
        self._usable(order_id, PayType.CVS)
        slip = self.orders[order_id].request.slip
        assert slip is not None
        day = self._jst().date() + timedelta(days=slip.days)
        self._begin(
            order_id,
            PayType.CVS,
            "REQSUCCESS",
            cvs_code=cvs_code,
            conf_no="20020",
            receipt_no="123456789012",
            payment_term=datetime.combine(day, time(23, 59, 59), JST),
        )

    def deposit(self, order_id: str, *, late: bool = False, told_when: bool = True) -> None:
        """Money arrives at the store; *late* after GMO had said EXPIRED."""
        before = "EXPIRED" if late else "REQSUCCESS"
        if self._trade(order_id).status != before:
            raise CannotPay(self._trade(order_id).status)
        finished = self._jst() if told_when else None
        self._now(order_id, "PAYSUCCESS", finish_date=finished)

    def expire_slip(self, order_id: str) -> None:
        """GMO's nightly run ends an unpaid slip."""
        assert self._trade(order_id).status == "REQSUCCESS"
        self._now(order_id, "EXPIRED")

    def refund(self, order_id: str, status: str = "RETURN") -> None:
        """A captured card payment is returned from GMO's side."""
        assert self._trade(order_id).status == "CAPTURE"
        self._now(order_id, status)

    def say(self, order_id: str, status: str) -> None:
        """Make GMO answer another state, as it never should."""
        self._now(order_id, status)

    def alter(
        self,
        order_id: str,
        *,
        amount: int | None = None,
        tax: int | None = None,
        currency: str | None = None,
        client_fields: tuple[str, str, str] | None = None,
    ) -> None:
        """Make GMO's record of an order say something else than we asked for."""
        trade = self._trade(order_id)
        self.orders[order_id].trade = replace(
            trade,
            amount=trade.amount if amount is None else amount,
            tax=trade.tax if tax is None else tax,
            currency=trade.currency if currency is None else currency,
            client_fields=client_fields or trade.client_fields,
        )

    def paid(self, order_id: str) -> bool:
        """Whether GMO holds money for this order."""
        order = self.orders.get(order_id)
        return order is not None and order.trade is not None and order.trade.paid

    def payable(self, order_id: str) -> bool:
        """Whether a payer who has the link or the slip could still pay."""
        order = self.orders.get(order_id)
        if order is None:
            return False
        if order.trade is not None and order.trade.slip_open:
            return True
        begun = order.trade is not None and order.trade.status != "UNPROCESSED"
        return not (begun or order.stopped or self._clock() > order.request.expires)

    def notification(self, order_id: str, **changes: str) -> bytes:
        """Return the body GMO would post about an order now; *changes* forge it."""
        trade = self._trade(order_id)
        fields = {
            "ShopID": SHOP_ID,
            "ShopPass": "*" * 10,
            "AccessID": trade.access_id,
            "AccessPass": "*" * 32,
            "OrderID": order_id,
            "Status": trade.status,
            "Amount": str(trade.amount),
            "Tax": str(trade.tax),
            "Currency": trade.currency,
            "ErrCode": "42G" if trade.status == "UNPROCESSED" else "",
            "ErrInfo": "42G020000" if trade.status == "UNPROCESSED" else "",
            "PayType": trade.pay_type.value,
        }
        return urlencode(fields | changes, safe="*").encode("ascii")

    # Parts

    def _called[T](self, call: str, order_id: str, happen: Callable[[], T]) -> T:
        self.calls.append((call, order_id))
        waiting = self.faults.get(call)
        fault = waiting.popleft() if waiting else None
        if call in self.down or order_id in self.silent or fault is Fault.DOWN:
            raise UnknownOutcome("connection")
        if fault is Fault.BUSY:
            raise Busy([("E92", "E92000001")])
        if fault is Fault.REFUSED:
            raise Refused([("EZ1", "EZ1040002")])
        result = happen()
        if fault is Fault.TIMEOUT:
            raise UnknownOutcome("timeout")
        return result

    def fail(self, call: str, *faults: Fault) -> None:
        """Let the next calls of this kind go wrong."""
        self.faults.setdefault(call, deque()).extend(faults)

    def _rejected(self, order_id: str) -> RejectOutcome:
        order = self.orders.get(order_id)
        if order is None:
            return RejectOutcome.NOT_FOUND
        settled = order.trade is not None and order.trade.status in SETTLED
        if settled or self._clock() > order.request.expires:
            return RejectOutcome.NOT_POSSIBLE
        order.stopped = True
        return RejectOutcome.STOPPED

    def _usable(self, order_id: str, pay_type: PayType, *, overrun: bool = False) -> None:
        order = self.orders[order_id]
        offered = order.request.pay_type is pay_type
        in_time = self._clock() <= order.request.expires + (OVERRUN if overrun else timedelta(0))
        begun = order.trade is not None and order.trade.status != "UNPROCESSED"
        if not offered or order.stopped or begun or not in_time:
            raise CannotPay(order_id)

    def _begin(
        self,
        order_id: str,
        pay_type: PayType,
        status: str,
        *,
        tran_date: datetime | None = None,
        cvs_code: str = "",
        conf_no: str = "",
        receipt_no: str = "",
        payment_term: datetime | None = None,
    ) -> None:
        order = self.orders[order_id]
        number = len(self.orders)
        order.history.append(status)
        order.trade = Trade(
            pay_type=pay_type,
            status=status,
            amount=order.request.amount,
            currency="JPN",
            access_id=f"{number:032x}",
            access_pass=f"{number + 1:032x}",
            client_fields=order.request.client_fields,
            tran_date=tran_date,
            cvs_code=cvs_code,
            conf_no=conf_no,
            receipt_no=receipt_no,
            payment_term=payment_term,
        )

    def _now(self, order_id: str, status: str, finish_date: datetime | None = None) -> None:
        order = self.orders[order_id]
        order.history.append(status)
        order.trade = replace(self._trade(order_id), status=status, finish_date=finish_date)

    def _trade(self, order_id: str) -> Trade:
        trade = self.orders[order_id].trade
        assert trade is not None
        return trade

    def _jst(self) -> datetime:
        return self._clock().astimezone(JST).replace(microsecond=0)
