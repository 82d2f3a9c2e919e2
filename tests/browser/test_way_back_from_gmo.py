"""What members meet between GMO's page and ours: refusals, giving up, news that come late."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Gmo, Mailbox
from tests.browser.visitor import PATIENCE, SESSION, Visitor

pytestmark = pytest.mark.timeout(300)


def test_after_a_refused_card_the_same_link_takes_another_one(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """Refused at GMO, back to us (GMO then says PAYSTART), on to the same page, and paid there."""
    steps.signed_in(phone, member("unpaid"))
    steps.to_payment_page(phone)
    link = steps.decide(phone, steps.CARD)
    phone.follow(steps.TO_GMO)
    steps.type_card(phone, steps.CARD_WITHOUT_FUNDS)
    phone.at("クレジットカードでのお支払い", "42G020000", picture="6-gmo-declined")
    phone.press("支払わずに戻る")
    phone.reads("まだお支払いは完了していません")

    phone.follow("お支払い手続きを続ける")
    phone.at("お支払い方法", steps.TO_GMO)
    assert phone.link(steps.TO_GMO).get_attribute("href") == link
    steps.pay_at_gmo(phone)

    steps.paid(phone)


def test_whoever_comes_back_without_paying_finds_the_link_again(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """Nothing is lost and nothing is said to have failed; the statement leads on."""
    steps.signed_in(phone, member("unpaid"))
    steps.to_payment_page(phone)
    link = steps.decide(phone, steps.CARD)
    phone.follow(steps.TO_GMO)
    phone.at("クレジットカードでのお支払い")

    phone.press("支払わずに戻る")
    phone.reads("まだお支払いは完了していません")
    phone.look("6-given-up")
    expect(phone.page.locator("main")).not_to_contain_text("失敗")

    steps.statement(phone, "お支払い手続き中", picture="6-statement-open")
    phone.follow("お支払い手続きを続ける")
    phone.at("お支払い方法", f"{steps.CARD}（決定済み）")
    assert phone.link(steps.TO_GMO).get_attribute("href") == link


def test_the_return_from_gmo_carries_no_cookie_and_lands_signed_in(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """The POST is cross-site; the GET that answers it has the session again (SameSite=Lax)."""
    steps.signed_in(phone, member("unpaid"))
    steps.to_payment_page(phone)
    steps.decide(phone, steps.CARD)
    steps.pay_at_gmo(phone)
    steps.paid(phone)

    back = phone.traffic.sent("POST", "/member/billing/return")
    landing = phone.traffic.after(back)

    sent = back.all_headers()
    assert sent["sec-fetch-site"] == "cross-site"
    assert "cookie" not in sent
    assert landing.method == "GET"
    assert SESSION in landing.all_headers()["cookie"]


def test_a_payment_that_gmo_has_not_confirmed_yet_is_said_to_be_checked_and_turns_by_itself(
    phone: Visitor, member: Callable[[str], Person], gmo: Gmo
) -> None:
    """確認中 until GMO's answer says otherwise; the page looks again without being asked."""
    steps.signed_in(phone, member("unpaid"))
    steps.to_payment_page(phone)
    steps.decide(phone, steps.CARD)
    gmo.faults(notifications="delay", search="lag")
    steps.pay_at_gmo(phone)

    phone.reads("確認中", "もう一度お支払いになる必要はありません")
    phone.look("6-checking")
    gmo.faults(search="normal")
    gmo.flush()

    expect(phone.page.locator("main")).to_contain_text("お支払いが完了しました", timeout=PATIENCE)


def test_the_second_start_of_a_day_leads_straight_to_the_payment_page(
    desktop: Visitor, member: Callable[[str], Person]
) -> None:
    """S22, with several years: the record is confirmed once that day, for all of them."""
    steps.signed_in(desktop, member("arrears"))
    steps.statement(desktop, picture="7-statement-arrears")
    years = desktop.page.locator("section h2").all_inner_texts()
    assert years == sorted(years)
    assert len(years) == 3
    desktop.follow(steps.PAY)
    desktop.at("会員編集")
    desktop.press("変更なし")
    desktop.at("お支払い方法", years[0])

    desktop.open("/member/billing")
    desktop.link(steps.PAY).click()
    desktop.at("お支払い方法", years[0])
    desktop.open("/member/billing")
    desktop.page.get_by_role("link", name=steps.PAY).nth(1).click()
    desktop.at("お支払い方法", years[1])


def test_a_slip_mail_and_a_deposit_mail_come_once_each(
    phone: Visitor, member: Callable[[str], Person], gmo: Gmo, mailbox: Mailbox
) -> None:
    """Also when every notification comes twice."""
    person = member("unpaid")
    steps.signed_in(phone, person)
    steps.to_payment_page(phone)
    link = steps.decide(phone, steps.STORE)
    gmo.faults(notifications="duplicate")
    phone.follow(steps.TO_GMO)
    steps.apply_for_slip(phone, "セブン-イレブン")
    phone.press("サイトに戻る")
    phone.reads("セブン-イレブンでのお支払い", "払込票番号")
    phone.look("6-slip-seven")

    address = person.record["email"]
    mailbox.waits_for(address, "お支払い番号のお知らせ")
    gmo.deposit(gmo.order(link))
    mailbox.waits_for(address, "会費のご入金を確認しました")

    assert mailbox.count(address, "お支払い番号のお知らせ") == 1
    assert mailbox.count(address, "会費のご入金を確認しました") == 1
