"""What a shop's server asks and orders, held against the fixtures."""

import pytest

from tests.unit.gmo_standin.conftest import Clock
from tests.unit.gmo_standin.harness import (
    CARD_ORDER,
    CVS_ORDER,
    POOR_CARD,
    SHOP_ID,
    SHOP_PASS,
    Shop,
    fixture_pairs,
    pairs,
    shapes,
)


def searched(shop: Shop, order_id: str, pay_type: str) -> list[tuple[str, str]]:
    reply = shop.call("SearchTradeMulti", OrderID=order_id, PayType=pay_type)
    return pairs(reply.text, form=False)


def test_a_paid_card_reads_as_the_fixture(shop: Shop) -> None:
    shop.pay(shop.link())
    found = searched(shop, CARD_ORDER, "0")
    assert shapes(found)[11] == ("Expire", "4 digits")
    assert shapes(found) == shapes(fixture_pairs("search_multi_card_success.txt"))


def test_all_keys_of_the_recorded_line_are_there_in_its_order(shop: Shop) -> None:
    """What was recorded in 2013 comes first; newer keys only follow."""
    shop.pay(shop.link())
    recorded = [key for key, _ in fixture_pairs("search_multi_card_2013_capture.txt")]
    assert [key for key, _ in searched(shop, CARD_ORDER, "0")][: len(recorded)] == recorded


def test_a_declined_card_reads_as_the_fixture(shop: Shop) -> None:
    shop.pay(shop.link(), POOR_CARD)
    found = searched(shop, CARD_ORDER, "0")
    assert shapes(found) == shapes(fixture_pairs("search_multi_card_declined.txt"))


def test_a_returned_card_reads_as_the_fixture(shop: Shop) -> None:
    shop.pay(shop.link())
    shop.act(CARD_ORDER, "refund")
    found = searched(shop, CARD_ORDER, "0")
    assert shapes(found) == shapes(fixture_pairs("search_multi_card_return.txt"))


@pytest.mark.parametrize(
    ("act", "fixture"),
    [
        ("", "search_multi_cvs_reqsuccess.txt"),
        ("deposit", "search_multi_cvs_paysuccess.txt"),
        ("expire", "search_multi_cvs_expired.txt"),
    ],
)
def test_a_slip_reads_as_the_fixture(shop: Shop, act: str, fixture: str) -> None:
    shop.take_slip(shop.slip_link())
    if act:
        shop.act(CVS_ORDER, act)
    assert shapes(searched(shop, CVS_ORDER, "3")) == shapes(fixture_pairs(fixture))


def test_replies_are_plain_text_in_windows_31j_and_200_also_for_errors(shop: Shop) -> None:
    reply = shop.call("SearchTradeMulti", OrderID="NOBODY", PayType="0")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain;charset=Windows-31J"


@pytest.mark.parametrize(
    ("fields", "fixture"),
    [
        ({"OrderID": "null", "PayType": "null"}, "search_multi_errors.txt"),
        ({"OrderID": "NOBODY", "PayType": ""}, "search_multi_errors_two.txt"),
        ({"OrderID": "NOBODY", "PayType": "0"}, "search_multi_not_found.txt"),
        ({"OrderID": "X", "PayType": "0", "ShopPass": "x"}, "search_multi_wrong_shop.txt"),
    ],
)
def test_search_errors_are_those_of_the_fixtures(
    shop: Shop, fields: dict[str, str], fixture: str
) -> None:
    reply = shop.call("SearchTradeMulti", **fields)
    assert pairs(reply.text, form=False) == fixture_pairs(fixture)


def test_nothing_is_found_before_the_payer_submits(shop: Shop) -> None:
    link = shop.link()
    assert shop.search(CARD_ORDER)["ErrInfo"] == "M01004002"
    shop.pay(link)
    assert shop.search(CARD_ORDER)["Status"] == "CAPTURE"
    assert shop.search(CARD_ORDER, "3")["ErrInfo"] == "M01004002"


def test_access_ids_differ_by_the_way_of_paying(shop: Shop) -> None:
    """A declined card and then a slip on the same link."""
    link = shop.link(changes={"transaction.PayMethods": ["credit", "cvs"]})
    shop.pay(link + "?method=credit", POOR_CARD)
    shop.take_slip(link + "?method=cvs")
    by_card, by_slip = shop.search(CARD_ORDER, "0"), shop.search(CARD_ORDER, "3")
    assert (by_card["Status"], by_slip["Status"]) == ("UNPROCESSED", "REQSUCCESS")
    assert by_card["AccessID"] != by_slip["AccessID"]
    assert by_card["AccessPass"] != by_slip["AccessPass"]


def test_the_card_search_echoes_the_order(shop: Shop) -> None:
    shop.pay(shop.link())
    found = pairs(shop.call("SearchTrade", OrderID=CARD_ORDER).text, form=False)
    recorded = fixture_pairs("search_trade_unprocessed.txt")
    assert [key for key, _ in found] == [key for key, _ in recorded]
    assert found[0] == ("OrderID", CARD_ORDER)
    missing = shop.call("SearchTrade", OrderID="NOBODY").text
    assert pairs(missing, form=False) == fixture_pairs("search_trade_not_found.txt")


def test_the_json_variant_has_lower_camel_keys(shop: Shop) -> None:
    shop.pay(shop.link())
    asked = {"shopID": SHOP_ID, "shopPass": SHOP_PASS, "orderID": CARD_ORDER, "payType": "0"}
    found = shop.post_json("/payment/SearchTradeMulti.json", asked).json
    assert (found["status"], found["amount"], found["currency"]) == ("CAPTURE", "8000", "JPN")
    wrong = shop.post_json("/payment/SearchTradeMulti.json", asked | {"orderID": "NOBODY"})
    assert wrong.errors == ["M01004002"]


def test_an_unknown_path_gets_gmos_error(shop: Shop) -> None:
    assert shop.call("EntryTran").text == "ErrCode=E91&ErrInfo=E91099997"
    assert shop.post_json("/payment/Nothing.json", {}).errors == ["E91099997"]


def keys_of(shop: Shop, order_id: str, pay_type: str) -> dict[str, str]:
    found = shop.search(order_id, pay_type)
    return {"AccessID": found["AccessID"], "AccessPass": found["AccessPass"]}


def alter(shop: Shop, job: str, **fields: str) -> dict[str, str]:
    keys = keys_of(shop, CARD_ORDER, "0") | {"JobCd": job} | fields
    return dict(pairs(shop.call("AlterTran", **keys).text, form=False))


def test_a_card_payment_is_turned_back_as_recorded(shop: Shop) -> None:
    shop.pay(shop.link())
    keys = keys_of(shop, CARD_ORDER, "0")
    reply = shop.call("AlterTran", **keys, JobCd="RETURN", Amount="8000")
    recorded = fixture_pairs("alter_return.txt")
    assert [key for key, _ in pairs(reply.text, form=False)] == [key for key, _ in recorded]
    assert shop.search(CARD_ORDER)["Status"] == "RETURN"
    assert alter(shop, "RETURN") == {"ErrCode": "E11", "ErrInfo": "E11010999"}


@pytest.mark.parametrize(
    ("days", "job", "answer"),
    [
        (0, "VOID", ""),
        (1, "VOID", "E11010003"),
        (1, "RETURN", ""),
        (30, "RETURN", "E11010003"),
        (30, "RETURNX", ""),
        (0, "RETURNX", "E11010003"),
        (0, "CANCEL", ""),
        (0, "SALES", "E11010003"),
        (181, "RETURNX", "E11010010"),
    ],
)
def test_turning_back_follows_the_dates(
    shop: Shop, clock: Clock, days: int, job: str, answer: str
) -> None:
    shop.pay(shop.link())
    clock.forward(days=days)
    assert alter(shop, job).get("ErrInfo", "") == answer


def test_alter_errors_are_those_of_the_fixture(shop: Shop) -> None:
    reply = shop.call("AlterTran", AccessID="null", AccessPass="null", JobCd="SALES")
    assert pairs(reply.text, form=False) == fixture_pairs("alter_errors.txt")


def test_alter_wants_the_same_amount(shop: Shop) -> None:
    shop.pay(shop.link())
    assert alter(shop, "RETURN", Amount="1")["ErrInfo"] == "E01060010"


def test_an_open_slip_is_cancelled_as_recorded(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    keys = keys_of(shop, CVS_ORDER, "3")
    reply = shop.call("CvsCancel", **keys, OrderID=CVS_ORDER)
    assert pairs(reply.text, form=False) == fixture_pairs("cvs_cancel.txt")
    found = searched(shop, CVS_ORDER, "3")
    assert shapes(found) == shapes(fixture_pairs("search_multi_cvs_cancel.txt"))
    assert shop.act(CVS_ORDER, "deposit").status == 409


def test_a_paid_slip_is_not_cancelled(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    shop.act(CVS_ORDER, "deposit")
    reply = shop.call("CvsCancel", **keys_of(shop, CVS_ORDER, "3"), OrderID=CVS_ORDER)
    assert pairs(reply.text, form=False) == fixture_pairs("cvs_cancel_refused.txt")
    assert shop.status(CVS_ORDER) == "PAYSUCCESS"


def test_cancelling_wants_the_slips_own_keys(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    wrong = {"AccessID": "0" * 32, "AccessPass": "0" * 32, "OrderID": CVS_ORDER}
    assert "M01058002" in shop.call("CvsCancel", **wrong).text
