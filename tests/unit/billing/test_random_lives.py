"""Random lives of one member's payments: whatever happens in whatever order, no yen is lost.

Each seed is one life of 60 steps: presses, payers, stores, notifications forged, doubled and lost,
GMO and DynamoDB failing, somebody else settling in between. Then the faults end, the schedule runs,
and the portal must say what is true at GMO. Seen red by letting ``again`` open a payment beside a
live one, by booking without the versions, and by asking dead payments no more.
"""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from portal.billing.model import LIVE, RANK, Invoice, InvoiceState, Method, PaymentState
from portal.billing.open_payment import PaymentError
from portal.database import Contended, DatabaseError, Unreachable
from portal.gmo.errors import GmoError
from tests.fake_gmo import CannotPay, Fault
from tests.unit.billing.house import House

STEPS = 60
SEEDS = range(100)
ANSWERED = (PaymentError, GmoError, DatabaseError, CannotPay)


class Life:
    """A house with two invoices and the random things that may happen to it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.house = House()
        self.invoices = [self.house.bill(year) for year in (2025, 2026)]
        self.ranks: dict[str, int] = {}
        self.steps: list[Callable[[], object]] = [
            self.decide,
            self.again,
            self.pay,
            self.pay,
            self.fail_on_the_page,
            self.store,
            self.notify,
            self.forge,
            self.deliver,
            self.ask,
            self.wait,
            self.gmo_trouble,
            self.database_trouble,
            self.interleave,
        ]

    def step(self) -> None:
        """Let one thing happen; what it raises is what a page or a function would answer."""
        with suppress(*ANSWERED):
            self.random.choice(self.steps)()
        self.check()

    def check(self) -> None:
        """What holds at every moment: no rank falls, and one live payment is not to be stopped."""
        account = self.house.account()
        for order, payment in account.payments.items():
            assert RANK[payment.state] >= self.ranks.get(order, 0)
            self.ranks[order] = RANK[payment.state]
        for invoice in account.invoices:
            live = [
                one.order_id
                for one in account.payments.values()
                if one.invoice_id == invoice.invoice_id
                and one.state in LIVE
                and not one.cancel_wanted
            ]
            expected = [invoice.live_order] if live else []
            assert live == (expected if invoice.state is InvoiceState.UNPAID else [])

    def any_invoice(self) -> Invoice:
        return self.random.choice(self.invoices)

    def any_order(self) -> str:
        known = [one for one in self.house.payments() if one.link_url]
        if not known:
            raise CannotPay
        # Order ids are random; a life with the same seed must choose the same payment.
        years = [invoice.invoice_id for invoice in self.invoices]
        known.sort(key=lambda one: (years.index(one.invoice_id), one.attempt))
        return self.random.choice(known).order_id

    def decide(self) -> None:
        self.house.decide(self.any_invoice(), self.random.choice(list(Method)))

    def again(self) -> None:
        self.house.again(self.any_invoice())

    def pay(self) -> None:
        order = self.any_order()
        way = self.house.gmo.orders[order].request.pay_type.pay_method
        overrun = self.random.random() < 0.2
        if way == "credit":
            self.house.gmo.pay_card(order, overrun=overrun)
        else:
            self.house.gmo.issue_slip(order)

    def fail_on_the_page(self) -> None:
        order = self.any_order()
        result = self.random.choice(["ERROR", "PAYSTART", "EXPIRED", "PAYSUCCESS"])
        self.house.come_back(self.house.account().payments[order], result)

    def store(self) -> None:
        trade = self.house.gmo.orders[order := self.any_order()].trade
        if trade is not None and trade.status == "REQSUCCESS":
            self.random.choice([self.house.gmo.deposit, self.house.gmo.expire_slip])(order)
        elif trade is not None and trade.status == "EXPIRED":
            self.house.gmo.deposit(order, late=True)

    def notify(self) -> None:
        order = self.any_order()
        if self.house.gmo.orders[order].trade is not None:
            for _ in range(self.random.randint(1, 2)):
                self.house.notify(order)

    def forge(self) -> None:
        order = self.any_order()
        status = self.random.choice(["CAPTURE", "PAYSUCCESS", "EXPIRED", "RETURN"])
        self.house.knock(f"ShopID=tshop00000000&OrderID={order}&Status={status}".encode())

    def deliver(self) -> None:
        self.house.sweep()

    def ask(self) -> None:
        self.house.ask()

    def wait(self) -> None:
        self.house.clock.tick(minutes=self.random.choice([1, 2, 10, 60, 24 * 60, 5 * 24 * 60]))

    def gmo_trouble(self) -> None:
        call = self.random.choice(["issue_link", "reject_link", "search", "cancel_slip"])
        self.house.gmo.fail(call, self.random.choice([Fault.DOWN, Fault.TIMEOUT, Fault.BUSY]))

    def database_trouble(self) -> None:
        error = self.random.choice([Contended(), Unreachable("down")])
        self.house.database.fail_next.append(("write", error))

    def interleave(self) -> None:
        """Somebody else settles or presses just before the next write."""
        self.house.database.before_commit.append(self.somebody)

    def somebody(self) -> None:
        with suppress(*ANSWERED):
            self.random.choice([self.ask, self.again, self.pay])()

    def recover(self) -> None:
        """All faults end, and time passes until nothing can change any more."""
        self.house.gmo.faults.clear()
        self.house.database.fail_next.clear()
        self.house.database.before_commit.clear()
        for _ in range(100):
            self.house.sweep()
            self.house.ask()
            self.check()
            self.end_slips()
            self.house.clock.tick(hours=12)

    def end_slips(self) -> None:
        """GMO's nightly run ends slips whose term has passed."""
        for order, found in self.house.gmo.orders.items():
            term = found.trade.payment_term if found.trade and found.trade.slip_open else None
            if term and self.house.clock() > term:
                self.house.gmo.expire_slip(order)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_any_life_the_portal_says_what_is_true_at_gmo(seed: int) -> None:
    life = Life(seed)
    for _ in range(STEPS):
        life.step()
    life.recover()
    house = life.house
    payments = house.account().payments
    truth = {order for order in house.gmo.orders if house.gmo.paid(order)}
    assert {order for order, one in payments.items() if one.state is PaymentState.PAID} == truth
    assert not any(one.state in LIVE for one in payments.values())
    booked = Counter(one.invoice_id for o, one in payments.items() if o in truth and not one.flag)
    for invoice in house.account().invoices:
        assert booked[invoice.invoice_id] == int(invoice.state is InvoiceState.PAID)
        receipt = house.receipt(invoice)
        assert (receipt.order_id if receipt else "") == invoice.paid_order
    told = [mail for mail in house.mails() if not mail.startswith("slip")]
    assert len(told) == sum(booked.values())
    assert house.pending() == []
