"""The signed return of the browser."""

import json
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import JST
from portal.gmo.errors import BadReturn, BadSignature, Malformed
from portal.gmo.returning import Return, read
from tests.unit.gmo.doubles import CARD_ORDER, CVS_ORDER, FIXTURES, Captured

PASS = "tpass00000"


def signed(payload: str, shop_pass: str = PASS) -> str:
    return f"{payload}.{sha256((payload + shop_pass).encode()).hexdigest()}"


def packed(message: object, *, pad: bool = False) -> str:
    payload = urlsafe_b64encode(json.dumps(message).encode()).decode()
    return signed(payload if pad else payload.rstrip("="))


def field(line: bytes) -> str:
    """The form field of a captured line."""
    return unquote(line.decode("ascii").removeprefix("result="))


@given(st.text())
def test_no_text_is_accepted_without_a_signature(text: str) -> None:
    with pytest.raises(BadReturn):
        read(text, PASS)


@given(st.binary(min_size=1))
def test_signed_rubbish_is_malformed(content: bytes) -> None:
    payload = urlsafe_b64encode(content).decode()
    with pytest.raises(Malformed):
        read(signed(payload), PASS)


@pytest.mark.parametrize(
    "result",
    [
        "",
        ".",
        "abc",
        "abc.",
        f".{'0' * 64}",
        f"abc.{'0' * 63}",
        f"abc.{'0' * 65}",
        f"abc.{'g' * 64}",
        f"abc===.{'0' * 64}",
        f"a bc.{'0' * 64}",
        f"a+/c.{'0' * 64}",
        f"abc.{'0' * 64}\n",
        f"会費.{'0' * 64}",
        "\ud800",
        f"{'a' * 20_000}.{'0' * 64}",
    ],
)
def test_what_has_not_the_form_is_malformed(result: str) -> None:
    with pytest.raises(Malformed):
        read(result, PASS)


def test_a_result_signed_with_another_password_is_refused(captured: Captured) -> None:
    result = field(captured("return_paysuccess.txt"))
    for wrong in ("", "tpass00001", "TPASS00000"):
        with pytest.raises(BadSignature):
            read(result, wrong)


def test_any_change_of_what_was_signed_is_refused(captured: Captured) -> None:
    result = field(captured("return_paystart.txt"))
    payload, signature = result.split(".")
    for changed in (payload[:-1], payload + "A", payload + "=", payload.swapcase()):
        with pytest.raises(BadSignature):
            read(f"{changed}.{signature}", PASS)


def test_padding_belongs_to_what_was_signed(captured: Captured) -> None:
    """Taking it off before hashing would refuse GMO's own result."""
    result = field(captured("return_padded.txt"))
    assert "==." in result
    assert read(result, PASS).order_id == CARD_ORDER
    with pytest.raises(BadSignature):
        read(result.replace("=", ""), PASS)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "PAYSUCCESS",
        {},
        {"transactionresult": None},
        {"transactionresult": []},
        {"transactionresult": {}},
        {"transactionresult": {"OrderID": None, "Result": "PAYSUCCESS"}},
        {"transactionresult": {"OrderID": "D26_1", "Result": "PAYSUCCESS"}},
        {"transactionresult": {"OrderID": "D" * 28, "Result": "PAYSUCCESS"}},
        {"transactionresult": {"OrderID": 1, "Result": "PAYSUCCESS"}},
    ],
)
def test_a_signed_result_without_an_order_is_malformed(message: object) -> None:
    with pytest.raises(Malformed):
        read(packed(message), PASS)


def test_a_signed_result_nested_without_end_is_malformed() -> None:
    payload = urlsafe_b64encode(b"[" * 9_000).decode().rstrip("=")
    with pytest.raises(Malformed):
        read(signed(payload), PASS)


@pytest.mark.parametrize("pad", [True, False])
@pytest.mark.parametrize("filler", ["", "x", "xx", "xxx"])
def test_every_length_is_read_with_and_without_padding(filler: str, pad: bool) -> None:
    message = {"transactionresult": {"OrderID": "D26-1", "Result": "PAYSTART", "F": filler}}
    assert read(packed(message, pad=pad), PASS).result == "PAYSTART"


def test_missing_and_odd_values_are_empty() -> None:
    message = {"transactionresult": {"OrderID": "D26-1", "Result": 5, "Paymethod": ["cvs"]}}
    assert read(packed(message), PASS) == Return(order_id="D26-1", result="")


def test_keys_are_read_in_either_casing() -> None:
    message = {"TransactionResult": {"orderID": "D26-1", "result": "X", "PayMethod": "cvs"}}
    assert read(packed(message), PASS).pay_method == "cvs"


def test_a_hash_in_capitals_is_the_same_hash(captured: Captured) -> None:
    payload, signature = field(captured("return_paysuccess.txt")).split(".")
    assert read(f"{payload}.{signature.upper()}", PASS).result == "PAYSUCCESS"


PAID = Return(
    order_id=CARD_ORDER,
    result="PAYSUCCESS",
    pay_method="credit",
    process_date=datetime(2026, 11, 22, 10, 12, 31, tzinfo=JST),
)
WENT_BACK = Return(
    order_id=CARD_ORDER,
    result="PAYSTART",
    process_date=datetime(2026, 11, 22, 10, 5, 10, tzinfo=JST),
)
SLIP = Return(
    order_id=CVS_ORDER,
    result="REQSUCCESS",
    pay_method="cvs",
    process_date=datetime(2026, 11, 22, 9, 45, 12, tzinfo=JST),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("return_paysuccess", PAID),
        ("return_padded", PAID),
        ("return_paystart", WENT_BACK),
        ("return_reqsuccess", SLIP),
    ],
)
def test_the_captured_results_are_read(captured: Captured, name: str, expected: Return) -> None:
    assert read(field(captured(f"{name}.txt")), PASS) == expected


def test_errors_are_told() -> None:
    inner = {"OrderID": "D26-1", "Result": "ERROR", "ErrCode": "42G", "ErrInfo": "42G020000"}
    returned = read(packed({"transactionresult": inner}), PASS)
    assert (returned.err_code, returned.err_info) == ("42G", "42G020000")


def test_every_captured_return_has_a_test() -> None:
    assert {path.stem for path in FIXTURES.glob("return_*.txt")} == {
        "return_paysuccess",
        "return_padded",
        "return_paystart",
        "return_reqsuccess",
    }


def test_neither_the_access_password_nor_the_shop_password_is_shown(captured: Captured) -> None:
    assert "c07d3e5f" not in repr(read(field(captured("return_paysuccess.txt")), PASS))
    with pytest.raises(BadSignature) as raised:
        read(field(captured("return_paysuccess.txt")), "other-pass")
    assert "other-pass" not in f"{raised.value!r} {raised.value}"
