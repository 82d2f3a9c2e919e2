"""The office frees the method that 決定 fixed, so that the member may choose anew (M24)."""

from dataclasses import dataclass, replace
from datetime import datetime

from portal import audit
from portal.billing.model import Invoice, Method
from portal.billing.office import MEANWHILE
from portal.billing.store import BillingStore
from portal.database import Contended, Database, Rejected


class NotReleasableError(Exception):
    """The method cannot be freed; ``reason`` says why in the office's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class MethodRelease:
    """Frees methods."""

    database: Database
    store: BillingStore
    audit_table: str

    def release(
        self, member_id: str, invoice_id: str, *, actor: str, reason: str, now: datetime
    ) -> None:
        """Free the method of an unpaid invoice without a live payment.

        Raises NotReleasableError, also when somebody changed the invoice at the same moment.
        """
        invoice = self.store.invoice(member_id, invoice_id)
        if invoice is None:
            raise NotReleasableError("請求が見つかりません")
        fixed = fixed_method(invoice)
        told = audit.entry(
            self.audit_table,
            actor=actor,
            action="invoice.method_released",
            subject=member_id,
            at=now,
            before={"invoice_id": invoice_id, "method": fixed.value},
            note=reason,
        )
        freed = replace(invoice, method=None)
        try:
            self.database.commit(self.store.changed_invoice(invoice, freed), told)
        except (Rejected, Contended):
            raise NotReleasableError(MEANWHILE) from None


def fixed_method(invoice: Invoice) -> Method:
    """Return the method that can be freed. Raises NotReleasableError when there is none."""
    if not invoice.payable or invoice.method is None:
        raise NotReleasableError("支払方法が決定された未払いの請求ではありません")
    if invoice.live_order:
        raise NotReleasableError("お支払い手続き中のため、先に手続きの終了をお待ちください")
    return invoice.method
