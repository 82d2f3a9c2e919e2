"""Settlement: evidence into state, in one transaction or not at all.

Seen red by leaving the version out of the payment's write (booked twice), by applying the first
answer again after a conflict, and by writing the mail after the commit.
"""

from datetime import date, timedelta

import pytest

from portal.billing.judge import Fact
from portal.billing.model import Flag, InvoiceState, Method, PaymentState
from portal.billing.settle import UnknownOrderError
from portal.database import Check, Contended, Put, Unreachable
from portal.gmo.errors import UnknownOutcome
from tests.unit.billing.house import AMOUNT, TABLES, House


def written_together(house: House) -> list[tuple[str, str]]:
    """Return (table, kind of row) of the last commit."""
    told = []
    for write in house.database.commits[-1]:
        assert not isinstance(write, Check)
        kind = write.key.get("sk", write.key["pk"]).split("#")[0]
        told.append((write.table, kind if write.table == "billing" else ""))
    return told


# Nothing is booked without GMO's word


def test_an_order_nobody_knows_is_not_settled() -> None:
    house = House()
    with pytest.raises(UnknownOrderError):
        house.settlement.settle("D26-0000000000000000")
    assert house.gmo.calls == []


def test_a_silent_gmo_changes_nothing() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.down.add("search")
    with pytest.raises(UnknownOutcome):
        house.settle(payment)
    assert house.payment(payment) == payment


def test_a_database_that_fails_leaves_nothing_half_written() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.database.fail_next = [("write", Unreachable("down"))]
    with pytest.raises(Unreachable):
        house.settle(payment)
    assert house.payment(payment) == payment
    assert (house.mails(), house.receipt(invoice)) == ([], None)
    assert house.settle(payment).fact is Fact.PAID


def test_a_declined_card_leaves_the_link_and_may_still_be_paid() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    assert house.settle(payment).payment.state is PaymentState.LINKED
    house.gmo.pay_card(payment.order_id)
    assert house.settle(payment).fact is Fact.PAID


@pytest.mark.parametrize("seconds", [1, 24 * 3600 - 1])
def test_our_clock_does_not_say_expired_before_a_day_after_the_date(seconds: int) -> None:
    house = House()
    payment = house.card()
    house.clock.tick(hours=24, seconds=seconds)
    assert house.settle(payment).payment.state is PaymentState.LINKED


def test_a_link_is_expired_when_a_day_has_passed_and_both_ways_are_unknown_to_gmo() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.clock.tick(hours=48)
    house.gmo.calls.clear()
    assert house.settle(payment).payment.state is PaymentState.EXPIRED
    assert [call for call, _ in house.gmo.calls] == ["search", "search", "reject_link"]
    assert house.invoice(invoice).live_order == ""


@pytest.mark.parametrize("call", ["search", "reject_link"])
def test_a_link_is_not_expired_while_gmo_gives_no_answer(call: str) -> None:
    house = House()
    payment = house.card()
    house.clock.tick(days=3)
    house.gmo.down.add(call)
    with pytest.raises(UnknownOutcome):
        house.settle(payment)
    assert house.payment(payment).state is PaymentState.LINKED


def test_our_clock_never_says_that_a_slip_is_over() -> None:
    house = House()
    slip = house.slip()
    house.clock.tick(days=26)
    assert house.settle(slip).payment.state is PaymentState.SLIP


def test_a_slip_that_nobody_will_ask_for_any_more_becomes_a_task() -> None:
    """Else the member would wait for ever: GMO never ended it and we stopped asking."""
    house = House()
    slip = house.slip()
    house.clock.tick(days=28)
    assert house.settle(slip).payment.next_ask_at is None
    (found,) = house.discrepancies()
    assert (found["kind"], found["subject"]) == ("unfinished", slip.order_id)


# What is written, together


def test_a_card_payment_is_written_in_one_transaction() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    before = len(house.database.commits)
    assert house.settle(payment).fact is Fact.PAID
    assert len(house.database.commits) == before + 1
    assert sorted(written_together(house)) == [
        ("audit", ""),
        ("billing", "EVT"),
        ("billing", "INV"),
        ("billing", "PAY"),
        ("billing", "RCPT"),
        ("outbox", ""),
    ]
    assert house.mails() == [f"card_paid#{payment.order_id}"]
    assert house.events(payment) == ["paid"]


def test_the_receipt_is_numbered_by_year_member_and_attempt() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "ERROR")
    fresh = house.again(invoice)
    house.gmo.pay_card(fresh.order_id)
    house.settle(fresh)
    receipt = house.receipt(invoice)
    assert receipt is not None
    assert receipt.number == "2026-001234-2"
    assert (receipt.amount, receipt.received_on) == (AMOUNT, date(2026, 11, 22))
    assert (receipt.name, receipt.workplace) == ("山田 花子", "中野病院")
    assert receipt.order_id == fresh.order_id
    told = [row["after"] for row in house.database.rows(TABLES.audit) if row["actor"] == "gmo"]
    numbers = sorted(str(after["receipt"]) for after in told if isinstance(after, dict))
    assert numbers == ["", receipt.number]


def test_a_slip_is_written_with_its_numbers_and_told_by_mail() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    assert slip.slip is not None
    assert (slip.slip.cvs_code, slip.slip.conf_no) == ("10002", "20020")
    assert slip.slip.term is not None
    assert slip.slip.term.isoformat() == "2026-12-06T14:59:59+00:00"
    assert sorted(written_together(house)) == [
        ("audit", ""),
        ("billing", "EVT"),
        ("billing", "PAY"),
        ("outbox", ""),
    ]
    (mail,) = house.database.rows(TABLES.outbox)
    assert mail["kind"] == "slip_issued"
    data = mail["data"]
    assert isinstance(data, dict)
    assert data["receipt_no"] == "123456789012"
    assert house.receipt(invoice) is None


def test_a_deposit_is_written_in_one_transaction() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.clock.tick(days=2)
    house.gmo.deposit(slip.order_id)
    assert house.settle(slip).fact is Fact.PAID
    assert sorted(written_together(house)) == [
        ("audit", ""),
        ("billing", "EVT"),
        ("billing", "INV"),
        ("billing", "PAY"),
        ("billing", "RCPT"),
        ("outbox", ""),
    ]
    assert f"deposit_paid#{slip.order_id}" in house.mails()
    assert house.invoice(invoice).paid_on == date(2026, 11, 24)


def test_an_answer_without_news_writes_the_payment_alone_and_when_to_ask_next() -> None:
    house = House()
    payment = house.card()
    house.clock.tick(minutes=2)
    settled = house.settle(payment)
    assert written_together(house) == [("billing", "PAY")]
    assert settled.payment.next_ask_at == payment.created_at + timedelta(minutes=5)
    assert settled.payment.asks == 1


def test_a_paid_payment_leaves_the_index_of_open_ones_for_a_day() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.clock.tick(hours=23)
    assert house.ask()["asked"] == 0
    house.clock.tick(hours=2)
    assert house.ask()["asked"] == 1


def test_a_final_payment_is_in_no_index() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.gmo.refund(payment.order_id)
    house.settle(payment)
    assert "next_ask_at" not in house.row(payment)
    assert "ask_shard" not in house.row(payment)


def test_settling_again_and_again_tells_nothing_twice() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    facts = [house.settle(payment).fact for _ in range(4)]
    assert facts == [Fact.PAID, None, None, None]
    assert len(house.mails()) == 1
    assert house.events(payment) == ["paid"]


def test_a_mail_of_a_forgotten_past_keeps_no_money_from_its_invoice() -> None:
    """After a restore of billing alone the outbox still knows the mail: not told twice."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    known = {"pk": f"card_paid#{payment.order_id}", "state": "sent"}
    house.database.commit(Put(TABLES.outbox, dict(known)))
    assert house.settle(payment).fact is Fact.PAID
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert [row["state"] for row in house.database.rows(TABLES.outbox)] == ["sent"]


@pytest.mark.parametrize("paid", [True, False])
def test_what_settling_returns_is_what_is_read_afterwards(*, paid: bool) -> None:
    """With the versions, so that whoever goes on from it writes under them."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    if paid:
        house.gmo.pay_card(payment.order_id)
    settled = house.settle(payment)
    assert settled.payment == house.payment(payment)
    assert settled.invoice == house.invoice(invoice)


# Two at once


def test_two_callers_at_once_have_one_winner() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    others = []
    house.database.before_commit = [lambda: others.append(house.settle(payment))]
    mine = house.settle(payment)
    assert [others[0].fact, mine.fact] == [Fact.PAID, None]
    assert len(house.mails()) == 1
    assert house.events(payment) == ["paid"]
    assert house.invoice(invoice).version == 3


def test_an_old_answer_is_never_applied_after_a_conflict() -> None:
    """We heard 'slip open'; before we could write, it was paid and settled by somebody else."""
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, Method.CVS)
    house.gmo.issue_slip(payment.order_id)

    def somebody_else() -> None:
        house.gmo.deposit(payment.order_id)
        house.settle(payment)

    house.database.before_commit = [somebody_else]
    asked = len(house.gmo.calls)
    settled = house.settle(payment)
    assert settled.payment.state is PaymentState.PAID
    assert len(house.gmo.calls) == asked + 3  # Ours, somebody else's, and ours once more.
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.mails() == [f"deposit_paid#{payment.order_id}"]


def test_a_hint_that_comes_while_gmo_is_asked_is_not_overwritten() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    house.gmo.meanwhile = [lambda: house.come_back(payment, "ERROR", "42G020000")]
    house.settle(payment)
    assert house.payment(payment).last_result == "ERROR"


def test_transactions_that_meet_are_asked_anew() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.database.fail_next = [("write", Contended())]
    assert house.settle(payment).fact is Fact.PAID


def test_endless_conflicts_end_in_contended_and_nothing_is_written() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.database.fail_next = [("write", Contended())] * 4
    with pytest.raises(Contended):
        house.settle(payment)
    assert house.payment(payment) == payment


def test_two_payments_of_one_invoice_paid_at_once_are_booked_once() -> None:
    house = House()
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.issue_slip(fresh.order_id)
    house.settle(fresh)
    house.gmo.deposit(old.order_id, late=True)
    house.gmo.deposit(fresh.order_id)
    house.database.before_commit = [lambda: house.settle(fresh)]
    assert house.settle(old).fact is Fact.SURPLUS
    assert house.invoice(invoice).paid_order == fresh.order_id
    assert [one.flag for one in house.payments()].count(Flag.SURPLUS) == 1
