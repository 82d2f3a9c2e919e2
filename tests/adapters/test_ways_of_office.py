"""What the office does about money, once each from end to end on DynamoDB.

This proves that no transaction has two actions on one item and that DynamoDB takes every
expression; what the acts decide is tested in memory.
"""

from datetime import date

import pytest

from portal.billing import receipts
from portal.billing.bill_again import Bill, BillingAgain
from portal.billing.discrepancies import Discrepancies, NotClosableError
from portal.billing.model import InvoiceState, Method, Payment, PaymentState
from portal.billing.office import Money, Office, OfficeError, Word
from portal.billing.receipts import Addressee
from portal.billing.reconcile import Reconciling
from portal.billing.reissue_receipt import Named, Renaming, standing_receipt
from portal.billing.replay import NotReplayableError, Replay
from portal.config import load_society
from portal.database import Delete, Item
from tests.adapters.house import TABLES, Dynamo
from tests.adapters.test_ways_of_payments import MEMBER_ID, Desk

MONEY = Money(Method.CASH, 12_000, date(2026, 11, 20), "山田 花子", "中野病院")


@pytest.fixture
def desk(aws: Dynamo) -> Desk:
    return Desk(aws)


def office(desk: Desk) -> Office:
    society = load_society()
    return Office(desk.aws.database, desk.store, society, TABLES.outbox, TABLES.audit)


def tasks(desk: Desk) -> Discrepancies:
    return Discrepancies(desk.aws.database, desk.store, TABLES.audit)


def word(desk: Desk) -> Word:
    return Word("office:山田", "電話で確認", desk.clock())


def mismatch(desk: Desk) -> Payment:
    payment = desk.decide(desk.bill(), Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    desk.gmo.alter(payment.order_id, amount=11_000)
    return desk.settlement.settle(payment.order_id).payment


def test_recorded_money_stops_the_open_link_and_can_be_given_back(desk: Desk) -> None:
    invoice = desk.bill()
    link = desk.decide(invoice, Method.CARD)
    act = office(desk)
    deed = act.record(desk.now(invoice), link, MONEY, word(desk))
    act.perform(deed)
    with pytest.raises(OfficeError):
        act.perform(deed)
    desk.task("ask")
    payments = desk.store.account(MEMBER_ID).payments
    assert payments[link.order_id].state is PaymentState.CANCELLED
    assert deed.payment is not None
    assert payments[deed.payment.order_id].method is Method.CASH
    assert receipts.parse(receipt(desk)).method == "cash"
    act.perform(act.refund(payments[deed.payment.order_id], desk.now(invoice), word(desk)))
    assert desk.now(invoice).state is InvoiceState.REFUNDED


def receipt(desk: Desk) -> Item:
    (row,) = desk.store.account(MEMBER_ID).receipts.values()
    return row


def test_an_invoice_is_waived_and_another_cancelled(desk: Desk) -> None:
    waived, cancelled = desk.bill(2025), desk.bill(2026)
    act = office(desk)
    act.perform(act.waive(waived, None, word(desk)))
    act.perform(act.cancel(cancelled, None, word(desk)))
    assert desk.now(waived).state is InvoiceState.WAIVED
    assert desk.now(cancelled).state is InvoiceState.CANCELLED


def test_a_cancelled_year_is_billed_again_once(desk: Desk) -> None:
    old = desk.bill()
    act = office(desk)
    act.perform(act.cancel(old, None, word(desk)))
    again = BillingAgain(desk.store, TABLES.audit)
    bill = Bill(old.amount, old.due_on, old.closes_on)
    account, now = desk.store.account(MEMBER_ID), desk.now(old)
    first, second = (again.plan(account, now, bill, word(desk)) for _ in range(2))
    act.perform(first)
    with pytest.raises(OfficeError):
        act.perform(second)
    assert desk.store.billed_by(MEMBER_ID, old.fiscal_year) == first.invoice.invoice_id
    assert sorted(one.state for one in desk.store.account(MEMBER_ID).invoices) == [
        InvoiceState.CANCELLED,
        InvoiceState.UNPAID,
    ]


def test_odd_money_is_set_aside_then_accepted_and_its_task_closed(desk: Desk) -> None:
    payment = mismatch(desk)
    (invoice,) = desk.store.account(MEMBER_ID).invoices
    (task,) = tasks(desk).listed()
    with pytest.raises(NotClosableError):
        tasks(desk).close(task, actor="office:山田", reason="済", now=desk.clock())
    act = office(desk)
    act.perform(act.set_aside(payment, invoice, word(desk)))
    after = desk.store.account(MEMBER_ID).payments[payment.order_id]
    act.perform(act.accept(after, desk.now(invoice), None, word(desk)))
    assert desk.now(invoice).paid_order == payment.order_id
    assert desk.mails() == ["card_paid"]
    tasks(desk).close(task, actor="office:山田", reason="済", now=desk.clock())
    assert tasks(desk).listed() == []
    assert [one.closed_why for one in tasks(desk).listed(done=True)] == ["済"]
    desk.aws.database.commit(desk.store.discrepancy("mismatch", task.subject, desk.clock(), {}))
    (again,) = tasks(desk).listed()
    assert (again.times, again.reopened, again.found_at) == (2, True, task.found_at)


def test_a_claim_that_was_given_up_is_replayed(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CARD)
    desk.gmo.decline_card(payment.order_id)
    desk.notify(payment.order_id, Status="CAPTURE", ErrCode="", ErrInfo="")
    for _ in range(5):
        desk.clock.tick(hours=1, minutes=1)
        desk.task("sweep")
    replay = Replay(desk.aws.database, desk.inbox, tasks(desk), TABLES.audit)
    (one,) = replay.failed()
    desk.gmo.pay_card(payment.order_id)
    replay.again(one, actor="office:山田", reason="", now=desk.clock())
    desk.task("sweep")
    assert desk.now(invoice).state is InvoiceState.PAID
    assert desk.pending() == 0
    desk.aws.database.commit(Delete(TABLES.inbox, {"pk": one.delivery.inbox_id}))
    with pytest.raises(NotReplayableError):
        replay.again(one, actor="office:山田", reason="", now=desk.clock())


def test_a_receipt_gets_another_name_and_number_once(desk: Desk) -> None:
    invoice = desk.bill()
    act = office(desk)
    act.perform(act.record(invoice, None, MONEY, word(desk)))
    paid = desk.now(invoice)
    old = standing_receipt(desk.store.account(MEMBER_ID), paid)
    renaming = Renaming(desk.store, load_society(), TABLES.audit)
    workplace = Named(Addressee.WORKPLACE, "中野病院")
    (new, first), (_, second) = (renaming.plan(paid, old, workplace, word(desk)) for _ in range(2))
    act.perform(first)
    with pytest.raises(OfficeError):
        act.perform(second)
    assert receipts.parse(receipt(desk)) == new
    assert (new.number, new.replaces) == ("2026-001234-2", old.number)
    assert desk.now(invoice).attempts == 2
    third = Named(Addressee.SELF, "鈴木 花子")
    _, deed = renaming.plan(desk.now(invoice), new, third, word(desk))
    act.perform(deed)
    assert deed.receipt == "2026-001234-3"


def test_gmo_is_asked_because_the_office_wants_it(desk: Desk) -> None:
    payment = desk.decide(desk.bill(), Method.CARD)
    desk.clock.tick(hours=2)
    desk.task("ask")
    desk.gmo.pay_card(payment.order_id)
    reconciling = Reconciling(desk.aws.database, desk.store, TABLES.audit)
    now = desk.store.account(MEMBER_ID).payments[payment.order_id]
    assert reconciling.ask(now, desk.clock(), word(desk))
    desk.task("ask")
    assert desk.store.account(MEMBER_ID).payments[payment.order_id].state is PaymentState.PAID
    assert not reconciling.ask(now, desk.clock(), word(desk))


def test_all_that_an_order_is_part_of_is_read_at_once(desk: Desk) -> None:
    payment = mismatch(desk)
    (task,) = tasks(desk).about(payment.order_id)
    assert task.ident == f"mismatch#{payment.order_id}"
