"""The events of the function settlement: stream and sweep."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from portal.billing.inbox import InboxStore
from portal.billing.model import InvoiceState, PaymentState
from portal.clock import parse_iso
from portal.database import Item, Unreachable
from portal.expressions import marshal
from tests.fake_gmo import SHOP_ID
from tests.fakes import MemoryDatabase
from tests.metrics import counted
from tests.unit.billing.house import PLENTY, TABLES, House


def forged(order_id: str, status: str = "CAPTURE", **more: str) -> bytes:
    fields = {
        "ShopID": SHOP_ID,
        "OrderID": order_id,
        "Status": status,
        "Amount": "12000",
        "Tax": "0",
        "Currency": "JPN",
        "PayType": "0",
    }
    return urlencode(fields | more).encode()


def only_row(house: House) -> Item:
    (row,) = house.database.rows(TABLES.inbox)
    return row


# The function's events


def record(row: Item, number: str = "1", name: str = "INSERT") -> dict[str, object]:
    image = {key: marshal(value) for key, value in row.items()}
    return {"eventName": name, "dynamodb": {"NewImage": image, "SequenceNumber": number}}


def test_the_stream_applies_what_was_inserted() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    answer = house.work({"Records": [record(house.pending()[0])]}, lambda: PLENTY)
    assert answer == {"batchItemFailures": []}
    assert house.invoice(invoice).state is InvoiceState.PAID


def test_the_stream_ignores_changes_and_removals() -> None:
    house = House()
    payment = house.card()
    house.knock(forged(payment.order_id))
    row = house.pending()[0]
    records = [record(row, name="MODIFY"), record(row, name="REMOVE")]
    house.work({"Records": records}, lambda: PLENTY)
    assert only_row(house)["tries"] == 0


def test_the_stream_succeeds_although_gmo_is_down() -> None:
    house = House()
    payment = house.card()
    house.knock(forged(payment.order_id))
    house.gmo.down.add("search")
    answer = house.work({"Records": [record(house.pending()[0])]}, lambda: PLENTY)
    assert answer == {"batchItemFailures": []}


def test_the_stream_fails_from_the_record_that_the_database_did_not_take() -> None:
    house = House()
    first, second = house.card(house.bill(2025)), house.card(house.bill(2026))
    for payment in (first, second):
        house.gmo.pay_card(payment.order_id)
        house.clock.tick(seconds=1)
        house.notify(payment.order_id)
    rows = house.pending()
    house.database.before_commit = [
        lambda: None,
        lambda: house.database.fail_next.append(("write", Unreachable("down"))),
    ]
    answer = house.work({"Records": [record(rows[0], "11"), record(rows[1], "12")]}, lambda: PLENTY)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "12"}]}
    assert house.payment(first).state is PaymentState.PAID


def test_with_little_time_left_the_rest_is_left_to_the_sweep() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    assert house.work({"Records": [record(house.pending()[0])]}, lambda: 34.9) == {
        "batchItemFailures": []
    }
    house.clock.tick(minutes=2)
    assert house.work({"task": "sweep"}, lambda: 34.9) == {"done": 0, "left": 1}
    assert house.sweep() == {"done": 1, "left": 0}


def test_the_sweep_leaves_a_new_delivery_to_the_stream_for_two_minutes() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.clock.tick(seconds=119)
    assert house.sweep()["done"] == 0
    house.clock.tick(seconds=1)
    assert house.sweep()["done"] == 1


class BehindDatabase(MemoryDatabase):
    """The rows of *real*, and an index that still gives what it once had."""

    def __init__(self, real: MemoryDatabase, listed: list[Item]) -> None:
        super().__init__()
        self.tables, self._listed = real.tables, listed

    def due(self, *_args: object, **_more: object) -> list[Item]:
        """Answer as the index stood before."""
        return self._listed


@pytest.mark.parametrize("gone", [False, True], ids=["applied", "gone"])
def test_the_sweep_believes_the_row_and_not_an_index_that_is_behind(gone: bool) -> None:
    """Seen red by applying what the index names: GMO would be asked once more for nothing."""
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.clock.tick(minutes=3)
    (row,) = house.pending()
    house.stream()
    asked = len(house.gmo.calls)
    behind = BehindDatabase(house.database, [{"pk": row["pk"]}])
    if gone:
        del house.database.tables[TABLES.inbox][str(row["pk"]), ""]
    work = replace(house.work, inbox=InboxStore(behind, TABLES.inbox))
    assert work({"task": "sweep"}, lambda: PLENTY) == {"done": 1, "left": 0}
    assert len(house.gmo.calls) == asked


def test_the_sweep_tells_how_long_the_oldest_waits_that_nobody_tried() -> None:
    house = House()
    claimed, fresh = house.card(), house.card(house.bill(2025))
    house.gmo.decline_card(claimed.order_id)
    house.gmo.pay_card(fresh.order_id)
    house.notify(claimed.order_id, Status="CAPTURE", ErrCode="", ErrInfo="")
    house.stream()
    house.clock.tick(minutes=20)
    house.notify(fresh.order_id)
    house.clock.tick(minutes=4)
    with counted(house.clock) as metrics:
        house.sweep()
    assert metrics.values("OldestPendingDelivery") == [240]


def test_a_payment_that_cannot_be_read_does_not_hold_up_the_deliveries_behind_it() -> None:
    house = House()
    broken, good = house.card(house.bill(2025)), house.card(house.bill(2026))
    for payment in (broken, good):
        house.gmo.pay_card(payment.order_id)
        house.notify(payment.order_id)
    rows = house.database.tables[TABLES.billing]
    rows[broken.member_id, f"PAY#{broken.order_id}"]["state"] = "no such state"
    house.clock.tick(minutes=2)
    assert house.sweep()["done"] == 2
    (waiting,) = house.pending()
    assert parse_iso(str(waiting["due_at"])) > house.clock()
    row = rows[good.member_id, f"PAY#{good.order_id}"]
    assert row["state"] == "paid"


@pytest.mark.parametrize("event", [{}, {"task": ""}, {"task": "pay"}])
def test_an_event_that_is_neither_stream_nor_task_is_an_error(event: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="neither"):
        House().work(event, lambda: PLENTY)
