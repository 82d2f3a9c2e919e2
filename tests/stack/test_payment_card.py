"""Paying by card on the deployed stack: everything a payment can live through, by HTTP alone."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import Client
from tests.stack.paying import (
    AGAIN,
    ASKS_3D_SECURE,
    CARD,
    DECLINED,
    SAVE_AND_PAY,
    TO_GMO,
    Gmo,
    Payer,
    until,
)
from tests.stackfixture import LocalStack

PAID_MAIL = "【日本消化器内視鏡技師会】会費のお支払いが完了しました"


@pytest.fixture
def payer(local_stack: LocalStack) -> Payer:
    """A member with this year's dues to pay."""
    return Payer.signed_in(local_stack)


def assert_paid_once(payer: Payer, backstage: Backstage) -> None:
    """One booking, one receipt, one mail, and nothing more to pay."""
    statement = payer.await_text("支払済")
    assert statement.count("支払済") == 1
    assert "会員情報確認 支払手続き" not in statement
    assert "完了" in payer.invoice()
    assert backstage.subjects(payer.address) == [PAID_MAIL]
    assert payer.receipt().body.startswith(b"%PDF")


def test_the_manuals_way_ends_in_one_booking_one_mail_and_a_receipt(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")

    back = payer.come_back(gmo.fill_in(link, CARD))

    assert (back.status, back.location) == (303, payer.path)
    assert_paid_once(payer, backstage)
    [order] = gmo.new_orders()
    assert (order["order_id"][:4], order["status"], order["amount"]) == ("D26-", "CAPTURE", 10000)


def test_nothing_leads_back_to_paying_once_it_is_paid(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    choice = payer.choice()
    gmo.fill_in(payer.link(payer.client.follow(payer.press(choice, "card"))), CARD)
    assert_paid_once(payer, backstage)

    for page in ("start", "payment"):
        assert payer.client.get(f"{payer.path}/{page}").location == payer.path
    assert payer.press(choice, "card").location == payer.path
    assert len(gmo.new_orders()) == 1


def test_a_record_saved_today_is_not_asked_for_again(local_stack: LocalStack) -> None:
    """The manual, section 4 ※: 当日会員情報をすでに変更している場合は、お支払い手続きページ."""
    payer = Payer.signed_in(local_stack, "arrears")
    first = payer.client.get(f"{payer.path}/start")
    assert first.location == f"/member/profile/edit?invoice={payer.invoice_id}"
    assert payer.client.follow(first).form(button=SAVE_AND_PAY).method == "post"
    payer.choice()

    assert payer.client.get(f"{payer.path}/start").location == f"{payer.path}/payment"


def test_a_decline_is_followed_by_success_on_the_same_link(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")

    declined = gmo.fill_in(link, DECLINED)
    assert "42G020000" in declined.text
    backstage.quiet()
    assert "お支払い手続き中" in payer.statement()
    assert payer.link(payer.client.get(f"{payer.path}/payment")) == link
    gmo.fill_in(link, CARD)

    assert_paid_once(payer, backstage)
    assert len(gmo.new_orders()) == 1


def test_an_abandoned_3d_secure_step_can_be_taken_again(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    challenged = gmo.fill_in(link, ASKS_3D_SECURE)

    gmo.press(challenged, {}, "キャンセル")
    backstage.quiet()
    assert "お支払い手続き中" in payer.statement()
    gmo.press(gmo.fill_in(link, ASKS_3D_SECURE), {}, "認証する")

    assert_paid_once(payer, backstage)


def test_going_back_without_paying_leaves_the_way_open(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")

    back = payer.come_back(gmo.open(link))
    page = payer.client.follow(back)

    assert "お支払いは完了していません" in page.text
    assert page.link("お支払い手続きを続ける") == f"{payer.path}/payment"
    backstage.quiet()
    gmo.fill_in(payer.link(payer.client.get(f"{payer.path}/payment")), CARD)
    assert_paid_once(payer, backstage)
    assert len(gmo.new_orders()) == 1


# One order, whatever is pressed


def test_pressing_decide_twice_makes_one_order(payer: Payer, gmo: Gmo) -> None:
    choice = payer.choice()

    first, second = payer.press(choice, "card"), payer.press(choice, "card")

    assert (first.status, first.location) == (second.status, second.location)
    assert payer.link(payer.client.follow(first)) == payer.link(payer.client.follow(second))
    assert len(gmo.new_orders()) == 1


def test_two_presses_at_once_make_one_order(
    payer: Payer, gmo: Gmo, local_stack: LocalStack
) -> None:
    """Two tabs of one browser: the same session, the two requests in one moment."""
    choice = payer.choice()
    other = Client(local_stack.connect, local_stack.portal)
    other.cookies = dict(payer.client.cookies)
    tabs = [payer, Payer(local_stack, other, payer.invoice_id, payer.person)]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda tab: tab.press(choice, "card"), tabs))

    assert [answer.status for answer in answers] == [303, 303]
    links = {payer.link(payer.client.get(f"{payer.path}/payment")) for _ in tabs}
    assert {order["link"] for order in gmo.new_orders()} == links
    assert len(links) == 1


def test_another_method_afterwards_is_refused_and_told(payer: Payer, gmo: Gmo) -> None:
    choice = payer.choice()
    link = payer.link(payer.client.follow(payer.press(choice, "card")))

    refused = payer.press(choice, "cvs")

    assert refused.status == 422
    assert "「クレジットカード(一括払)」に決定済みです" in refused.text
    assert payer.link(payer.client.get(f"{payer.path}/payment")) == link
    assert len(gmo.new_orders()) == 1


# GMO down or silent at 決定


def test_gmo_down_at_decide_and_the_way_on(payer: Payer, gmo: Gmo, backstage: Backstage) -> None:
    gmo.faults(link="down")
    page = payer.client.follow(payer.press(payer.choice(), "card"))

    assert "準備ができませんでした" in page.text
    assert TO_GMO not in page.text
    assert page.form(button=AGAIN).action == f"{payer.path}/payment"
    assert "確認中" in payer.statement()
    gmo.well()
    [only] = orders_of(payer, backstage)
    backstage.long_ago(only)

    link = payer.link(payer.client.follow(payer.again()))
    gmo.fill_in(link, CARD)

    assert_paid_once(payer, backstage)
    assert [order["link"] for order in gmo.new_orders()] == [link]


def test_gmo_silent_after_making_the_order_leaves_one_live_order(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    """GMO made the order and its answer was lost: nobody holds that link, so it is rejected."""
    choice = payer.choice()
    gmo.faults(link="timeout_after_commit")
    page = payer.client.follow(payer.press(choice, "card"))
    assert "準備ができませんでした" in page.text
    gmo.faults(link="normal")
    [lost] = gmo.new_orders()
    backstage.long_ago(lost["order_id"])

    link = payer.link(payer.client.follow(payer.again()))

    statuses = {order["order_id"]: order["status"] for order in gmo.new_orders()}
    assert statuses.pop(lost["order_id"]) == "INVALID"
    assert list(statuses.values()) == ["CREATE"]
    gmo.fill_in(link, CARD)
    assert_paid_once(payer, backstage)


def orders_of(payer: Payer, backstage: Backstage) -> list[str]:
    """Return the orders in our own rows, also those that GMO never heard of."""
    return backstage.orders_of_invoice(payer.person.member_no, payer.invoice_id)


# Notifications and answers that go wrong


def test_a_lost_notification_is_healed_by_the_schedule(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    gmo.faults(notifications="drop")
    gmo.fill_in(link, CARD)
    backstage.quiet()
    assert "お支払い手続き中" in payer.statement()

    backstage.ask(gmo.order_of(link)["order_id"])

    assert_paid_once(payer, backstage)


def test_while_gmo_cannot_be_asked_nothing_changes_and_later_it_heals(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    gmo.faults(search="down")

    shown = payer.client.follow(payer.come_back(gmo.fill_in(link, CARD)))
    backstage.quiet()

    assert "確認中" in shown.text
    assert "確認中" in payer.statement()
    assert backstage.mails(payer.address) == []
    assert payer.receipt().status == 404
    gmo.faults(search="normal")
    backstage.sweep()
    assert_paid_once(payer, backstage)


@pytest.mark.parametrize("word", ["duplicate", "tamper"])
def test_a_notification_that_goes_wrong_is_booked_once(
    payer: Payer, gmo: Gmo, backstage: Backstage, word: str
) -> None:
    """Sent twice, or with another amount: what GMO answers is booked, and once."""
    link = payer.chosen("card")
    gmo.faults(notifications=word)

    gmo.fill_in(link, CARD)

    assert_paid_once(payer, backstage)
    sent = gmo.notifications(gmo.order_of(link)["order_id"])
    assert sent
    assert all(attempt["answer"] == "0" for letter in sent for attempt in letter["tries"])


def test_notifications_in_the_wrong_order_end_in_what_is_true(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    gmo.faults(notifications="reverse")
    gmo.fill_in(link, DECLINED)
    gmo.fill_in(link, CARD)

    gmo.flush()

    assert_paid_once(payer, backstage)
    first, second = reversed(gmo.notifications(gmo.order_of(link)["order_id"]))
    assert first["error"]
    assert not second["error"]


def test_a_return_before_the_notification_is_being_checked_and_then_complete(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    """GMO's search answers late as well here, so the browser is back before anything is known."""
    link = payer.chosen("card")
    gmo.returns("before_notification")
    gmo.faults(search="lag")

    shown = payer.client.follow(payer.come_back(gmo.fill_in(link, CARD)))
    assert "確認中" in shown.text
    assert "もう一度お支払いになる必要はありません" in shown.text
    backstage.quiet()
    assert "確認中" in payer.statement()
    gmo.faults(search="normal")

    gmo.flush()
    assert_paid_once(payer, backstage)


def test_without_a_way_back_the_notification_is_enough(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    gmo.returns("never")

    done = gmo.fill_in(link, CARD)

    assert all("/member/billing/return" not in form.action for form in done.forms)
    assert_paid_once(payer, backstage)


FORGERIES: Mapping[str, Mapping[str, str]] = {
    "paid": {"Status": "CAPTURE", "JobCd": "CAPTURE"},
    "a slip": {"PayType": "3", "Status": "REQSUCCESS"},
    "returned": {"Status": "RETURN", "JobCd": "RETURN"},
    "of another shop": {"ShopID": "tshop99999999"},
}


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_notification_changes_nothing(
    payer: Payer, gmo: Gmo, backstage: Backstage, what: str
) -> None:
    """Anybody can post to the door; only GMO's own answer books."""
    link = payer.chosen("card")
    order_id = gmo.order_of(link)["order_id"]
    before = payer.statement(), payer.invoice()

    gmo.forge(order_id, **FORGERIES[what])
    until(lambda: gmo.notifications(order_id), lambda sent: bool(sent and sent[0]["tries"]))
    backstage.quiet()

    assert gmo.notifications(order_id)[0]["tries"][0]["answer"] == "0"
    assert (payer.statement(), payer.invoice()) == before
    assert payer.link(payer.client.get(f"{payer.path}/payment")) == link
    assert backstage.mails(payer.address) == []
    gmo.fill_in(link, CARD)
    assert_paid_once(payer, backstage)


def test_a_refund_is_told_and_takes_the_receipt_away(
    payer: Payer, gmo: Gmo, backstage: Backstage
) -> None:
    link = payer.chosen("card")
    gmo.fill_in(link, CARD)
    assert_paid_once(payer, backstage)

    gmo.refund(gmo.order_of(link)["order_id"])

    statement = payer.await_text("返金済")
    assert "領収書" not in statement.split("返金済")[1].split("領収書が必要な方は")[0]
    assert "支払済" not in statement
    assert payer.receipt().status == 404
    assert "領収書をダウンロード" not in payer.invoice()
