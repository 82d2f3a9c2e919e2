"""What the tests of the office share: its acts over a house, planned and performed."""

from collections.abc import Callable
from datetime import date

import pytest

from portal.billing.model import Invoice, Method, Payment
from portal.billing.office import Deed, Money, Office, Word
from tests.unit.billing.house import AMOUNT, TABLES, WORKPLACE, House

TODAY = date(2026, 11, 22)
MONEY = Money(Method.BANK, AMOUNT, date(2026, 11, 20), "山田 花子", WORKPLACE)
WHY = "振込を通帳で確認"

type Act = Callable[[Office, Invoice, Payment | None, Word], Deed]

RECORD: Act = lambda office, invoice, live, word: office.record(invoice, live, MONEY, word)  # noqa: E731
WAIVE: Act = lambda office, invoice, live, word: office.waive(invoice, live, word)  # noqa: E731
CANCEL: Act = lambda office, invoice, live, word: office.cancel(invoice, live, word)  # noqa: E731
ACTS = pytest.mark.parametrize("act", [RECORD, WAIVE, CANCEL], ids=["record", "waive", "cancel"])


def office(house: House) -> Office:
    return Office(house.database, house.store, house.society, TABLES.outbox, TABLES.audit)


def word(house: House) -> Word:
    return Word("office:山田", WHY, house.clock())


def planned(house: House, invoice: Invoice, act: Act) -> Deed:
    account = house.account()
    now = account.invoice(invoice.invoice_id)
    assert now is not None
    return act(office(house), now, account.live(now), word(house))


def done(house: House, invoice: Invoice, act: Act) -> Deed:
    deed = planned(house, invoice, act)
    office(house).perform(deed)
    return deed


def rows(house: House) -> list[object]:
    tables = (TABLES.billing, TABLES.audit, TABLES.outbox)
    return [house.database.rows(table) for table in tables]


def mismatch(house: House, invoice: Invoice, amount: int = 11_000) -> Payment:
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=amount)
    return house.settle(payment).payment


def with_invoice(house: House, payment: Payment) -> tuple[Payment, Invoice]:
    account = house.account()
    now = account.payments[payment.order_id]
    invoice = account.invoice(now.invoice_id)
    assert invoice is not None
    return now, invoice


def accept(house: House, payment: Payment) -> Deed:
    now, invoice = with_invoice(house, payment)
    live = house.account().live(invoice)
    deed = office(house).accept(now, invoice, live, word(house))
    office(house).perform(deed)
    return deed


def set_aside(house: House, payment: Payment) -> None:
    desk = office(house)
    desk.perform(desk.set_aside(*with_invoice(house, payment), word(house)))


def refund(house: House, payment: Payment) -> None:
    desk = office(house)
    desk.perform(desk.refund(*with_invoice(house, payment), word(house)))
