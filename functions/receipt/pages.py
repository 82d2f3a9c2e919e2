"""The receipt of one paid invoice: whom it is made out to, chosen once, and the PDF.

Both routes answer 404 for an invoice that is not the caller's, not paid, or paid back: whether
somebody else has such an invoice is nobody's business.
"""

import re
from collections.abc import Sequence
from typing import Protocol
from urllib.parse import quote

from portal.billing import receipts
from portal.billing.model import InvoiceState
from portal.billing.receipts import Addressee, ReceiptSnapshot
from portal.billing.rows import invoice_of
from portal.billing.store import BillingStore
from portal.clock import jst_date
from portal.database import Database, Found, Read, Rejected
from portal.log import count
from portal.web.errors import NotFound
from portal.web.http import Request, Response, redirect
from portal.web.render import Renderer
from portal.web.routing import Gate, Route

_INVOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

ASK = "宛名を選んでください。"
NO_WORKPLACE = "お支払い手続きのときに勤務先が登録されていなかったため、勤務先は選べません。"


class Tables(Protocol):
    """What of the configured tables these pages use."""

    @property
    def billing(self) -> str:
        """Invoices and receipts."""


class Printer(Protocol):
    """Whatever turns a snapshot into a PDF."""

    def pdf(self, snapshot: ReceiptSnapshot, *, reissued: bool) -> bytes:
        """Return the PDF."""


class ReceiptPages:
    """The receipt, issued to a name and downloaded."""

    def __init__(
        self, database: Database, tables: Tables, renderer: Renderer, printer: Printer
    ) -> None:
        self._database = database
        self._tables = tables
        self._renderer = renderer
        self._printer = printer

    def routes(self) -> list[Route]:
        """Return the routes of this function."""
        path = "/member/billing/{invoice_id}/receipt"
        return [
            Route("POST", path, Gate.MEMBER, self.address, self._receipt),
            Route("GET", f"{path}.pdf", Gate.MEMBER, self.download, self._receipt),
        ]

    def address(self, request: Request) -> Response:
        """Settle the addressee. A second time nothing changes: the page tells which one stands."""
        snapshot = _issued(request.beside)
        if snapshot.chosen:
            return _to_invoice(snapshot)
        kind = _kind(request.form.get("addressee", ""))
        if kind is None or not snapshot.offered[kind]:
            return self._ask_again(request, snapshot, NO_WORKPLACE if kind else ASK)
        self._settle(request, snapshot, kind)
        return _to_invoice(snapshot)

    def download(self, request: Request) -> Response:
        """Give the PDF. Nothing is written: the mark 再発行 counts from the day of the choice."""
        snapshot = _issued(request.beside)
        reissued = snapshot.reissued(jst_date(request.now))
        count("ReceiptServed", reissued=str(reissued).lower())
        body = self._printer.pdf(snapshot, reissued=reissued)
        disposition = (("Content-Disposition", attachment(snapshot.number)),)
        return Response(200, body, disposition, "application/pdf")

    def _settle(self, request: Request, snapshot: ReceiptSnapshot, kind: Addressee) -> None:
        today = jst_date(request.now)
        try:
            self._database.commit(receipts.addressed(self._tables.billing, snapshot, kind, today))
        except Rejected:
            # Another tab was first; its choice stands and the invoice's page shows it.
            count("ReceiptAddressedTwice")

    def _ask_again(self, request: Request, snapshot: ReceiptSnapshot, problem: str) -> Response:
        errors = {"addressee": problem}
        return self._renderer.page(request, "receipt.html", 422, receipt=snapshot, errors=errors)

    def _receipt(self, member_id: str, request: Request) -> Sequence[Read]:
        invoice_id = request.params.get("invoice_id", "")
        if not _INVOICE.fullmatch(invoice_id):
            raise NotFound("no invoice has such an id")
        billing = self._tables.billing
        return (
            receipts.read(billing, member_id, invoice_id),
            BillingStore(self._database, billing).invoice_get(member_id, invoice_id),
        )


def attachment(number: str) -> str:
    """Return the Content-Disposition of a receipt: a plain name, and the Japanese one (RFC 6266).

    The name is made of the receipt's number alone, never of what a member typed (ASVS V5.4.1).
    """
    plain = re.sub(r"[^A-Za-z0-9-]", "_", number)
    japanese = quote(f"領収書_{number}.pdf", safe="")
    return f"attachment; filename=\"receipt-{plain}.pdf\"; filename*=UTF-8''{japanese}"


def _issued(beside: Sequence[Found]) -> ReceiptSnapshot:
    """Return the receipt if there is one and its invoice is still paid. Raises NotFound."""
    receipt, invoice = beside[0], beside[1]
    if not isinstance(receipt, dict) or not isinstance(invoice, dict):
        raise NotFound("no receipt of this member")
    if invoice_of(invoice).state is not InvoiceState.PAID:
        raise NotFound("the invoice is not paid")
    return receipts.parse(receipt)


def _kind(text: str) -> Addressee | None:
    return Addressee(text) if text in set(Addressee) else None


def _to_invoice(snapshot: ReceiptSnapshot) -> Response:
    return redirect(f"/member/billing/{snapshot.invoice_id}")
