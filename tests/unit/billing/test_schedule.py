"""When GMO is asked next: pure rules of portal.billing.model.

Seen red by taking out the limit ``ask_until`` and by asking refunded payments on.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.billing.model import DEAD, PaymentState, next_ask
from tests.unit.billing.house import NOON
from tests.unit.billing.test_states import a_payment


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), timedelta(minutes=2)),
        (timedelta(minutes=2), timedelta(minutes=5)),
        (timedelta(minutes=4, seconds=59), timedelta(minutes=5)),
        (timedelta(minutes=5), timedelta(minutes=15)),
        (timedelta(minutes=15), timedelta(minutes=60)),
        (timedelta(minutes=60), timedelta(hours=2)),
        (timedelta(hours=2, minutes=1), timedelta(hours=3)),
        (timedelta(hours=23, minutes=30), timedelta(hours=24)),
        (timedelta(hours=24), timedelta(hours=30)),
        (timedelta(hours=29, minutes=59), timedelta(hours=30)),
        (timedelta(hours=30), timedelta(hours=36)),
        (timedelta(days=26, hours=23), timedelta(days=27)),
    ],
)
def test_an_open_payment_is_asked_for_ever_more_slowly(age: timedelta, expected: timedelta) -> None:
    assert next_ask(a_payment(), NOON + age) == NOON + expected


def test_asking_ends_ten_days_after_link_and_slip() -> None:
    payment = a_payment()
    assert payment.ask_until == NOON + timedelta(days=3 + 14 + 10)
    assert next_ask(payment, payment.ask_until) is None


@pytest.mark.parametrize("state", sorted(DEAD))
def test_a_dead_payment_is_asked_for_as_long_as_money_may_come(state: PaymentState) -> None:
    assert next_ask(a_payment(state), NOON + timedelta(days=20)) is not None


def test_a_paid_payment_is_asked_for_after_one_and_thirty_five_days() -> None:
    paid = replace(a_payment(PaymentState.PAID), paid_at=NOON)
    assert next_ask(paid, NOON) == NOON + timedelta(days=1)
    assert next_ask(paid, NOON + timedelta(days=1)) == NOON + timedelta(days=35)
    assert next_ask(paid, NOON + timedelta(days=35)) is None


def test_a_refunded_payment_is_never_asked_for_again() -> None:
    assert next_ask(a_payment(PaymentState.REFUNDED), NOON) is None


def test_what_is_to_be_stopped_is_tried_every_five_minutes_until_its_last_question() -> None:
    wanted = replace(a_payment(PaymentState.SLIP), cancel_wanted=True)
    last = wanted.ask_until - timedelta(minutes=5)
    for now in (NOON, NOON + timedelta(days=5), last):
        assert next_ask(wanted, now) == now + timedelta(minutes=5)
    assert next_ask(wanted, last + timedelta(seconds=1)) is None
