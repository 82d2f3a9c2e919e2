"""Deliveries and presses that meet others, and questions that GMO leaves open again and again.

Seen red by make mutate: by counting what was taken off the list before, by letting a note that
nobody needs end a press in an error, and by never forgetting an old silence.
"""

from datetime import timedelta

import pytest

from portal.billing.asking import Asking, Report
from portal.billing.inbox import RETURN, Delivery, delivery
from portal.billing.model import Method, Payment, PaymentState
from portal.billing.open_payment import NO_LINK, LinkRefusedError, MethodFixedError
from portal.database import Contended
from tests.fake_gmo import Fault
from tests.unit.billing.house import PLENTY, TABLES, House
from tests.unit.billing.test_evidence import claim, logged


def tried_in_vain(house: House, payment: Payment) -> Delivery:
    """Return a claim that GMO did not confirm in all of its tries but the last."""
    house.knock(claim(payment.order_id))
    house.stream()
    for wait in (1, 10):
        house.clock.tick(minutes=wait)
        house.sweep()
    house.clock.tick(minutes=60)
    (row,) = house.pending()
    return delivery(row)


# Deliveries


def test_an_unconfirmed_delivery_taken_twice_is_counted_once() -> None:
    house = House()
    one = tried_in_vain(house, house.card())
    house.hints.apply(one)
    house.hints.apply(one)
    (found,) = house.discrepancies()
    assert (found["kind"], found["times"]) == ("unconfirmed", 1)
    assert house.pending() == []
    (row,) = house.database.rows(TABLES.inbox)
    assert row["outcome"] == "not confirmed by GMO"


def test_a_returns_order_is_kept_no_longer_than_an_order_can_be() -> None:
    house = House()
    order_id = "D26-" + "Z" * 40
    kept = house.inbox.received(
        RETURN, b"result=x", headers={}, source="", now=house.clock(), order_id=order_id
    )
    house.database.commit(kept)
    house.stream()
    (found,) = house.discrepancies()
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["order_id"] == order_id[:27]


def test_a_delivery_that_met_others_all_the_time_is_taken_up_in_a_minute() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.database.fail_next = [("write", Contended())] * 4
    house.stream()
    (row,) = house.pending()
    assert (row["waiting_for"], row["tries"]) == ("contended", 0)


def test_a_claim_that_waits_for_gmos_confirmation_says_so() -> None:
    house = House()
    house.knock(claim(house.card().order_id))
    house.stream()
    (row,) = house.pending()
    assert (row["waiting_for"], row["tries"]) == ("not confirmed by GMO", 1)


def test_an_order_that_gmo_does_not_know_yet_waits_and_says_so() -> None:
    house = House()
    house.knock(claim("D26-ZZZZZZZZZZZZZZZZ"))
    house.stream()
    (row,) = house.pending()
    assert (row["waiting_for"], row["tries"]) == ("unknown to GMO", 1)


# Re-attached orders


@pytest.mark.parametrize(("method", "hours", "days"), [(Method.CARD, 24, 0), (Method.CVS, 84, 14)])
def test_a_re_attached_payment_is_asked_for_at_once_and_as_long_as_a_new_one(
    method: Method, hours: int, days: int
) -> None:
    """The link of a slip ends at 23:59 in Japan on the third day: 84 hours less a minute."""
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, method)
    began = house.gmo.pay_card if method is Method.CARD else house.gmo.issue_slip
    began(payment.order_id)
    house.forget(payment, invoice)
    house.reattachment.reattach(payment.order_id)
    again = house.payment(payment)
    assert again.next_ask_at == again.created_at == house.clock()
    minute = timedelta(minutes=method is Method.CVS)
    assert again.link_expires_at == house.clock() + timedelta(hours=hours) - minute
    assert again.term_days == days


# The schedule


def test_an_answer_between_ends_a_row_of_silences() -> None:
    """Four, an answer, and four more are not five in a row, so all are asked about."""
    house = House()
    for year in range(9):
        house.card(house.bill(2000 + year))
    house.clock.tick(minutes=3)
    house.gmo.fail("search", *[Fault.DOWN] * 4)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 5:
            house.gmo.fail("search", *[Fault.DOWN] * 4)

    asking = Asking(house.settlement, house.clock, pause)
    assert asking.run(lambda: PLENTY) == Report(asked=9, silent=4, left=0)


def test_a_payment_nobody_knows_any_more_is_put_behind_the_others() -> None:
    house = House()
    payment = house.card()
    del house.database.tables[TABLES.billing][f"ORDER#{payment.order_id}", "REF"]
    house.clock.tick(minutes=3)
    assert house.asking.run(lambda: PLENTY) == Report(asked=1, silent=0, left=0)
    assert house.payment(payment).next_ask_at == house.clock() + timedelta(minutes=10)


# Presses


def test_a_press_that_meets_others_four_times_is_tried_once_more() -> None:
    house = House()
    invoice = house.bill()
    house.database.fail_next = [("write", Contended())] * 4
    assert house.decide(invoice).state is PaymentState.LINKED


def test_a_press_that_meets_others_all_the_time_opens_nothing() -> None:
    house = House()
    invoice = house.bill()
    house.database.fail_next = [("write", Contended())] * 5
    with pytest.raises(Contended):
        house.decide(invoice)
    assert (house.payments(), house.gmo.calls) == ([], [])


def test_the_error_of_another_method_names_the_one_that_stands() -> None:
    house = House()
    invoice = house.bill()
    house.card(invoice)
    with pytest.raises(MethodFixedError, match=r"^card$"):
        house.decide(invoice, Method.CVS)


def test_issuing_without_a_link_is_noted_with_its_moment() -> None:
    house = House()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    payment = house.card()
    assert (payment.last_result, payment.last_result_at) == (NO_LINK, house.clock())


def test_a_note_that_met_another_write_is_left_out() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)
    house.database.before_commit = [
        lambda: None,
        lambda: house.database.fail_next.append(("write", Contended())),
    ]
    payment = house.decide(invoice)
    assert (payment.state, payment.last_result) == (PaymentState.CREATED, "")


def test_a_note_about_what_was_changed_meanwhile_is_left_out() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.TIMEOUT)

    def brought_back() -> None:
        house.come_back(house.last(invoice), "PAYSTART")

    house.database.before_commit = [lambda: None, brought_back]
    assert house.decide(invoice).last_result == "PAYSTART"


def test_a_refused_links_log_tells_gmos_codes() -> None:
    house = House()
    invoice = house.bill()
    house.gmo.fail("issue_link", Fault.REFUSED)
    with pytest.raises(LinkRefusedError):
        house.decide(invoice)
    order_id = house.last(invoice).order_id
    assert logged(house, order_id) == {"refused": {"why": "GMO refused: EZ1/EZ1040002"}}
