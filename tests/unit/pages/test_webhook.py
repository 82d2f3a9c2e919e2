"""POST /gmo/notification as GMO sees it: one letter, and nothing else."""

import logging
from pathlib import Path

import pytest

from portal.billing.model import InvoiceState, Method
from portal.database import Contended, Rejected, Unreachable
from tests.fake_gmo import SHOP_ID
from tests.unit.billing.house import TABLES, House
from tests.webclient import Browser, Page

PATH = "/gmo/notification"
FIXTURES = Path(__file__).parents[2] / "fixtures" / "gmo"


def knock(house: House, body: bytes, **headers: str) -> Page:
    browser = Browser(lambda event, _context: house.door(event))
    browser.headers = {"content-type": "application/x-www-form-urlencoded", **headers}
    return browser.post_raw(PATH, body)


@pytest.mark.parametrize("error", [Unreachable("down"), Contended(), Rejected(frozenset({0}))])
def test_what_could_not_be_kept_is_asked_for_again(error: Exception) -> None:
    house = House()
    house.database.fail_next = [("write", error)]
    page = knock(house, b"OrderID=x")
    assert (page.status, page.body) == (200, b"1")


def test_a_body_that_is_no_base64_is_nothing_gmo_sent() -> None:
    house = House()
    event = Browser().event("POST", PATH)
    event["body"] = "%%%"
    assert house.door(event)["body"] == "0"
    assert house.database.rows(TABLES.inbox) == []


@pytest.mark.parametrize(
    "fixture", sorted(FIXTURES.glob("notification_*.txt")), ids=lambda f: f.stem
)
def test_every_captured_notification_is_kept_as_it_came_and_answered(fixture: Path) -> None:
    house = House()
    body = fixture.read_bytes()
    page = knock(house, body)
    assert (page.status, page.body) == (200, b"0")
    (row,) = house.database.rows(TABLES.inbox)
    assert row["body"] == body
    house.stream()
    # An order of our form that nobody knows may be one that GMO's search does not show yet.
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    assert house.pending() == []


def test_the_answer_is_plain_and_never_stored_by_anybody() -> None:
    page = knock(House(), b"")
    assert page.headers["Content-Type"] == ["text/plain; charset=us-ascii"]
    assert page.headers["Cache-Control"] == ["no-store"]
    assert "Set-Cookie" not in page.headers


def test_shift_jis_arrives_undestroyed() -> None:
    house = House()
    body = "OrderID=x&ErrInfo=決済エラー".encode("cp932")
    knock(house, body, **{"content-type": "text/plain;charset=Windows-31J"})
    (row,) = house.database.rows(TABLES.inbox)
    assert row["body"] == body
    assert row["content_type"] == "text/plain;charset=Windows-31J"


def test_a_megabyte_is_answered_too() -> None:
    assert knock(House(), b"x" * 1_048_576).body == b"0"


def test_the_door_only_writes_one_row_of_the_inbox() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.database.calls.clear()
    house.gmo.calls.clear()
    knock(house, house.gmo.notification(payment.order_id))
    assert house.database.calls == {"write": 1}
    assert [write.table for write in house.database.commits[-1]] == [TABLES.inbox]
    assert house.gmo.calls == []


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "none"}]
)
def test_neither_origin_nor_cookie_nor_token_is_asked_for(headers: dict[str, str]) -> None:
    assert knock(House(), b"", **headers).body == b"0"


def test_nothing_of_the_body_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    knock(House(), b"OrderID=D26-SECRETORDER12345&CustID=visible-name")
    told = " ".join(str(record.__dict__) for record in caplog.records)
    assert "delivery kept" in told
    assert "SECRETORDER" not in told
    assert "visible-name" not in told


def test_from_the_door_to_a_paid_invoice() -> None:
    house = House()
    invoice = house.bill()
    payment = house.decide(invoice, Method.CVS)
    for happens in (house.gmo.issue_slip, house.gmo.deposit):
        happens(payment.order_id)
        assert knock(house, house.gmo.notification(payment.order_id)).body == b"0"
        house.stream()
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert house.mails() == [
        f"deposit_paid#{payment.order_id}",
        f"slip_issued#{payment.order_id}",
    ]


def test_a_wrong_shop_is_kept_answered_and_believed_in_nothing() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    body = f"ShopID=tshop99999999&OrderID={payment.order_id}&Status=CAPTURE".encode()
    assert SHOP_ID.encode() not in body
    assert knock(house, body).body == b"0"
    house.stream()
    assert house.invoice(invoice).state is InvoiceState.UNPAID
    assert len(house.pending()) == 1
