"""The queue of discrepancies: nothing leaves it but by a person who says why."""

import pytest

from portal.billing.discrepancies import (
    KINDS,
    Discrepancies,
    Discrepancy,
    NotClosableError,
    discrepancy_of,
    explained,
)
from portal.billing.judge import Fact
from portal.billing.model import InvoiceState, Payment, PaymentState
from portal.clock import iso
from portal.database import Delete, Update
from tests.unit.billing.house import NOON, TABLES, House

WHO, WHY = "office:山田", "電話で確認"


def queue(house: House) -> Discrepancies:
    return Discrepancies(house.database, house.store, TABLES.audit)


def the_one(house: House) -> Discrepancy:
    (one,) = queue(house).listed()
    return one


def close(house: House, one: Discrepancy) -> None:
    queue(house).close(one, actor=WHO, reason=WHY, now=house.clock())


def surplus(house: House) -> Payment:
    """Return a payment that came for an invoice which was waived meanwhile."""
    payment = house.card()
    find(house, "surplus", payment.order_id)
    return payment


def find(house: House, kind: str, subject: str) -> None:
    write = house.store.discrepancy(kind, subject, house.clock(), {"paid_amount": 1})
    house.database.commit(write)


def mismatch(house: House) -> Payment:
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=1)
    return house.settle(payment).payment


# What is refused


def test_one_that_is_not_there_is_not_found() -> None:
    house = House()
    surplus(house)
    assert queue(house).find("surplus#D26-0000000000000000") is None


def test_what_was_closed_is_not_closed_again() -> None:
    house = House()
    surplus(house)
    one = the_one(house)
    close(house, one)
    closed = queue(house).find(one.ident)
    assert closed is not None
    with pytest.raises(NotClosableError, match="すでに完了"):
        close(house, closed)


def test_what_was_found_again_since_it_was_shown_is_not_closed() -> None:
    """Seen red without the condition on `times`."""
    house = House()
    payment = surplus(house)
    shown = the_one(house)
    find(house, "surplus", payment.order_id)
    with pytest.raises(NotClosableError, match="変わりました"):
        close(house, shown)
    assert the_one(house).times == 2


def test_of_two_who_close_at_once_the_second_is_refused() -> None:
    house = House()
    surplus(house)
    shown = the_one(house)
    close(house, shown)
    with pytest.raises(NotClosableError):
        close(house, shown)
    audits = [row["action"] for row in house.database.rows(TABLES.audit)]
    assert audits.count("discrepancy.closed") == 1


def test_a_mismatch_that_keeps_its_invoice_from_being_paid_is_not_closed() -> None:
    """The member would read 確認中 for ever, and nobody would look again."""
    house = House()
    mismatch(house)
    with pytest.raises(NotClosableError, match="payments accept"):
        close(house, the_one(house))
    assert the_one(house).open


# What a closing leaves


def test_a_closing_says_who_when_and_why_and_keeps_the_evidence() -> None:
    house = House()
    payment = surplus(house)
    before = the_one(house)
    house.clock.tick(hours=1)
    close(house, before)
    assert queue(house).listed() == []
    (done,) = queue(house).listed(done=True)
    assert (done.closed_by, done.closed_at, done.closed_why) == (WHO, house.clock(), WHY)
    assert done.evidence == before.evidence
    assert house.events(payment)[-1] == "discrepancy_closed"
    audited = [one for one in house.database.rows(TABLES.audit) if one["note"] == WHY]
    assert [(one["pk"], one["actor"]) for one in audited] == [(payment.member_id, WHO)]


def test_a_closing_about_no_order_of_ours_is_audited_under_its_own_name() -> None:
    house = House()
    find(house, "unknown_order", "2026-11-22")
    close(house, the_one(house))
    (told,) = house.database.rows(TABLES.audit)
    assert told["pk"] == "discrepancy:unknown_order#2026-11-22"


def test_what_is_found_again_is_open_again_counts_and_tells_of_its_closing() -> None:
    house = House()
    payment = surplus(house)
    close(house, the_one(house))
    house.clock.tick(days=3)
    find(house, "surplus", payment.order_id)
    one = the_one(house)
    assert (one.times, one.closings, one.reopened) == (2, 1, True)
    assert (one.closed_by, one.closed_why) == (WHO, WHY)
    close(house, one)
    (done,) = queue(house).listed(done=True)
    assert (done.closings, done.reopened) == (2, False)


# What is listed and shown


def test_the_first_find_is_kept_beside_the_last() -> None:
    house = House()
    payment = surplus(house)
    house.clock.tick(days=2)
    find(house, "surplus", payment.order_id)
    one = the_one(house)
    assert (one.found_at, one.last_found_at) == (NOON, house.clock())


def test_open_ones_come_by_their_first_find_the_oldest_on_top() -> None:
    house = House()
    for subject in ("2026-11-22", "2026-11-23", "2026-11-24"):
        find(house, "unknown_order", subject)
        house.clock.tick(days=1)
    find(house, "unknown_order", "2026-11-22")
    subjects = [one.subject for one in queue(house).listed()]
    assert subjects == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_a_row_of_the_first_release_is_read_and_goes_on_counting() -> None:
    """It had but one moment, which was the last find's."""
    house = House()
    find(house, "surplus", "X")
    key = {"pk": "DISC#surplus#X", "sk": "DISC"}
    house.database.commit(Update(TABLES.billing, key, remove=("last_found_at",)))
    assert the_one(house).last_found_at == NOON
    house.clock.tick(days=1)
    find(house, "surplus", "X")
    assert (the_one(house).found_at, the_one(house).last_found_at) == (NOON, house.clock())


def test_the_orders_log_is_shown_beside_it() -> None:
    house = House()
    payment = mismatch(house)
    log = queue(house).log(the_one(house).subject)
    assert [(one.what, one.at) for one in log] == [("mismatch", iso(NOON))]
    assert log[0].data["order_id"] == payment.order_id


def test_every_notification_that_claimed_it_is_named() -> None:
    house = House()
    payment = house.card()
    body = f"ShopID=tshop00000000&OrderID={payment.order_id}&Status=CAPTURE&PayType=0".encode()
    for _ in range(3):
        house.knock(body)
    ids = sorted(str(row["pk"]) for row in house.pending())
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    assert queue(house).deliveries(the_one(house)) == ids


def test_every_kind_has_a_name_and_a_way_out_in_japanese() -> None:
    for kind, told in KINDS.items():
        assert told.name, kind
        assert told.way_out.endswith("。"), kind


def test_a_kind_of_a_later_version_is_shown_all_the_same() -> None:
    assert explained("something_new").way_out


def test_odd_rows_do_not_hide_the_queue() -> None:
    row = {"kind": "surplus", "subject": "x", "found_at": iso(NOON), "evidence": "?", "times": "?"}
    one = discrepancy_of({**row, "open": "open"})
    assert (one.evidence, one.times) == ({}, 0)


# Paid, and then not


def paid(house: House) -> Payment:
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    return house.settle(payment).payment


@pytest.mark.parametrize("status", ["UNPROCESSED", "AUTH", "NEWWORD", None])
def test_gmo_that_takes_its_word_back_is_found_and_changes_nothing(status: str | None) -> None:
    """Seen red without the first lines of judge()."""
    house = House()
    payment = paid(house)
    account = house.account()
    deny(house, payment, status)
    settled = house.settle(payment)
    assert settled.fact is Fact.UNPAID_AT_GMO
    assert settled.payment.state is PaymentState.PAID
    assert house.account().invoices == account.invoices
    assert house.account().receipts == account.receipts
    one = the_one(house)
    assert (one.kind, one.subject) == ("unpaid_at_gmo", payment.order_id)
    assert one.evidence["paid_amount"] == payment.paid_amount
    assert one.evidence.get("gmo_status") == status


def deny(house: House, payment: Payment, status: str | None) -> None:
    if status is None:
        house.gmo.orders[payment.order_id].trade = None
    else:
        house.gmo.say(payment.order_id, status)


def test_a_denied_payment_is_found_by_the_schedule_and_counted_each_time() -> None:
    house = House()
    payment = paid(house)
    deny(house, payment, None)
    for days in (1, 34):
        house.clock.tick(days=days)
        house.ask()
    assert the_one(house).times == 2
    house.clock.tick(days=400)
    assert house.ask() == {"asked": 0, "left": 0}


def test_a_silent_gmo_denies_nothing() -> None:
    house = House()
    payment = paid(house)
    house.gmo.silent.add(payment.order_id)
    house.clock.tick(days=2)
    house.ask()
    assert queue(house).listed() == []


def test_money_by_the_other_way_of_paying_is_not_called_unpaid() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_otherwise(payment.order_id)
    house.clock.tick(hours=48)
    house.settle(payment)
    house.settle(payment)
    assert the_one(house).kind == "mismatch"


def test_a_refund_is_no_denial() -> None:
    house = House()
    payment = paid(house)
    house.gmo.refund(payment.order_id)
    assert house.settle(payment).fact is Fact.REFUNDED
    assert house.settle(payment).fact is None
    assert queue(house).listed() == []
    (invoice,) = house.account().invoices
    assert invoice.state is InvoiceState.REFUNDED


def test_a_discrepancy_of_rows_that_are_lost_can_still_be_closed() -> None:
    house = House()
    payment = mismatch(house)
    gone = {"pk": f"ORDER#{payment.order_id}", "sk": "REF"}
    house.database.commit(Delete(TABLES.billing, gone))
    close(house, the_one(house))
    assert queue(house).listed() == []
