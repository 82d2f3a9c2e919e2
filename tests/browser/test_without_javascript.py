"""From the letter to the receipt in a browser that runs no JavaScript (M61)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Gmo, Mailbox
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)


def test_a_new_member_pays_by_card_without_javascript(
    scriptless: Visitor, member: Callable[[str], Person], tmp_path: Path
) -> None:
    """The alert closes, corrections are offered by the server, and the page is looked at again."""
    person = member("first_login")
    steps.sign_in(scriptless, person.member_no, person.password)
    scriptless.at("パスワード変更")
    scriptless.press("OK")
    expect(scriptless.page.get_by_role("dialog")).to_be_hidden()
    steps.set_password(scriptless, steps.NEW_PASSWORD)

    scriptless.fill(phone="03-1234-5678")
    scriptless.press("保存")
    scriptless.at("会員編集", "ハイフン", "入力内容をご確認ください", picture="8-phone-refused")
    scriptless.press("「0312345678」に直す")
    scriptless.at("会員編集", "まだ保存されていません")
    scriptless.press("保存")
    scriptless.at("会員詳細", "保存しました", "0312345678")

    steps.statement(scriptless, "未払い")
    scriptless.follow(steps.PAY)
    scriptless.at("お支払い方法")
    steps.decide(scriptless, steps.CARD)
    scriptless.follow(steps.TO_GMO)
    steps.type_card(scriptless, steps.CARD_WITH_3DS)
    scriptless.press("認証する")
    scriptless.at("お支払い完了")
    scriptless.press("サイトに戻る")
    steps.paid(scriptless)
    steps.statement(scriptless, "支払済")
    steps.receipt_says(scriptless, tmp_path, "領収書", "10,000")


def test_a_member_pays_at_a_store_without_javascript(
    scriptless: Visitor,
    member: Callable[[str], Person],
    gmo: Gmo,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    """変更なし instead of typing, and the numbers as the chain's machine asks for them."""
    person = member("unpaid")
    steps.signed_in(scriptless, person)
    steps.statement(scriptless)
    scriptless.follow(steps.PAY)
    scriptless.at("会員編集")
    scriptless.press("変更なし")
    scriptless.at("お支払い方法")
    link = steps.decide(scriptless, steps.STORE)
    scriptless.follow(steps.TO_GMO)
    numbers = steps.apply_for_slip(scriptless, "ローソン")
    scriptless.press("サイトに戻る")
    scriptless.reloads_until("ローソンでのお支払い")

    assert scriptless.numbers() == numbers
    assert [label for label, _ in numbers] == ["お客様番号", "確認番号"]
    gmo.deposit(gmo.order(link))
    mailbox.waits_for(person.record["email"], "会費のご入金を確認しました")
    steps.statement(scriptless, "支払済")
    steps.receipt_says(scriptless, tmp_path, "領収書", "10,000")
