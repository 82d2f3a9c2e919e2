"""Issuing and stopping links."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.gmo import Settings
from local.gmo.exchange import Answer, Call
from local.gmo.server import Standin
from tests.unit.gmo_standin.harness import (
    CARD_ORDER,
    CVS_ORDER,
    FIXTURES,
    POOR_CARD,
    Screen,
    Shop,
    fixture_json,
    key_tree,
    link_request,
    send,
)

ISSUE = "/payment/GetLinkplusUrlPayment.json"


def test_a_link_has_the_keys_of_the_fixture_and_64_hex_digits(shop: Shop) -> None:
    reply = shop.issue()
    assert reply.status == 200
    assert list(reply.json) == list(fixture_json("link_success.json"))
    assert reply.json["OrderID"] == CARD_ORDER
    assert re.fullmatch(
        rf"{shop.url}/v2/plus/tshop00000000/checkout/[0-9a-f]{{64}}", reply.json["LinkUrl"]
    )
    assert reply.json["ProcessDate"] == "20261122100203"  # The clock's moment in Japan.


def test_a_second_issue_warns_and_gives_the_same_link(shop: Shop) -> None:
    first = shop.issue().json
    again = shop.issue(changes={"transaction.Amount": "9999"})
    assert again.status == 200
    assert list(key_tree(again.json)) == list(key_tree(fixture_json("link_warning.json")))
    assert again.json["WarnList"] == fixture_json("link_warning.json")["WarnList"]
    assert again.json["LinkUrl"] == first["LinkUrl"]
    assert shop.orders()[0]["amount"] == 8000


def test_an_order_is_never_free_again_once_a_transaction_exists(shop: Shop) -> None:
    """Also a declined card is a transaction."""
    shop.pay(shop.link(), POOR_CARD)
    assert shop.issue().json == fixture_json("link_order_exists.json")


def test_a_rejected_order_stays_used(shop: Shop) -> None:
    shop.link()
    shop.reject(CARD_ORDER)
    assert shop.issue().errors == ["EZ1070014"]


def test_all_errors_come_in_one_list_with_lower_camel_keys(shop: Shop) -> None:
    reply = shop.issue("", {"transaction.Amount": None})
    assert reply.status == 400
    assert reply.json == fixture_json("link_errors.json")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"configid": None}, "EZ1001001"),
        ({"configid": "x" * 17}, "EZ1001005"),
        ({"configid": "dues_01"}, "EZ1001008"),
        ({"geturlparam.ShopPass": "wrongpass1"}, "EZ1040002"),
        ({"geturlparam.ShopPass": None}, "EZ1218001"),
        ({"geturlparam.ShopID": None}, "EZ1040001"),
        ({"transaction.OrderID": "A" * 28}, "EZ1003005"),
        ({"transaction.OrderID": "D26_1"}, "EZ1003008"),
        ({"transaction.OrderID": ["D26"]}, "EZ1003008"),
        ({"transaction.Amount": "-1"}, "EZ1004006"),
        ({"transaction.Amount": "1" * 13}, "EZ1004005"),
        ({"transaction.Amount": True}, "EZ1004008"),
        ({"transaction.PayMethods": "credit"}, "EZ1011008"),
        ({"transaction.PayMethods": []}, "EZ1011008"),
        ({"transaction.PayMethods": ["gold"]}, "EZ1011016"),
        ({"transaction.RetUrl": "https://e.example/" + "x" * 256}, "EZ1012005"),
        ({"transaction.RetUrl": "javascript:alert(1)"}, "EZ1012008"),
        ({"transaction.PaymentExpireDate": "202611222460"}, "EZ1216008"),
        ({"transaction.PaymentExpireDate": "202611220900"}, "EZ1216008"),
        ({"transaction.PaymentExpireDate": "20361122"}, "EZ1216008"),
        ({"cvs.PaymentTermDay": "soon"}, "EZ1278006"),
        ({"cvs.PaymentTermDay": "61"}, "EZ1278011"),
        ({"credit.TdFlag": "0"}, "E01080101"),
        ({"credit.TdFlag": None}, "E01080101"),
        ({"credit.Tds2Type": "1"}, "EZ1936008"),
        ({"credit.JobCd": "SALES"}, "EZ1931008"),
        ({"credit.Method": "9"}, "EZ1932008"),
        ({"customer.CustomerKana": "ｶﾅ"}, "EZ1953008"),
        ({"customer.CustomerName": "花" * 21}, "EZ1952005"),
        ({"customer.TelNo": "03(0000)0000"}, "EZ1954008"),
        ({"customer.MailAddress": "nobody"}, "EZ1951008"),
        ({"transaction.ClientField1": "花" * 51}, "EZ1911005"),
        (
            {"transaction.PayMethods": ["cvs"], "transaction.Amount": "300001"},
            "M01005011",
        ),
    ],
)
def test_each_rule_has_its_code(shop: Shop, change: dict[str, object], code: str) -> None:
    reply = shop.issue(changes=change)
    assert reply.status == 400
    assert code in reply.errors
    assert shop.orders() == []


def test_numbers_may_be_json_numbers_and_unknown_keys_are_ignored(shop: Shop) -> None:
    reply = shop.issue(changes={"transaction.Amount": 8000, "credit.JobCD": "nonsense"})
    assert reply.status == 200


def test_the_longest_order_id_is_taken(shop: Shop) -> None:
    assert shop.issue("A" * 27).status == 200


@pytest.mark.parametrize(
    ("method", "kind", "body", "status", "code"),
    [
        ("GET", "application/json", "", 405, "E00000001"),
        ("POST", "text/plain", "{}", 415, "E00000003"),
        ("POST", "application/json", "", 400, "E00000010"),
        ("POST", "application/json", "{", 400, "E00000010"),
        ("POST", "application/json", "[]", 400, "E00000010"),
    ],
)
def test_a_request_that_is_none_gets_gmos_error(  # noqa: PLR0917 - one row of the table.
    shop: Shop, method: str, kind: str, body: str, status: int, code: str
) -> None:
    reply = send(shop.url, method, ISSUE, body, {"Content-Type": kind})
    assert (reply.status, reply.errors) == (status, [code])


def test_a_client_that_takes_no_json_is_refused(shop: Shop) -> None:
    reply = shop.post_json(ISSUE, link_request("A"), Accept="text/html")
    assert (reply.status, reply.errors) == (406, ["E00000002"])


def test_sections_that_are_no_objects_are_errors(shop: Shop) -> None:
    reply = shop.post_json(ISSUE, {"transaction": "x", "geturlparam": 3, "cvs": []})
    assert reply.status == 400
    assert {"EZ1003001", "EZ1040001"} <= set(reply.errors)


def test_reject_stops_a_link(shop: Shop) -> None:
    link = shop.link()
    reply = shop.reject(CARD_ORDER)
    assert reply.status == 200
    assert list(reply.json) == list(fixture_json("reject_success.json"))
    assert reply.json["Status"] == shop.status(CARD_ORDER) == "INVALID"
    assert "EZ3001001" in Screen.open(link).text
    assert "支払う" not in Screen.open(link).buttons


def test_reject_of_an_unknown_order_is_an_error(shop: Shop) -> None:
    assert shop.reject("NOBODY").json == fixture_json("reject_not_found.json")


def test_reject_is_not_possible_once_paid_or_with_a_slip(shop: Shop) -> None:
    shop.pay(shop.link())
    shop.take_slip(shop.slip_link())
    for order in (CARD_ORDER, CVS_ORDER):
        assert shop.reject(order).json == fixture_json("reject_not_possible.json")


def test_reject_wants_the_shops_password(shop: Shop) -> None:
    shop.link()
    keys = {"ShopID": "tshop00000000", "ShopPass": "otherpass1", "OrderID": CARD_ORDER}
    assert shop.post_json("/payment/RejectLinkplusUrlPayment.json", keys).errors == ["EZ1040002"]
    assert shop.status(CARD_ORDER) == "CREATE"


class BusyClock:
    """Stops at its second reading, in the middle of a request, until it is let go."""

    def __init__(self) -> None:
        self.readings = 0
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def __call__(self) -> datetime:
        self.readings += 1
        if self.readings == 2:
            self.reached.set()
            self.go_on.wait(5)
        return datetime(2026, 11, 22, tzinfo=UTC)


def test_of_two_requests_at_the_same_moment_one_is_refused(settings: Settings) -> None:
    clock = BusyClock()
    standin = Standin(replace(settings, clock=clock), "http://127.0.0.1:9")
    body = json.dumps(link_request(CARD_ORDER)).encode()
    call = Call("POST", ISSUE, headers={"content-type": "application/json"}, body=body)
    answers: list[Answer] = []
    ask: Callable[[], None] = lambda: answers.append(standin.answer(call))  # noqa: E731
    first = threading.Thread(target=ask)
    first.start()
    clock.reached.wait(5)
    ask()
    clock.go_on.set()
    first.join()
    assert [answer.status for answer in answers] == [400, 200]
    assert "E90010001" in answers[0].body


def test_the_passwords_of_a_request_are_not_kept(settings: Settings) -> None:
    standin = Standin(settings, "http://127.0.0.1:9")
    body = json.dumps(link_request(CARD_ORDER)).encode()
    standin.answer(Call("POST", ISSUE, headers={"content-type": "application/json"}, body=body))
    order = standin.book.find(CARD_ORDER)
    assert order is not None
    assert "geturlparam" not in order.request


def test_every_fixture_is_described() -> None:
    """A sample without a word on where it comes from would be taken for more than it is."""
    described = (FIXTURES / "README.md").read_text("utf-8")
    names = {path.stem for path in FIXTURES.iterdir() if path.suffix != ".md"}
    listed = {name for name in names if name in described}
    by_ending = {name for name in names - listed if f"…_{name.rsplit('_', 1)[1]}" in described}
    assert listed | by_ending == names
