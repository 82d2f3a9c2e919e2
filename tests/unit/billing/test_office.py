"""What the office records: money past GMO, waivers, cancellations, refunds, odd payments."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.billing.model import (
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Standing,
)
from portal.billing.office import ORDER_PREFIX, Deed, Money, Office, OfficeError, Word
from tests.unit.billing.house import AMOUNT, NOON, TABLES, WORKPLACE, House

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
    with pytest.raises(OfficeError, match="accept-payment"):
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


# Refunds


def test_a_refund_past_gmo_voids_the_receipt_and_asks_no_more() -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    house.gmo.deposit(payment.order_id)
    house.settle(payment)
    refund(house, payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED
    after = house.payment(payment)
    assert (after.state, after.next_ask_at) == (PaymentState.REFUNDED, None)
    assert "refunded_outside" in house.events(payment)
    house.clock.tick(days=40)
    assert house.ask()["asked"] == 0
    assert house.settle(payment).payment.state is PaymentState.REFUNDED
    assert house.discrepancies() == []


def test_recorded_money_can_be_given_back() -> None:
    house = House()
    invoice = house.bill()
    deed = done(house, invoice, RECORD)
    assert deed.payment is not None
    refund(house, deed.payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_a_refund_of_a_surplus_leaves_the_paid_invoice_alone() -> None:
    house = House()
    invoice = house.bill()
    late = house.slip(invoice)
    done(house, invoice, RECORD)
    house.gmo.deposit(late.order_id)
    house.settle(late)
    before = house.invoice(invoice)
    refund(house, late)
    assert house.invoice(invoice) == before
    assert house.payment(late).state is PaymentState.REFUNDED


def test_a_refund_of_a_mismatch_frees_the_invoice() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    refund(house, payment)
    now = house.invoice(invoice)
    assert (now.state, now.live_order) == (InvoiceState.UNPAID, "")


@pytest.mark.parametrize("state", [one for one in PaymentState if one is not PaymentState.PAID])
def test_what_was_never_paid_is_not_given_back(state: PaymentState) -> None:
    house = House()
    payment, invoice = with_invoice(house, house.card())
    with pytest.raises(OfficeError, match="入金済"):
        office(house).refund(replace(payment, state=state), invoice, word(house))


def test_a_refund_made_at_gmo_long_ago_is_seen_once_the_office_has_it_asked() -> None:
    """After 35 days nobody asks any more."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    for days in (2, 40):
        house.clock.tick(days=days)
        house.ask()
    house.gmo.refund(payment.order_id)
    assert house.ask()["asked"] == 0
    desk = office(house)
    desk.perform(desk.ask_again(*with_invoice(house, payment), word(house)))
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_gmo_is_not_asked_about_recorded_money_not_even_on_wish() -> None:
    house = House()
    deed = done(house, house.bill(), RECORD)
    assert deed.payment is not None
    with pytest.raises(OfficeError, match="GMO"):
        office(house).ask_again(*with_invoice(house, deed.payment), word(house))


# Money that is not what was asked for


def test_accepted_money_pays_the_invoice_with_its_actual_amount() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    deed = accept(house, payment)
    paid = house.invoice(invoice)
    assert (paid.state, paid.paid_order, paid.live_order) == (
        InvoiceState.PAID,
        payment.order_id,
        "",
    )
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert (receipt.amount, receipt.number, receipt.method) == (11_000, deed.receipt, "card")
    assert house.payment(payment).flag is None
    assert "accepted" in house.events(payment)
    (mail,) = house.database.rows(TABLES.outbox)
    assert mail["pk"] == f"card_paid#{payment.order_id}"
    assert isinstance(mail["data"], dict)
    assert mail["data"]["amount"] == 11_000


def test_accepted_money_that_is_given_back_at_gmo_is_seen() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    accept(house, payment)
    house.gmo.refund(payment.order_id)
    house.settle(payment)
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_money_is_accepted_once() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    accept(house, payment)
    with pytest.raises(OfficeError, match="mismatch"):
        accept(house, payment)


def test_a_surplus_is_no_mismatch_to_accept() -> None:
    house = House()
    invoice = house.bill()
    payment = house.slip(invoice)
    done(house, invoice, WAIVE)
    house.gmo.deposit(payment.order_id)
    house.settle(payment)
    with pytest.raises(OfficeError, match="mismatch"):
        accept(house, payment)


def test_nothing_is_not_accepted_for_money() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice, amount=0)
    with pytest.raises(OfficeError, match="金額"):
        accept(house, payment)


def test_money_set_aside_lets_the_member_pay_again() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    set_aside(house, payment)
    assert house.invoice(invoice).live_order == ""
    after = house.payment(payment)
    assert (after.state, after.flag) == (PaymentState.PAID, Flag.MISMATCH)
    fresh = house.again(invoice)
    assert fresh.order_id != payment.order_id
    assert "set_aside" in house.events(payment)


def test_money_is_set_aside_once() -> None:
    house = House()
    payment = mismatch(house, house.bill())
    set_aside(house, payment)
    with pytest.raises(OfficeError, match="止めていません"):
        set_aside(house, payment)


def test_money_set_aside_and_accepted_after_all_stops_the_payment_begun_meanwhile() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    set_aside(house, payment)
    fresh = house.again(invoice)
    deed = accept(house, payment)
    assert deed.stopped == fresh.order_id
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert house.invoice(invoice).paid_order == payment.order_id


def test_a_mail_of_a_forgotten_past_does_not_keep_money_from_being_accepted() -> None:
    house = House()
    invoice = house.bill()
    payment = mismatch(house, invoice)
    now, current = with_invoice(house, payment)
    desk = office(house)
    deed = desk.accept(now, current, None, word(house))
    house.database.commit(*deed.along)
    desk.perform(deed)
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert len(house.mails()) == 1


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
