"""The hosted pages, walked as a payer does, without JavaScript."""

import json
import re
from dataclasses import replace

import pytest

from local.gmo import Settings
from local.gmo.exchange import Call
from local.gmo.server import Standin
from tests.unit.gmo_standin.conftest import Clock
from tests.unit.gmo_standin.harness import (
    CARD_ORDER,
    CHALLENGE_CARD,
    CVS_ORDER,
    GOOD_CARD,
    POOR_CARD,
    RETURN_URL,
    Screen,
    Shop,
    card,
    fixture_json,
    key_tree,
    link_request,
    payer,
)

ISSUE = "/payment/GetLinkplusUrlPayment.json"


def same_keys(content: object, fixture: str) -> bool:
    return list(key_tree(content)) == list(key_tree(fixture_json(fixture)))


def test_the_status_follows_the_payer(shop: Shop) -> None:
    link = shop.link()
    assert shop.status(CARD_ORDER) == "CREATE"
    Screen.open(link)
    assert shop.status(CARD_ORDER) == "PAYSTART"
    shop.pay(link)
    assert shop.status(CARD_ORDER) == "CAPTURE"


def test_a_paid_card_returns_as_in_the_fixture(shop: Shop) -> None:
    screen = shop.pay(shop.link())
    assert "お支払いが完了しました" in screen.text
    target, content = screen.returned()
    assert target == RETURN_URL
    assert same_keys(content, "return_paysuccess.json")
    assert content["transactionresult"]["Result"] == "PAYSUCCESS"
    assert content["credit"]["Approve"].startswith(" ")


@pytest.mark.parametrize(
    "number",
    [
        "5555555555554444",
        "3530111333300000",
        "378282246310005",
        "36006666333344",
        "4100000000000100",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "４１１１１１１１１１１１１１１１",
    ],
)
def test_a_good_card_pays_however_it_is_typed(shop: Shop, number: str) -> None:
    shop.pay(shop.link(), number)
    assert shop.status(CARD_ORDER) == "CAPTURE"


@pytest.mark.parametrize("expire", ["12/36", "1236", "12 / 36"])
def test_the_expiry_is_taken_with_and_without_a_stroke(shop: Shop, expire: str) -> None:
    Screen.open(shop.link()).submit("支払う", **card(GOOD_CARD, expire))
    assert shop.search(CARD_ORDER)["Expire"] == "3612"


@pytest.mark.parametrize(
    ("number", "expire", "code"),
    [
        (POOR_CARD, "12/36", "42G020000"),
        ("4999000000000005", "12/36", "42G030000"),
        (GOOD_CARD, "10/26", "42G830000"),
        ("4111111111111112", "12/36", "E41170099"),
        ("4242424242424242", "12/36", "E41170002"),
        ("4100000000400003", "12/36", "E21030201"),
    ],
)
def test_a_refused_card_is_told_and_can_be_followed_by_another(
    shop: Shop, number: str, expire: str, code: str
) -> None:
    screen = Screen.open(shop.link()).submit("支払う", **card(number, expire))
    assert code in screen.text
    assert shop.status(CARD_ORDER) == "UNPROCESSED"
    assert shop.search(CARD_ORDER)["Status"] == "UNPROCESSED"
    screen.submit("支払う", **card(GOOD_CARD))
    assert shop.status(CARD_ORDER) == "CAPTURE"


def test_a_card_of_this_month_is_still_good(shop: Shop) -> None:
    Screen.open(shop.link()).submit("支払う", **card(GOOD_CARD, "11/26"))
    assert shop.status(CARD_ORDER) == "CAPTURE"


@pytest.mark.parametrize(
    "wrong",
    [{"card_number": ""}, {"card_number": "41"}, {"expire": "13/30"}, {"cvc": "x"}, {"cvc": ""}],
)
def test_what_is_no_card_makes_no_transaction(shop: Shop, wrong: dict[str, str]) -> None:
    screen = Screen.open(shop.link()).submit("支払う", **(card(GOOD_CARD) | wrong))
    assert 'role="alert"' in screen.text
    assert GOOD_CARD not in screen.text
    assert shop.status(CARD_ORDER) == "PAYSTART"


def test_the_payer_authenticates_with_3d_secure(shop: Shop) -> None:
    screen = shop.pay(shop.link(), CHALLENGE_CARD)
    assert {"認証する", "キャンセル"} <= set(screen.buttons)
    assert shop.search(CARD_ORDER)["Status"] == "AUTHENTICATED"
    assert "サイトに戻る" in screen.submit("認証する").buttons
    assert shop.search(CARD_ORDER)["Status"] == "CAPTURE"


def test_the_payer_cancels_3d_secure_and_tries_again(shop: Shop) -> None:
    screen = shop.pay(shop.link(), CHALLENGE_CARD).submit("キャンセル")
    assert "E21020002" in screen.text
    assert shop.search(CARD_ORDER)["Status"] == "UNPROCESSED"
    screen.submit("支払う", **card(GOOD_CARD))
    assert shop.status(CARD_ORDER) == "CAPTURE"


def test_an_authentication_that_fails_is_a_refused_card(shop: Shop) -> None:
    screen = shop.pay(shop.link(), "4100000000300005").submit("認証する")
    assert "E21030001" in screen.text


def test_an_authentication_may_end_after_the_deadline(shop: Shop, clock: Clock) -> None:
    screen = shop.pay(shop.link(changes=deadline("202611222359")), CHALLENGE_CARD)
    clock.forward(days=1)
    screen.submit("認証する")
    assert shop.status(CARD_ORDER) == "CAPTURE"


def test_a_link_is_not_stopped_during_an_authentication(shop: Shop) -> None:
    shop.pay(shop.link(), CHALLENGE_CARD)
    assert shop.reject(CARD_ORDER).errors == ["EZ2278010"]


def test_a_page_sent_twice_pays_once(shop: Shop) -> None:
    form = Screen.open(shop.link())
    form.submit("支払う", **card(GOOD_CARD))
    first = shop.search(CARD_ORDER)
    assert "サイトに戻る" in form.submit("支払う", **card(POOR_CARD)).buttons
    assert shop.search(CARD_ORDER) == first


def test_going_back_without_paying_says_paystart_with_nulls(shop: Shop) -> None:
    link = shop.link()
    target, content = Screen.open(link).returned("支払わずに戻る")
    assert target == RETURN_URL
    assert same_keys(content, "return_paystart.json")
    assert content["transactionresult"]["Result"] == "PAYSTART"
    assert content["transactionresult"]["AccessID"] is None
    shop.pay(link)
    assert shop.status(CARD_ORDER) == "CAPTURE"


def test_going_back_after_a_refusal_says_paystart_too(shop: Shop) -> None:
    _, content = shop.pay(shop.link(), POOR_CARD).returned("支払わずに戻る")
    assert content["transactionresult"]["Result"] == "PAYSTART"


@pytest.mark.parametrize(
    ("chain", "labels"),
    [
        ("00007", {"払込票番号": r"\d{13}"}),
        ("10001", {"お客様番号": r"\d{12}", "確認番号": r"\d{4}"}),
        ("10002", {"第1番号（企業コード）": r"\d{5}", "第2番号（注文番号）": r"\d{12}"}),
        ("10005", {"お客様番号": r"\d{12}", "確認番号": r"\d{4}"}),
        ("10008", {"受付番号": r"\d{11}", "申込番号": r"\d{6}"}),
    ],
)
def test_each_chain_shows_its_own_numbers(shop: Shop, chain: str, labels: dict[str, str]) -> None:
    screen = shop.take_slip(shop.slip_link(), chain)
    shown = dict(re.findall(r'<dt>([^<]+)</dt><dd class="number">([^<]+)</dd>', screen.text))
    assert list(shown) == list(labels)
    assert all(re.fullmatch(labels[label], number) for label, number in shown.items())
    assert "2026年12月6日 23:59" in screen.text
    found = shop.search(CVS_ORDER, "3")
    assert set(shown.values()) <= {found["CvsConfNo"], found["CvsReceiptNo"]}


def test_a_slip_returns_as_in_the_fixture(shop: Shop) -> None:
    _, content = shop.take_slip(shop.slip_link()).returned()
    assert same_keys(content, "return_reqsuccess.json")
    assert content["transactionresult"]["Result"] == "REQSUCCESS"
    assert content["transactionresult"]["Paymethod"] == "cvs"


def test_the_slips_form_is_filled_in_from_the_request(shop: Shop) -> None:
    fields = Screen.open(shop.slip_link()).form("申し込む").fields
    assert fields == {"name": "内視鏡花子", "kana": "ナイシキョウハナコ", "tel": "0300000000"}


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"cvs": ""}, "コンビニを選んで"),
        ({"cvs": "10003"}, "コンビニを選んで"),
        ({"name": ""}, "M01010013"),
        ({"name": "花" * 21}, "M01010013"),
        ({"name": "花😀子"}, "M01010013"),
        ({"name": "A.花子", "cvs": "00007"}, "半角"),
        ({"kana": "ﾊﾅｺ"}, "M01011013"),
        ({"kana": ""}, "M01011013"),
        ({"tel": "電話"}, "M01012008"),
    ],
)
def test_what_a_store_cannot_take_is_told_and_makes_no_slip(
    shop: Shop, wrong: dict[str, str], text: str
) -> None:
    screen = Screen.open(shop.slip_link()).submit("申し込む", **(payer() | wrong))
    assert text in screen.text
    assert "申し込む" in screen.buttons
    assert shop.status(CVS_ORDER) == "PAYSTART"


def test_what_was_typed_is_shown_escaped(shop: Shop) -> None:
    screen = Screen.open(shop.slip_link()).submit("申し込む", cvs="", name="<b>&\"'")
    assert "<b>&" not in screen.text
    assert screen.form("申し込む").fields["name"] == "<b>&\"'"


def test_a_link_shows_only_the_methods_it_was_made_for(shop: Shop) -> None:
    by_card, by_slip = shop.link(), shop.slip_link()
    assert "申し込む" not in Screen.open(by_card + "?method=cvs").buttons
    assert "支払う" not in Screen.open(by_slip + "?method=credit").buttons
    crossed = replace(Screen.open(by_card), text=Screen.open(by_card).text.replace("/card", "/cvs"))
    assert crossed.submit("支払う", **payer()).status == 404
    assert shop.status(CARD_ORDER) == "PAYSTART"


def test_a_link_for_both_lets_the_payer_choose(shop: Shop) -> None:
    link = shop.link(changes={"transaction.PayMethods": None})
    assert "?method=credit" in Screen.open(link).text
    assert "?method=cvs" in Screen.open(link).text
    assert shop.take_slip(link + "?method=cvs").status == 200


def test_above_the_stores_highest_amount_only_the_card_is_left(shop: Shop) -> None:
    changes = {"transaction.PayMethods": None, "transaction.Amount": "300001"}
    assert Screen.open(shop.link(changes=changes)).buttons == ["支払う", "支払わずに戻る"]


def deadline(text: str) -> dict[str, object]:
    return {"transaction.PaymentExpireDate": text}


def test_a_link_is_good_until_its_last_minute_is_over(shop: Shop, clock: Clock) -> None:
    link = shop.link(changes=deadline("202611221003"))
    clock.forward(seconds=116)  # 10:03:59 in Japan.
    assert "支払う" in Screen.open(link).buttons
    clock.forward(seconds=1)
    assert "EZ1043015" in Screen.open(link).text
    assert shop.status(CARD_ORDER) == "EXPIRED"


def test_expire_days_count_from_the_first_visit(shop: Shop, clock: Clock) -> None:
    changes = {"transaction.PaymentExpireDate": None, "transaction.ExpireDays": "1"}
    link = shop.link(changes=changes)
    clock.forward(days=30)
    assert "支払う" in Screen.open(link).buttons
    clock.forward(days=1)
    assert "支払う" in Screen.open(link).buttons
    clock.forward(days=1)
    assert "EZ1043015" in Screen.open(link).text


def test_a_form_sent_after_the_deadline_pays_nothing(shop: Shop, clock: Clock) -> None:
    form = Screen.open(shop.link(changes=deadline("202611222359")))
    clock.forward(days=1)
    assert "EZ1043015" in form.submit("支払う", **card(GOOD_CARD)).text
    assert shop.search(CARD_ORDER)["ErrInfo"] == "M01004002"


def test_too_many_cards_end_the_link(shop: Shop) -> None:
    link = shop.link(changes={"transaction.RetryMax": "2"})
    for _ in range(2):
        assert "42G020000" in shop.pay(link, POOR_CARD).text
    assert "EZ1042009" in shop.pay(link, GOOD_CARD).text
    assert shop.status(CARD_ORDER) == "ERROR"


def test_result_skip_returns_at_once(shop: Shop) -> None:
    screen = shop.pay(shop.link(changes={"transaction.ResultSkipFlag": "1"}))
    assert "document.forms[0].submit()" in screen.text
    assert screen.read.forms[0].action == RETURN_URL
    assert "submit()" not in shop.pay(shop.link("OTHER")).text


def test_complete_and_cancel_urls_serve_when_there_is_no_return_url(shop: Shop) -> None:
    changes = {
        "transaction.RetUrl": None,
        "transaction.CompleteUrl": "http://portal.localhost/done",
        "transaction.CancelUrl": "http://portal.localhost/left",
    }
    link = shop.link(changes=changes)
    assert Screen.open(link).returned("支払わずに戻る")[0].endswith("/left")
    assert shop.pay(link).returned()[0].endswith("/done")


def test_there_may_be_no_way_back(shop: Shop) -> None:
    shop.faults(**{"return": "never"})
    screen = shop.pay(shop.link(changes={"transaction.ResultSkipFlag": "1"}))
    assert screen.buttons == []
    assert "submit()" not in screen.text
    assert "サイトに戻る" in screen.read.disabled[0]


def test_the_printable_slip_is_where_the_search_says(shop: Shop) -> None:
    shop.take_slip(shop.slip_link(), "00007")
    found = shop.search(CVS_ORDER, "3")
    assert found["CvsReceiptNo"] in Screen.open(found["ReceiptUrl"]).text


@pytest.mark.parametrize(
    "path", ["/v2/plus/tshop00000000/checkout/" + "0" * 64, "/receipt/x", "/x"]
)
def test_a_page_that_is_not_there_is_a_404(shop: Shop, path: str) -> None:
    assert Screen.open(shop.url + path).status == 404


def test_a_public_address_stands_in_the_links(settings: Settings) -> None:
    standin = Standin(settings, "http://gmo.localhost:1")
    body = json.dumps(link_request(CARD_ORDER)).encode()
    headers = {"content-type": "application/json"}
    answer = standin.answer(Call("POST", ISSUE, headers=headers, body=body))
    assert json.loads(answer.body)["LinkUrl"].startswith("http://gmo.localhost:1/v2/plus/")
