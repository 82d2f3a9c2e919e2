"""A stored delivery is applied anew: nothing is booked but by GMO's own answer, and never twice."""

import pytest

from portal.billing.discrepancies import Discrepancies
from portal.billing.inbox import Stored
from portal.billing.model import InvoiceState, Payment
from portal.billing.replay import NotReplayableError, Replay
from portal.database import Delete
from tests.unit.billing.house import TABLES, House


def replay(house: House) -> Replay:
    tasks = Discrepancies(house.database, house.store, TABLES.audit)
    return Replay(house.database, house.inbox, tasks, TABLES.audit)


def again(house: House, one: Stored) -> None:
    replay(house).again(one, actor="office:山田", reason="GMO 復旧", now=house.clock())


def forged(payment: Payment, shop: str = "tshop00000000") -> bytes:
    return f"ShopID={shop}&OrderID={payment.order_id}&Status=CAPTURE&PayType=0".encode()


def given_up(house: House, payment: Payment, shop: str = "tshop00000000") -> None:
    """Have a claim denied by GMO until it becomes a discrepancy."""
    house.knock(forged(payment, shop))
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()


def stored(house: House) -> Stored:
    (row,) = house.database.rows(TABLES.inbox)
    found = house.inbox.find(str(row["pk"]))
    assert found is not None
    return found


def test_a_delivery_that_is_gone_is_not_made_out_of_nothing() -> None:
    """Seen red without Exists("pk")."""
    house = House()
    house.knock(b"OrderID=x")
    one = stored(house)
    house.database.commit(Delete(TABLES.inbox, {"pk": one.delivery.inbox_id}))
    with pytest.raises(NotReplayableError):
        again(house, one)
    assert house.database.rows(TABLES.inbox) == []
    assert house.database.rows(TABLES.audit) == []


@pytest.mark.parametrize("paid", [True, False], ids=["applied", "later"])
def test_a_delivery_that_is_gone_while_it_is_applied_does_not_come_back_as_a_stump(
    paid: bool,
) -> None:
    """Its time to live ends it at any moment. Seen red without Exists("pk")."""
    house = House()
    payment = house.card()
    if paid:
        house.gmo.pay_card(payment.order_id)
    house.knock(forged(payment))
    one = stored(house)
    house.database.commit(Delete(TABLES.inbox, {"pk": one.delivery.inbox_id}))
    house.hints.apply(one.delivery)
    assert house.database.rows(TABLES.inbox) == []


@pytest.mark.parametrize("body", [b"", b"OrderID=x"], ids=["empty", "unknown"])
def test_a_gone_delivery_of_no_payment_stays_gone(body: bytes) -> None:
    house = House()
    house.knock(body)
    one = stored(house)
    house.database.commit(Delete(TABLES.inbox, {"pk": one.delivery.inbox_id}))
    house.hints.apply(one.delivery)
    house.hints.put_back(one.delivery)
    assert house.database.rows(TABLES.inbox) == []


def test_an_unknown_delivery_is_not_found() -> None:
    assert House().inbox.find("2026-11-22T03:00:00.000000Z#XXXXXXXXXX") is None


def test_what_waits_for_its_next_try_has_not_failed() -> None:
    house = House()
    house.knock(forged(house.card()))
    assert list(replay(house).failed()) == []
    house.stream()
    assert list(replay(house).failed()) == []


def test_what_was_applied_has_not_failed() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    assert list(replay(house).failed()) == []


@pytest.mark.parametrize("shop", ["tshop00000000", "tshop99999999"])
def test_what_gmo_never_confirmed_has_failed_until_the_office_closes_its_task(shop: str) -> None:
    house = House()
    given_up(house, house.card(), shop)
    assert list(replay(house).failed()) == [stored(house)]
    tasks = Discrepancies(house.database, house.store, TABLES.audit)
    (task,) = tasks.listed()
    tasks.close(task, actor="office:山田", reason="偽の通知", now=house.clock())
    assert list(replay(house).failed()) == []


def test_an_order_of_our_form_that_stayed_unknown_has_failed() -> None:
    """GMO may be longer behind itself than we ask; the runbook says to replay it."""
    house = House()
    house.knock(b"ShopID=tshop00000000&OrderID=D26-0000000000000000&Status=CAPTURE&PayType=0")
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    assert [one["kind"] for one in house.discrepancies()] == ["unknown_order"]
    assert list(replay(house).failed()) == [stored(house)]
    again(house, stored(house))
    assert stored(house).pending


def test_unknown_orders_of_another_form_leave_no_row_each() -> None:
    """Anybody can post them, GMO is not asked about them, and the day's task names the last one."""
    house = House()
    house.knock(b"ShopID=tshop00000000&OrderID=x&Status=CAPTURE&PayType=0")
    house.stream()
    rows = house.database.rows(TABLES.billing)
    assert [row for row in rows if str(row["pk"]).startswith("HEARD#")] == []


def test_what_met_a_fault_of_ours_again_and_again_has_failed() -> None:
    house = House()
    house.knock(forged(house.card()))
    for _ in range(3):
        house.hints.put_back(stored(house).delivery)
    assert list(replay(house).failed()) == [stored(house)]


def test_a_replayed_delivery_books_what_gmo_confirms_by_now() -> None:
    house = House()
    payment = house.card()
    given_up(house, payment)
    house.gmo.pay_card(payment.order_id)
    again(house, stored(house))
    assert stored(house).delivery.tries == 0
    house.sweep()
    (invoice,) = house.account().invoices
    assert invoice.state is InvoiceState.PAID
    assert (stored(house).pending, stored(house).outcome) == (False, "applied")


def test_a_replayed_forgery_still_books_nothing_and_is_counted_once_more() -> None:
    house = House()
    given_up(house, house.card())
    again(house, stored(house))
    house.sweep()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    (invoice,) = house.account().invoices
    assert invoice.state is InvoiceState.UNPAID
    (found,) = house.discrepancies()
    assert found["times"] == 2


def test_replaying_what_was_applied_doubles_nothing() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    before = (house.account().invoices, house.mails(), house.events(payment))
    for _ in range(2):
        again(house, stored(house))
        house.sweep()
    assert (house.account().invoices, house.mails(), house.events(payment)) == before
    assert house.pending() == []


def test_a_replay_is_told_to_the_audit_and_kept_long_enough() -> None:
    house = House()
    given_up(house, house.card())
    house.clock.tick(days=399)
    again(house, stored(house))
    told = house.database.rows(TABLES.audit)[-1]
    assert (told["action"], told["actor"], told["note"]) == (
        "delivery.replayed",
        "office:山田",
        "GMO 復旧",
    )
    (row,) = house.database.rows(TABLES.inbox)
    ttl = row["ttl"]
    assert isinstance(ttl, int)
    assert ttl >= house.clock().timestamp() + 30 * 86400
