"""States of a payment: what GMO's answer may make of them, and that they never fall back.

Seen red by letting ``may_become`` return True for an equal rank, and for any rank.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.billing.judge import Answer, Fact, judge, target_state
from portal.billing.model import (
    DEAD,
    LIVE,
    RANK,
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Standing,
    may_become,
    standing,
)
from portal.gmo.model import PayType, Trade
from tests.unit.billing.house import AMOUNT, MEMBER_ID, MEMBER_NO, NOON, STAGE

ORDER = "D26-0123456789ABCDEF"

INVOICE = Invoice(
    member_id=MEMBER_ID,
    member_no=MEMBER_NO,
    invoice_id="inv",
    title="2026年度 年会費",
    fiscal_year=2026,
    amount=AMOUNT,
    due_on=date(2026, 12, 31),
    closes_on=date(2027, 3, 31),
    method=Method.CVS,
    live_order=ORDER,
    attempts=1,
)

TRADE = Trade(
    pay_type=PayType.CVS,
    status="REQSUCCESS",
    amount=AMOUNT,
    currency="JPN",
    access_id="a" * 32,
    client_fields=("inv", MEMBER_ID, STAGE),
)

CARD = replace(TRADE, pay_type=PayType.CARD)

ANSWERS = {
    PaymentState.SLIP: Answer(TRADE),
    PaymentState.EXPIRED: Answer(replace(TRADE, status="EXPIRED")),
    PaymentState.CANCELLED: Answer(replace(TRADE, status="CANCEL")),
    PaymentState.ABANDONED: Answer(None, PaymentState.ABANDONED),
    PaymentState.PAID: Answer(replace(TRADE, status="PAYSUCCESS")),
    PaymentState.REFUNDED: Answer(replace(CARD, status="RETURN")),
}


def a_payment(state: PaymentState = PaymentState.LINKED, method: Method = Method.CVS) -> Payment:
    return Payment(
        member_id=MEMBER_ID,
        order_id=ORDER,
        invoice_id="inv",
        method=method,
        amount=AMOUNT,
        attempt=1,
        created_at=NOON,
        link_expires_at=NOON + timedelta(days=3),
        term_days=14,
        state=state,
        link_url="https://link.example.com/x",
    )


@pytest.mark.parametrize("target", ANSWERS)
@pytest.mark.parametrize("state", PaymentState)
def test_an_answer_moves_a_payment_up_or_not_at_all(
    state: PaymentState, target: PaymentState
) -> None:
    before = replace(a_payment(state), paid_amount=AMOUNT)
    verdict = judge(before, INVOICE, ANSWERS[target], STAGE, NOON)
    if RANK[target] > RANK[state]:
        assert verdict.payment.state is target
    else:
        assert verdict.payment.state is state
        denied = state is PaymentState.PAID and RANK[target] < RANK[state]
        assert verdict.fact is (Fact.UNPAID_AT_GMO if denied else None)
        assert verdict.invoice == INVOICE
    assert RANK[verdict.payment.state] >= RANK[state]


@pytest.mark.parametrize("dead", sorted(DEAD))
def test_one_dead_end_never_replaces_another(dead: PaymentState) -> None:
    assert not any(may_become(dead, other) for other in DEAD)


@pytest.mark.parametrize("state", [one for one in PaymentState if one is not PaymentState.REFUNDED])
def test_every_state_but_refunded_may_become_paid(state: PaymentState) -> None:
    assert may_become(state, PaymentState.PAID) is (state is not PaymentState.PAID)


def test_a_refunded_payment_stays_refunded() -> None:
    assert not any(may_become(PaymentState.REFUNDED, then) for then in PaymentState)


def test_live_dead_and_final_states_are_all_there_are() -> None:
    assert {*LIVE, *DEAD, PaymentState.PAID, PaymentState.REFUNDED} == set(PaymentState)
    assert LIVE.isdisjoint(DEAD)


@pytest.mark.parametrize(
    "status", ["UNPROCESSED", "AUTHENTICATED", "AUTHPROCESS", "AUTH", "SAUTH", "CHECK", "NEWWORD"]
)
def test_a_decline_an_abort_or_a_word_not_known_changes_no_state(status: str) -> None:
    """GMO's link lives on after a declined card; only its own end ends the payment."""
    before = a_payment(method=Method.CARD)
    verdict = judge(before, INVOICE, Answer(replace(CARD, status=status)), STAGE, NOON)
    assert verdict.payment.state is PaymentState.LINKED
    assert (verdict.fact, verdict.invoice) == (None, INVOICE)


def test_no_transaction_at_gmo_says_nothing() -> None:
    assert target_state(Answer(None)) is None


def test_a_slip_that_failed_is_cancelled_not_expired() -> None:
    failed = Answer(replace(TRADE, status="PAYFAIL"))
    assert target_state(failed) is PaymentState.CANCELLED


def test_a_dead_end_frees_the_invoice_and_keeps_the_method() -> None:
    verdict = judge(
        a_payment(PaymentState.SLIP), INVOICE, ANSWERS[PaymentState.EXPIRED], STAGE, NOON
    )
    assert verdict.fact is Fact.ENDED
    assert (verdict.invoice.live_order, verdict.invoice.method) == ("", Method.CVS)
    assert verdict.invoice.state is InvoiceState.UNPAID


def test_a_dead_end_of_an_older_payment_leaves_the_live_one_alone() -> None:
    other = replace(INVOICE, live_order="D26-OTHER")
    verdict = judge(a_payment(), other, ANSWERS[PaymentState.EXPIRED], STAGE, NOON)
    assert verdict.invoice == other


def test_paid_books_the_money_its_day_and_the_order() -> None:
    paid = Answer(
        replace(TRADE, status="PAYSUCCESS", finish_date=datetime(2026, 11, 30, 15, 30, tzinfo=UTC))
    )
    verdict = judge(a_payment(PaymentState.SLIP), INVOICE, paid, STAGE, NOON + timedelta(days=9))
    assert verdict.fact is Fact.PAID
    assert verdict.payment.paid_amount == AMOUNT
    assert verdict.invoice.state is InvoiceState.PAID
    assert (verdict.invoice.live_order, verdict.invoice.paid_order) == ("", ORDER)
    assert verdict.invoice.paid_on == date(2026, 12, 1)


def test_a_slip_without_finish_date_counts_from_the_answer_that_first_said_paid() -> None:
    late_evening = datetime(2026, 11, 30, 15, 1, tzinfo=UTC)
    verdict = judge(
        a_payment(PaymentState.SLIP), INVOICE, ANSWERS[PaymentState.PAID], STAGE, late_evening
    )
    assert verdict.invoice.paid_on == date(2026, 12, 1)


@pytest.mark.parametrize(
    "trade",
    [
        replace(CARD, status="CAPTURE", amount=AMOUNT - 1),
        replace(CARD, status="CAPTURE", amount=AMOUNT + 1),
        replace(CARD, status="CAPTURE", tax=1),
        replace(CARD, status="CAPTURE", currency="USD"),
        replace(CARD, status="CAPTURE", client_fields=("other", MEMBER_ID, STAGE)),
        replace(CARD, status="CAPTURE", client_fields=("inv", "other", STAGE)),
        replace(CARD, status="CAPTURE", client_fields=("inv", MEMBER_ID, "production")),
        replace(CARD, status="CAPTURE", client_fields=("", "", "")),
        replace(TRADE, status="PAYSUCCESS"),
    ],
    ids=["less", "more", "tax", "currency", "invoice", "member", "stage", "no fields", "pay type"],
)
def test_money_that_is_not_what_we_asked_for_is_kept_but_not_booked(trade: Trade) -> None:
    """Seen red for each line of ``_ours`` by taking it out."""
    verdict = judge(a_payment(method=Method.CARD), INVOICE, Answer(trade), STAGE, NOON)
    assert verdict.fact is Fact.MISMATCH
    assert verdict.payment.state is PaymentState.PAID
    assert verdict.payment.flag is Flag.MISMATCH
    assert verdict.payment.paid_amount == trade.total
    assert verdict.invoice == INVOICE


def test_amount_and_tax_are_taken_together() -> None:
    trade = replace(CARD, status="CAPTURE", amount=AMOUNT - 100, tax=100)
    verdict = judge(a_payment(method=Method.CARD), INVOICE, Answer(trade), STAGE, NOON)
    assert verdict.fact is Fact.PAID


def test_an_empty_currency_is_no_contradiction() -> None:
    trade = replace(CARD, status="CAPTURE", currency="")
    verdict = judge(a_payment(method=Method.CARD), INVOICE, Answer(trade), STAGE, NOON)
    assert verdict.fact is Fact.PAID


@pytest.mark.parametrize("state", [one for one in InvoiceState if one is not InvoiceState.UNPAID])
def test_money_for_an_invoice_that_expects_none_is_surplus(state: InvoiceState) -> None:
    invoice = replace(INVOICE, state=state, live_order="")
    verdict = judge(a_payment(), invoice, ANSWERS[PaymentState.PAID], STAGE, NOON)
    assert verdict.fact is Fact.SURPLUS
    assert verdict.payment.flag is Flag.SURPLUS
    assert verdict.invoice == invoice


def test_the_other_live_payment_is_to_be_stopped_when_an_older_one_gets_paid() -> None:
    other = replace(INVOICE, live_order="D26-OTHER")
    verdict = judge(a_payment(PaymentState.EXPIRED), other, ANSWERS[PaymentState.PAID], STAGE, NOON)
    assert verdict.stop_order == "D26-OTHER"
    assert verdict.invoice.live_order == ""


@pytest.mark.parametrize("status", ["CAPTURE", "SALES"])
@pytest.mark.parametrize(("amount", "tax"), [(7_000, 0), (AMOUNT, 1), (AMOUNT + 1, 0), (0, 0)])
@pytest.mark.parametrize("flag", [None, *Flag])
def test_another_amount_after_paid_is_doubted_and_changes_nothing(
    status: str, amount: int, tax: int, flag: Flag | None
) -> None:
    """Seen red by comparing with the billed amount, by leaving the tax out, and by booking it."""
    before = replace(
        a_payment(PaymentState.PAID, Method.CARD), paid_amount=AMOUNT, paid_at=NOON, flag=flag
    )
    trade = replace(CARD, status=status, amount=amount, tax=tax)
    verdict = judge(before, INVOICE, Answer(trade), STAGE, NOON + timedelta(days=1))
    assert verdict.fact is Fact.AMOUNT_CHANGED
    assert verdict.invoice == INVOICE
    asked = replace(before, asks=1, next_ask_at=NOON + timedelta(days=35))
    assert verdict.payment == asked


def test_the_amount_that_was_booked_counts_and_not_the_one_that_was_billed() -> None:
    """A mismatch keeps its actual amount, and GMO saying the same again is no news."""
    before = replace(
        a_payment(PaymentState.PAID, Method.CARD), paid_amount=11_000, flag=Flag.MISMATCH
    )
    trade = replace(CARD, status="CAPTURE", amount=11_000)
    assert judge(before, INVOICE, Answer(trade), STAGE, NOON).fact is None
    billed = replace(CARD, status="CAPTURE", amount=AMOUNT)
    assert judge(before, INVOICE, Answer(billed), STAGE, NOON).fact is Fact.AMOUNT_CHANGED


@pytest.mark.parametrize("state", [one for one in PaymentState if one is not PaymentState.PAID])
def test_only_what_we_hold_paid_can_be_another_amount_than_was_booked(state: PaymentState) -> None:
    trade = replace(CARD, status="CAPTURE", amount=1)
    verdict = judge(a_payment(state, Method.CARD), INVOICE, Answer(trade), STAGE, NOON)
    assert verdict.fact is not Fact.AMOUNT_CHANGED


def test_a_refund_of_another_amount_is_a_refund() -> None:
    before = replace(a_payment(PaymentState.PAID, Method.CARD), paid_amount=AMOUNT)
    trade = replace(CARD, status="RETURN", amount=0)
    assert judge(before, INVOICE, Answer(trade), STAGE, NOON).fact is Fact.REFUNDED


def test_nothing_is_to_be_stopped_when_the_live_payment_itself_is_paid() -> None:
    verdict = judge(a_payment(), INVOICE, ANSWERS[PaymentState.PAID], STAGE, NOON)
    assert verdict.stop_order == ""


def test_a_refund_of_the_booked_payment_marks_the_invoice_refunded() -> None:
    paid = replace(
        INVOICE,
        state=InvoiceState.PAID,
        live_order="",
        paid_order=ORDER,
        paid_on=date(2026, 11, 22),
    )
    before = a_payment(PaymentState.PAID, Method.CARD)
    verdict = judge(before, paid, ANSWERS[PaymentState.REFUNDED], STAGE, NOON)
    assert (verdict.fact, verdict.invoice.state) == (Fact.REFUNDED, InvoiceState.REFUNDED)


def test_a_refund_of_a_surplus_payment_leaves_the_paid_invoice_paid() -> None:
    paid = replace(INVOICE, state=InvoiceState.PAID, live_order="", paid_order="D26-OTHER")
    before = replace(a_payment(PaymentState.PAID, Method.CARD), flag=Flag.SURPLUS)
    verdict = judge(before, paid, ANSWERS[PaymentState.REFUNDED], STAGE, NOON)
    assert (verdict.fact, verdict.invoice) == (Fact.REFUNDED, paid)


def test_a_refund_of_a_mismatched_payment_frees_the_invoice() -> None:
    before = replace(a_payment(PaymentState.PAID, Method.CARD), flag=Flag.MISMATCH)
    verdict = judge(before, INVOICE, ANSWERS[PaymentState.REFUNDED], STAGE, NOON)
    assert verdict.invoice.live_order == ""
    assert verdict.invoice.payable


@pytest.mark.parametrize(
    ("invoice", "payment", "told"),
    [
        (replace(INVOICE, live_order="", method=None), None, Standing.UNPAID),
        (INVOICE, a_payment(PaymentState.CREATED), Standing.CHECKING),
        (INVOICE, a_payment(PaymentState.LINKED), Standing.LINKED),
        (INVOICE, a_payment(PaymentState.SLIP), Standing.SLIP),
        (INVOICE, a_payment(PaymentState.EXPIRED), Standing.UNPAID),
        (
            INVOICE,
            replace(a_payment(PaymentState.PAID), flag=Flag.MISMATCH),
            Standing.CHECKING,
        ),
        (replace(INVOICE, state=InvoiceState.PAID), None, Standing.PAID),
        (replace(INVOICE, state=InvoiceState.REFUNDED), None, Standing.REFUNDED),
        (replace(INVOICE, state=InvoiceState.WAIVED), None, Standing.WAIVED),
        (replace(INVOICE, state=InvoiceState.CANCELLED), None, Standing.CANCELLED),
    ],
)
def test_what_a_member_is_told(invoice: Invoice, payment: Payment | None, told: Standing) -> None:
    assert standing(invoice, payment, NOON) is told


def test_a_claimed_success_is_being_checked_for_two_hours() -> None:
    claimed = replace(a_payment(), last_result="PAYSUCCESS", last_result_at=NOON)
    assert standing(INVOICE, claimed, NOON + timedelta(minutes=119)) is Standing.CHECKING
    assert standing(INVOICE, claimed, NOON + timedelta(minutes=121)) is Standing.LINKED


def test_going_back_without_paying_is_no_failure() -> None:
    back = replace(a_payment(), last_result="PAYSTART", last_result_at=NOON)
    assert standing(INVOICE, back, NOON) is Standing.LINKED


def test_a_link_past_its_date_is_told_as_unpaid() -> None:
    later = NOON + timedelta(days=3, seconds=1)
    assert standing(INVOICE, a_payment(), later) is Standing.UNPAID
