"""After a restore: orders that GMO knows and our table has forgotten lead back to their invoice.

Seen red by booking without looking at the stage, and by leaving a re-attached slip beside the
invoice, where a second payment could be opened.
"""

import pytest

from portal.billing.model import Flag, InvoiceState, Method, Payment, PaymentState
from portal.billing.receipts import Addressee
from portal.members import store as members
from tests.unit.billing.house import TABLES, House
from tests.unit.members.desk import a_member


def forgotten(house: House, method: Method = Method.CARD) -> Payment:
    """Return a payment that was begun after the moment the table was restored to."""
    invoice = house.bill()
    payment = house.decide(invoice, method)
    if method is Method.CVS:
        house.gmo.issue_slip(payment.order_id)
    house.forget(payment, invoice)
    assert house.payments() == []
    return payment


def test_money_of_a_forgotten_order_finds_its_invoice() -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    (invoice,) = house.account().invoices
    assert invoice.state is InvoiceState.PAID
    assert invoice.paid_order == payment.order_id
    assert set(house.events(payment)) == {"reattached", "paid"}
    assert house.discrepancies() == []


def test_the_receipt_of_a_forgotten_order_can_be_made_out_to_the_member() -> None:
    """What was confirmed with 決定 is lost with the row, so the record as it is now stands in."""
    house = House()
    house.database.commit(members.new(TABLES.members, a_member(workplace="中野病院")))
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    record = a_member().record
    name = f"{record.family_name} {record.given_name}"
    assert house.payment(payment).payer_name == name
    receipt = house.receipt(house.account().invoices[0])
    assert receipt is not None
    assert receipt.offered == {Addressee.SELF: name, Addressee.WORKPLACE: "中野病院"}


def test_a_forgotten_order_is_re_attached_also_where_the_members_row_is_missing() -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert house.payment(payment).state is PaymentState.PAID
    assert (house.payment(payment).payer_name, house.payment(payment).payer_workplace) == ("", "")


def test_a_forgotten_slip_is_shown_again_instead_of_a_second_one() -> None:
    house = House()
    payment = forgotten(house, Method.CVS)
    house.notify(payment.order_id)
    house.stream()
    (invoice,) = house.account().invoices
    assert (invoice.live_order, invoice.method) == (payment.order_id, Method.CVS)
    assert house.payment(payment).state is PaymentState.SLIP
    house.decide(invoice, Method.CVS)
    assert len(house.gmo.orders) == 1


def test_a_forgotten_slip_beside_a_new_payment_is_stopped() -> None:
    house = House()
    payment = forgotten(house, Method.CVS)
    (invoice,) = house.account().invoices
    fresh = house.decide(invoice, Method.CARD)
    house.notify(payment.order_id)
    house.stream()
    assert house.payment(payment).state is PaymentState.CANCELLED
    assert not house.gmo.payable(payment.order_id)
    assert house.invoice(invoice).live_order == fresh.order_id


def test_a_forgotten_slip_of_a_paid_invoice_is_stopped() -> None:
    house = House()
    payment = forgotten(house, Method.CVS)
    (invoice,) = house.account().invoices
    fresh = house.card(invoice)
    house.gmo.pay_card(fresh.order_id)
    house.settle(fresh)
    house.notify(payment.order_id)
    house.stream()
    assert not house.gmo.payable(payment.order_id)
    assert house.invoice(invoice).paid_order == fresh.order_id


def test_money_of_a_forgotten_order_for_an_invoice_paid_meanwhile_is_surplus() -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    (invoice,) = house.account().invoices
    fresh = house.card(invoice)
    house.gmo.pay_card(fresh.order_id)
    house.settle(fresh)
    house.notify(payment.order_id)
    house.stream()
    assert house.payment(payment).flag is Flag.SURPLUS


def test_a_forgotten_link_that_was_declined_can_be_replaced() -> None:
    """Its address is lost, so the way on is open; the old link is stopped first."""
    house = House()
    payment = forgotten(house)
    house.gmo.decline_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    (invoice,) = house.account().invoices
    fresh = house.again(invoice)
    assert (fresh.attempt, fresh.state) == (2, PaymentState.LINKED)
    assert not house.gmo.payable(payment.order_id)


@pytest.mark.parametrize(
    "fields",
    [
        ("inv", "0123456789abcdefghjkmnpqrs", "test"),
        ("", "", ""),
        ("inv", "", "test"),
        ("inv", "0123456789abcdefghjkmnpqrs", "production"),
    ],
)
def test_an_order_at_gmo_that_leads_nowhere_becomes_a_task(fields: tuple[str, str, str]) -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, client_fields=fields)
    house.notify(payment.order_id)
    house.stream()
    kinds = {str(one["kind"]): one["subject"] for one in house.discrepancies()}
    assert kinds["unknown_order_at_gmo"] == payment.order_id
    assert house.payments() == []


def test_another_stages_order_is_not_booked_to_our_invoice() -> None:
    """Two stages behind one shop: the third field says whose money it is."""
    house = House()
    payment = forgotten(house)
    (invoice,) = house.account().invoices
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(
        payment.order_id, client_fields=(invoice.invoice_id, invoice.member_id, "production")
    )
    house.notify(payment.order_id)
    house.stream()
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert house.payments() == []
    assert "unknown_order_at_gmo" in [one["kind"] for one in house.discrepancies()]


def test_a_silent_gmo_postpones_the_re_attachment() -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.gmo.down.add("search")
    house.stream()
    assert len(house.pending()) == 1
    assert house.discrepancies() == []
    house.gmo.down.clear()
    house.clock.tick(minutes=1)
    house.sweep()
    assert house.account().invoices[0].state is InvoiceState.PAID


def test_two_deliveries_at_once_re_attach_one_payment() -> None:
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.database.before_commit = [lambda: house.reattachment.reattach(payment.order_id)]
    house.stream()
    assert len(house.payments()) == 1
    assert house.account().invoices[0].attempts == 1
    assert house.account().invoices[0].state is InvoiceState.PAID


def test_a_re_attachment_that_met_another_write_is_tried_again() -> None:
    """Else a 決定 in the same moment would make the notification one of an unknown order."""
    house = House()
    payment = forgotten(house)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    (invoice,) = house.account().invoices
    house.database.before_commit.append(lambda: house.decide(invoice, Method.CARD))
    house.stream()
    house.clock.tick(minutes=3)
    house.sweep()
    assert house.discrepancies() == []
    assert house.payment(payment).state is PaymentState.PAID
    assert house.account().invoices[0].paid_order == payment.order_id


def test_a_notification_that_is_quicker_than_gmos_search_is_tried_again() -> None:
    """GMO's search may be minutes behind its own notification; a forgotten order has only that."""
    house = House()
    payment = forgotten(house)
    body = f"ShopID=tshop00000000&OrderID={payment.order_id}&Status=CAPTURE&PayType=0"
    house.knock(body.encode())
    house.stream()
    assert house.discrepancies() == []
    house.gmo.pay_card(payment.order_id)
    house.clock.tick(minutes=1)
    house.sweep()
    assert house.account().invoices[0].paid_order == payment.order_id
