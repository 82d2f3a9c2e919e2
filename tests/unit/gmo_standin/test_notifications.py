"""Result notifications: their shape against the fixtures, their retries, their faults."""

from dataclasses import replace

import pytest

from local.gmo import Settings, serve
from tests.unit.gmo_standin.harness import (
    CARD_ORDER,
    CHALLENGE_CARD,
    CVS_ORDER,
    GOOD_CARD,
    POOR_CARD,
    Receiver,
    Shop,
    fixture_pairs,
    shapes,
    until,
)


def test_a_paid_card_is_told_as_in_the_fixture(shop: Shop, receiver: Receiver) -> None:
    shop.pay(shop.link())
    (told,) = receiver.wait(1)
    assert len(told) == 19
    assert shapes(told) == shapes(fixture_pairs("notification_card_success.txt"))


def test_a_declined_card_is_told_as_in_the_fixture(shop: Shop, receiver: Receiver) -> None:
    shop.pay(shop.link(), POOR_CARD)
    (told,) = receiver.wait(1)
    assert shapes(told) == shapes(fixture_pairs("notification_card_declined.txt"))


def test_a_cancelled_authentication_is_told_as_in_the_fixture(
    shop: Shop, receiver: Receiver
) -> None:
    shop.pay(shop.link(), CHALLENGE_CARD).submit("キャンセル")
    (told,) = receiver.wait(1)
    assert shapes(told) == shapes(fixture_pairs("notification_card_3ds_cancelled.txt"))


def test_a_returned_card_is_told_as_in_the_fixture(shop: Shop, receiver: Receiver) -> None:
    shop.pay(shop.link())
    shop.act(CARD_ORDER, "refund")
    told = receiver.wait(2)[1]
    assert shapes(told) == shapes(fixture_pairs("notification_card_return.txt"))


@pytest.mark.parametrize(
    ("chain", "fixture"),
    [
        ("10001", "notification_cvs_reqsuccess.txt"),
        ("00007", "notification_cvs_reqsuccess_seven.txt"),
        ("10002", "notification_cvs_reqsuccess_familymart.txt"),
    ],
)
def test_an_issued_slip_is_told_as_in_the_fixture(
    shop: Shop, receiver: Receiver, chain: str, fixture: str
) -> None:
    shop.take_slip(shop.slip_link(), chain)
    (told,) = receiver.wait(1)
    assert len(told) == 21
    assert shapes(told) == shapes(fixture_pairs(fixture))
    assert dict(told)["PaymentTerm"] == "20261206235959"  # 14 days from 22 November in Japan.


@pytest.mark.parametrize(
    ("act", "fixture"),
    [
        ("deposit", "notification_cvs_paysuccess.txt"),
        ("expire", "notification_cvs_expired.txt"),
    ],
)
def test_what_happens_to_a_slip_is_told_as_in_the_fixture(
    shop: Shop, receiver: Receiver, act: str, fixture: str
) -> None:
    shop.take_slip(shop.slip_link())
    shop.act(CVS_ORDER, act)
    told = receiver.wait(2)[1]
    assert shapes(told) == shapes(fixture_pairs(fixture))


def test_a_stopped_slip_is_told_as_in_the_fixture(shop: Shop, receiver: Receiver) -> None:
    shop.take_slip(shop.slip_link())
    found = shop.search(CVS_ORDER, "3")
    keys = {name: found[name] for name in ("AccessID", "AccessPass")}
    shop.call("CvsCancel", OrderID=CVS_ORDER, **keys)
    told = receiver.wait(2)[1]
    assert shapes(told) == shapes(fixture_pairs("notification_cvs_cancel.txt"))


def test_the_connectivity_test_is_that_of_the_fixture(shop: Shop, receiver: Receiver) -> None:
    shop.post_form("/_standin/notifications/ping", {})
    (told,) = receiver.wait(1)
    assert told == fixture_pairs("notification_ping.txt")


def test_a_forged_notification_says_what_it_is_given(shop: Shop, receiver: Receiver) -> None:
    shop.post_json("/_standin/notifications/forge", {"OrderID": "NOBODY", "Amount": "5"})
    told = dict(receiver.wait(1)[0])
    assert (told["OrderID"], told["Amount"], told["Status"]) == ("NOBODY", "5", "CAPTURE")
    assert shop.post_json("/_standin/notifications/forge", ["x"]).status == 400


def test_a_failure_and_then_a_success_come_for_one_order(shop: Shop, receiver: Receiver) -> None:
    link = shop.link()
    shop.pay(link, POOR_CARD)
    shop.pay(link)
    receiver.wait(2)
    assert receiver.seen("Status") == ["UNPROCESSED", "CAPTURE"]
    assert len(set(receiver.seen("AccessID"))) == 1


def test_a_late_deposit_follows_an_expired_slip(shop: Shop, receiver: Receiver) -> None:
    shop.take_slip(shop.slip_link())
    shop.act(CVS_ORDER, "expire")
    shop.act(CVS_ORDER, "deposit")
    receiver.wait(3)
    assert receiver.seen("Status") == ["REQSUCCESS", "EXPIRED", "PAYSUCCESS"]


@pytest.mark.parametrize("refusal", ["1", "500", "0\n", "OK"])
def test_anything_but_a_bare_0_is_tried_again(shop: Shop, receiver: Receiver, refusal: str) -> None:
    receiver.answers.append(refusal)
    shop.pay(shop.link())
    receiver.wait(2)
    assert receiver.bodies[0] == receiver.bodies[1]
    until(lambda: tries(shop)[0][1] == "delivered")


def tries(shop: Shop) -> list[tuple[list[str], str]]:
    letters = shop.get("/_standin/notifications").json
    return [([t["answer"] for t in x["tries"]], x["state"]) for x in letters]


def test_it_gives_up_after_the_last_retry(shop: Shop, receiver: Receiver) -> None:
    receiver.answers += ["1"] * 9
    shop.pay(shop.link())
    until(lambda: tries(shop)[0][1] == "given_up")
    assert tries(shop)[0][0] == ["1", "1", "1"]  # The first and two retries.


def test_a_receiver_that_is_not_there_is_noted(settings: Settings) -> None:
    running = serve(replace(settings, notify_url="http://127.0.0.1:9/x", retries=0))
    shop = Shop(running)
    shop.pay(shop.link())
    until(lambda: tries(shop)[0][1] == "given_up")
    running.stop()
    assert tries_of(running.standin.postman.sent()) == 0


def tries_of(letters: list[dict[str, object]]) -> object:
    first = letters[0]["tries"]
    assert isinstance(first, list)
    return first[0]["http_status"]


def test_the_receiver_is_called_by_its_own_name(settings: Settings, receiver: Receiver) -> None:
    """Names below .localhost are not resolved by Python; the Host header carries them."""
    running = serve(replace(settings, notify_host_header="jgets-member.localhost:4566"))
    shop = Shop(running)
    shop.pay(shop.link())
    receiver.wait(1)
    running.stop()
    assert receiver.hosts == ["jgets-member.localhost:4566"]


def test_a_dropped_notification_is_sent_only_by_flush(shop: Shop, receiver: Receiver) -> None:
    shop.faults(notifications="drop")
    shop.pay(shop.link())
    assert tries(shop) == [([], "held")]
    shop.flush()
    assert receiver.seen("Status") == ["CAPTURE"]
    assert tries(shop) == [(["0"], "delivered")]


def test_delayed_notifications_stay_in_order(shop: Shop, receiver: Receiver) -> None:
    shop.faults(notifications="delay")
    slip_and_deposit(shop)
    assert receiver.bodies == []
    shop.flush()
    assert receiver.seen("Status") == ["REQSUCCESS", "PAYSUCCESS"]


def test_reversed_notifications_come_last_to_first(shop: Shop, receiver: Receiver) -> None:
    shop.faults(notifications="reverse")
    slip_and_deposit(shop)
    assert receiver.bodies == []
    shop.flush()
    assert receiver.seen("Status") == ["PAYSUCCESS", "REQSUCCESS"]


def slip_and_deposit(shop: Shop) -> None:
    shop.take_slip(shop.slip_link())
    shop.act(CVS_ORDER, "deposit")


def test_a_duplicate_is_the_same_twice(shop: Shop, receiver: Receiver) -> None:
    shop.faults(notifications="duplicate")
    shop.pay(shop.link())
    receiver.wait(2)
    assert receiver.bodies[0] == receiver.bodies[1]


def test_a_tampered_notification_differs_from_the_search_in_amount(
    shop: Shop, receiver: Receiver
) -> None:
    shop.faults(notifications="tamper")
    shop.pay(shop.link(), GOOD_CARD)
    receiver.wait(1)
    assert receiver.seen("Amount") == ["9000"]
    assert shop.search(CARD_ORDER)["Amount"] == "8000"


def test_the_return_can_come_before_the_notification(shop: Shop, receiver: Receiver) -> None:
    shop.faults(**{"return": "before_notification"})
    screen = shop.pay(shop.link())
    assert screen.returned()[1]["transactionresult"]["Result"] == "PAYSUCCESS"
    assert receiver.bodies == []
    receiver.wait(1)


def test_flush_does_not_wait_for_a_retry(settings: Settings, receiver: Receiver) -> None:
    running = serve(replace(settings, retry_seconds=60))
    shop = Shop(running)
    receiver.answers.append("1")
    shop.pay(shop.link())
    until(lambda: tries(shop)[0][0] == ["1"])
    shop.flush()
    assert tries(shop) == [(["1", "0"], "delivered")]
    running.stop()


def test_notifications_go_nowhere_but_to_this_machine(settings: Settings) -> None:
    with pytest.raises(ValueError, match="this machine"):
        replace(settings, notify_url="http://example.com/gmo/notification")


@pytest.mark.parametrize("wrong", [{"shop_id": "tshop-1"}, {"shop_pass": "far-too-long-pass"}])
def test_a_shop_that_gmo_would_not_name_so_is_refused(
    settings: Settings, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match="shop_"):
        replace(settings, **wrong)  # type: ignore[arg-type]
