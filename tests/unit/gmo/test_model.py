"""States and the reading of values."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import JST
from portal.gmo.model import PayType, Status, Trade, parse_moment, parse_yen

QUESTIONS = ("paid", "refunded", "slip_open", "dead")


def said(pay_type: PayType, status: str) -> set[str]:
    trade = Trade(pay_type=pay_type, status=status, amount=1)
    return {question for question in QUESTIONS if getattr(trade, question)}


@pytest.mark.parametrize(
    "text",
    ["", "2026112210123", "202611221012311", "20261122101261", "20260230000000", "20261122240000",
     "２０２６１１２２１０１２３１", "2026-11-22 10:", " 2026112210123", "abcdefghijklmn"],
)  # fmt: skip
def test_what_is_no_moment_is_none(text: str) -> None:
    assert parse_moment(text) is None


def test_a_moment_is_in_japanese_time() -> None:
    assert parse_moment("20261206235959") == datetime(2026, 12, 6, 23, 59, 59, tzinfo=JST)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", " 1", "１", "²", "1" * 13, "1_0"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert parse_yen(text) is None


@given(st.text())
def test_reading_a_value_never_raises(text: str) -> None:
    parse_moment(text)
    parse_yen(text)


@given(st.sampled_from(PayType), st.text())
def test_an_unknown_status_answers_every_question_with_no(pay_type: PayType, status: str) -> None:
    if status not in set(Status):
        assert said(pay_type, status) == set()


@pytest.mark.parametrize(
    ("status", "card", "cvs"),
    [
        (Status.UNPROCESSED, set(), set()),
        (Status.AUTHENTICATED, set(), set()),
        (Status.AUTHPROCESS, set(), set()),
        (Status.CHECK, set(), set()),
        (Status.AUTH, set(), set()),
        (Status.SAUTH, set(), set()),
        (Status.CAPTURE, {"paid"}, set()),
        (Status.SALES, {"paid"}, set()),
        (Status.VOID, {"refunded"}, set()),
        (Status.RETURN, {"refunded"}, set()),
        (Status.RETURNX, {"refunded"}, set()),
        (Status.CANCEL, {"refunded"}, {"dead"}),
        (Status.REQSUCCESS, set(), {"slip_open"}),
        (Status.PAYSUCCESS, set(), {"paid"}),
        (Status.PAYFAIL, set(), {"dead"}),
        (Status.EXPIRED, set(), {"dead"}),
    ],
)
def test_a_status_means_what_its_way_of_paying_makes_of_it(
    status: Status, card: set[str], cvs: set[str]
) -> None:
    assert said(PayType.CARD, status) == card
    assert said(PayType.CVS, status) == cvs


def test_the_total_includes_the_tax() -> None:
    assert Trade(pay_type=PayType.CARD, status="CAPTURE", amount=8000, tax=800).total == 8800


def test_an_unpaid_trade_has_no_moment_of_payment() -> None:
    moment = datetime(2026, 11, 22, tzinfo=JST)
    slip = Trade(pay_type=PayType.CVS, status="EXPIRED", amount=1, finish_date=moment)
    card = Trade(pay_type=PayType.CARD, status="RETURN", amount=1, tran_date=moment)
    assert (slip.paid_at, card.paid_at) == (None, None)


def test_a_paid_slip_without_finish_date_has_no_moment_of_payment() -> None:
    """Its ProcessDate may be that of the issue, days before the money."""
    moment = datetime(2026, 11, 22, tzinfo=JST)
    trade = Trade(pay_type=PayType.CVS, status="PAYSUCCESS", amount=1, process_date=moment)
    assert trade.paid_at is None


def test_a_card_is_paid_when_gmo_says_it_was_captured_else_when_it_was_processed() -> None:
    early, late = datetime(2026, 11, 22, tzinfo=JST), datetime(2026, 11, 23, tzinfo=JST)
    told = Trade(
        pay_type=PayType.CARD, status="CAPTURE", amount=1, tran_date=early, process_date=late
    )
    untold = Trade(pay_type=PayType.CARD, status="CAPTURE", amount=1, process_date=late)
    assert (told.paid_at, untold.paid_at) == (early, late)
