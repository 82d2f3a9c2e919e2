"""What a payment is called at the command line: our own words, and what a person reads of them."""

from collections.abc import Mapping

from ops.output import Worded
from ops.words.audit import action
from portal.billing.model import Flag, Invoice, Method, Payment, PaymentState
from portal.billing.words import STATE_WORDS

STATES: Mapping[PaymentState, str] = {
    PaymentState.CREATED: "手続きを始めたところ",
    PaymentState.LINKED: "決済ページを表示中",
    PaymentState.SLIP: "コンビニ支払い待ち",
    PaymentState.EXPIRED: "期限切れ",
    PaymentState.CANCELLED: "取消",
    PaymentState.ABANDONED: "手続きの失敗",
    PaymentState.PAID: "入金済",
    PaymentState.REFUNDED: "返金済",
}
METHODS: Mapping[Method, str] = {
    Method.CARD: "カード",
    Method.CVS: "コンビニ",
    Method.BANK: "銀行振込",
    Method.CASH: "現金",
}
FLAGS: Mapping[Flag, str] = {Flag.MISMATCH: "請求と合わない", Flag.SURPLUS: "余分"}
_EVENTS: Mapping[str, str] = {
    "recorded": action("invoice.recorded"),
    "discrepancy_closed": action("discrepancy.closed"),
    "receipt_replaced": action("receipt.replaced"),
    "declined": "カードが使えなかった、または中断",
    "refused": "GMO が手続きを断った",
    "reattached": "復元のあと、請求に結び直した",
    "cancel_wanted": "GMO で止める予定にした",
}
NONE = Worded("", "")


def state(payment: Payment) -> Worded:
    """Return where a payment stands."""
    return Worded(payment.state.value, STATES[payment.state])


def invoice_state(invoice: Invoice) -> Worded:
    """Return where an invoice stands."""
    return Worded(invoice.state.value, STATE_WORDS[invoice.state])


def method(chosen: Method | None) -> Worded:
    """Return a way of paying; nothing where none was chosen."""
    return Worded(chosen.value, METHODS[chosen]) if chosen else NONE


def flag(payment: Payment) -> Worded:
    """Return why money was not booked; nothing where it was."""
    return Worded(payment.flag.value, FLAGS[payment.flag]) if payment.flag else NONE


def event(what: str) -> Worded:
    """Return a line of an order's log; one of another version stays as it is written."""
    named = f"payment.{what}"
    told = action(named)
    return Worded(what, _EVENTS.get(what, what if told == named else told))
