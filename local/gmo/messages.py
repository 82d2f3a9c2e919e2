"""What GMO writes: idPass lines, notifications, signed returns."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote_plus

from local.gmo.exchange import ID_PASS, Answer, as_json
from local.gmo.orders import CARD, CVS, Order, Transaction

Pairs = list[tuple[str, str]]
MASKED_SHOP_PASS = "*" * 10
MASKED_ACCESS_PASS = "*" * 32

OTHER_METHODS_BEFORE_TERM = (
    "EdyReceiptNo",
    "EdyOrderNo",
    "SuicaOrderNo",
    "SuicaReceiptNo",
    "CustID",
    "BkCode",
    "ConfNo",
    "EncryptReceiptNo",
)
OTHER_METHODS_AFTER_TERM = (
    "WebMoneyManagementNo",
    "WebMoneySettleCode",
    "AuPayInfoNo",
    "AuPayMethod",
    "AuCancelAmount",
    "AuCancelTax",
    "DocomoSettlementCode",
    "DocomoCancelAmount",
    "DocomoCancelTax",
    "SbTrackingId",
    "SbCancelAmount",
    "SbCancelTax",
)


def id_pass(pairs: Iterable[tuple[str, str]]) -> Answer:
    """An idPass reply: always HTTP 200, nothing percent-encoded."""
    return Answer("&".join(f"{key}={value}" for key, value in pairs), content_type=ID_PASS)


def id_pass_errors(infos: Iterable[str]) -> Answer:
    """Errors of the idPass interface: the n-th ErrInfo belongs to the n-th ErrCode."""
    listed = list(infos)
    codes = "|".join(info[:3] for info in listed)
    return id_pass([("ErrCode", codes), ("ErrInfo", "|".join(listed))])


def json_errors(infos: Iterable[str], status: int = 400) -> Answer:
    """Errors of the JSON interface: a list with keys in lower camel case."""
    return as_json([{"errCode": info[:3], "errInfo": info} for info in infos], status)


def search_reply(order: Order, tran: Transaction) -> Pairs:
    """SearchTradeMulti: the keys of every method, empty where they do not apply, no OrderID."""
    return [
        *common(order, tran),
        ("PayType", tran.pay_type),
        ("CvsCode", tran.cvs_code),
        ("CvsConfNo", tran.conf_no),
        ("CvsReceiptNo", tran.receipt_no),
        *((key, "") for key in OTHER_METHODS_BEFORE_TERM),
        ("PaymentTerm", tran.payment_term),
        *((key, "") for key in OTHER_METHODS_AFTER_TERM),
        ("Currency", "JPN"),
        ("FinishDate", tran.finish_date),
        ("ReceiptDate", tran.receipt_date),
        ("ReceiptUrl", tran.receipt_url),
    ]


def card_search_reply(order: Order, tran: Transaction) -> Pairs:
    """SearchTrade: cards only, and here the OrderID comes first."""
    return [("OrderID", order.order_id), *common(order, tran)]


def common(order: Order, tran: Transaction) -> Pairs:
    """The part that both searches share."""
    return [
        ("Status", tran.status),
        ("ProcessDate", tran.process_date),
        ("JobCd", tran.job_cd),
        ("AccessID", tran.access_id),
        ("AccessPass", tran.access_pass),
        ("ItemCode", "0000990" if tran.pay_type == CARD else ""),
        ("Amount", tran.amount),
        ("Tax", tran.tax),
        ("SiteID", ""),
        ("MemberID", ""),
        ("CardNo", tran.card_no),
        ("Expire", tran.expire),
        ("Method", tran.method),
        ("PayTimes", ""),
        ("Forward", tran.forward),
        ("TranID", tran.tran_id),
        ("Approve", tran.approve),
        *((f"ClientField{n}", order.text("transaction", f"ClientField{n}")) for n in (1, 2, 3)),
    ]


def notification(shop_id: str, order: Order, tran: Transaction) -> Pairs:
    """The fields of a result notification: 19 for a card, 21 for a slip, passwords masked."""
    head = [
        ("ShopID", shop_id),
        ("ShopPass", MASKED_SHOP_PASS),
        ("AccessID", tran.access_id),
        ("AccessPass", MASKED_ACCESS_PASS),
        ("OrderID", order.order_id),
        ("Status", tran.status),
        ("JobCd", tran.job_cd),
        ("Amount", tran.amount),
        ("Tax", tran.tax),
        ("Currency", "JPN"),
    ]
    middle = card_part(tran) if tran.pay_type == CARD else slip_part(tran)
    tail = [("ErrCode", tran.err_code), ("ErrInfo", tran.err_info), ("PayType", tran.pay_type)]
    return head + middle + tail


def card_part(tran: Transaction) -> Pairs:
    """What only a card's notification has."""
    return [
        ("Forward", tran.forward),
        ("Method", "1"),
        ("PayTimes", ""),
        ("TranID", tran.tran_id),
        ("Approve", tran.approve),
        ("TranDate", tran.tran_date),
    ]


def slip_part(tran: Transaction) -> Pairs:
    """What only a slip's notification has."""
    return [
        ("TranID", tran.tran_id),
        ("TranDate", tran.tran_date),
        ("CvsCode", tran.cvs_code),
        ("CvsConfNo", tran.conf_no),
        ("CvsReceiptNo", tran.receipt_no),
        ("PaymentTerm", tran.payment_term),
        ("FinishDate", tran.finish_date),
        ("ReceiptDate", tran.receipt_date),
    ]


def ping(shop_id: str) -> Pairs:
    """The connectivity test of GMO's admin page."""
    nobody = Order("", "", "", "", "", [], {})
    blank = Transaction(CARD, "", "", "", "", "", "", "", err_code="E00", err_info="E00000000")
    filled = {"ShopID", "ShopPass", "ErrCode", "ErrInfo", "PayType"}
    pairs = notification(shop_id, nobody, blank)
    return [(key, value if key in filled else "") for key, value in pairs]


def form_body(pairs: Iterable[tuple[str, str]]) -> bytes:
    """A form as Java servers write it: asterisks as they are, a space as plus."""
    line = "&".join(f"{key}={quote_plus(value, safe='*')}" for key, value in pairs)
    return line.encode("ascii")


def return_content(order: Order, now: str) -> dict[str, object]:
    """The JSON of the browser's return; without a finished payment it says PAYSTART and nulls."""
    used = {"PAYSUCCESS": CARD, "REQSUCCESS": CVS}.get(order.page, "")
    tran = order.transactions.get(used)
    if tran is None:
        return {"transactionresult": outcome(order, "PAYSTART", now, None)}
    head = outcome(order, order.page, now, tran)
    if tran.pay_type == CARD:
        return {"transactionresult": head, "credit": card_result(tran)}
    return {"transactionresult": head, "cvs": slip_result(tran)}


def outcome(order: Order, result: str, now: str, tran: Transaction | None) -> dict[str, object]:
    """The `transactionresult` of a return; note GMO's mixed casing."""
    pay_method = None if tran is None else "credit" if tran.pay_type == CARD else "cvs"
    return {
        "AccessID": tran.access_id if tran else None,
        "AccessPass": tran.access_pass if tran else None,
        "OrderID": order.order_id,
        "Result": result,
        "Processdate": now,
        "ErrCode": None,
        "ErrInfo": None,
        "Paymethod": pay_method,
    }


def card_result(tran: Transaction) -> dict[str, object]:
    """The `credit` of a return."""
    return {
        "Status": tran.status,
        "Forward": tran.forward,
        "Method": tran.method,
        "PayTimes": None,
        "TranID": tran.tran_id,
        "Approve": tran.approve,
        "TranDate": tran.tran_date,
    }


def slip_result(tran: Transaction) -> dict[str, object]:
    """The `cvs` of a return: these keys are a guess, no public sample shows them."""
    return {
        "Status": tran.status,
        "CvsCode": tran.cvs_code,
        "CvsConfNo": tran.conf_no,
        "CvsReceiptNo": tran.receipt_no,
        "PaymentTerm": tran.payment_term,
        "TranDate": tran.tran_date,
    }


def signed(content: Mapping[str, object], shop_pass: str) -> str:
    """The field `result`: base64url of the JSON, a dot, SHA-256 over that part and the password."""
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    part = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    return f"{part}.{hashlib.sha256((part + shop_pass).encode()).hexdigest()}"
