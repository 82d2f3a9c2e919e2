"""お支払い手続きをやり直す: a way on by the same method, never beside a live payment."""

import pytest

from portal.billing.model import InvoiceState, Method, PaymentState
from portal.billing.open_payment import StillOpenError
from portal.gmo.errors import UnknownOutcome
from tests.unit.billing.house import (
    MEMBER_ID,
    TABLES,
    House,
)


def live_payments(house: House) -> list[str]:
    return [one.order_id for one in house.payments() if one.live]


# Starting again


def test_a_healthy_link_is_not_replaced() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    assert house.again(invoice) == payment
    assert ("reject_link", payment.order_id) not in house.gmo.calls


def test_going_back_from_gmos_page_does_not_make_a_link_ended() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "PAYSTART")
    house.again(invoice)
    assert len(house.gmo.orders) == 1


def test_an_open_slip_is_not_replaced() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.clock.tick(days=5)
    house.again(invoice)
    assert house.gmo.payable(slip.order_id)
    assert len(house.gmo.orders) == 1


@pytest.mark.parametrize("result", ["ERROR", "EXPIRED", "INVALID"])
def test_a_failure_that_the_browser_brought_back_opens_a_way_on(result: str) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, result, "42G020000")
    fresh = house.again(invoice)
    assert house.payment(payment).state is PaymentState.CANCELLED
    assert (fresh.attempt, fresh.method, fresh.state) == (2, Method.CARD, PaymentState.LINKED)
    assert not house.gmo.payable(payment.order_id)
    assert live_payments(house) == [fresh.order_id]


def test_a_link_past_its_date_is_closed_and_replaced_by_the_same_method() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.clock.tick(hours=25)
    fresh = house.again(invoice)
    assert house.payment(payment).state is PaymentState.EXPIRED
    assert fresh.method is Method.CARD
    assert live_payments(house) == [fresh.order_id]


def test_right_after_its_date_a_link_that_gmo_does_not_stop_makes_no_room() -> None:
    """GMO's search may lag behind a payer who began just before the date."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.clock.tick(hours=24, minutes=30)
    with pytest.raises(StillOpenError):
        house.again(invoice)
    assert live_payments(house) == [payment.order_id]


def test_a_payer_who_began_before_the_date_keeps_the_second_order_away_for_a_day() -> None:
    """3-D Secure may end after the link's date: seen red by letting the date alone decide."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.decline_card(payment.order_id)
    house.clock.tick(hours=26)
    with pytest.raises(StillOpenError):
        house.again(invoice)
    house.clock.tick(hours=23)
    assert house.again(invoice).order_id != payment.order_id


def test_starting_again_finds_the_money_that_came_meanwhile() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "ERROR")
    house.gmo.pay_card(payment.order_id)
    assert house.again(invoice).order_id == payment.order_id
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_starting_again_opens_nothing_while_gmo_gives_no_answer() -> None:
    """The old link may still be paid, so no second one is made beside it."""
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "ERROR")
    house.gmo.down.add("search")
    with pytest.raises(UnknownOutcome):
        house.again(invoice)
    assert len(house.gmo.orders) == 1


def test_starting_again_opens_nothing_while_the_old_link_may_live() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "ERROR")
    house.gmo.down.add("reject_link")
    with pytest.raises(UnknownOutcome):
        house.again(invoice)
    assert live_payments(house) == [payment.order_id]


def test_two_presses_of_starting_again_make_one_new_order() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.come_back(payment, "ERROR")
    house.gmo.meanwhile = [lambda: house.again(invoice)]
    house.again(invoice)
    assert len(house.gmo.orders) == 2
    assert len(live_payments(house)) == 1


def test_an_expired_slip_has_a_way_on_by_the_same_method() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)
    fresh = house.again(invoice)
    assert (fresh.method, fresh.attempt) == (Method.CVS, 2)


def test_the_office_frees_the_method_once_nothing_is_live() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)
    house.releasing.release(
        MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="電話", now=house.clock()
    )
    assert house.decide(invoice, Method.CARD).state is PaymentState.LINKED
    assert "invoice.method_released" in [r["action"] for r in house.database.rows(TABLES.audit)]
