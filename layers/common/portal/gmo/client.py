"""The calls we make to GMO.

Nothing is repeated here: whether a call may be made again is decided by who knows the payment.
Every method raises of :mod:`portal.gmo.errors`: :class:`UnknownOutcome` when the answer did not
come or cannot be understood, :class:`Busy`, or :class:`Refused`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from portal.gmo.errors import (
    Code,
    NotFound,
    UnknownOutcome,
    Unsendable,
    from_codes,
    from_search,
)
from portal.gmo.link import Link, LinkRequest, RejectOutcome
from portal.gmo.messages import LinkAnswer, link_answer, link_body
from portal.gmo.model import PayType, Status, Trade, parse_moment, trade
from portal.gmo.transport import Reply, Transport
from portal.gmo.wire import FORM, JSON, form_body, json_body, read_form, read_json

__all__ = ["Gmo", "NotFound", "Reply", "Shop", "Transport"]

SECONDS = 15.0
"""How long to wait for an answer; issuing and searching take GMO about a second."""

_NOT_STOPPED = {
    "EZ2278002": RejectOutcome.NOT_FOUND,
    "EZ2278010": RejectOutcome.NOT_POSSIBLE,
}


@dataclass(frozen=True)
class Shop:
    """Our account at GMO. ``config_id`` is the 設定ID of the payment page's design."""

    shop_id: str
    shop_pass: str = field(repr=False)
    config_id: str


class Gmo:
    """GMO Payment Gateway, seen from one shop.

    *base_url* is the shop's API host (``https://…``, from GMO's 管理画面, without a path).
    """

    def __init__(
        self, transport: Transport, base_url: str, shop: Shop, *, timeout: float = SECONDS
    ) -> None:
        self._transport = transport
        self._base_url = base_url.rstrip("/")
        self._shop = shop
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Gmo({self._base_url!r}, {self._shop.shop_id!r})"

    def issue_link(self, request: LinkRequest) -> Link:
        """Get a payment link (``GetLinkplusUrlPayment``).

        Raises also :class:`Unsendable`. After UnknownOutcome the order must not be used again.
        """
        body = link_body(request, self._shop.config_id)
        body["geturlparam"] = {
            **self._account(),
            "GuideMailSendFlag": "0",
            "ThanksMailSendFlag": "0",
        }
        answer = link_answer(self._ask_json("GetLinkplusUrlPayment", body))
        self._check_link(answer, request.order_id)
        issued = parse_moment(answer.processdate or "")
        return Link(answer.linkurl, issued, warned=bool(answer.warnlist))

    def reject_link(self, order_id: str) -> RejectOutcome:
        """Stop a link (``RejectLinkplusUrlPayment``), so that nobody can pay by it any more."""
        body = {**self._account(), "OrderID": order_id}
        reply = self._post("RejectLinkplusUrlPayment.json", JSON, json_body(body))
        answer, codes = read_json(reply)
        if codes:
            return _not_stopped(codes)
        if answer.get("orderid") != order_id:
            raise UnknownOutcome("another order", status=200)
        return RejectOutcome.STOPPED

    def search(self, order_id: str, pay_type: PayType) -> Trade:
        """Ask for the state of an order in one way of paying (``SearchTradeMulti``).

        Raises also :class:`NotFound`, which is the answer until the payer has begun.
        """
        fields = {"OrderID": order_id, "PayType": pay_type.value}
        answer, codes = self._send_form("SearchTradeMulti", fields)
        if codes:
            raise from_search(codes)
        _check_trade(answer, order_id, pay_type)
        return _trade(answer, pay_type)

    def cancel_slip(self, order_id: str, access_id: str, access_pass: str) -> None:
        """Stop an unpaid slip (``CvsCancel``). Refused with Meaning.STATE: ask, it may be paid.

        The access password is that of :meth:`search`; notifications hold asterisks.
        """
        access = _access(access_id, access_pass)
        answer = self._ask_form("CvsCancel", {**access, "OrderID": order_id})
        if answer.get("Status") != Status.CANCEL or answer.get("OrderID", order_id) != order_id:
            raise UnknownOutcome("another state", status=200)

    def _account(self) -> dict[str, str]:
        return {"ShopID": self._shop.shop_id, "ShopPass": self._shop.shop_pass}

    def _ask_json(self, api: str, body: Mapping[str, object]) -> dict[str, object]:
        answer, codes = read_json(self._post(f"{api}.json", JSON, json_body(body)))
        _raise_for(codes)
        return answer

    def _ask_form(self, api: str, fields: Mapping[str, str]) -> dict[str, str]:
        answer, codes = self._send_form(api, fields)
        _raise_for(codes)
        return answer

    def _send_form(
        self, api: str, fields: Mapping[str, str]
    ) -> tuple[dict[str, str], tuple[Code, ...]]:
        body = form_body({**self._account(), **fields})
        return read_form(self._post(f"{api}.idPass", FORM, body))

    def _post(self, path: str, content_type: str, body: bytes) -> Reply:
        return self._transport.post(
            f"{self._base_url}/payment/{path}",
            content_type=content_type,
            body=body,
            timeout=self._timeout,
        )

    def _check_link(self, answer: LinkAnswer, order_id: str) -> None:
        """The link has to be for this order, and no less encrypted than our call was."""
        if answer.orderid not in (None, order_id):
            raise UnknownOutcome("another order", status=200)
        schemes = {"https", urlsplit(self._base_url).scheme}
        if urlsplit(answer.linkurl).scheme not in schemes:
            raise UnknownOutcome("format", status=200)


def _raise_for(codes: tuple[Code, ...]) -> None:
    if codes:
        raise from_codes(codes)


def _not_stopped(codes: Iterable[Code]) -> RejectOutcome:
    found = tuple(codes)
    outcomes = {_NOT_STOPPED.get(info) for _, info in found}
    outcome = outcomes.pop()
    if outcomes or outcome is None:
        raise from_codes(found)
    return outcome


def _check_trade(answer: Mapping[str, str], order_id: str, pay_type: PayType) -> None:
    """An answer that is cut off or belongs to something else must not be booked.

    GMO does not echo the order in SearchTradeMulti; where it is echoed, it has to be ours.
    """
    if not {"Status", "AccessID", "Amount"} <= answer.keys() or not answer["Status"]:
        raise UnknownOutcome("format", status=200)
    if answer.get("PayType", pay_type) != pay_type:
        raise UnknownOutcome("another way of paying", status=200)
    if answer.get("OrderID", order_id) != order_id:
        raise UnknownOutcome("another order", status=200)


def _trade(answer: Mapping[str, str], pay_type: PayType) -> Trade:
    try:
        found: Trade | None = trade(answer, pay_type)
    except ValueError:
        found = None
    if found is None or (found.paid and not answer["Amount"]):
        raise UnknownOutcome("format", status=200)
    return found


def _access(access_id: str, access_pass: str) -> dict[str, str]:
    """Refuse the asterisks of a notification before GMO does."""
    if not access_id or not access_pass.strip("*"):
        raise Unsendable("AccessID", "AccessPass")
    return {"AccessID": access_id, "AccessPass": access_pass}
