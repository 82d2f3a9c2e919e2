"""What stays of 決定: the audit's entry, and for whom the receipt will be."""

import pytest

from portal.billing.model import CHOICES, Method
from tests.unit.billing.house import AMOUNT, MEMBER_ID, PAYER, TABLES, WORKPLACE, House


@pytest.mark.parametrize("method", CHOICES)
def test_opening_a_payment_is_in_the_audit(method: Method) -> None:
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, method)
    (entry,) = [
        row for row in house.database.rows(TABLES.audit) if row["action"] == "payment.opened"
    ]
    assert (entry["pk"], entry["actor"]) == (MEMBER_ID, MEMBER_ID)
    assert entry["after"] == {
        "order_id": payment.order_id,
        "invoice_id": invoice.invoice_id,
        "method": method.value,
        "amount": AMOUNT,
    }


def test_the_payers_name_and_workplace_are_kept_for_the_receipt() -> None:
    house = House()
    payment = house.decide(house.bill())
    assert (payment.payer_name, payment.payer_workplace) == (PAYER.name, WORKPLACE)


def test_a_further_payment_keeps_the_workplace_of_now() -> None:
    house = House()
    invoice = house.bill()
    house.card(invoice)
    house.clock.tick(hours=49)
    house.opening.again(house.account(), house.invoice(invoice), PAYER, "港病院")
    assert house.last(invoice).payer_workplace == "港病院"
