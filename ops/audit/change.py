"""What changed by an act of the audit, in one line for the office."""

import json
from collections.abc import Mapping

from ops.words.payments import METHODS, STATES
from ops.words.values import number_or_answer
from portal.billing.receipts import Addressee
from portal.billing.words import STATE_WORDS
from portal.database import Item, Value
from portal.members.importing import COLUMNS

_LABELS = {name: field.label for name, field in COLUMNS.items()} | {
    "state": "状態",
    "amount": "金額",
    "paid_amount": "入金額",
    "invoice_id": "請求番号",
    "order_id": "注文番号",
    "invoice": "請求",
    "payment": "支払い",
    "live_order": "手続き中の注文",
    "method": "支払方法",
    "times": "回数",
    "mail": "メール",
    "address": "アドレス",
    "why": "理由",
    "members": "人数",
    "membership_since": "その日",
    "since": "その日",
    "receipt": "領収書番号",
    "letters": "手紙",
    "batch": "まとまり",
    "folder": "フォルダ",
    "addressee": "宛名",
    "attempts": "手続きの回数",
    "closed_at": "利用の停止",
    "ended": "ログアウトした端末",
    "disabled": "ログイン停止",
    "must_change": "初期パスワードのまま",
    "confirmed_email": "確認済みのメールアドレス",
    "discrepancy": "食い違い",
}
_VALUES: Mapping[str, str] = {
    **{state.value: word for state, word in STATES.items()},
    **{state.value: word for state, word in STATE_WORDS.items()},
    **{method.value: word for method, word in METHODS.items()},
    Addressee.SELF.value: "本人",
    Addressee.WORKPLACE.value: "勤務先",
}
_NAMES = frozenset({"invoice_id", "order_id", "discrepancy", "mail"})
"""What says which row it was, and does not change by being told once only."""


def change(entry: Item) -> str:
    """Return what was and what is, as ``name: before → after``, one after the other."""
    before, after = _facts(entry.get("before")), _facts(entry.get("after"))
    told = [_told(name, before, after) for name in {**before, **after}]
    return "、".join(one for one in told if one)


def _told(name: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> str:
    label = _LABELS.get(name, name)
    if name not in before:
        return f"{label}: {_text(after[name])}" if after[name] not in ("", None) else ""
    if name not in after:
        return f"{label}: {_text(before[name])}{'' if name in _NAMES else ' →'}"
    if before[name] == after[name]:
        return ""
    return f"{label}: {_text(before[name])} → {_text(after[name])}"


def _facts(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, dict) else {}


def _text(value: Value) -> str:
    if isinstance(value, int):
        return number_or_answer(value)
    if isinstance(value, str):
        return _VALUES.get(value, value) or "（空）"
    return "（空）" if value is None else json.dumps(value, ensure_ascii=False, default=str)
