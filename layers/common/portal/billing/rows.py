"""How invoices and payments are written into rows of the billing table, and read out of them."""

import zlib
from datetime import date, datetime

from portal.billing.model import Flag, Invoice, InvoiceState, Method, Payment, PaymentState, Slip
from portal.billing.reminder_rows import planned_at
from portal.clock import iso, parse_iso
from portal.database import Item, Key, Value

ASK_SHARDS = 8
INVOICE, PAYMENT, RECEIPT, DUES = "INV#", "PAY#", "RCPT#", "DUES#"


def key(pk: str, sk: str) -> Key:
    """Return the primary key of a row of the billing table."""
    return {"pk": pk, "sk": sk}


def shard_of(order_id: str) -> str:
    """Return the part of the index ``asks`` that an order belongs to."""
    return f"OPEN#{zlib.crc32(order_id.encode()) % ASK_SHARDS}"


def invoice_item(invoice: Invoice) -> Item:
    """Return an invoice's row."""
    return {
        **key(invoice.member_id, INVOICE + invoice.invoice_id),
        "member_no": invoice.member_no,
        "title": invoice.title,
        "fiscal_year": invoice.fiscal_year,
        "amount": invoice.amount,
        "due_on": invoice.due_on.isoformat(),
        "closes_on": invoice.closes_on.isoformat(),
        "state": invoice.state.value,
        "attempts": invoice.attempts,
        "version": invoice.version,
        **_present(
            method=invoice.method.value if invoice.method else "",
            live_order=invoice.live_order,
            paid_order=invoice.paid_order,
            paid_on=invoice.paid_on.isoformat() if invoice.paid_on else "",
        ),
        **planned_at(invoice.member_id, invoice.next_remind_at if invoice.payable else None),
    }


def invoice_of(row: Item) -> Invoice:
    """Read an invoice's row."""
    text = _Texts(row)
    return Invoice(
        member_id=text["pk"],
        member_no=text["member_no"],
        invoice_id=text["sk"][len(INVOICE) :],
        title=text["title"],
        fiscal_year=text.number("fiscal_year"),
        amount=text.number("amount"),
        due_on=date.fromisoformat(text["due_on"]),
        closes_on=date.fromisoformat(text["closes_on"]),
        state=InvoiceState(text["state"]),
        method=Method(text["method"]) if text["method"] else None,
        live_order=text["live_order"],
        attempts=text.number("attempts"),
        paid_order=text["paid_order"],
        paid_on=date.fromisoformat(text["paid_on"]) if text["paid_on"] else None,
        next_remind_at=text.moment("next_remind_at"),
        version=text.number("version"),
    )


def payment_item(payment: Payment) -> Item:
    """Return a payment's row."""
    return {
        **key(payment.member_id, PAYMENT + payment.order_id),
        "invoice_id": payment.invoice_id,
        "method": payment.method.value,
        "amount": payment.amount,
        "attempt": payment.attempt,
        "created_at": iso(payment.created_at),
        "link_expires_at": iso(payment.link_expires_at),
        "term_days": payment.term_days,
        "state": payment.state.value,
        "version": payment.version,
        "asks": payment.asks,
        **_present(
            link_url=payment.link_url,
            access_id=payment.access_id,
            paid_amount=payment.paid_amount,
            paid_at=_moment(payment.paid_at),
            flag=payment.flag.value if payment.flag else "",
            cancel_wanted=payment.cancel_wanted,
            last_result=payment.last_result,
            last_error=payment.last_error,
            last_result_at=_moment(payment.last_result_at),
            payer_name=payment.payer_name,
            payer_workplace=payment.payer_workplace,
            next_ask_at=_moment(payment.next_ask_at),
            ask_shard=shard_of(payment.order_id) if payment.next_ask_at else "",
            slip=_slip_item(payment.slip) if payment.slip else "",
        ),
        **planned_at(payment.member_id, payment.next_remind_at),
    }


def payment_of(row: Item) -> Payment:
    """Read a payment's row."""
    text = _Texts(row)
    slip = row.get("slip")
    return Payment(
        member_id=text["pk"],
        order_id=text["sk"][len(PAYMENT) :],
        invoice_id=text["invoice_id"],
        method=Method(text["method"]),
        amount=text.number("amount"),
        attempt=text.number("attempt"),
        created_at=parse_iso(text["created_at"]),
        link_expires_at=parse_iso(text["link_expires_at"]),
        term_days=text.number("term_days"),
        state=PaymentState(text["state"]),
        version=text.number("version"),
        link_url=text["link_url"],
        slip=_slip_of(slip) if isinstance(slip, dict) else None,
        access_id=text["access_id"],
        paid_amount=text.number("paid_amount"),
        paid_at=text.moment("paid_at"),
        flag=Flag(text["flag"]) if text["flag"] else None,
        cancel_wanted=bool(row.get("cancel_wanted")),
        asks=text.number("asks"),
        next_ask_at=text.moment("next_ask_at"),
        next_remind_at=text.moment("next_remind_at"),
        last_result=text["last_result"],
        last_error=text["last_error"],
        last_result_at=text.moment("last_result_at"),
        payer_name=text["payer_name"],
        payer_workplace=text["payer_workplace"],
    )


def _slip_item(slip: Slip) -> Item:
    return {
        "cvs_code": slip.cvs_code,
        "conf_no": slip.conf_no,
        "receipt_no": slip.receipt_no,
        "receipt_url": slip.receipt_url,
        "term": _moment(slip.term),
    }


def _slip_of(item: Item) -> Slip:
    text = _Texts(item)
    return Slip(
        text["cvs_code"],
        text["conf_no"],
        text["receipt_no"],
        text["receipt_url"],
        text.moment("term"),
    )


def _moment(moment: datetime | None) -> str:
    return iso(moment) if moment else ""


def _present(**values: Value) -> Item:
    """Leave out what is empty, so that sparse indexes stay sparse."""
    return {name: value for name, value in values.items() if value}


class _Texts:
    """Typed reading of a row; an absent attribute is empty."""

    def __init__(self, row: Item) -> None:
        self._row = row

    def __getitem__(self, name: str) -> str:
        return str(self._row.get(name, ""))

    def number(self, name: str) -> int:
        value = self._row.get(name, 0)
        return value if isinstance(value, int) else 0

    def moment(self, name: str) -> datetime | None:
        return parse_iso(self[name]) if self[name] else None
