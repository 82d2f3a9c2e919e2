"""What an act of the office leaves behind, word for word: its deed, the order's log, the audit, the
mail. Receipts, reports, ``audit find`` and ``payments show`` are made of nothing else.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.office import Deed, Office, OfficeError, Word
from portal.database import Item
from tests.unit.billing.house import AMOUNT, MEMBER_ID, NOON, TABLES, WORKPLACE, House
from tests.unit.billing.office_desk import (
    CANCEL,
    MONEY,
    RECORD,
    WAIVE,
    WHY,
    Act,
    accept,
    done,
    mismatch,
    office,
    planned,
    with_invoice,
    word,
)

ORDER = "OFF-0123456789ABCDEF"
BY = {"by": "office:山田", "why": WHY}


def named_order(house: House) -> Office:
    """Return the office, whose recorded payments have one known order."""
    return replace(office(house), order_id=lambda: ORDER)


def audited(house: House, action: str) -> Item:
    (row,) = [row for row in house.database.rows(TABLES.audit) if row["action"] == action]
    return row


def logged(house: House, order_id: str, what: str) -> object:
    rows = house.database.rows(TABLES.billing, "EVT#")
    (row,) = [row for row in rows if row["pk"] == f"ORDER#{order_id}" and row["what"] == what]
    return row["data"]


# Money past GMO


def test_recorded_money_is_a_whole_payment_at_noon_of_its_day_in_japan() -> None:
    house = House()
    invoice = house.bill()
    money = replace(MONEY, amount=11_000)
    deed = named_order(house).record(invoice, None, money, word(house))
    named_order(house).perform(deed)
    assert house.payments() == [
        Payment(
            member_id=MEMBER_ID,
            order_id=ORDER,
            invoice_id=invoice.invoice_id,
            method=Method.BANK,
            amount=AMOUNT,
            attempt=1,
            created_at=NOON,
            link_expires_at=NOON,
            term_days=0,
            state=PaymentState.PAID,
            paid_amount=11_000,
            paid_at=datetime(2026, 11, 20, 3, 0, tzinfo=UTC),
            payer_name="山田 花子",
            payer_workplace=WORKPLACE,
        )
    ]
    assert deed.payment == house.payments()[0]


def test_a_recording_tells_log_and_audit_the_order_the_money_and_its_way() -> None:
    house = House()
    invoice = house.bill()
    named_order(house).perform(
        named_order(house).record(invoice, None, replace(MONEY, amount=11_000), word(house))
    )
    facts = {
        "invoice_id": invoice.invoice_id,
        "order_id": ORDER,
        "payment": "paid",
        "method": "bank",
        "amount": AMOUNT,
        "paid_amount": 11_000,
    }
    assert logged(house, ORDER, "recorded") == facts | BY
    row = audited(house, "invoice.recorded")
    assert row["pk"] == MEMBER_ID
    assert row["after"] == facts | {"state": "paid", "live_order": ""}


def test_the_deed_of_a_recording_says_what_will_be_and_which_receipt() -> None:
    house = House()
    invoice = house.bill()
    deed = planned(house, invoice, RECORD)
    assert (deed.invoice.state, deed.invoice.paid_on) == (InvoiceState.PAID, MONEY.paid_on)
    assert deed.payment is not None
    assert (deed.receipt, deed.stopped) == ("2026-001234-1", "")


def test_one_yen_is_money() -> None:
    house = House()
    invoice = house.bill()
    office(house).perform(
        office(house).record(invoice, None, replace(MONEY, amount=1), word(house))
    )
    assert house.payments()[0].paid_amount == 1


# Nothing is owed any more


@pytest.mark.parametrize(
    ("act", "state"), [(WAIVE, InvoiceState.WAIVED), (CANCEL, InvoiceState.CANCELLED)]
)
def test_an_ending_tells_whose_invoice_it_was_before_and_after(
    act: Act, state: InvoiceState
) -> None:
    house = House()
    invoice = house.bill()
    deed = done(house, invoice, act)
    assert (deed.invoice.state, deed.invoice.live_order, deed.stopped) == (state, "", "")
    row = audited(house, f"invoice.{state.value}")
    assert row["pk"] == MEMBER_ID
    told = {"invoice_id": invoice.invoice_id, "live_order": ""}
    assert row["before"] == told | {"state": "unpaid"}
    assert row["after"] == told | {"state": state.value}


@pytest.mark.parametrize("act", [RECORD, WAIVE, CANCEL], ids=["record", "waive", "cancel"])
def test_the_payment_that_is_stopped_is_named(act: Act) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    assert done(house, invoice, act).stopped == payment.order_id
    assert logged(house, payment.order_id, "cancel_wanted") == BY


# About a payment


def paid_by_card(house: House) -> Payment:
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    return house.settle(payment).payment


def set_aside_plan(desk: Office, payment: Payment, invoice: Invoice, why: Word) -> Deed:
    return desk.set_aside(payment, invoice, why)


@pytest.mark.parametrize(
    ("made", "plan", "what", "state"),
    [
        (paid_by_card, Office.refund, "refunded_outside", "refunded"),
        (paid_by_card, Office.ask_again, "ask_wanted", "paid"),
        (lambda house: mismatch(house, house.bill()), Office.set_aside, "set_aside", "paid"),
    ],
    ids=["refund", "ask again", "set aside"],
)
def test_an_act_about_a_payment_tells_log_and_audit_the_same(
    made: Callable[[House], Payment],
    plan: Callable[[Office, Payment, Invoice, Word], Deed],
    what: str,
    state: str,
) -> None:
    house = House()
    payment, invoice = with_invoice(house, made(house))
    deed = plan(office(house), payment, invoice, word(house))
    office(house).perform(deed)
    facts = {
        "order_id": payment.order_id,
        "payment": state,
        "method": "card",
        "amount": AMOUNT,
        "paid_amount": payment.paid_amount,
    }
    assert logged(house, payment.order_id, what) == facts | BY
    row = audited(house, f"payment.{what}")
    assert row["pk"] == MEMBER_ID
    assert isinstance(row["after"], dict)
    assert row["after"].items() >= facts.items()
    after = house.payment(payment)
    assert deed.payment is not None
    assert (deed.payment.order_id, deed.payment.state) == (after.order_id, after.state)
    assert (deed.invoice.invoice_id, deed.invoice.state, deed.invoice.live_order) == (
        invoice.invoice_id,
        house.invoice(invoice).state,
        house.invoice(invoice).live_order,
    )


def test_money_set_aside_holds_the_invoice_no_more() -> None:
    house = House()
    payment, invoice = with_invoice(house, mismatch(house, house.bill()))
    assert office(house).set_aside(payment, invoice, word(house)).invoice.live_order == ""


# Money that is not what was asked for


def mismatch_at_the_store(house: House) -> Payment:
    """Return money that came at a store and is not what was asked for."""
    payment = house.slip()
    house.gmo.deposit(payment.order_id)
    house.gmo.alter(payment.order_id, amount=11_000)
    return house.settle(payment).payment


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda house: mismatch(house, house.bill()), "card_paid"),
        (mismatch_at_the_store, "deposit_paid"),
    ],
    ids=["card", "store"],
)
def test_accepted_money_is_told_to_the_member_by_its_way(
    made: Callable[[House], Payment], kind: str
) -> None:
    house = House()
    payment = made(house)
    before = len(house.mails())
    deed = accept(house, payment)
    assert deed.stopped == ""
    mails = [row for row in house.database.rows(TABLES.outbox) if row["kind"] == kind]
    assert len(house.mails()) == before + 1
    (mail,) = mails
    assert (mail["pk"], mail["member_id"]) == (f"{kind}#{payment.order_id}", MEMBER_ID)
    invoice = house.invoice(deed.invoice)
    assert invoice.paid_on is not None
    assert mail["data"] == {
        "invoice_id": invoice.invoice_id,
        "order_id": payment.order_id,
        "title": "2026年度 年会費",
        "amount": 11_000,
        "paid_on": invoice.paid_on.isoformat(),
    }


def test_one_yen_that_came_can_be_accepted() -> None:
    house = House()
    payment = mismatch(house, house.bill(), amount=1)
    assert house.invoice(accept(house, payment).invoice).state is InvoiceState.PAID


def test_what_changed_meanwhile_is_not_tried_again_without_its_mail() -> None:
    """Only the mail's own refusal leaves the mail out."""
    house = House()
    payment, invoice = with_invoice(house, mismatch(house, house.bill()))
    deed = office(house).accept(payment, invoice, None, word(house))
    office(house).perform(office(house).set_aside(payment, invoice, word(house)))
    house.database.calls.clear()
    with pytest.raises(OfficeError, match="ほかの処理"):
        office(house).perform(deed)
    assert house.database.calls == {"write": 1}
