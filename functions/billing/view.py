"""What the billing pages show, worked out before a template is asked."""

from dataclasses import dataclass
from datetime import datetime

from portal.billing import receipts
from portal.billing.account import Account
from portal.billing.model import (
    CLAIMED,
    FAILED,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Standing,
    link_ended,
    standing,
)
from portal.billing.open_payment import in_flight
from portal.billing.receipts import ReceiptSnapshot
from portal.clock import iso
from portal.mail.chains import Chain, chain

METHOD_WORDS = {
    Method.CARD: "クレジットカード(一括払)",
    Method.CVS: "コンビニ決済",
    Method.BANK: "銀行振込",
    Method.CASH: "現金",
}


@dataclass(frozen=True)
class SlipView:
    """A slip as the payer needs it at the store; *numbers* are (label, number) in typing order."""

    store: Chain
    numbers: tuple[tuple[str, str], ...]
    term: str
    url: str


@dataclass(frozen=True)
class InvoiceView:
    """One invoice with its payments, ready to be shown."""

    invoice: Invoice
    standing: Standing
    live: Payment | None
    last: Payment | None
    paid_by: Payment | None
    """The payment whose money was booked; None as long as there is none."""
    slip: SlipView | None
    receipt: ReceiptSnapshot | None
    way_on: bool
    """Whether お支払い手続きをやり直す is offered."""
    failed: bool
    """Whether the last thing heard of GMO's page was a failure."""

    @property
    def method(self) -> str:
        """How it was paid, else the chosen method, in words, or nothing."""
        method = self.paid_by.method if self.paid_by else self.invoice.method
        return METHOD_WORDS[method] if method else ""

    @property
    def paid_amount(self) -> int:
        """Yen that were booked, or nought; they may differ where the office accepted them."""
        return self.paid_by.paid_amount if self.paid_by else 0

    @property
    def link(self) -> str:
        """GMO's page, as long as it can be used."""
        usable = self.live is not None and self.live.state is PaymentState.LINKED
        shown = self.standing in (Standing.LINKED, Standing.CHECKING)
        return self.live.link_url if self.live and usable and shown else ""


def invoice_view(account: Account, invoice: Invoice, now: datetime) -> InvoiceView:
    """Work out what is shown of one invoice."""
    live, last = account.live(invoice), account.last(invoice)
    found = account.receipts.get(invoice.invoice_id)
    paid = invoice.state is InvoiceState.PAID
    return InvoiceView(
        invoice=invoice,
        standing=standing(invoice, live, now),
        live=live,
        last=last,
        paid_by=account.payments.get(invoice.paid_order),
        slip=slip_view(live) if live and live.state is PaymentState.SLIP else None,
        receipt=receipts.parse(found) if found and paid else None,
        way_on=_way_on(invoice, live, last, now),
        failed=invoice.payable and _failed(last),
    )


def _failed(last: Payment | None) -> bool:
    return bool(last and last.last_result in FAILED and last.state is not PaymentState.PAID)


def _way_on(invoice: Invoice, live: Payment | None, last: Payment | None, now: datetime) -> bool:
    if not invoice.payable or invoice.method is None:
        return False
    if live is None:
        return last is not None
    if live.state is PaymentState.CREATED:
        return not in_flight(live, now)
    return link_ended(live, now)


def ordered(account: Account) -> list[Invoice]:
    """Return what is to be paid, the oldest year first, and then what is done, the newest first."""
    to_pay = [invoice for invoice in account.invoices if invoice.payable]
    done = [invoice for invoice in account.invoices if not invoice.payable]
    return [*sorted(to_pay, key=_year), *sorted(done, key=_year, reverse=True)]


def _year(invoice: Invoice) -> tuple[int, str]:
    return invoice.fiscal_year, invoice.invoice_id


def slip_view(payment: Payment) -> SlipView | None:
    """Return the slip of a payment in the words of its chain."""
    slip = payment.slip
    if slip is None:
        return None
    store = chain(slip.cvs_code)
    return SlipView(
        store=store,
        numbers=store.numbers(receipt_no=slip.receipt_no, conf_no=slip.conf_no),
        term=iso(slip.term) if slip.term else "",
        url=slip.receipt_url if slip.receipt_url.startswith("https://") else "",
    )


def awaiting(view: InvoiceView) -> bool:
    """Tell whether news may come within seconds, so that the page may load itself again."""
    live = view.live
    return (
        view.standing is Standing.CHECKING
        and live is not None
        and (live.last_result in CLAIMED or live.state is PaymentState.CREATED)
    )
