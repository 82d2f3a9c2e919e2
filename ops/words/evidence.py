"""The evidence of a discrepancy, as the office reads it."""

from collections.abc import Iterator, Mapping

from ops.words.payments import METHODS, STATES
from ops.words.values import number_or_answer
from portal.billing.words import STATE_WORDS
from portal.database import Value
from portal.gmo.model import PayType

LABELS: Mapping[str, str] = {
    "order_id": "注文番号",
    "invoice_id": "請求番号",
    "member_id": "会員の内部番号",
    "invoice_state": "請求の状態",
    "state": "支払いの状態",
    "chosen_method": "会員が選んだ支払方法",
    "method": "支払方法",
    "amount": "金額",
    "paid_amount": "入金額",
    "access_id": "GMO の取引 ID",
    "gmo_status": "GMO の状態",
    "gmo_pay_type": "GMO の決済方法",
    "gmo_amount": "GMO の金額",
    "gmo_tax": "GMO の税送料",
    "gmo_currency": "GMO の通貨",
    "gmo_client_fields": "GMO の自由項目",
    "status": "知らされた状態",
    "shop_matches": "ショップ ID が合う",
    "inbox_id": "通知の番号",
    "file_paid": "明細の入金額",
    "file_given_back": "明細の返金額",
    "file_days": "明細の日付",
    "file_methods": "明細の決済方法",
}
"""The attributes in the order in which they are read; a test holds that none lacks its word."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "state": {state.value: word for state, word in STATES.items()},
    "invoice_state": {state.value: word for state, word in STATE_WORDS.items()},
    "method": {method.value: word for method, word in METHODS.items()},
    "gmo_pay_type": {PayType.CARD.value: "カード", PayType.CVS.value: "コンビニ"},
}
_SAME = {"chosen_method": "method", "file_methods": "method"}


def lines(evidence: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Yield label and text of all that is there; what this version does not know comes last."""
    unknown = sorted(set(evidence) - set(LABELS))
    for name in [*(one for one in LABELS if one in evidence), *unknown]:
        told = _text(name, evidence[name])
        if told:
            yield LABELS.get(name, name), told


def _text(name: str, value: Value) -> str:
    words = _WORDS.get(_SAME.get(name, name), {})
    if isinstance(value, list):
        return "、".join(words.get(str(one), str(one)) for one in value if one != "")
    if isinstance(value, int):
        return number_or_answer(value)
    return words.get(str(value), str(value))
