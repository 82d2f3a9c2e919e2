"""Asking GMO about one payment, and stopping what must not be paid any more."""

from contextlib import suppress
from datetime import datetime, timedelta

from portal.billing.judge import PAY_TYPE, Answer, tells_of_money
from portal.billing.model import OVERRUN, UNISSUED_AFTER, Method, Payment, PaymentState
from portal.billing.ports import Gateway
from portal.gmo.errors import GmoError, NotFound, Refused
from portal.gmo.link import RejectOutcome
from portal.gmo.model import PayType, Trade

UNBEGUN = timedelta(hours=1)
"""How long after a link's date it must show that nobody began to pay by it, for GMO's search may
lag, before a link that GMO neither stops nor knows a transaction of makes room for another."""


def ask(gmo: Gateway, payment: Payment, now: datetime, *, stop: bool) -> Answer:
    """Return what GMO says about *payment*.

    With *stop*, or when the payment is marked ``cancel_wanted``, a link or slip that is still open
    is stopped at GMO first. Raises portal.gmo.errors when GMO gives no usable answer.
    """
    left_alone = now - payment.created_at >= UNISSUED_AFTER
    if payment.state is PaymentState.CREATED and (stop or left_alone):
        return _unissued(gmo, payment, now)
    if payment.state is PaymentState.PAID:
        return Answer(_money(gmo, payment))
    trade = _found(gmo, payment, PAY_TYPE[payment.method])
    if trade is not None and trade.slip_open:
        return _open_slip(gmo, payment, trade, stop=stop or payment.cancel_wanted)
    if payment.state is not PaymentState.LINKED or (trade is not None and _decided(trade)):
        return Answer(trade)
    return _open_link(gmo, payment, trade, now, stop=stop or payment.cancel_wanted)


def _money(gmo: Gateway, payment: Payment) -> Trade | None:
    """Look a paid order up; be sure that it was paid in neither way before doubting the money."""
    trade = _found(gmo, payment, PAY_TYPE[payment.method])
    if tells_of_money(trade):
        return trade
    return _found(gmo, payment, _other_way(payment)) or trade


def _unissued(gmo: Gateway, payment: Payment, now: datetime) -> Answer:
    """Close an order whose link GMO never told us: nobody holds it, so no money can come by it."""
    outcome = None
    with suppress(GmoError):
        outcome = gmo.reject_link(payment.order_id)
    if outcome is not RejectOutcome.NOT_POSSIBLE:
        return Answer(None, PaymentState.ABANDONED)
    trade = _found(gmo, payment, PAY_TYPE[payment.method])
    over = now >= payment.link_expires_at + OVERRUN
    return Answer(trade, PaymentState.ABANDONED if over else None)


def _found(gmo: Gateway, payment: Payment, pay_type: PayType) -> Trade | None:
    try:
        return gmo.search(payment.order_id, pay_type)
    except NotFound:
        return None


def _decided(trade: Trade) -> bool:
    return trade.paid or trade.refunded or trade.dead


def _open_slip(gmo: Gateway, payment: Payment, trade: Trade, *, stop: bool) -> Answer:
    if not stop:
        return Answer(trade)
    with suppress(Refused):  # Paid in this very moment: the next answer tells.
        gmo.cancel_slip(payment.order_id, trade.access_id, trade.access_pass)
    return Answer(_found(gmo, payment, PayType.CVS))


def _open_link(
    gmo: Gateway, payment: Payment, trade: Trade | None, now: datetime, *, stop: bool
) -> Answer:
    if stop:
        return _stopped(gmo, payment, trade, now)
    if now >= payment.link_expires_at + OVERRUN:
        return _run_out(gmo, payment, trade)
    return Answer(trade)


def _stopped(gmo: Gateway, payment: Payment, trade: Trade | None, now: datetime) -> Answer:
    if gmo.reject_link(payment.order_id) is RejectOutcome.STOPPED:
        return Answer(trade, PaymentState.CANCELLED)
    # It may have been paid in this moment, or 3-D Secure may be running past the link's date: what
    # GMO did not stop may still bring money. Where nobody has begun, nothing can be running.
    trade = _found(gmo, payment, PAY_TYPE[payment.method])
    grace = OVERRUN if trade is not None else UNBEGUN
    if now < payment.link_expires_at + grace or (trade is not None and _decided(trade)):
        return Answer(trade)
    return _over(gmo, payment, trade)


def _run_out(gmo: Gateway, payment: Payment, trade: Trade | None) -> Answer:
    """The link's date and a day for 3-D Secure have passed: have it stopped, then believe it."""
    answer = _over(gmo, payment, trade)
    if answer.closed:
        gmo.reject_link(payment.order_id)
    return answer


def _over(gmo: Gateway, payment: Payment, trade: Trade | None) -> Answer:
    unexpected = _found(gmo, payment, _other_way(payment))
    return Answer(unexpected) if unexpected else Answer(trade, PaymentState.EXPIRED)


def _other_way(payment: Payment) -> PayType:
    return PayType.CVS if payment.method is Method.CARD else PayType.CARD
