"""What is wrong with a notification: each kind is answered, kept as it came, and moves nothing.

docs/payments.md ("Bad input at the door") has the same kinds as a table.
"""

from urllib.parse import urlencode

import pytest

from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.database import Item
from tests.fake_gmo import SHOP_ID
from tests.unit.billing.house import OTHER_ID, PAYER, TABLES, WORKPLACE, House

UNKNOWN = "D26-0000000000000000"

WRONG = {
    "amount": ({"Amount": "1"}, "unconfirmed"),
    "negative amount": ({"Amount": "-12000"}, "unconfirmed"),
    "amount that is no number": ({"Amount": "１２０００"}, "unconfirmed"),
    "tax": ({"Tax": "999"}, "unconfirmed"),
    "shop": ({"ShopID": "tshop99999999"}, "other_shop"),
    "no shop": ({"ShopID": ""}, "other_shop"),
    "unknown order": ({"OrderID": UNKNOWN}, "unknown_order"),
    "order in another case": ({"OrderID": "d26-0000000000000000"}, "unknown_order"),
    "pay type": ({"PayType": "3", "Status": "PAYSUCCESS"}, "unconfirmed"),
    "pay type not in the contract": ({"PayType": "45"}, "unconfirmed"),
    "currency": ({"Currency": "USD"}, "unconfirmed"),
    "access id": ({"AccessID": "f" * 32}, "unconfirmed"),
    "years old": ({"TranDate": "20160401120000"}, "unconfirmed"),
    "years ahead": ({"TranDate": "20960401120000"}, "unconfirmed"),
}


def body(order_id: str, **changes: str) -> bytes:
    """Return a success that somebody made up."""
    fields = {
        "ShopID": SHOP_ID,
        "OrderID": order_id,
        "Status": "CAPTURE",
        "JobCd": "CAPTURE",
        "Amount": "12000",
        "Tax": "0",
        "Currency": "JPN",
        "PayType": "0",
    }
    return urlencode(fields | changes).encode()


def money(house: House) -> list[Item]:
    """Return everything of billing but what is only noted: logs, tasks, and when to ask."""
    noted = ("version", "asks", "next_ask_at", "ask_shard", "access_id")
    rows = house.database.rows(TABLES.billing)
    kept = [row for row in rows if str(row["sk"]).startswith(("INV#", "PAY#", "RCPT#"))]
    return [{name: row[name] for name in row if name not in noted} for row in kept]


def go_on(house: House) -> None:
    """Let every try that a delivery gets pass by."""
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()


@pytest.mark.parametrize(("change", "kind"), WRONG.values(), ids=WRONG)
def test_a_made_up_success_is_answered_kept_and_becomes_one_task(
    change: dict[str, str], kind: str
) -> None:
    """Seen red by taking every claim for confirmed, and by believing any shop."""
    house = House()
    payment = house.card()
    before = money(house)
    sent = body(payment.order_id, **change)
    assert house.knock(sent) == "0"
    go_on(house)
    (row,) = house.database.rows(TABLES.inbox)
    assert row["body"] == sent
    assert "pending" not in row
    assert money(house) == before
    assert (house.mails(), house.receipt(house.account().invoices[0])) == ([], None)
    assert [task["kind"] for task in house.discrepancies()] == [kind]


@pytest.mark.parametrize("name", ["shop", "unknown order"])
def test_whoever_is_named_the_money_is_booked_when_gmo_is_asked(name: str) -> None:
    """A lie about shop or order hides nothing for longer than the schedule takes."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.knock(body(payment.order_id, **WRONG[name][0]))
    go_on(house)
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert len(house.mails()) == 1


def of_another_member(house: House) -> tuple[Invoice, Payment]:
    invoice = house.bill(member_id=OTHER_ID)
    house.opening.decide(house.account(OTHER_ID), invoice, Method.CARD, PAYER, WORKPLACE)
    (payment,) = house.account(OTHER_ID).payments.values()
    return invoice, payment


def test_the_money_of_another_members_order_is_nobody_elses() -> None:
    house = House()
    mine = house.bill()
    payment = house.card(mine)
    others, paid = of_another_member(house)
    house.gmo.pay_card(paid.order_id)
    stolen = house.gmo.notification(paid.order_id, OrderID=payment.order_id)
    assert house.knock(stolen) == "0"
    go_on(house)
    assert house.payment(payment).state is PaymentState.LINKED
    assert house.invoice(mine).payable
    house.ask()
    assert house.invoice(others).state is InvoiceState.PAID
    assert house.invoice(mine).payable


@pytest.mark.parametrize("asked_at_once", [True, False], ids=["found by GMO", "found by the clock"])
def test_a_notification_before_the_payments_row_is_seen_loses_nothing(asked_at_once: bool) -> None:
    """The row is written before GMO is asked, so only a restore can bring this about."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    kept = house.database.tables[TABLES.billing]
    hidden = {
        place: kept[place]
        for place in [*kept]
        if place[0] == f"ORDER#{payment.order_id}" or place[1] == f"PAY#{payment.order_id}"
    }
    for place in hidden:
        del kept[place]
    if not asked_at_once:
        house.gmo.silent.add(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    if not asked_at_once:
        assert len(house.pending()) == 1
        for place, row in hidden.items():
            kept[place] = row
        house.gmo.silent.clear()
        house.clock.tick(minutes=2)
        house.sweep()
    (now,) = house.account().invoices
    assert (now.state, now.paid_order) == (InvoiceState.PAID, payment.order_id)
    assert (house.pending(), house.discrepancies()) == ([], [])


@pytest.mark.parametrize("days", [1, 400, 3_000])
def test_a_success_told_again_after_a_refund_brings_nothing_back(days: int) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    old = house.gmo.notification(payment.order_id)
    house.settle(payment)
    house.gmo.refund(payment.order_id)
    house.settle(payment)
    before, mails = money(house), house.mails()
    house.clock.tick(days=days)
    assert house.knock(old) == "0"
    go_on(house)
    assert (money(house), house.mails()) == (before, mails)
    assert (house.pending(), house.discrepancies()) == ([], [])
