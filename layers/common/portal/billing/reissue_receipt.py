"""A receipt for the office's post: the same once more, or another name under another number.

The name on a receipt is never changed in place: copies under the old number exist, and two papers
of one number with two names could be claimed at two employers. So the old number ends, is kept, and
the new one says what it replaces (docs/decisions/0040-receipt-under-another-name.md).
"""

from dataclasses import dataclass, replace

from portal import audit
from portal.billing import receipts
from portal.billing.account import Account
from portal.billing.model import Invoice, InvoiceState
from portal.billing.office import Deed, OfficeError, Word
from portal.billing.receipts import Addressee, ReceiptSnapshot
from portal.billing.store import BillingStore
from portal.billing.words import STATE_WORDS
from portal.clock import jst_date
from portal.config import Society
from portal.database import Item


@dataclass(frozen=True)
class Named:
    """Whom a receipt is made out to: which of the two, and in which words."""

    kind: Addressee
    name: str


def standing_receipt(account: Account, invoice: Invoice) -> ReceiptSnapshot:
    """Return the receipt that is good for *invoice*. Raises OfficeError where there is none."""
    if invoice.state is not InvoiceState.PAID:
        raise OfficeError(f"支払済の請求ではありません（{STATE_WORDS[invoice.state]}）")
    row = account.receipts.get(invoice.invoice_id)
    receipt = receipts.parse(row) if row else None
    if receipt is None or receipt.order_id != invoice.paid_order:
        raise OfficeError("この入金の領収書の記録がありません。運用担当者に相談してください")
    return receipt


@dataclass(frozen=True)
class Renaming:
    """Plans the new receipt; :class:`portal.billing.office.Office` performs it."""

    store: BillingStore
    society: Society
    audit_table: str

    def plan(
        self, invoice: Invoice, old: ReceiptSnapshot, named: Named, word: Word
    ) -> tuple[ReceiptSnapshot, Deed]:
        """Plan to end *old* and to issue its money's receipt to *named*. Raises OfficeError.

        The new number is the invoice's next attempt, so no payment or receipt of the year, also
        of a year that is billed again, can have it too.
        """
        if (named.name, named.kind) == (old.shown_addressee, old.addressee_kind or Addressee.SELF):
            raise OfficeError("領収書の宛名はすでにその通りです。--name を付けずに再発行できます")
        counted = replace(invoice, attempts=invoice.attempts + 1)
        new = self._renamed(counted, old, named, word)
        return new, Deed(
            invoice=counted,
            receipt=new.number,
            writes=(
                self.store.changed_invoice(invoice, counted),
                *receipts.replaced(self.store.table, old, new, jst_date(word.now)),
                self.store.event(
                    old.order_id,
                    "receipt_replaced",
                    word.now,
                    {"old": old.number, "new": new.number, "by": word.actor, "why": word.reason},
                ),
                audit.entry(
                    self.audit_table,
                    actor=word.actor,
                    action="receipt.replaced",
                    subject=invoice.member_id,
                    at=word.now,
                    before=_shown(old),
                    after=_shown(new),
                    note=word.reason,
                ),
            ),
        )

    def _renamed(
        self, counted: Invoice, old: ReceiptSnapshot, named: Named, word: Word
    ) -> ReceiptSnapshot:
        today = jst_date(word.now)
        own = named.kind is Addressee.SELF
        return replace(
            old,
            number=receipts.number(counted.fiscal_year, counted.member_no, counted.attempts),
            name=named.name if own else old.name,
            workplace=old.workplace if own else named.name,
            addressee_kind=named.kind,
            addressed_on=today,
            issued_on=today,
            issuer=receipts.issuer_of(self.society),
            replaces=old.number,
        )


def _shown(receipt: ReceiptSnapshot) -> Item:
    """Return what the audit keeps of a receipt; the names stand in the two receipts."""
    return {
        "invoice_id": receipt.invoice_id,
        "receipt": receipt.number,
        "addressee": (receipt.addressee_kind or Addressee.SELF).value,
        "amount": receipt.amount,
    }
