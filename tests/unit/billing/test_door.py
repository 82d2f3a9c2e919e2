"""The door keeps whatever comes, as it came, and answers one letter."""

from datetime import timedelta

import pytest

from portal.clock import epoch
from portal.database import Contended, Item, Unreachable
from tests.unit.billing.house import TABLES, House

SJIS = "application/x-www-form-urlencoded; charset=Windows-31J"


def only_row(house: House) -> Item:
    (row,) = house.database.rows(TABLES.inbox)
    return row


# The door


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"&&&===",
        b"\x00\xff\xfe",
        b'{"OrderID":"x"}',
        b"OrderID=" + b"A" * 5000,
        "OrderID=D26-ＡＢＣ&Status=入金".encode("cp932"),
        b"OrderID=%82%a0&Status=%ff",
        b"OrderID=a&OrderID=b",
        b"OrderID=../../x&Status=CAPTURE",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_whatever_comes_is_kept_answered_and_changes_nothing(body: bytes) -> None:
    house = House()
    payment = house.card()
    assert house.knock(body, SJIS) == "0"
    house.stream()
    assert only_row(house)["body"] == body
    assert house.pending() == []
    assert house.payment(payment) == payment


def test_a_megabyte_is_kept_by_its_head_its_length_and_its_hash() -> None:
    house = House()
    body = b"OrderID=" + b"x" * 1_048_576
    assert house.knock(body) == "0"
    row = only_row(house)
    assert row["body"] == body[: 8 * 1024]
    assert row["length"] == len(body)
    assert len(str(row["sha256"])) == 64


@pytest.mark.parametrize(("length", "kept"), [(32_768, 32_768), (32_769, 8_192)])
def test_a_body_is_whole_up_to_thirty_two_kilobytes(length: int, kept: int) -> None:
    house = House()
    house.knock(b"x" * length)
    body = only_row(house)["body"]
    assert isinstance(body, bytes)
    assert len(body) == kept


def test_evidence_has_headers_and_source_but_no_cookie() -> None:
    house = House()
    house.knock(b"x=1")
    row = only_row(house)
    headers = row["headers"]
    assert isinstance(headers, dict)
    assert "cookie" not in headers
    assert len(str(headers["x-odd"])) == 500
    assert row["source"] == "210.197.108.196"


@pytest.mark.parametrize("error", [Unreachable("down"), Contended()])
def test_the_answer_is_one_only_when_nothing_was_kept(error: Exception) -> None:
    house = House()
    house.database.fail_next = [("write", error)]
    assert house.knock(b"x=1") == "1"
    assert house.database.rows(TABLES.inbox) == []


def test_each_delivery_is_a_row_of_its_own() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    for _ in range(3):
        house.notify(payment.order_id)
    assert len(house.database.rows(TABLES.inbox)) == 3


def test_the_connectivity_test_is_answered_and_put_aside() -> None:
    house = House()
    assert house.knock(b"ErrCode=E00&ErrInfo=E00000000") == "0"
    house.stream()
    row = only_row(house)
    assert row["outcome"] == "connectivity test"
    assert "pending" not in row
    assert row["ttl"] == epoch(house.clock() + timedelta(days=30))
    assert house.discrepancies() == []
    assert house.gmo.calls == []
