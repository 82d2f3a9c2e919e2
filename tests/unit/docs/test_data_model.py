"""docs/data-model.md is true: the round trips of its table, and rows that fit one unit."""

from collections import Counter
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import pytest

from portal.billing.model import Method
from portal.database import Value
from tests.unit.accounts.desk import AWAY, NUMBER, OTHER, PASSWORD, Portal
from tests.unit.billing.house import House
from tests.unit.members.desk import Desk, a_moved_member
from tests.webclient import Browser

WRITE_UNIT = 1024
LOGIN = "/member/login"
PASSWORDS = {"new_password": OTHER, "confirm_password": OTHER}

type Spent = dict[str, int]


def spent(portal: Portal, act: Callable[[], object]) -> Spent:
    """Return the round trips of *act* by kind."""
    portal.database.calls.clear()
    act()
    return dict(portal.database.calls)


def signed_in() -> Portal:
    portal = Portal()
    portal.browser.get(LOGIN)
    portal.browser.post(LOGIN, {"member_no": NUMBER, "password": PASSWORD})
    portal.browser.get("/member/password")
    return portal


def signing_in(portal: Portal, password: str, address: str = AWAY) -> Spent:
    portal.browser.source_ip = address
    portal.browser.get(LOGIN)
    form = {"member_no": NUMBER, "password": password}
    return spent(portal, lambda: portal.browser.post(LOGIN, form))


def test_the_sign_in_page_reads_nothing() -> None:
    portal = Portal()
    assert spent(portal, lambda: portal.browser.get(LOGIN)) == {}


def test_signing_in_reads_once_and_writes_twice() -> None:
    assert signing_in(Portal(), PASSWORD) == {"read": 1, "write": 2}


def test_a_wrong_password_writes_once_more_the_first_time_from_a_network() -> None:
    portal = Portal()
    assert signing_in(portal, "Wrong1234") == {"read": 1, "write": 3}
    assert signing_in(portal, "Wrong1234") == {"read": 1, "write": 2}


def test_a_try_during_a_wait_writes_nothing() -> None:
    portal = Portal()
    for _ in range(6):
        signing_in(portal, "Wrong1234")
    assert signing_in(portal, PASSWORD) == {"read": 1}


def test_signing_out_reads_once_and_writes_once() -> None:
    portal = signed_in()
    assert spent(portal, lambda: portal.browser.post("/member/logout")) == {"read": 1, "write": 1}


def test_a_change_of_the_password_reads_three_times_and_writes_twice() -> None:
    portal = signed_in()
    form = {"current_password": PASSWORD, **PASSWORDS}
    cost = spent(portal, lambda: portal.browser.post("/member/password", form))
    assert cost == {"read": 3, "write": 2}


def test_asking_for_a_reset_mail_writes_twice_and_reads_nothing() -> None:
    portal = Portal()
    portal.browser.get("/member/password/forgot")
    form = {"member_no": NUMBER, "email": "hanako@example.jp"}
    cost = spent(portal, lambda: portal.browser.post("/member/password/forgot", form))
    assert cost == {"write": 2}


def test_a_reset_reads_three_times_and_writes_once() -> None:
    portal, path = Portal(), "/member/password/reset/{token}"
    token = portal.link()
    assert spent(portal, lambda: portal.browser.get(path, token=token)) == {"read": 1}
    # post() has a parameter of that name, so the path's token goes by the bare form.
    form = urlencode({"csrf": portal.browser.token, **PASSWORDS}).encode()
    cost = spent(portal, lambda: portal.browser.post_raw(path, form, token=token))
    assert cost == {"read": 3, "write": 1}


def test_an_address_is_asked_and_confirmed_by_one_read_and_one_write_each() -> None:
    desk = Desk(a_moved_member())
    desk.browser.get("/member/profile")
    form = {"action": "resend-confirmation"}
    once = {"read": 1, "write": 1}
    desk.database.calls.clear()
    desk.browser.post("/member/profile/edit", form)
    assert desk.database.calls == once
    path, token = "/member/email/{token}", desk.link()
    stranger = Browser(desk.app)
    stranger.get(path, token=token)
    assert desk.database.calls == {"read": 1}
    desk.database.calls.clear()
    stranger.post_raw(path, urlencode({"csrf": stranger.token}).encode(), token=token)
    assert desk.database.calls == once


def played() -> House:
    """Return a house with a paid card, a paid slip and a surplus."""
    house = House()
    slip = house.slip(house.bill(2025))
    house.gmo.deposit(slip.order_id)
    house.settle(slip)
    card = house.decide(house.bill(2026), Method.CARD)
    house.gmo.pay_card(card.order_id)
    house.settle(card)
    return house


def test_a_delivery_reads_three_times_and_writes_once() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    rows = house.pending()
    house.database.calls.clear()
    assert len(rows) == 1
    house.stream()
    assert house.database.calls == Counter(read=3, write=1)


def test_every_row_of_billing_audit_and_outbox_fits_one_write_unit() -> None:
    house = played()
    for table in ("billing", "audit", "outbox"):
        rows = house.database.rows(table)
        assert rows
        assert [row["pk"] for row in rows if size_of_row(row) > WRITE_UNIT] == []


def test_a_credential_with_twenty_networks_fits_one_read_unit_and_two_write_units() -> None:
    portal = Portal()
    for number in range(25):
        portal.signed_in(address=f"198.51.{number}.1")
    (row,) = portal.rows("credentials")
    assert WRITE_UNIT < size_of_row(row) <= 2 * WRITE_UNIT


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, 1), (True, 1), (10_000, 4), ("年", 3), (b"abc", 3), ([], 3), ({"a": "b"}, 6)],
)
def test_sizes_are_counted_by_dynamodbs_rule(value: Value, expected: int) -> None:
    assert size(value) == expected


def size_of_row(row: dict[str, Value]) -> int:
    return sum(len(name.encode()) + size(value) for name, value in row.items())


def size(value: Value) -> int:
    """Return the bytes of one value, by DynamoDB's developer guide, "item sizes and formats"."""
    match value:
        case None | bool():
            return 1
        case int():
            return 1 + -(-len(str(abs(value))) // 2)
        case str():
            return len(value.encode())
        case bytes():
            return len(value)
        case list():
            return 3 + _elements(value)
        case dict():
            return 3 + sum(len(name.encode()) for name in value) + _elements([*value.values()])


def _elements(values: Sequence[Value]) -> int:
    return sum(1 + size(value) for value in values)
