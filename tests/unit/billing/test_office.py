"""What the office records: money past GMO, waivers, cancellations."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.billing.model import (
    Flag,
    InvoiceState,
    Method,
    PaymentState,
    Standing,
)
from portal.billing.office import ORDER_PREFIX, Money, OfficeError
from tests.unit.billing.house import AMOUNT, NOON, TABLES, WORKPLACE, House
from tests.unit.billing.office_desk import (
    ACTS,
    CANCEL,
    MONEY,
    RECORD,
    TODAY,
    WAIVE,
    WHY,
    Act,
    done,
    mismatch,
    office,
    planned,
    rows,
    word,
)

# What is refused


@ACTS
@pytest.mark.parametrize("state", [one for one in InvoiceState if one is not InvoiceState.UNPAID])
def test_only_an_unpaid_invoice_is_paid_waived_or_cancelled(act: Act, state: InvoiceState) -> None:
    house = House()
    invoice = house.bill()
    house.database.commit(house.store.changed_invoice(invoice, replace(invoice, state=state)))
    before = rows(house)
    with pytest.raises(OfficeError, match="未払いの請求ではありません"):
        done(house, invoice, act)
    assert rows(house) == before


@ACTS
def test_money_that_waits_to_be_looked_at_is_looked_at_first(act: Act) -> None:
    """Else the invoice would be waived while the member's money lies with us."""
    house = House()
    invoice = house.bill()
    mismatch(house, invoice)
    with pytest.raises(OfficeError, match="payments accept"):
        done(house, invoice, act)


@pytest.mark.parametrize(
    "money",
    [
        replace(MONEY, amount=0),
        replace(MONEY, amount=-1),
        replace(MONEY, paid_on=TODAY + timedelta(days=1)),
        replace(MONEY, method=Method.CARD),
        replace(MONEY, method=Method.CVS),
    ],
    ids=["nothing", "less than nothing", "tomorrow", "card", "store"],
)
def test_money_that_cannot_have_come_past_gmo_is_not_recorded(money: Money) -> None:
    house = House()
    invoice = house.bill()
    with pytest.raises(OfficeError):
        office(house).record(invoice, None, money, word(house))


@ACTS
def test_a_plan_writes_nothing(act: Act) -> None:
    house = House()
    invoice = house.bill()
    before = rows(house)
    planned(house, invoice, act)
    assert rows(house) == before


@ACTS
def test_what_changed_since_it_was_planned_is_refused_whole(act: Act) -> None:
    """Seen red without the version in changed_invoice()."""
    house = House()
    invoice = house.bill()
    deed = planned(house, invoice, act)
    house.card(invoice)
    before = rows(house)
    with pytest.raises(OfficeError, match="ほかの処理"):
        office(house).perform(deed)
    assert rows(house) == before


@ACTS
def test_a_payment_that_was_paid_since_it_was_planned_is_not_run_over(act: Act) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    deed = planned(house, invoice, act)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    with pytest.raises(OfficeError):
        office(house).perform(deed)
    assert house.invoice(invoice).paid_order == payment.order_id


def test_the_same_deed_is_not_done_twice() -> None:
    house = House()
    invoice = house.bill()
    deed = done(house, invoice, RECORD)
    with pytest.raises(OfficeError):
        office(house).perform(deed)
    assert len(house.payments()) == 1


# A bank transfer, or cash


@pytest.mark.parametrize(("method", "words"), [(Method.BANK, "銀行振込"), (Method.CASH, "現金")])
def test_recorded_money_pays_the_invoice_and_gets_a_receipt(method: Method, words: str) -> None:
    from portal.billing.receipts import METHOD_WORDS

    house = House()
    invoice = house.bill()
    money = replace(MONEY, method=method)
    done(house, invoice, lambda desk, now, live, why: desk.record(now, live, money, why))
    paid = house.invoice(invoice)
    assert (paid.state, paid.paid_on, paid.attempts) == (InvoiceState.PAID, MONEY.paid_on, 1)
    (payment,) = house.payments()
    assert (paid.paid_order, payment.state) == (payment.order_id, PaymentState.PAID)
    assert (payment.method, payment.paid_amount) == (method, AMOUNT)
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert (receipt.number, receipt.amount) == ("2026-001234-1", AMOUNT)
    assert (receipt.received_on, receipt.issued_on) == (MONEY.paid_on, TODAY)
    assert (receipt.name, receipt.workplace) == ("山田 花子", WORKPLACE)
    assert METHOD_WORDS[receipt.method] == words


def test_recorded_money_is_one_transaction_with_its_audit_and_log() -> None:
    house = House()
    invoice = house.bill()
    house.database.commits.clear()
    deed = done(house, invoice, RECORD)
    assert len(house.database.commits) == 1
    assert deed.payment is not None
    assert house.events(deed.payment) == ["recorded"]
    (told,) = (row for row in house.database.rows(TABLES.audit) if row["note"] == WHY)
    assert (told["actor"], told["action"]) == ("office:山田", "invoice.recorded")
    assert told["before"] == {
        "invoice_id": invoice.invoice_id,
        "state": "unpaid",
        "live_order": "",
    }


def test_a_recorded_attempt_is_counted_so_that_no_receipt_number_comes_twice() -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    house.gmo.expire_slip(payment.order_id)
    house.settle(payment)
    done(house, invoice, RECORD)
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert receipt.number == "2026-001234-2"


def test_nobody_ever_asks_gmo_about_recorded_money() -> None:
    """Not the schedule, and not whoever forges a notification of its order."""
    house = House()
    deed = done(house, house.bill(), RECORD)
    assert deed.payment is not None
    order = deed.payment.order_id
    assert order.startswith(ORDER_PREFIX)
    house.clock.tick(days=40)
    assert house.ask()["asked"] == 0
    house.knock(f"ShopID=tshop00000000&OrderID={order}&Status=RETURN&PayType=0".encode())
    house.stream()
    assert house.pending() == []
    assert house.gmo.calls == []
    assert house.payment(deed.payment).state is PaymentState.PAID


# A payment at GMO that is still open


@ACTS
def test_an_open_link_is_stopped_at_gmo_by_the_schedule(act: Act) -> None:
    """Seen red without the mark: the member could pay what is paid or let off."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    deed = done(house, invoice, act)
    assert deed.stopped == payment.order_id
    assert house.payment(payment).cancel_wanted
    assert house.invoice(invoice).live_order == ""
    house.ask()
    assert house.payment(payment).state is PaymentState.CANCELLED
    assert not house.gmo.payable(payment.order_id)
    assert "cancel_wanted" in house.events(payment)


@ACTS
def test_an_open_slip_is_stopped_at_gmo_by_the_schedule(act: Act) -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    done(house, invoice, act)
    house.ask()
    assert house.payment(payment).state is PaymentState.CANCELLED


@ACTS
def test_money_that_comes_all_the_same_is_a_surplus(act: Act) -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    done(house, invoice, act)
    after, receipt = house.invoice(invoice), house.receipt(invoice)
    house.gmo.deposit(payment.order_id)
    house.ask()
    assert house.payment(payment).flag is Flag.SURPLUS
    assert (house.invoice(invoice), house.receipt(invoice)) == (after, receipt)
    (found,) = house.discrepancies()
    assert found["kind"] == "surplus"


@ACTS
def test_a_link_on_its_way_from_gmo_is_dropped_unseen(act: Act) -> None:
    """決定 had written its row when the office was quicker."""
    house = House()
    invoice = house.bill()
    house.database.before_commit = [lambda: None, lambda: done(house, invoice, act)]
    house.decide(invoice)
    payment = next(one for one in house.payments() if one.method is Method.CARD)
    assert (payment.state, payment.link_url) == (PaymentState.CREATED, "")
    house.clock.tick(minutes=2)
    house.ask()
    assert house.payment(payment).state is PaymentState.ABANDONED


# Waiving and cancelling


@pytest.mark.parametrize(
    ("act", "state"),
    [(WAIVE, InvoiceState.WAIVED), (CANCEL, InvoiceState.CANCELLED)],
    ids=["waive", "cancel"],
)
def test_an_ended_invoice_says_so_and_tells_the_audit(act: Act, state: InvoiceState) -> None:
    house = House()
    invoice = house.bill()
    done(house, invoice, act)
    assert house.invoice(invoice).state is state
    assert house.receipt(invoice) is None
    assert f"invoice.{state.value}" in [row["action"] for row in house.database.rows(TABLES.audit)]
    house.decide(house.bill(2025))
    assert [payment.method for payment in house.payments()] == [Method.CARD]


def test_a_member_reads_what_the_office_recorded() -> None:
    from functions.billing.view import invoice_view

    house = House()
    invoice = house.bill()
    house.slip(invoice)
    done(house, invoice, RECORD)
    view = invoice_view(house.account(), house.invoice(invoice), NOON)
    assert (view.standing, view.method, view.receipt is not None) == (
        Standing.PAID,
        "銀行振込",
        True,
    )
