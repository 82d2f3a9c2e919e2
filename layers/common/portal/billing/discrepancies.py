"""The queue of what does not add up: listed, shown with its evidence, and closed by the office.

Found by settlement, by the door's hints and by re-attaching (portal.billing.found has the rows).
Nothing closes a discrepancy but a person, who says why; the same thing found again opens it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from portal import audit
from portal.billing.found import DONE, OPEN, heard_pk, key
from portal.billing.model import Flag
from portal.billing.store import BillingStore
from portal.clock import iso, parse_iso
from portal.database import (
    Contended,
    Database,
    Equals,
    Get,
    Item,
    Query,
    Rejected,
    Update,
    Value,
    Write,
)

LIMIT = 1000
WHENEVER = "9"
"""A moment after all others."""


@dataclass(frozen=True)
class Explained:
    """A kind in the office's words: what happened, and the suggested way out."""

    name: str
    way_out: str


KINDS: Mapping[str, Explained] = MappingProxyType(
    {
        "mismatch": Explained(
            "請求と合わない入金",
            "GMO の管理画面で注文を確かめます。当会の会費であれば"
            " payments accept（実際の金額で入金済にする）、そうでなければ payments set-aside"
            "（会員がもう一度払えるようにする）のあと返金します。",
        ),
        "surplus": Explained(
            "余分な入金（支払済・免除・取消の請求へのお金）",
            "会員と相談し、返金（カードは GMO の管理画面、コンビニは銀行振込）して"
            " payments refund --order で記録します。次年度の会費にまわすときは"
            " payments refund --order --outside と、次年度の請求への payments record の二つで"
            "記録します。",
        ),
        "unfinished": Explained(
            "いつまでも終わらない支払い",
            "GMO の管理画面で注文を確かめ、そこで終わらせます。GMO からの通知で反映されます。",
        ),
        "unconfirmed": Explained(
            "GMO が認めない通知",
            "1件だけなら GMO の反映の遅れかもしれません。payments replay で取り込み直します。"
            "何件もあれば、だれかが偽の通知を送っています。どちらの場合も入金にはなっていません。",
        ),
        "other_shop": Explained(
            "別のショップ ID の通知",
            "GMO の管理画面で、結果通知の送り先がほかのショップ（テスト環境など）と"
            "混ざっていないか確かめます。入金にはなっていません。",
        ),
        "unknown_order": Explained(
            "知らない注文の通知（1日1件）",
            "同じショップを使う別のシステムか、いたずらです。通知は30日間残ります。"
            "当会の注文と分かったときは payments replay で取り込み直します。",
        ),
        "unknown_order_at_gmo": Explained(
            "GMO にあって請求が見つからない注文",
            "GMO の管理画面で確かめます。別の環境・別のシステムの注文か、"
            "記録が失われた会員の注文です。"
            "会員が分かれば payments record で記録するか、返金します。",
        ),
        "unpaid_at_gmo": Explained(
            "入金済にしたのに、GMO があとから入金なしと答えた",
            "GMO の管理画面とお金の入った明細を確かめます。入金があれば理由を書いて閉じます。"
            "なければ payments refund --outside で入金の記録を取り消し、会員に連絡します。",
        ),
        "amount_changed": Explained(
            "入金済の支払いの金額が、GMO であとから変わった",
            "GMO の管理画面で金額変更か一部返品かを確かめます（証拠の「入金額」が記録の金額、"
            "「GMO の金額」と「GMO の税送料」の合計が今の金額）。"
            "正しい変更なら、理由と差額の扱いを書いて閉じます"
            "（入金の記録と領収書は元の金額のままです）。覚えがなければ GMO に問い合わせます。",
        ),
        "file_differs": Explained(
            "入金明細と金額か決済方法が違う",
            "GMO の管理画面で注文を確かめます。二重の行や一部の返金でなければ、"
            "GMO に問い合わせます。",
        ),
        "file_not_paid": Explained(
            "入金明細にあるのに入金済でない",
            "GMO の管理画面で注文を確かめます。入金があれば、定期の確認か payments replay で"
            "反映されます。反映されないときは payments record で記録します。",
        ),
        "file_refund": Explained(
            "入金明細の返金が記録と違う",
            "GMO の管理画面で確かめ、返金されていれば payments refund で記録します。"
            "一部の返金は理由を書いて閉じます。",
        ),
        "file_unknown_order": Explained(
            "入金明細にある知らない注文",
            "同じショップを使う別のシステムの注文か、記録が失われた注文です。"
            "GMO の管理画面で確かめ、会員が分かれば payments record で記録します。",
        ),
        "file_missing": Explained(
            "入金済なのに入金明細にない",
            "前後の期間の明細にないか確かめます。どこにもなければ GMO に問い合わせます。",
        ),
    }
)
"""Every kind that the portal finds; docs/payments.md tells of each, and a test compares."""

_UNKNOWN = Explained("食い違い", "記録（証拠）を確かめ、運用担当者に相談します。")


def explained(kind: str) -> Explained:
    """Return a kind in the office's words, also one that this version does not know."""
    return KINDS.get(kind, _UNKNOWN)


class NotClosableError(Exception):
    """The discrepancy cannot be closed; ``reason`` says why in the office's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Discrepancy:
    """One thing that does not add up. ``times`` counts finds, ``closings`` how often it was closed.

    ``found_at`` is the first find's moment, ``last_found_at`` the last's; ``evidence`` is what was
    found last.
    """

    kind: str
    subject: str
    open: bool
    found_at: datetime
    last_found_at: datetime
    times: int
    evidence: Mapping[str, Value]
    closings: int
    closed_at: datetime | None
    closed_by: str
    closed_why: str

    @property
    def ident(self) -> str:
        """What the office types to name it."""
        return f"{self.kind}#{self.subject}"

    @property
    def reopened(self) -> bool:
        """Whether it was closed before and found again."""
        return self.open and self.closings > 0

    @property
    def explained(self) -> Explained:
        """What happened and the suggested way out, in the office's words."""
        return explained(self.kind)


@dataclass(frozen=True)
class Happened:
    """One line of an order's log."""

    at: str
    what: str
    data: Mapping[str, Value]


@dataclass(frozen=True)
class Discrepancies:
    """The office's way to the queue."""

    database: Database
    store: BillingStore
    audit_table: str

    def listed(self, *, done: bool = False) -> list[Discrepancy]:
        """Return the open ones, or those that are *done*, the first found first."""
        state = DONE if done else OPEN
        rows = self.database.due(
            self.store.table, "discrepancies", {"open": state}, {"found_at": WHENEVER}, LIMIT
        )
        return [discrepancy_of(row) for row in rows]

    def find(self, ident: str) -> Discrepancy | None:
        """Read one discrepancy by ``{kind}#{subject}``."""
        row = self.database.get(self.store.table, key(ident))
        return discrepancy_of(row) if row else None

    def about(self, order_id: str) -> list[Discrepancy]:
        """Return all that an order is or was part of, open or done."""
        reads = [Get(self.store.table, key(f"{kind}#{order_id}")) for kind in KINDS]
        return [discrepancy_of(row) for row in self.database.read(reads) if isinstance(row, dict)]

    def log(self, order_id: str) -> list[Happened]:
        """Return what happened to an order, oldest first."""
        rows = self.database.query(Query(self.store.table, f"ORDER#{order_id}", prefix="EVT#"))
        return [_happened(row) for row in rows]

    def deliveries(self, one: Discrepancy) -> list[str]:
        """Return the inbox ids of the notifications that had claimed it, oldest first."""
        rows = self.database.query(Query(self.store.table, heard_pk(one.ident)))
        last = one.evidence.get("inbox_id")
        return sorted({str(row["sk"]) for row in rows} | ({str(last)} if last else set()))

    def close(self, one: Discrepancy, *, actor: str, reason: str, now: datetime) -> None:
        """Close a discrepancy as it was shown; who, when and why stay with it and in the audit.

        Raises NotClosableError: it is closed, was found again since it was shown, or still keeps
        its invoice from being paid.
        """
        if not one.open:
            raise NotClosableError("すでに完了しています")
        if self._holds_its_invoice(one):
            raise NotClosableError(
                "この入金のため会員の画面は「確認中」です。"
                "先に payments accept か set-aside か refund を行ってください"
            )
        try:
            self.database.commit(*self._closing(one, actor, reason, now))
        except (Rejected, Contended):
            raise NotClosableError("表示したあとに変わりました。もう一度確かめてください") from None

    def _holds_its_invoice(self, one: Discrepancy) -> bool:
        found = self.store.reference(one.subject) if one.kind == Flag.MISMATCH else None
        rows = self.store.payment_and_invoice(found) if found else None
        if rows is None:
            return False
        payment, invoice = rows
        return invoice.payable and invoice.live_order == payment.order_id

    def _closing(self, one: Discrepancy, actor: str, reason: str, now: datetime) -> list[Write]:
        closed = Update(
            self.store.table,
            key(one.ident),
            set={"open": DONE, "closed_at": iso(now), "closed_by": actor, "closed_why": reason},
            add={"closings": 1},
            when=(Equals("open", OPEN), Equals("times", one.times)),
        )
        order = self.store.reference(one.subject)
        told = audit.entry(
            self.audit_table,
            actor=actor,
            action="discrepancy.closed",
            subject=order.member_id if order else f"discrepancy:{one.ident}",
            at=now,
            before={"discrepancy": one.ident, "times": one.times},
            note=reason,
        )
        if order is None:
            return [closed, told]
        data: dict[str, Value] = {"kind": one.kind, "by": actor, "why": reason}
        return [closed, told, self.store.event(one.subject, "discrepancy_closed", now, data)]


def discrepancy_of(row: Item) -> Discrepancy:
    """Read a row; one of the first release has neither a last find nor a closing."""
    found_at, evidence = str(row["found_at"]), row.get("evidence")
    closed_at = str(row.get("closed_at", ""))
    return Discrepancy(
        kind=str(row["kind"]),
        subject=str(row["subject"]),
        open=row.get("open") == OPEN,
        found_at=parse_iso(found_at),
        last_found_at=parse_iso(str(row.get("last_found_at", found_at))),
        times=_number(row, "times"),
        evidence=evidence if isinstance(evidence, dict) else {},
        closings=_number(row, "closings"),
        closed_at=parse_iso(closed_at) if closed_at else None,
        closed_by=str(row.get("closed_by", "")),
        closed_why=str(row.get("closed_why", "")),
    )


def _number(row: Item, name: str) -> int:
    value = row.get(name, 0)
    return value if isinstance(value, int) else 0


def _happened(row: Item) -> Happened:
    data = row.get("data")
    moment = str(row["sk"]).split("#")[1]
    return Happened(moment, str(row["what"]), data if isinstance(data, dict) else {})
