"""結果通知: whatever arrives is read, and nothing of it is believed."""

from datetime import datetime
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import JST
from portal.gmo.model import PayType
from portal.gmo.notification import LONGEST_VALUE, parse
from tests.unit.gmo.doubles import CARD_ORDER, CVS_ORDER, FIXTURES, Captured

FORM = "application/x-www-form-urlencoded"
KEYS = (b"OrderID", b"Amount", b"Tax", b"Status", b"TranDate", b"ErrCode", b"ErrInfo", b"PayType")


@given(st.binary(), st.text())
def test_no_bytes_make_it_fail(body: bytes, content_type: str) -> None:
    read = parse(body, content_type)
    assert read.codes is not None
    assert read.total is None or read.total >= 0
    assert repr(read).encode("utf-8")


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.binary()), max_size=12))
def test_no_values_make_it_fail(parts: list[tuple[bytes, bytes]]) -> None:
    """Keys of GMO with any bytes, so that the reading of values is reached."""
    read = parse(b"&".join(key + b"=" + value for key, value in parts), FORM)
    assert read.way in (None, PayType.CARD, PayType.CVS)
    assert not read.is_ping or read.err_info == "E00000000"


@given(st.binary())
def test_a_value_can_be_stored(value: bytes) -> None:
    read = parse(b"Status=" + quote_from_bytes(value).encode())
    assert read.status.encode("utf-8").decode("utf-8") == read.status


def test_a_value_is_kept_no_longer_than_any_of_gmo() -> None:
    assert parse(b"Status=" + b"x" * 30_000).status == "x" * LONGEST_VALUE


@pytest.mark.parametrize("body", [b"", b"&", b"&&==&", b"\r\n", b"<html>", b'{"OrderID":"D26-1"}'])
def test_what_is_no_notification_is_empty(body: bytes) -> None:
    read = parse(body, FORM)
    assert (read.order_id, read.status, read.amount, read.codes) == ("", "", None, ())
    assert (read.way, read.is_ping) == (None, False)


@pytest.mark.parametrize(
    "order_id", [b"D26_1", b"D" * 28, b"D26-1%00", b"ORDER%23x", b"%E4%BC%9A", b"D26-1%0A", b"../x"]
)
def test_an_order_out_of_form_is_flagged_and_not_handed_on(order_id: bytes) -> None:
    read = parse(b"OrderID=" + order_id)
    assert read.order_id == ""
    assert read.flaws == ("bad OrderID",)


@pytest.mark.parametrize("amount", [b"-1", b"8,000", b"8000.0", b"1e9", b"%EF%BC%91", b"9" * 13])
def test_an_amount_that_is_no_number_is_none_and_flagged(amount: bytes) -> None:
    read = parse(b"Amount=" + amount + b"&Tax=0")
    assert (read.amount, read.total) == (None, None)
    assert read.flaws == ("bad Amount",)


def test_of_a_key_that_comes_twice_the_first_stands_and_it_is_flagged() -> None:
    read = parse(b"Status=REQSUCCESS&Status=PAYSUCCESS&Status=PAYSUCCESS&OrderID=&OrderID=D26-1")
    assert (read.status, read.order_id) == ("REQSUCCESS", "")
    assert read.flaws == ("duplicate Status", "duplicate OrderID")


def test_unknown_keys_are_tolerated_and_flagged_once() -> None:
    read = parse(b"Foo=1&OrderID=D26-1&Bar=2&status=PAYSUCCESS")
    assert (read.order_id, read.status) == ("D26-1", "")
    assert read.flaws == ("unknown key",)


@pytest.mark.parametrize("content_type", ["", FORM, f"{FORM};charset=Windows-31J", "text/plain"])
def test_windows_31j_is_read_unless_utf_8_is_declared(content_type: str) -> None:
    body = b"ErrCode=" + quote_from_bytes("髙橋①".encode("cp932")).encode()
    assert parse(body, content_type).err_code == "髙橋①"


@pytest.mark.parametrize("charset", ["UTF-8", "utf8", '"utf-8"'])
def test_utf_8_is_read_where_it_is_declared(charset: str) -> None:
    body = b"ErrCode=" + quote_from_bytes("髙橋①".encode()).encode()
    assert parse(body, f"{FORM}; charset={charset}").err_code == "髙橋①"


def test_bytes_of_no_character_set_become_replacement_signs() -> None:
    assert parse(b"Status=%81%20x").status == "\ufffd x"


def test_errors_are_paired() -> None:
    read = parse(b"ErrCode=M01%7CM01|E01&ErrInfo=M01051005%7CM01051011")
    assert read.codes == (("M01", "M01051005"), ("M01", "M01051011"), ("E01", ""))


def test_a_card_payment_is_read_in_full(captured: Captured) -> None:
    read = parse(captured("notification_card_success.txt"), FORM)
    assert (read.shop_id, read.order_id) == ("tshop00000000", CARD_ORDER)
    assert (read.way, read.status, read.job_cd) == (PayType.CARD, "CAPTURE", "CAPTURE")
    assert (read.amount, read.tax, read.total, read.currency) == (8000, 0, 8000, "JPN")
    assert read.access_id == "5a1b7c90d24e63f8a05c1e7b94d2f683"
    assert (read.forward, read.approve) == ("2a99662", " 019292")
    assert read.tran_id == "2611221012111111111111811578"
    assert read.tran_date == datetime(2026, 11, 22, 10, 12, 31, tzinfo=JST)
    assert (read.codes, read.flaws, read.is_ping) == ((), (), False)


def test_a_paid_slip_is_read_in_full(captured: Captured) -> None:
    read = parse(captured("notification_cvs_paysuccess.txt"), FORM)
    assert (read.order_id, read.way, read.status) == (CVS_ORDER, PayType.CVS, "PAYSUCCESS")
    assert (read.cvs_code, read.conf_no, read.receipt_no) == ("10001", "3814", "100482917365")
    assert read.payment_term == datetime(2026, 12, 6, 23, 59, 59, tzinfo=JST)
    assert read.finish_date == datetime(2026, 11, 25, 19, 30, 7, tzinfo=JST)
    assert read.receipt_date == datetime(2026, 11, 25, 19, 30, 5, tzinfo=JST)
    assert read.flaws == ()


@pytest.mark.parametrize(
    ("name", "status", "info"),
    [
        ("notification_card_declined.txt", "UNPROCESSED", "42G020000"),
        ("notification_card_3ds_cancelled.txt", "UNPROCESSED", "E21020002"),
        ("notification_card_return.txt", "RETURN", ""),
        ("notification_cvs_reqsuccess.txt", "REQSUCCESS", ""),
        ("notification_cvs_reqsuccess_seven.txt", "REQSUCCESS", ""),
        ("notification_cvs_reqsuccess_familymart.txt", "REQSUCCESS", ""),
        ("notification_cvs_expired.txt", "EXPIRED", ""),
        ("notification_cvs_cancel.txt", "CANCEL", ""),
    ],
)
def test_every_known_notification_is_read_without_flaws(
    captured: Captured, name: str, status: str, info: str
) -> None:
    read = parse(captured(name), FORM)
    assert (read.status, read.err_info, read.total, read.flaws) == (status, info, 8000, ())
    assert not read.is_ping


def test_the_connectivity_test_is_recognised(captured: Captured) -> None:
    read = parse(captured("notification_ping.txt"), FORM)
    assert read.is_ping
    assert (read.order_id, read.flaws) == ("", ())


def test_every_captured_notification_has_a_test() -> None:
    """A new line in the fixtures asks for its own row above."""
    tested = {
        *("card_success", "card_declined", "card_3ds_cancelled", "card_return"),
        *("cvs_reqsuccess", "cvs_reqsuccess_seven", "cvs_reqsuccess_familymart"),
        *("cvs_paysuccess", "cvs_expired", "cvs_cancel", "ping"),
    }
    found = FIXTURES.glob("notification_*.txt")
    assert {path.stem.removeprefix("notification_") for path in found} == tested


def test_masked_passwords_are_not_kept(captured: Captured) -> None:
    assert "***" not in repr(parse(captured("notification_card_success.txt"), FORM))
