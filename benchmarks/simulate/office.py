"""What the office records in the year: transfers, years let off, money given back past GMO."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from portal.billing.account import Account
from portal.billing.model import Invoice, InvoiceState, Method
from portal.billing.office import Money
from portal.clock import jst_date
from portal.gmo.link import Payer
from tests.faults.office import OfficeWorld

PAYER = Payer(name="山田 花子", kana="ヤマダハナコ", phone="09012345678", mail="h@example.jp")
CALLS_OF_A_PRESS = 8


class OfficeOfTheYear(OfficeWorld):
    """An office that acts when members come to it."""

    seen: Counter[str]

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Let something happen at a moment."""
        raise NotImplementedError

    def run(self, calls: int, work: Callable[[], object]) -> None:
        """Run a function, which rarely dies or meets a fault at one of its calls."""
        raise NotImplementedError

    def account(self, member: int) -> Account:
        """Return what the member's page shows."""
        raise NotImplementedError

    def transfer(self, member: int) -> None:
        """Record a bank transfer of today."""
        self._office(member, self._transferred)

    def let_off(self, member: int) -> None:
        """Waive the year."""
        self._office(member, self._waived)

    def pay_out(self, member: int) -> None:
        """Record that the money was given back by bank."""
        self._office(member, self._paid_out)

    def _office(self, member: int, act: Callable[[Account, Invoice], None]) -> None:
        """Act; what was not answered with a yes the office looks at again the next day."""
        before = len(self.promised)

        def work() -> None:
            account = self.portal.store.account(f"{member:026d}")
            act(account, account.invoices[0])

        self.run(CALLS_OF_A_PRESS, work)
        self.seen["acts of the office"] += 1
        again = len(self.promised) == before and self._worth_it(member, act)
        if again:
            self.at(self.clock() + timedelta(days=1), partial(self._office, member, act))

    def _worth_it(self, member: int, act: Callable[[Account, Invoice], None]) -> bool:
        state = self.account(member).invoices[0].state
        wanted = InvoiceState.PAID if act == self._paid_out else InvoiceState.UNPAID
        return state is wanted

    def _transferred(self, account: Account, invoice: Invoice) -> None:
        today = jst_date(self.clock())
        money = Money(Method.BANK, invoice.amount, today, PAYER.name, "")
        deed = self.portal.office.record(invoice, account.live(invoice), money, self.word())
        self.perform("recorded", deed.payment.order_id if deed.payment else "", deed)

    def _waived(self, account: Account, invoice: Invoice) -> None:
        deed = self.portal.office.waive(invoice, account.live(invoice), self.word())
        self.perform("waived", invoice.invoice_id, deed)

    def _paid_out(self, account: Account, invoice: Invoice) -> None:
        paid = account.payments.get(invoice.paid_order)
        if paid is not None:
            deed = self.portal.office.refund(paid, invoice, self.word())
            self.perform("refunded_outside", paid.order_id, deed)
