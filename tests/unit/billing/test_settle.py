"""Settlement: evidence into state, in one transaction or not at all.

Seen red by leaving the version out of the payment's write (booked twice), by applying the first
answer again after a conflict, and by writing the mail after the commit.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal.billing.judge import Fact
from portal.billing.model import Flag, InvoiceState, Method, Payment, PaymentState
from portal.billing.release_method import NotReleasableError
from portal.billing.settle import UnknownOrderError
from portal.database import Check, Contended, Put, Unreachable
from portal.gmo.errors import UnknownOutcome
from tests.fake_gmo import CannotPay
from tests.unit.billing.house import AMOUNT, MEMBER_ID, TABLES, House


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


# Late, stopped, refunded


def test_a_late_deposit_after_expiry_is_accepted() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.clock.tick(days=15)
    house.gmo.expire_slip(slip.order_id)
    assert house.settle(slip).payment.state is PaymentState.EXPIRED
    house.clock.tick(days=1)
    house.gmo.deposit(slip.order_id, late=True)
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.mails() == [
        f"deposit_paid#{slip.order_id}",
        f"slip_expired#{slip.order_id}",
        f"slip_issued#{slip.order_id}",
    ]


def test_three_d_secure_that_ends_after_the_link_is_accepted() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.clock.tick(hours=24, minutes=10)
    house.gmo.pay_card(payment.order_id, overrun=True)
    house.settle(payment)
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_the_other_live_payment_is_marked_in_the_same_transaction_and_then_stopped() -> None:
    house = House()
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.issue_slip(fresh.order_id)
    house.settle(fresh)
    house.gmo.deposit(old.order_id, late=True)
    house.settle(old)
    assert house.payment(fresh).cancel_wanted
    assert len(house.database.commits[-1]) == 7
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert not house.gmo.payable(fresh.order_id)
    with pytest.raises(CannotPay):
        house.gmo.deposit(fresh.order_id)


def marked(house: House) -> tuple[Payment, Payment]:
    """Return a paid old slip and the link that is to be stopped because of it."""
    invoice = house.bill()
    old = house.slip(invoice)
    house.gmo.expire_slip(old.order_id)
    house.settle(old)
    fresh = house.again(invoice)
    house.gmo.deposit(old.order_id, late=True)
    house.settle(old)
    return old, fresh


def test_a_link_that_is_to_be_stopped_is_rejected_at_gmo() -> None:
    house = House()
    _, fresh = marked(house)
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED
    assert house.gmo.orders[fresh.order_id].stopped


def test_stopping_is_tried_until_gmo_confirms() -> None:
    house = House()
    _, fresh = marked(house)
    house.gmo.down.add("reject_link")
    for _ in range(3):
        house.ask()
        assert house.payment(fresh).state is PaymentState.LINKED
        house.clock.tick(minutes=10)
    house.gmo.down.clear()
    house.ask()
    assert house.payment(fresh).state is PaymentState.CANCELLED


def test_money_that_is_quicker_than_the_stop_is_surplus() -> None:
    house = House()
    old, fresh = marked(house)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.deposit(fresh.order_id)
    house.ask()
    assert house.payment(fresh).flag is Flag.SURPLUS
    assert not house.payment(fresh).cancel_wanted
    assert house.invoice(house.account().invoices[0]).paid_order == old.order_id


def test_a_slip_paid_in_the_moment_of_stopping_is_surplus() -> None:
    house = House()
    _, fresh = marked(house)
    house.gmo.issue_slip(fresh.order_id)
    house.gmo.meanwhile = [lambda: house.gmo.deposit(fresh.order_id)]
    house.ask()
    assert house.payment(fresh).flag is Flag.SURPLUS


@pytest.mark.parametrize("status", ["VOID", "RETURN", "RETURNX", "CANCEL"])
def test_a_refund_from_gmos_side_is_seen_by_the_schedule(status: str) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.gmo.refund(payment.order_id, status)
    house.clock.tick(days=1, minutes=1)
    house.ask()
    assert house.payment(payment).state is PaymentState.REFUNDED
    assert house.invoice(invoice).state is InvoiceState.REFUNDED
    assert house.events(payment) == ["paid", "refunded"]


def test_a_payment_captured_and_returned_before_we_asked_leaves_the_invoice_open() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.refund(payment.order_id, "VOID")
    assert house.settle(payment).fact is Fact.REFUNDED
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert house.again(invoice).attempt == 2


# The office


def test_a_method_is_not_freed_while_a_payment_is_live() -> None:
    house = House()
    invoice = house.bill()
    house.card(invoice)
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


@pytest.mark.parametrize("invoice_id", ["", "nobody's"])
def test_the_method_of_no_invoice_is_not_freed(invoice_id: str) -> None:
    house = House()
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


def test_an_invoice_without_a_choice_has_nothing_to_free() -> None:
    house = House()
    invoice = house.bill()
    with pytest.raises(NotReleasableError):
        house.releasing.release(
            MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="x", now=house.clock()
        )


def test_one_year_is_billed_once() -> None:
    house = House()
    house.bill()
    with pytest.raises(AssertionError):
        house.bill()
    assert len(house.account().invoices) == 1
