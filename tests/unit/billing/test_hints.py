"""Deliveries at the door, and what is made of them: a hint never books anything by itself.

Seen red by marking a payment from the notification's Status, by taking a delivery off the list
without GMO's confirmation, and by raising when GMO is silent.
"""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.billing.inbox import delivery
from portal.billing.model import InvoiceState, Method, PaymentState
from portal.clock import epoch, parse_iso
from portal.database import Item
from tests.fake_gmo import SHOP_ID, Fault
from tests.unit.billing.house import TABLES, House

UNKNOWN = "D26-ZZZZZZZZZZZZZZZZ"


def forged(order_id: str, status: str = "CAPTURE", **more: str) -> bytes:
    fields = {
        "ShopID": SHOP_ID,
        "OrderID": order_id,
        "Status": status,
        "Amount": "12000",
        "Tax": "0",
        "Currency": "JPN",
        "PayType": "0",
    }
    return urlencode(fields | more).encode()


def only_row(house: House) -> Item:
    (row,) = house.database.rows(TABLES.inbox)
    return row


# Applying


def test_a_notification_has_gmo_asked_and_its_answer_booked() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.pending() == []
    row = only_row(house)
    assert row["ttl"] == epoch(house.clock() + timedelta(days=400))
    assert (row["outcome"], row["tries"], "waiting_for" in row) == ("applied", 0, False)


def test_a_delivery_leaves_the_list_in_the_transaction_that_applied_it() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert [write.table for write in house.database.commits[-1]].count(TABLES.inbox) == 1


def test_a_forged_success_books_nothing() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.knock(forged(payment.order_id))
    house.stream()
    assert house.payment(payment).state is PaymentState.LINKED
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert (house.mails(), house.receipt(invoice)) == ([], None)


@pytest.mark.parametrize(
    ("status", "extra"),
    [
        ("CAPTURE", {}),
        ("SALES", {}),
        ("PAYSUCCESS", {"PayType": "3"}),
        ("REQSUCCESS", {"PayType": "3"}),
        ("EXPIRED", {"PayType": "3"}),
        ("CANCEL", {"PayType": "3"}),
        ("VOID", {}),
        ("RETURN", {}),
        ("RETURNX", {}),
        ("CANCEL", {}),
        ("UNPROCESSED", {"ShopID": "tshop99999999"}),
    ],
)
def test_a_claim_gmo_does_not_confirm_is_asked_again_and_then_one_task(
    status: str, extra: dict[str, str]
) -> None:
    """After 1, 10 and 60 minutes; then it is off the list and the office has one task."""
    house = House()
    payment = house.card()
    house.knock(forged(payment.order_id, status, **extra))
    house.stream()
    for wait in (1, 10, 60):
        assert len(house.pending()) == 1
        house.clock.tick(minutes=wait, seconds=-1)
        assert house.sweep()["done"] == 0
        house.clock.tick(seconds=1)
        assert house.sweep()["done"] == 1
    assert house.pending() == []
    (found,) = house.discrepancies()
    kind = "other_shop" if "ShopID" in extra else "unconfirmed"
    assert (found["kind"], found["subject"]) == (kind, payment.order_id)
    assert house.payment(payment).state is PaymentState.LINKED


def test_more_forgeries_of_one_order_raise_the_counter_of_one_task() -> None:
    house = House()
    payment = house.card()
    for _ in range(3):
        house.knock(forged(payment.order_id))
    house.stream()
    for wait in (1, 10, 60):
        house.clock.tick(minutes=wait)
        house.sweep()
    (found,) = house.discrepancies()
    assert found["times"] == 3


def test_a_delivery_taken_twice_is_counted_once() -> None:
    """The index is a moment late, so that the sweep may meet what the stream just did."""
    house = House()
    house.knock(forged(UNKNOWN, ShopID="tshop99999999"))
    (row,) = house.pending()
    house.hints.apply(delivery(row))
    house.hints.apply(delivery(row))
    (found,) = house.discrepancies()
    assert found["times"] == 1


def test_a_claim_that_gmo_confirms_late_is_booked_and_no_task() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.knock(forged(payment.order_id))
    house.stream()
    house.gmo.pay_card(payment.order_id)
    house.clock.tick(minutes=1)
    house.sweep()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.pending() == []
    assert house.discrepancies() == []


def test_a_cards_cancel_is_not_confirmed_by_an_answer_that_still_says_captured() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.clock.tick(days=40)
    house.knock(forged(payment.order_id, "CANCEL"))
    house.stream()
    house.gmo.refund(payment.order_id, "CANCEL")
    house.clock.tick(minutes=1)
    house.sweep()
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


@pytest.mark.parametrize(
    "change",
    [
        {"Amount": "1"},
        {"Tax": "999"},
        {"Currency": "USD"},
        {"AccessID": "f" * 32},
        {"PayType": "3"},
    ],
    ids=str,
)
def test_what_a_notification_says_of_the_money_is_never_used(change: dict[str, str]) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id, **change)
    house.stream()
    assert house.payment(payment).paid_amount == invoice.amount
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_a_notification_for_another_members_order_settles_only_that_order() -> None:
    house = House()
    mine, other = house.bill(2025), house.bill(2026)
    first, second = house.card(mine), house.card(other)
    house.gmo.pay_card(second.order_id)
    house.notify(second.order_id, OrderID=first.order_id)
    house.stream()
    assert house.invoice(mine).state is InvoiceState.UNPAID
    assert house.invoice(other).state is InvoiceState.UNPAID
    assert house.payment(first).state is PaymentState.LINKED


def test_a_decline_is_kept_in_the_orders_log_and_changes_no_state() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert house.payment(payment).state is PaymentState.LINKED
    assert house.events(payment) == ["declined"]
    assert house.pending() == []


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 1, 0, 2, 2], [2, 2, 2]])
def test_duplicates_and_any_order_of_notifications_end_in_the_same_state(order: list[int]) -> None:
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, Method.CVS)
    house.gmo.issue_slip(payment.order_id)
    bodies = [house.gmo.notification(payment.order_id)]
    house.gmo.expire_slip(payment.order_id)
    bodies.append(house.gmo.notification(payment.order_id))
    house.gmo.deposit(payment.order_id, late=True)
    bodies.append(house.gmo.notification(payment.order_id))
    for number in order:
        house.knock(bodies[number])
        house.stream()
    assert house.payment(payment).state is PaymentState.PAID
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.mails() == [f"deposit_paid#{payment.order_id}"]
    assert house.pending() == []


def test_a_notification_of_years_ago_changes_nothing() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    old = house.gmo.notification(slip.order_id)
    house.gmo.deposit(slip.order_id)
    house.settle(slip)
    house.clock.tick(days=1000)
    house.knock(old)
    house.stream()
    assert house.payment(slip).state is PaymentState.PAID
    assert house.invoice(invoice).paid_order == slip.order_id
    assert house.discrepancies() == []


# Orders nobody knows


def asked_to_the_end(house: House) -> None:
    """GMO's search may be behind: what looks like an order of ours is asked for four times."""
    house.stream()
    for minutes in (1, 10, 60):
        assert house.pending()
        house.clock.tick(minutes=minutes)
        house.sweep()
    assert not house.pending()


def test_unknown_orders_are_one_task_a_day_with_a_count() -> None:
    house = House()
    for number in range(5):
        house.knock(forged(f"D26-{number:016d}"))
    asked_to_the_end(house)
    (found,) = house.discrepancies()
    assert (found["kind"], found["subject"], found["times"]) == ("unknown_order", "2026-11-22", 5)
    house.clock.tick(hours=12)  # The next day in Japan.
    house.knock(forged(UNKNOWN))
    asked_to_the_end(house)
    assert [one["subject"] for one in house.discrepancies()] == ["2026-11-22", "2026-11-23"]


def test_an_unknown_order_is_kept_for_thirty_days() -> None:
    house = House()
    came = house.clock()
    house.knock(forged(UNKNOWN))
    asked_to_the_end(house)
    row = only_row(house)
    assert row["outcome"] == "unknown order"
    assert row["ttl"] == epoch(came + timedelta(days=30))


@pytest.mark.parametrize("order_id", ["D2026-000123-1", "x", "D26-lowercaselowerca"])
def test_an_order_that_cannot_be_ours_is_not_even_asked_for(order_id: str) -> None:
    house = House()
    house.knock(forged(order_id))
    house.stream()
    assert house.gmo.calls == []
    assert house.pending() == []


# GMO or the database is silent


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.BUSY, Fault.REFUSED])
def test_a_silent_gmo_postpones_a_delivery_and_loses_nothing(fault: Fault) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.gmo.fail("search", fault)
    house.stream()
    (row,) = house.pending()
    assert parse_iso(str(row["due_at"])) == house.clock() + timedelta(minutes=1)
    assert row["tries"] == 0
    house.clock.tick(minutes=1)
    house.sweep()
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_a_day_without_gmo_never_turns_a_hint_into_a_task() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.gmo.down.add("search")
    for _ in range(48):
        house.clock.tick(minutes=30)
        house.sweep()
    assert len(house.pending()) == 1
    assert house.discrepancies() == []
    house.gmo.down.clear()
    house.clock.tick(minutes=30)
    house.sweep()
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_a_return_has_gmo_asked_like_a_notification() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.come_back(payment, "PAYSUCCESS")
    house.stream()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.pending() == []


def test_a_returned_success_is_not_believed() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "PAYSUCCESS")
    house.stream()
    assert house.invoice(invoice).state is InvoiceState.UNPAID


def test_an_order_of_our_form_that_stays_unknown_is_noted_for_a_replay() -> None:
    house = House()
    house.knock(b"ShopID=tshop00000000&OrderID=D26-0000000000000000&Status=CAPTURE&PayType=0")
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    (delivery,) = house.database.rows(TABLES.inbox)
    rows = house.database.rows(TABLES.billing)
    (heard,) = [row for row in rows if str(row["pk"]).startswith("HEARD#")]
    assert heard["pk"] == "HEARD#unknown_order#2026-11-22"
    assert heard["sk"] == delivery["pk"]
