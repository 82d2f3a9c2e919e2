"""The controls, the faults they set, and what survives a restart."""

import http.client
import time
from dataclasses import replace
from pathlib import Path

import pytest

from local.gmo import Settings, serve
from local.gmo.__main__ import main, settings_of
from tests.unit.gmo_standin.conftest import Clock
from tests.unit.gmo_standin.harness import (
    CARD_ORDER,
    CHALLENGE_CARD,
    CVS_ORDER,
    POOR_CARD,
    Receiver,
    Screen,
    Shop,
    fixture_json,
    fixture_pairs,
    pairs,
)


def test_orders_are_listed_newest_first_with_exactly_these_fields(shop: Shop, clock: Clock) -> None:
    shop.link()
    clock.forward(seconds=1)
    link = shop.slip_link()
    newest, oldest = shop.orders()
    assert newest == {
        "order_id": CVS_ORDER,
        "method": "cvs",
        "status": "CREATE",
        "amount": 8000,
        "link": link,
        "created_at": "2026-11-22T01:02:04.000000Z",
    }
    assert (oldest["order_id"], oldest["method"]) == (CARD_ORDER, "card")


def test_the_amount_of_an_order_includes_its_tax(shop: Shop) -> None:
    shop.link(changes={"transaction.Tax": "800"})
    assert shop.orders()[0]["amount"] == 8800


def test_a_deposit_makes_a_slip_paid_once(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    assert shop.status(CVS_ORDER) == "REQSUCCESS"
    assert shop.act(CVS_ORDER, "deposit").json["status"] == "PAYSUCCESS"
    assert shop.act(CVS_ORDER, "deposit").status == 409
    assert shop.act(CVS_ORDER, "expire").status == 409


def test_an_expired_slip_is_expired_for_the_search_too(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    assert shop.act(CVS_ORDER, "expire").json["status"] == "EXPIRED"
    assert shop.search(CVS_ORDER, "3")["Status"] == "EXPIRED"


def test_without_a_slip_expire_ends_the_link_and_tells_nobody(
    shop: Shop, receiver: Receiver
) -> None:
    link = shop.link()
    assert shop.act(CARD_ORDER, "expire").json["status"] == "EXPIRED"
    assert "EZ1043015" in Screen.open(link).text
    assert receiver.bodies == []


def test_a_refund_returns_a_card_payment_once(shop: Shop) -> None:
    shop.pay(shop.link())
    assert shop.act(CARD_ORDER, "refund").json["status"] == "RETURN"
    assert shop.act(CARD_ORDER, "refund").status == 409


@pytest.mark.parametrize("act", ["deposit", "refund"])
def test_an_act_that_does_not_fit_is_refused(shop: Shop, act: str) -> None:
    shop.pay(shop.link(), POOR_CARD)
    assert shop.act(CARD_ORDER, act).status == 409
    assert shop.status(CARD_ORDER) == "UNPROCESSED"


def test_unknown_orders_and_acts_are_404(shop: Shop) -> None:
    assert shop.act("NOBODY", "deposit").status == 404
    assert shop.act("NOBODY", "burn").status == 404
    assert shop.get("/_standin/nothing").status == 404


def test_faults_are_merged(shop: Shop) -> None:
    shop.faults(search="lag")
    words = shop.faults(link="down").json
    assert words == {
        "notifications": "normal",
        "search": "lag",
        "link": "down",
        "return": "normal",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"search": "lost"}, {"weather": "normal"}, {"search": ["down"]}, ["down"], "down", None],
)
def test_a_wrong_word_is_refused_and_changes_nothing(shop: Shop, wrong: object) -> None:
    reply = shop.post_json("/_standin/faults", wrong)
    assert reply.status == 400
    assert set(shop.faults().json.values()) == {"normal"}


def test_one_wrong_word_keeps_the_right_ones_out_too(shop: Shop) -> None:
    assert shop.faults(search="down", link="lost").status == 400
    assert shop.faults().json["search"] == "normal"


def test_search_down_answers_html_with_500(shop: Shop) -> None:
    shop.faults(search="down")
    reply = shop.call("SearchTradeMulti", OrderID=CARD_ORDER, PayType="0")
    assert reply.status == 500
    assert "<html>" in reply.text


def test_search_slow_answers_later(shop: Shop) -> None:
    shop.pay(shop.link())
    shop.faults(search="slow")
    began = time.monotonic()
    assert shop.search(CARD_ORDER)["Status"] == "CAPTURE"
    assert time.monotonic() - began >= 0.1


def test_search_lag_answers_with_the_state_before_the_last_change(shop: Shop) -> None:
    shop.faults(search="lag")
    shop.take_slip(shop.slip_link())
    assert shop.search(CVS_ORDER, "3")["ErrInfo"] == "M01004002"
    shop.act(CVS_ORDER, "deposit")
    assert shop.search(CVS_ORDER, "3")["Status"] == "REQSUCCESS"
    shop.faults(search="normal")
    assert shop.search(CVS_ORDER, "3")["Status"] == "PAYSUCCESS"


def test_search_throttled_and_forbidden(shop: Shop) -> None:
    shop.faults(search="throttled")
    reply = shop.call("SearchTradeMulti", OrderID=CARD_ORDER, PayType="0")
    assert pairs(reply.text, form=False) == fixture_pairs("search_throttled.txt")
    shop.faults(search="forbidden")
    assert shop.call("SearchTradeMulti", OrderID=CARD_ORDER, PayType="0").status == 403


def test_link_down_makes_no_order(shop: Shop) -> None:
    shop.faults(link="down")
    reply = shop.issue()
    assert (reply.status, "<html>" in reply.text) == (500, True)
    assert shop.reject(CARD_ORDER).status == 500
    assert shop.orders() == []


def test_link_timeout_after_commit_keeps_the_order_and_never_answers(shop: Shop) -> None:
    shop.faults(link="timeout_after_commit")
    began = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        shop.issue()
    assert time.monotonic() - began >= 0.1
    assert shop.status(CARD_ORDER) == "CREATE"
    assert shop.reject(CARD_ORDER).json["Status"] == "INVALID"


def test_other_calls_are_served_while_one_is_held(settings: Settings) -> None:
    running = serve(replace(settings, slow_seconds=30))
    shop = Shop(running)
    shop.faults(search="slow")
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    line.request("POST", "/payment/SearchTradeMulti.idPass", b"")
    assert shop.issue().status == 200
    began = time.monotonic()
    running.stop()
    line.close()
    assert time.monotonic() - began < 2


def test_reset_forgets_everything(shop: Shop, receiver: Receiver) -> None:
    shop.pay(shop.link())
    receiver.wait(1)
    shop.faults(search="down", notifications="drop")
    shop.post_form("/_standin/reset", {})
    assert shop.orders() == []
    assert shop.get("/_standin/notifications").json == []
    assert set(shop.get("/_standin/faults").json.values()) == {"normal"}
    assert shop.issue().status == 200


def test_orders_outlive_a_restart(settings: Settings, tmp_path: Path) -> None:
    kept = replace(settings, data_dir=tmp_path)
    first = serve(kept)
    shop = Shop(first)
    shop.pay(shop.link(), CHALLENGE_CARD).submit("認証する")
    shop.take_slip(shop.slip_link())
    before = [{**order, "link": ""} for order in shop.orders()]
    found = shop.search(CARD_ORDER)
    first.stop()
    second = serve(kept)
    shop = Shop(second)
    assert [{**order, "link": ""} for order in shop.orders()] == before
    assert shop.search(CARD_ORDER) == found
    assert shop.issue().json == fixture_json("link_order_exists.json")
    second.stop()


def test_reset_forgets_on_disk_too(settings: Settings, tmp_path: Path) -> None:
    kept = replace(settings, data_dir=tmp_path)
    first = serve(kept)
    Shop(first).link()
    Shop(first).post_form("/_standin/reset", {})
    first.stop()
    second = serve(kept)
    assert Shop(second).orders() == []
    second.stop()


def test_a_person_deposits_on_the_start_page(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    screen = Screen.open(shop.url + "/")
    assert screen.buttons == ["入金", "期限切れ"]
    after = screen.submit("入金")
    assert "PAYSUCCESS" in after.text
    assert after.buttons == []


def test_a_person_refunds_on_the_start_page(shop: Shop) -> None:
    shop.pay(shop.link())
    assert "RETURN" in Screen.open(shop.url + "/").submit("返金").text


def test_a_huge_body_is_refused(shop: Shop) -> None:
    line = http.client.HTTPConnection("127.0.0.1", shop.running.port, timeout=5)
    line.putrequest("POST", "/_standin/faults")
    line.putheader("Content-Length", "2000000")
    line.endheaders()
    assert line.getresponse().status == 413
    line.close()


def test_the_command_line_reads_all_settings(tmp_path: Path) -> None:
    line = f"--port 0 --data-dir {tmp_path} --shop-id tshop00000009 --shop-pass otherpass1"
    line += " --notify-url http://a.localhost:1/gmo/notification"
    line += " --notify-host-header a.localhost --public-url http://127.0.0.1:4580"
    settings = settings_of(line.split())
    assert (settings.port, settings.shop_id, settings.data_dir) == (0, "tshop00000009", tmp_path)
    assert settings.notify_host_header == "a.localhost"


def test_the_command_line_names_a_bad_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--shop-id", "x"]) == 1
    assert "shop_id" in capsys.readouterr().err
