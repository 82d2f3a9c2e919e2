"""A year whose invoice was ended by mistake, or whose money went back, is billed once more.

The old invoice stays as it is, with all its payments: what still comes for it is a surplus on it.
The guard of the year moves to the new invoice, and the attempts go on counting from the old one's,
so that receipt numbers ({年度}-{会員番号}-{attempt}) stay unique within the year
(docs/decisions/0021-billing-a-year-again.md).
"""

from dataclasses import dataclass
from datetime import date

from portal import audit
from portal.billing.account import Account
from portal.billing.dues import check_days
from portal.billing.model import Invoice, InvoiceState, PaymentState
from portal.billing.office import Deed, OfficeError, Word
from portal.billing.store import BillingStore
from portal.billing.words import STATE_WORDS
from portal.ids import crockford

ENDED = frozenset({InvoiceState.CANCELLED, InvoiceState.REFUNDED, InvoiceState.WAIVED})
"""The states in which nothing is owed and nothing is held, so that a year can be billed anew."""


@dataclass(frozen=True)
class Bill:
    """What the new invoice says: whole yen, JST dates."""

    amount: int
    due_on: date
    closes_on: date


@dataclass(frozen=True)
class BillingAgain:
    """Plans the new invoice; :class:`portal.billing.office.Office` performs it."""

    store: BillingStore
    audit_table: str

    def plan(self, account: Account, old: Invoice, bill: Bill, word: Word) -> Deed:
        """Plan to bill the year of *old* anew. Raises OfficeError when that makes no sense.

        The deed is refused when the old invoice, or whom the year is billed by, changes meanwhile:
        a payment that a notification brings back after a restore counts an attempt of its own.
        """
        self._billable(account, old)
        _sensible(bill, word)
        new = Invoice(
            member_id=old.member_id,
            member_no=old.member_no,
            invoice_id=crockford(16).lower(),
            title=old.title,
            fiscal_year=old.fiscal_year,
            amount=bill.amount,
            due_on=bill.due_on,
            closes_on=bill.closes_on,
            attempts=old.attempts,
        )
        told = audit.entry(
            self.audit_table,
            actor=word.actor,
            action="invoice.billed_again",
            subject=old.member_id,
            at=word.now,
            before={"invoice_id": old.invoice_id, "state": old.state.value, "amount": old.amount},
            after={
                "invoice_id": new.invoice_id,
                "state": new.state.value,
                "amount": new.amount,
                "attempts": new.attempts,
            },
            note=word.reason,
        )
        return Deed(invoice=new, writes=(*self.store.invoice_again(old, new), told))

    def _billable(self, account: Account, old: Invoice) -> None:
        if old.state not in ENDED:
            raise OfficeError(f"取消・返金済・免除の請求ではありません（{STATE_WORDS[old.state]}）")
        if self.store.billed_by(old.member_id, old.fiscal_year) != old.invoice_id:
            raise OfficeError("この年度は、すでに別の請求で請求し直されています")
        if any(one.live for one in account.payments_of(old)):
            raise OfficeError(
                "前の請求の手続きがまだ GMO で止まっていません。"
                "二重のお支払いを防ぐため、定期処理が止めてから（数分後に）行ってください"
            )


def held(account: Account, invoice: Invoice) -> int:
    """Return the yen that came for *invoice* and were neither booked nor given back."""
    paid = [one for one in account.payments_of(invoice) if one.state is PaymentState.PAID]
    return sum(one.paid_amount for one in paid if one.order_id != invoice.paid_order)


def _sensible(bill: Bill, word: Word) -> None:
    if bill.amount <= 0:
        raise OfficeError("金額は1円以上です")
    check_days(bill.due_on, bill.closes_on, word.now)
