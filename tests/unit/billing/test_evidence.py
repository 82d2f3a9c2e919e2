"""What is kept of what happened: an order's log, the evidence of a discrepancy, the audit, mails.

The office decides by these years later, so each field is held by name. Seen red by make mutate.
"""

from dataclasses import replace
from urllib.parse import urlencode

from portal.billing.discrepancies import KINDS
from portal.billing.model import Method, PaymentState
from portal.database import Item, Value
from tests.fake_gmo import SHOP_ID
from tests.unit.billing.house import AMOUNT, MEMBER_ID, STAGE, TABLES, House

OTHER_SHOP = "tshop99999999"
LONG = "A-WORD-THAT-GMO-NEVER-SAYS"


def claim(order_id: str, **more: str) -> bytes:
    fields = {"ShopID": SHOP_ID, "OrderID": order_id, "Status": "CAPTURE", "PayType": "0"}
    return urlencode(fields | more).encode()


def given_up(house: House, body: bytes) -> Item:
    """Let a claim that GMO never confirms run through its tries; return the discrepancy."""
    house.knock(body)
    house.stream()
    for wait in (1, 10, 60):
        house.clock.tick(minutes=wait)
        house.sweep()
    (found,) = house.discrepancies()
    return found


def logged(house: House, order_id: str) -> dict[str, Value]:
    """Return the order's log: what happened and its data."""
    rows = house.database.rows(TABLES.billing, "EVT#")
    return {str(row["what"]): row["data"] for row in rows if row["pk"] == f"ORDER#{order_id}"}


def inbox_id(house: House) -> str:
    (row,) = house.database.rows(TABLES.inbox)
    return str(row["pk"])


# Of notifications


def test_a_declines_log_tells_gmos_word_and_codes() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert logged(house, payment.order_id) == {
        "declined": {"status": "UNPROCESSED", "codes": "42G/42G020000"}
    }


def test_of_a_declines_word_no_more_than_twenty_characters_are_kept() -> None:
    house = House()
    payment = house.card()
    house.knock(claim(payment.order_id, Status=LONG, ErrCode="42G", ErrInfo="42G020000"))
    house.stream()
    data = logged(house, payment.order_id)["declined"]
    assert isinstance(data, dict)
    assert data["status"] == LONG[:20]


def test_a_notification_is_read_in_the_letters_it_declares() -> None:
    house = House()
    payment = house.card()
    body = claim(payment.order_id, Status="決済失敗", ErrCode="42G", ErrInfo="42G020000")
    house.knock(body, "application/x-www-form-urlencoded; charset=utf-8")
    house.stream()
    data = logged(house, payment.order_id)["declined"]
    assert isinstance(data, dict)
    assert data["status"] == "決済失敗"


def test_what_a_claim_without_confirmation_said_is_kept_with_its_delivery() -> None:
    house = House()
    payment = house.card()
    found = given_up(house, claim(payment.order_id, Amount="11000", Tax="1000"))
    assert found["evidence"] == {
        "inbox_id": inbox_id(house),
        "status": "CAPTURE",
        "amount": 12_000,
        "shop_matches": True,
    }


def test_a_claim_of_another_shop_that_names_no_amount_is_kept_as_such() -> None:
    house = House()
    payment = house.card()
    found = given_up(house, claim(payment.order_id, ShopID=OTHER_SHOP, Status=LONG))
    assert found["evidence"] == {
        "inbox_id": inbox_id(house),
        "status": LONG[:20],
        "amount": -1,
        "shop_matches": False,
    }


def test_a_notification_of_an_order_nobody_knows_is_kept_with_its_delivery() -> None:
    house = House()
    house.knock(claim("D2026-000123-1"))
    house.stream()
    (found,) = house.discrepancies()
    assert found["evidence"] == {"inbox_id": inbox_id(house), "order_id": "D2026-000123-1"}


# Of re-attached orders


def test_a_re_attached_orders_log_tells_gmos_word() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.forget(payment, invoice)
    house.reattachment.reattach(payment.order_id)
    assert logged(house, payment.order_id) == {"reattached": {"status": "CAPTURE"}}


def test_an_order_that_leads_nowhere_is_kept_with_gmos_word_and_amount() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, client_fields=("", "", ""), tax=5)
    house.forget(payment, invoice)
    house.notify(payment.order_id)
    house.stream()
    evidence = {one["kind"]: one["evidence"] for one in house.discrepancies()}
    assert evidence["unknown_order_at_gmo"] == {"status": "CAPTURE", "amount": AMOUNT + 5}


def test_late_money_after_the_method_was_freed_has_no_chosen_method_as_evidence() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)
    house.releasing.release(
        MEMBER_ID, invoice.invoice_id, actor="office:sato", reason="電話", now=house.clock()
    )
    house.gmo.deposit(slip.order_id, late=True)
    house.gmo.alter(slip.order_id, amount=AMOUNT - 1)
    house.settle(slip)
    (found,) = house.discrepancies()
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert (found["kind"], evidence["chosen_method"]) == ("mismatch", "")


# Of settled payments


def test_the_log_of_a_payment_tells_what_we_had_and_what_gmo_said() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    access_id = house.payment(payment).access_id
    assert access_id
    assert logged(house, payment.order_id) == {
        "paid": {
            "state": "paid",
            "order_id": payment.order_id,
            "invoice_id": invoice.invoice_id,
            "member_id": MEMBER_ID,
            "method": "card",
            "chosen_method": "card",
            "amount": AMOUNT,
            "paid_amount": AMOUNT,
            "access_id": access_id,
            "invoice_state": "paid",
            "gmo_status": "CAPTURE",
            "gmo_pay_type": "0",
            "gmo_amount": AMOUNT,
            "gmo_tax": 0,
            "gmo_currency": "JPN",
            "gmo_client_fields": [invoice.invoice_id, MEMBER_ID, STAGE],
        }
    }


def test_a_mismatchs_evidence_tells_both_amounts() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=10_000, tax=1_000, currency="USD")
    house.settle(payment)
    (found,) = house.discrepancies()
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    told = {name: evidence[name] for name in ("amount", "paid_amount", "gmo_amount", "gmo_tax")}
    assert told == {
        "amount": AMOUNT,
        "paid_amount": 11_000,
        "gmo_amount": 10_000,
        "gmo_tax": 1_000,
    }
    assert (evidence["gmo_currency"], evidence["invoice_state"]) == ("USD", "unpaid")
    assert found["kind"] in KINDS


def test_an_orders_end_without_a_transaction_tells_nothing_of_gmo() -> None:
    house = House()
    payment = house.card()
    house.clock.tick(hours=48)
    house.settle(payment)
    data = logged(house, payment.order_id)["ended"]
    assert isinstance(data, dict)
    assert data["state"] == "expired"
    assert not any(name.startswith("gmo_") for name in data)


def test_the_end_of_a_declined_link_tells_of_the_decline() -> None:
    house = House()
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    house.clock.tick(hours=48)
    house.settle(payment)
    data = logged(house, payment.order_id)["ended"]
    assert isinstance(data, dict)
    assert (data["state"], data["gmo_status"]) == ("expired", "UNPROCESSED")


def test_a_declined_link_that_is_stopped_tells_of_the_decline() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.decline_card(payment.order_id)
    house.come_back(payment, "ERROR")
    house.again(invoice)
    data = logged(house, payment.order_id)["ended"]
    assert isinstance(data, dict)
    assert (data["state"], data["gmo_status"]) == ("cancelled", "UNPROCESSED")


def test_a_declined_link_past_its_date_that_makes_room_tells_of_the_decline() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.decline_card(payment.order_id)
    house.clock.tick(hours=49)
    house.again(invoice)
    data = logged(house, payment.order_id)["ended"]
    assert isinstance(data, dict)
    assert (data["state"], data["gmo_status"]) == ("expired", "UNPROCESSED")


def test_the_audit_tells_who_moved_what_from_where_to_where() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    (entry,) = [row for row in house.database.rows(TABLES.audit) if row["actor"] == "gmo"]
    assert (entry["action"], entry["pk"]) == ("payment.paid", MEMBER_ID)
    assert entry["before"] == {"state": "linked", "order_id": payment.order_id}
    assert entry["after"] == {
        "state": "paid",
        "invoice": "paid",
        "amount": AMOUNT,
        "receipt": "2026-001234-1",
    }


# In mails


def mail(house: House, kind: str) -> Value:
    (row,) = [row for row in house.database.rows(TABLES.outbox) if row["kind"] == kind]
    assert row["member_id"] == MEMBER_ID
    return row["data"]


def test_a_card_payments_mail_is_made_of_invoice_order_amount_and_day() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    assert mail(house, "card_paid") == {
        "invoice_id": invoice.invoice_id,
        "order_id": payment.order_id,
        "title": "2026年度 年会費",
        "amount": AMOUNT,
        "paid_on": "2026-11-22",
    }


def test_a_slips_mail_is_made_of_what_the_payer_needs_at_the_store() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    assert mail(house, "slip_issued") == {
        "invoice_id": invoice.invoice_id,
        "order_id": slip.order_id,
        "title": "2026年度 年会費",
        "amount": AMOUNT,
        "cvs_code": "10002",
        "conf_no": "20020",
        "receipt_no": "123456789012",
        "receipt_url": "",
        "term": "2026-12-06T14:59:59.000000Z",
    }


def test_a_slips_mail_carries_the_address_of_the_slip_where_the_store_has_one() -> None:
    house = House()
    payment = house.decide(house.bill(), Method.CVS)
    house.gmo.issue_slip(payment.order_id)
    order = house.gmo.orders[payment.order_id]
    assert order.trade is not None
    order.trade = replace(order.trade, receipt_url="https://example.com/s", payment_term=None)
    house.settle(payment)
    data = mail(house, "slip_issued")
    assert isinstance(data, dict)
    assert (data["receipt_url"], data["term"]) == ("https://example.com/s", "")


def test_a_slip_that_failed_is_not_told_as_run_out() -> None:
    house = House()
    slip = house.slip()
    house.gmo.say(slip.order_id, "PAYFAIL")
    assert house.settle(slip).payment.state is PaymentState.CANCELLED
    assert house.mails() == [f"slip_issued#{slip.order_id}"]


def test_a_slip_about_which_nothing_is_new_is_not_told_again() -> None:
    house = House()
    slip = house.slip()
    assert house.settle(slip).fact is None
    assert house.mails() == [f"slip_issued#{slip.order_id}"]


def test_a_link_that_ran_out_is_not_told_as_a_slip() -> None:
    house = House()
    payment = house.card()
    house.clock.tick(hours=48)
    assert house.settle(payment).payment.state is PaymentState.EXPIRED
    assert house.mails() == []
