"""Asking GMO about one payment, and stopping what must not be paid any more."""

from contextlib import suppress
from datetime import datetime

from portal.billing.judge import PAY_TYPE, Answer, tells_of_money
from portal.billing.model import OVERRUN, UNISSUED_AFTER, Method, Payment, PaymentState
from portal.billing.ports import Gateway
from portal.gmo.errors import GmoError, NotFound, Refused
from portal.gmo.link import RejectOutcome
from portal.gmo.model import PayType, Trade


def ask(gmo: Gateway, payment: Payment, now: datetime, *, stop: bool = False) -> Answer:
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
    if stop or payment.cancel_wanted:
        return _stopped(gmo, payment, trade, now)
    if now >= payment.link_expires_at + OVERRUN:
        return _run_out(gmo, payment, trade)
    return Answer(trade)


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


def _stopped(gmo: Gateway, payment: Payment, trade: Trade | None, now: datetime) -> Answer:
    outcome = gmo.reject_link(payment.order_id)
    if outcome is RejectOutcome.NOT_POSSIBLE:
        # Paid, in use, or over: ask once more, and only the date may then say that it is over.
        trade = _found(gmo, payment, PAY_TYPE[payment.method])
        over = now > payment.link_expires_at
        return Answer(trade, PaymentState.EXPIRED if over else None)
    return Answer(trade, PaymentState.CANCELLED)


def _run_out(gmo: Gateway, payment: Payment, trade: Trade | None) -> Answer:
    """The link's date and a day for 3-D Secure have passed; be sure before saying so."""
    unexpected = _found(gmo, payment, _other_way(payment))
    if unexpected is not None:
        return Answer(unexpected)
    gmo.reject_link(payment.order_id)
    return Answer(trade, PaymentState.EXPIRED)


def _other_way(payment: Payment) -> PayType:
    return PayType.CVS if payment.method is Method.CARD else PayType.CARD
