"""The office has GMO asked about payments before their time.

Nothing is asked here: whoever may plan a question holds no secret of GMO. The schedule asks, as
about every other payment, and its answer alone changes anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import audit
from portal.billing.model import CHOICES, UNISSUED_AFTER, Payment, PaymentState
from portal.billing.office import Word
from portal.billing.store import BillingStore
from portal.clock import iso
from portal.database import Contended, Database, Rejected

PACE = timedelta(milliseconds=500)
"""Between two of many. The schedule asks five a second at most, and has its own besides these."""

LONG_AGO = timedelta(days=366)
"""GMO lets nobody change a transaction after 180 days, and need not remember it for ever."""


def answerable(payment: Payment) -> bool:
    """Tell whether GMO knows the payment and might still say something new of it."""
    return payment.method in CHOICES and payment.state is not PaymentState.REFUNDED


def settled_long_ago(payment: Payment, now: datetime) -> bool:
    """Tell whether its money came so long ago that GMO has nothing new to say.

    Should GMO have forgotten the order, its answer would deny what was booked rightly.
    """
    if payment.state is not PaymentState.PAID or payment.paid_at is None:
        return False
    return now - payment.paid_at > LONG_AGO


def soonest(payment: Payment, when: datetime) -> datetime:
    """Return *when*, or later where the request for its link may still be on its way.

    GMO's answer to a question is written too, and then the member's link would be dropped unseen.
    """
    if payment.state is not PaymentState.CREATED:
        return when
    return max(when, payment.created_at + UNISSUED_AFTER)


def planned(payment: Payment, when: datetime) -> bool:
    """Tell whether GMO is asked by *when* anyway."""
    return payment.next_ask_at is not None and payment.next_ask_at <= when


@dataclass(frozen=True)
class Reconciling:
    """Plans questions. *audit_table* is a table's name."""

    database: Database
    store: BillingStore
    audit_table: str

    def ask(self, payment: Payment, when: datetime, word: Word) -> bool:
        """Have GMO asked about *payment* at *when*, with the audit and the order's log.

        False where somebody else moved the payment on meanwhile, which asked GMO itself.
        """
        told = audit.entry(
            self.audit_table,
            actor=word.actor,
            action="payment.ask_wanted",
            subject=payment.member_id,
            at=word.now,
            before={"order_id": payment.order_id, "payment": payment.state.value},
            after={"ask_at": iso(when)},
            note=word.reason,
        )
        event = self.store.event(
            payment.order_id, "ask_wanted", word.now, {"by": word.actor, "why": word.reason}
        )
        try:
            self.database.commit(self.store.ask_at(payment, when), event, told)
        except (Rejected, Contended):
            return False
        return True
