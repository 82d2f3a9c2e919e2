"""What the office does in a world: each act is one request, with the faults and races of others.

An act that was begun is *wished*; one that was answered with a yes is *promised*. In the end
nothing may have happened that was not wished, and all that was promised must stand (truth.py).
"""

from collections.abc import Callable
from random import Random

from portal.billing.account import Account
from portal.billing.bill_again import Bill
from portal.billing.model import RECORDED, Flag, Invoice, Payment, PaymentState
from portal.billing.office import Deed, Money, Word
from portal.clock import jst_date
from portal.database import Item
from tests.fake_gmo import CannotPay
from tests.faults.ground import Ground
from tests.unit.billing.house import PLENTY, TABLES

ACTOR = "office:test"
OTHER_AMOUNT = 1_000
"""What a member may have transferred instead of what was asked for."""


class OfficeWorld(Ground):
    """The ground with an office in it."""

    def record_payment(self, random: Random) -> None:
        """A bank transfer or cash for one of the invoices, now and then another amount."""
        account, invoice = self._read(random)
        amount = OTHER_AMOUNT if random.random() < 0.1 else invoice.amount
        money = Money(random.choice(RECORDED), amount, jst_date(self.clock()), "山田 花子", "")
        deed = self.portal.office.record(invoice, account.live(invoice), money, self.word())
        assert deed.payment is not None
        self.perform("recorded", deed.payment.order_id, deed)

    def waive(self, random: Random) -> None:
        """The member is let off."""
        account, invoice = self._read(random)
        deed = self.portal.office.waive(invoice, account.live(invoice), self.word())
        self.perform("waived", invoice.invoice_id, deed)

    def cancel_invoice(self, random: Random) -> None:
        """The invoice should not have been made."""
        account, invoice = self._read(random)
        deed = self.portal.office.cancel(invoice, account.live(invoice), self.word())
        self.perform("cancelled", invoice.invoice_id, deed)

    def give_back(self, random: Random) -> None:
        """Money is given back past GMO, whatever it was for."""
        payment, invoice = self._held(random, lambda _: True)
        deed = self.portal.office.refund(payment, invoice, self.word())
        self.perform("refunded_outside", payment.order_id, deed)

    def give_back_at_gmo(self, random: Random) -> None:
        """A card's money is given back in GMO's own pages, and GMO is asked at once."""
        payment, _ = self._held(random, lambda one: self._captured(one.order_id))
        self.changed_at_gmo(payment.order_id, lambda: self.gmo.refund(payment.order_id))
        self.asked_late.add(payment.order_id)
        self.ask_about(payment.order_id)

    def ask_about(self, order: str) -> None:
        """``refund`` of a card: have GMO asked about an order as soon as possible."""
        found = self.portal.store.reference(order)
        rows = self.portal.store.payment_and_invoice(found) if found else None
        if rows is None:
            return  # A restored table has forgotten it.
        if rows[0].state is PaymentState.PAID:
            self.portal.office.perform(self.portal.office.ask_again(*rows, self.word()))

    def accept_payment(self, random: Random) -> None:
        """Money that is not what was asked for is booked all the same."""
        payment, invoice = self._held(random, lambda one: one.flag is Flag.MISMATCH)
        live = self.portal.store.account(invoice.member_id).live(invoice)
        deed = self.portal.office.accept(payment, invoice, live, self.word())
        self.perform("accepted", payment.order_id, deed)

    def set_aside(self, random: Random) -> None:
        """Money that is not what was asked for shall not keep the member from paying."""
        payment, invoice = self._held(random, lambda one: one.flag is Flag.MISMATCH)
        deed = self.portal.office.set_aside(payment, invoice, self.word())
        self.perform("set_aside", payment.order_id, deed)

    def close_task(self, random: Random) -> None:
        """The office closes one of the open discrepancies."""
        tasks = self.portal.discrepancies.listed()
        if not tasks:
            raise CannotPay
        held = [one for one in tasks if one.kind == Flag.MISMATCH]
        task = random.choice(held if held and random.random() < 0.5 else tasks)
        self.portal.discrepancies.close(task, actor=ACTOR, reason="test", now=self.clock())

    def replay(self, random: Random) -> None:
        """A delivery of whatever age and outcome is applied anew."""
        rows = list(self.database.tables[TABLES.inbox].values())
        if not rows:
            raise CannotPay
        self.put_back(random.choice(rows))

    def put_back(self, row: Item) -> None:
        """Have one delivery applied anew."""
        found = self.portal.inbox.find(str(row["pk"]))
        assert found is not None
        self.portal.replay.again(found, actor=ACTOR, reason="test", now=self.clock())

    def bill_again(self, random: Random) -> None:
        """The year of an ended invoice is billed by a new one."""
        account, old = self._read(random)
        due_on = max(old.due_on, jst_date(self.clock()))
        bill = Bill(old.amount, due_on, max(old.closes_on, due_on))
        deed = self.portal.billing_again.plan(account, old, bill, self.word())
        self.portal.office.perform(deed)
        self.invoices.append(deed.invoice)

    def release(self, random: Random) -> None:
        """The office frees the method of an invoice."""
        invoice = random.choice(self.invoices)
        self.portal.releasing.release(
            invoice.member_id, invoice.invoice_id, actor=ACTOR, reason="test", now=self.clock()
        )

    def remind(self, _random: Random) -> None:
        """The schedule's run of reminders."""
        self.portal.reminding.run(lambda: PLENTY)

    def office_acts(self) -> dict[str, Callable[[Random], None]]:
        """Return what the office does; each is one request."""
        return {
            act.__name__: act
            for act in (
                *(self.record_payment, self.waive, self.cancel_invoice, self.release),
                *(self.give_back, self.give_back_at_gmo, self.accept_payment, self.set_aside),
                *(self.close_task, self.replay, self.bill_again),
            )
        }

    # Parts

    def changed_at_gmo(self, order: str, happen: Callable[[], object]) -> None:
        """Let something happen to an order at GMO, which tells of it."""
        raise NotImplementedError

    def word(self) -> Word:
        """Who wants it, why and when."""
        return Word(ACTOR, "test", self.clock())

    def _read(self, random: Random) -> tuple[Account, Invoice]:
        one = random.choice(self.invoices)
        account = self.portal.store.account(one.member_id)
        invoice = account.invoice(one.invoice_id)
        if invoice is None:
            raise CannotPay  # Billed again, and forgotten by a restored table.
        return account, invoice

    def _held(self, random: Random, wanted: Callable[[Payment], bool]) -> tuple[Payment, Invoice]:
        """Choose one of the paid payments that are *wanted*, with its invoice as they are now."""
        members = sorted({one.member_id for one in self.invoices})
        accounts = [self.portal.store.account(one) for one in members]
        found = [
            (payment, invoice)
            for account in accounts
            for payment in account.payments.values()
            if payment.state is PaymentState.PAID and wanted(payment)
            if (invoice := account.invoice(payment.invoice_id)) is not None
        ]
        if not found:
            raise CannotPay
        return random.choice(found)

    def _captured(self, order: str) -> bool:
        known = self.gmo.orders.get(order)
        card = known is not None and known.trade is not None and known.trade.status == "CAPTURE"
        return card and known is not None and known.request.pay_type.pay_method == "credit"

    def perform(self, what: str, subject: str, deed: Deed) -> None:
        """Write a deed, and note that it was wished, and once it was answered, promised."""
        self.wished.add((what, subject))
        self.portal.office.perform(deed)
        self.promised.add((what, subject))
