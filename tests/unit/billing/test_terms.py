"""What GMO is asked for a payment, and what is offered near the closing date."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.billing.model import CHOICES, Method, PaymentState
from portal.billing.open_payment import MethodMissingError
from portal.billing.terms import offered, terms
from portal.clock import JST
from portal.gmo.link import Payer
from portal.gmo.model import PayType
from tests.unit.billing.house import (
    AMOUNT,
    MEMBER_ID,
    PAYER,
    RETURN_URL,
    STAGE,
    WORKPLACE,
    House,
)

# What is asked of GMO


def test_what_gmo_is_told_of_a_card_payment() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    told = house.gmo.orders[payment.order_id].request
    assert (told.pay_type, told.amount, told.return_url) == (PayType.CARD, AMOUNT, RETURN_URL)
    assert told.client_fields == (invoice.invoice_id, MEMBER_ID, STAGE)
    assert told.expires == house.clock() + timedelta(hours=24)
    assert told.slip is None


def test_what_gmo_is_told_of_a_convenience_store_payment() -> None:
    house = House()
    payment = house.decide(house.bill(), Method.CVS)
    told = house.gmo.orders[payment.order_id].request
    assert told.pay_type is PayType.CVS
    assert told.slip is not None
    assert told.slip.days == 14
    society = house.society
    assert told.slip.contact == society.slip_contact
    assert told.slip.phone == society.contact_phone
    assert told.slip.hours == society.contact_hours
    assert f"{told.expires.astimezone(JST):%Y%m%d%H%M}" == "202611252359"


@pytest.mark.parametrize("method", CHOICES)
def test_gmo_is_told_who_pays(method: Method) -> None:
    house = House()
    payment = house.decide(house.bill(), method)
    assert house.gmo.orders[payment.order_id].request.payer == PAYER


def test_a_further_payment_tells_gmo_who_pays_now() -> None:
    house = House()
    invoice = house.bill()
    house.card(invoice)
    house.clock.tick(hours=49)
    now = replace(PAYER, name="鈴木 花子")
    house.opening.again(house.account(), house.invoice(invoice), now, WORKPLACE)
    assert house.gmo.orders[house.last(invoice).order_id].request.payer == now


def test_a_cards_link_ends_on_a_whole_minute() -> None:
    """GMO knows dates to the minute, so what we believe must not be later than what it does."""
    society = House().society
    now = datetime(2026, 11, 22, 3, 4, 5, 678, tzinfo=UTC)
    made = terms(society, Method.CARD, now)
    assert made.link_expires_at == datetime(2026, 11, 23, 3, 4, tzinfo=UTC)
    assert made.term_days == 0


def test_a_slips_link_ends_by_japans_calendar() -> None:
    """Half past three in the afternoon UTC is the next day in Japan."""
    now = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    made = terms(House().society, Method.CVS, now)
    assert made.link_expires_at == datetime(2026, 11, 26, 23, 59, tzinfo=JST)


def test_order_ids_are_random_and_fit_gmo() -> None:
    house = House()
    first, second = house.card(house.bill(2025)), house.card(house.bill(2026))
    for payment in (first, second):
        assert payment.order_id.startswith("D26-")
        assert len(payment.order_id) == 20
    assert first.order_id != second.order_id


def test_a_payer_gmo_cannot_print_is_no_reason_not_to_issue() -> None:
    house = House()
    invoice = house.bill()
    account = house.account()
    house.opening.decide(account, invoice, Method.CVS, Payer(name="𠮷田"), WORKPLACE)
    assert house.last(invoice).state is PaymentState.LINKED


# Near the closing date


@pytest.mark.parametrize(
    ("closes_on", "methods"),
    [
        (date(2026, 12, 9), (Method.CARD, Method.CVS)),
        (date(2026, 12, 8), (Method.CARD,)),
        (date(2026, 11, 22), (Method.CARD,)),
        (date(2025, 3, 31), (Method.CARD,)),
    ],
)
def test_a_slip_is_offered_only_where_it_can_end_before_the_closing_date(
    closes_on: date, methods: tuple[Method, ...]
) -> None:
    """Three days of link and fourteen of slip, counted from the day in Japan."""
    house = House()
    invoice = house.bill(closes_on=closes_on)
    assert offered(house.society, invoice, house.clock()) == methods


def test_the_day_that_counts_is_japans() -> None:
    house = House()
    invoice = house.bill(closes_on=date(2026, 12, 9))
    house.clock.tick(hours=12)  # Midnight in Japan: one day later there, not in UTC.
    assert offered(house.society, invoice, house.clock()) == (Method.CARD,)


def test_a_slip_that_is_not_offered_is_not_opened() -> None:
    house = House()
    invoice = house.bill(closes_on=date(2026, 11, 30))
    with pytest.raises(MethodMissingError):
        house.decide(invoice, Method.CVS)
    assert house.gmo.calls == []
    assert house.invoice(invoice).method is None
