"""What does not add up is kept, flagged and told, and never booked."""

from dataclasses import replace

import pytest

from portal.billing.discrepancies import Discrepancies
from portal.billing.judge import Fact
from portal.billing.model import Flag, Invoice, InvoiceState, Payment, PaymentState
from tests.unit.billing.house import AMOUNT, TABLES, House

# What does not add up


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": AMOUNT - 1},
        {"amount": AMOUNT * 10},
        {"tax": 10},
        {"currency": "USD"},
        {"client_fields": ("x", "y", "z")},
    ],
    ids=str,
)
def test_a_payment_that_is_not_what_we_asked_for_is_flagged_and_told(
    lie: dict[str, object],
) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    before = house.invoice(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, **lie)  # type: ignore[arg-type]
    settled = house.settle(payment)
    assert (settled.payment.state, settled.payment.flag) == (PaymentState.PAID, Flag.MISMATCH)
    assert house.invoice(invoice) == before
    assert house.receipt(invoice) is None
    assert house.mails() == []
    (found,) = house.discrepancies()
    assert (found["kind"], found["open"], found["times"]) == ("mismatch", "open", 1)
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    name, value = next(iter(lie.items()))
    assert evidence[f"gmo_{name}"] == (list(value) if isinstance(value, tuple) else value)


def test_money_by_a_way_nobody_chose_is_found_before_the_link_is_called_expired() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_otherwise(payment.order_id)
    house.clock.tick(hours=48)
    assert house.settle(payment).fact is Fact.MISMATCH
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert house.receipt(invoice) is None


def test_a_flagged_payment_keeps_the_member_from_paying_again() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=1)
    house.settle(payment)
    house.decide(invoice)
    house.again(invoice)
    assert len(house.gmo.orders) == 1


def test_a_late_deposit_is_booked_although_a_later_payment_brought_a_wrong_amount() -> None:
    """The later one is live no more, so it cannot be stopped; that must not block the money."""
    house = House()
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.deposit(fresh.order_id)
    house.gmo.alter(fresh.order_id, amount=1)
    house.settle(fresh)
    house.gmo.deposit(old.order_id, late=True)
    assert house.settle(old).fact is Fact.PAID
    assert house.invoice(invoice).paid_order == old.order_id


def test_a_second_payment_is_kept_and_becomes_a_task() -> None:
    house = House()
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.deposit(fresh.order_id)
    house.settle(fresh)
    number = house.receipt(invoice)
    house.gmo.deposit(old.order_id, late=True)
    settled = house.settle(old)
    assert settled.payment.flag is Flag.SURPLUS
    assert settled.payment.paid_amount == AMOUNT
    assert house.receipt(invoice) == number
    (found,) = house.discrepancies()
    assert (found["kind"], found["subject"]) == ("surplus", old.order_id)
    assert f"deposit_paid#{old.order_id}" not in house.mails()


@pytest.mark.parametrize("state", [InvoiceState.WAIVED, InvoiceState.CANCELLED])
def test_money_for_a_waived_or_cancelled_invoice_is_surplus(state: InvoiceState) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    now = house.invoice(invoice)
    house.database.commit(house.store.changed_invoice(now, replace(now, state=state)))
    house.gmo.pay_card(payment.order_id)
    assert house.settle(payment).fact is Fact.SURPLUS
    assert house.invoice(invoice).state is state


# An amount that changed at GMO after it was booked


def changed_later(house: House) -> tuple[Invoice, Payment]:
    """Return an invoice paid by card, of which a part was given back at GMO afterwards."""
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.gmo.alter(payment.order_id, amount=7_000)
    return house.invoice(invoice), house.payment(payment)


def test_a_part_given_back_at_gmo_is_found_by_the_schedule_and_changes_nothing() -> None:
    house = House()
    invoice, payment = changed_later(house)
    receipt, mails = house.receipt(invoice), house.mails()
    house.clock.tick(days=1, minutes=1)
    house.ask()
    (row,) = house.discrepancies()
    assert row["pk"] == f"DISC#amount_changed#{payment.order_id}"
    evidence = row["evidence"]
    assert isinstance(evidence, dict)
    told = {name: evidence[name] for name in ("paid_amount", "gmo_amount", "gmo_tax", "gmo_status")}
    assert told == {
        "paid_amount": AMOUNT,
        "gmo_amount": 7_000,
        "gmo_tax": 0,
        "gmo_status": "CAPTURE",
    }
    assert house.invoice(invoice) == invoice
    after = house.payment(payment)
    assert (after.state, after.paid_amount, after.flag) == (PaymentState.PAID, AMOUNT, None)
    assert (house.receipt(invoice), house.mails()) == (receipt, mails)
    assert house.events(payment)[-1] == "amount_changed"


def test_an_amount_that_stays_another_is_one_task_that_counts() -> None:
    house = House()
    _, payment = changed_later(house)
    house.clock.tick(days=1, minutes=1)
    house.ask()
    house.clock.tick(days=35)
    house.ask()
    (row,) = house.discrepancies()
    assert row["times"] == 2
    assert house.payment(payment).next_ask_at is None


@pytest.mark.parametrize(("amount", "opened"), [(7_000, False), (6_000, True)])
def test_what_the_office_closed_is_opened_again_by_other_evidence_only(
    amount: int, opened: bool
) -> None:
    """Seen red by opening it at each later question."""
    house = House()
    _, payment = changed_later(house)
    house.clock.tick(days=1, minutes=1)
    house.ask()
    tasks = Discrepancies(house.database, house.store, TABLES.audit)
    (task,) = tasks.listed()
    tasks.close(task, actor="office:山田", reason="返品", now=house.clock())
    house.gmo.alter(payment.order_id, amount=amount)
    house.clock.tick(days=35)
    house.ask()
    assert bool(tasks.listed()) is opened
    assert house.payment(payment).next_ask_at is None


def test_a_notification_of_the_changed_amount_has_it_found_at_once() -> None:
    house = House()
    _, payment = changed_later(house)
    assert house.notify(payment.order_id) == "0"
    house.stream()
    assert [row["kind"] for row in house.discrepancies()] == ["amount_changed"]
    assert house.pending() == []
