"""The whole manual, page by page, as a new member at a PC who pays at a convenience store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Gmo, Mailbox
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)


def test_the_whole_manual_from_the_letter_to_the_receipt_by_convenience_store(
    desktop: Visitor, member: Callable[[str], Person], mailbox: Mailbox, gmo: Gmo, tmp_path: Path
) -> None:
    """The same as by card up to 決定; then the slip, the deposit and the receipt."""
    person = member("first_login")
    address = person.record["email"]

    steps.sign_in(desktop, person.member_no, person.password)
    desktop.at("パスワード変更")
    desktop.press("OK")
    steps.set_password(desktop, steps.NEW_PASSWORD)
    link = choose_the_store(desktop)
    numbers = take_the_slip(desktop)

    slip = mailbox.waits_for(address, "お支払い番号のお知らせ")
    assert [label for label, _ in numbers] == ["第1番号（企業コード）", "第2番号（注文番号）"]
    assert all(label in slip.text and number in slip.text for label, number in numbers)
    assert "お支払い期限" in slip.text
    gmo.deposit(gmo.order(link))
    mailbox.waits_for(address, "会費のご入金を確認しました")
    desktop.open("/member/billing")
    desktop.at("会費支払明細", "支払済", picture="5-statement-deposited")
    steps.receipt_says(desktop, tmp_path, "領収書", "10,000", person.record["family_name"])


def choose_the_store(desktop: Visitor) -> str:
    """Manual, section 4, ① to ③, with ② because the record was not yet confirmed today."""
    steps.statement(desktop, "未払い")
    desktop.follow(steps.PAY)
    desktop.at("会員編集", steps.SAVE_AND_PAY, picture="5-edit-and-pay")
    desktop.press(steps.SAVE_AND_PAY)
    desktop.at("お支払い方法", "決定］をクリックした後は変更できません")
    return steps.decide(desktop, steps.STORE, picture="5-decided-store")


def take_the_slip(desktop: Visitor) -> list[tuple[str, str]]:
    """Manual, section 4, ④ to ⑥: GMO's page, and its numbers shown again in the portal."""
    desktop.follow(steps.TO_GMO)
    numbers = steps.apply_for_slip(desktop, "ファミリーマート", picture="5-gmo-store")
    desktop.press("サイトに戻る")
    desktop.reads("ファミリーマートでのお支払い", "コンビニ支払い待ち", "お支払い期限")
    desktop.look("5-slip")
    assert desktop.numbers() == numbers
    steps.statement(desktop, "コンビニ支払い待ち（期限", picture="5-statement-slip")
    desktop.follow("支払番号を表示")
    desktop.reads("ファミリーマートでのお支払い")
    assert desktop.numbers() == numbers
    return numbers
