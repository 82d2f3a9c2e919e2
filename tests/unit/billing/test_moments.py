"""What holds at the very moment at which a rule changes over. Seen red by make mutate."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from portal.billing.inbox import delivery
from portal.billing.judge import Answer, judge
from portal.billing.model import (
    PaymentState,
    Standing,
    claimed,
    link_ended,
    next_ask,
    standing,
)
from portal.billing.open_payment import IN_FLIGHT, in_flight
from portal.clock import JST, parse_iso
from tests.unit.billing.house import NOON, STAGE, TABLES, House
from tests.unit.billing.test_states import CARD, INVOICE, TRADE, a_payment

SECOND = timedelta(seconds=1)


# What a member is told


def test_a_link_holds_up_to_and_with_its_date() -> None:
    link = a_payment()
    date = link.link_expires_at
    assert standing(INVOICE, link, date) is Standing.LINKED
    assert not link_ended(link, date)
    assert standing(INVOICE, link, date + SECOND) is Standing.UNPAID
    assert link_ended(link, date + SECOND)


def test_a_claim_holds_for_less_than_two_hours() -> None:
    back = replace(a_payment(), last_result="PAYSUCCESS", last_result_at=NOON)
    end = NOON + timedelta(hours=2)
    assert claimed(back, end - SECOND)
    assert not claimed(back, end)


@pytest.mark.parametrize("result", ["PAYSUCCESS", "REQSUCCESS", "REQPROCESS", "CONFIRM"])
def test_what_sounds_like_success_is_being_checked(result: str) -> None:
    back = replace(a_payment(), last_result=result, last_result_at=NOON)
    assert standing(INVOICE, back, NOON) is Standing.CHECKING


def test_a_request_for_a_link_is_under_way_for_less_than_twenty_five_seconds() -> None:
    asking = a_payment(PaymentState.CREATED)
    assert timedelta(seconds=25) == IN_FLIGHT
    assert in_flight(asking, NOON + IN_FLIGHT - SECOND)
    assert not in_flight(asking, NOON + IN_FLIGHT)


# Moments are kept in UTC


def test_when_it_was_paid_is_kept_in_utc() -> None:
    told = replace(CARD, status="CAPTURE", tran_date=NOON.astimezone(JST))
    paid = judge(a_payment(), INVOICE, Answer(told), STAGE, NOON).payment.paid_at
    assert paid == NOON
    assert paid.tzinfo is UTC


def test_a_slip_is_kept_as_gmo_told_it_with_its_term_in_utc() -> None:
    told = replace(
        TRADE,
        cvs_code="00007",
        conf_no="1",
        receipt_no="2",
        receipt_url="https://example.com/slip",
        payment_term=(NOON + timedelta(days=14)).astimezone(JST),
    )
    slip = judge(a_payment(), INVOICE, Answer(told), STAGE, NOON).payment.slip
    assert slip is not None
    assert (slip.cvs_code, slip.conf_no, slip.receipt_no) == ("00007", "1", "2")
    assert slip.receipt_url == "https://example.com/slip"
    assert slip.term == NOON + timedelta(days=14)
    assert slip.term.tzinfo is UTC


def test_what_is_paid_is_not_to_be_stopped_any_more() -> None:
    marked = replace(a_payment(), cancel_wanted=True)
    paid = judge(marked, INVOICE, Answer(replace(TRADE, status="PAYSUCCESS")), STAGE, NOON)
    assert paid.payment.cancel_wanted is False


# When GMO is asked next


@pytest.mark.parametrize(
    ("minutes", "then"),
    [(0, 2), (2, 5), (5, 15), (15, 60), (60, 120), (23 * 60 + 59, 24 * 60), (24 * 60, 30 * 60)],
)
def test_after_each_question_the_next_is_planned(minutes: int, then: int) -> None:
    now = NOON + timedelta(minutes=minutes)
    assert next_ask(a_payment(), now) == NOON + timedelta(minutes=then)


def test_the_last_question_is_asked_on_the_day_when_no_store_can_report_any_more() -> None:
    slip = a_payment(PaymentState.SLIP)
    end = slip.link_expires_at + timedelta(days=14 + 10)
    assert slip.ask_until == end
    assert next_ask(slip, end - timedelta(hours=6)) == end
    assert next_ask(slip, end) is None


@pytest.mark.parametrize(("days", "then"), [(0, 1), (1, 35), (35, None)])
def test_a_paid_payment_is_asked_for_after_one_and_thirty_five_days(
    days: int, then: int | None
) -> None:
    paid = replace(a_payment(PaymentState.PAID), paid_at=NOON + timedelta(hours=1))
    began = NOON + timedelta(hours=1)
    expected = None if then is None else began + timedelta(days=then)
    assert next_ask(paid, began + timedelta(days=days)) == expected


# When a delivery is taken up again


def test_a_delivery_waits_about_as_long_as_it_has_waited_already() -> None:
    """1, 2, 5, 15 and 30 minutes after GMO gave no answer; the last one repeats."""
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.gmo.down.add("search")
    waits = []
    for _ in range(8):
        (row,) = house.pending()
        house.hints.apply(delivery(row))
        (row,) = house.pending()
        assert row["waiting_for"] == "no answer of GMO"
        wait = parse_iso(str(row["due_at"])) - house.clock()
        waits.append(int(wait.total_seconds()) // 60)
        house.clock.tick(minutes=waits[-1])
    assert waits == [1, 1, 2, 5, 15, 30, 30, 30]


def test_a_delivery_that_met_a_fault_of_ours_is_taken_up_every_half_an_hour() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    for tries in (1, 2, 3):
        (row,) = house.pending()
        house.hints.put_back(delivery(row))
        (row,) = house.pending()
        assert parse_iso(str(row["due_at"])) == house.clock() + timedelta(minutes=30)
        assert (row["waiting_for"], row["tries"]) == ("fault of ours", tries)


def test_gmos_connectivity_test_is_kept_for_thirty_days() -> None:
    house = House()
    house.knock(b"ErrInfo=E00000000")
    house.stream()
    (row,) = house.database.rows(TABLES.inbox)
    assert row["outcome"] == "connectivity test"
    assert row["ttl"] == int((house.clock() + timedelta(days=30)).timestamp())
