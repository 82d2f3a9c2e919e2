"""The whole manual, page by page, as a new member on a phone who pays by card."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, expect

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Mailbox
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)


def test_the_whole_manual_from_the_letter_to_the_receipt_by_card(
    phone: Visitor, member: Callable[[str], Person], mailbox: Mailbox, tmp_path: Path
) -> None:
    """Sections 1 to 4: sign in, change the password, put the record right, pay, get the receipt."""
    person = member("first_login")

    sign_in_for_the_first_time(phone, person)
    change_the_initial_password(phone)
    put_the_record_right(phone)
    leave_without_saving(phone)
    pay_by_card(phone)

    told = mailbox.waits_for(person.record["email"], "会費のお支払いが完了しました")
    assert "10,000円" in told.text
    get_the_receipt(phone, tmp_path)
    phone.press("ログアウト")
    phone.at("ログイン")
    assert not phone.signed_in()


def sign_in_for_the_first_time(phone: Visitor, person: Person) -> None:
    """Manual, section 1."""
    phone.open("/member/login")
    phone.at("ログイン", "よく似た文字", "【パスワードの読み】", "日本語入力", picture="1-login")
    phone.reads("スマートフォンご利用の方はこちら", "0（ゼロ）も忘れずに付けて")
    steps.type_and_sign_in(phone, person.member_no, "Wrong001!")
    phone.at("ログイン", "会員番号またはパスワードが違います", picture="1-login-wrong")
    assert phone.value("member_no") == person.member_no
    assert phone.value("password") == ""
    steps.type_and_sign_in(phone, person.member_no, person.password)


def change_the_initial_password(phone: Visitor) -> None:
    """Manual, section 2."""
    phone.at("パスワード変更", "基準", picture="2-change-alert")
    phone.reads("初回ログイン時はパスワードの変更が必要です", within="dialog")
    nothing_else_is_reachable(phone)
    phone.press("OK")
    expect(phone.page.get_by_role("dialog")).to_be_hidden()
    phone.reads(
        "パスワードは8~20文字以内に設定してください",
        "パスワードには1文字以上の数字を含めてください",
        "パスワードには1文字以上の大文字を含めてください",
        "有効期間は120日",
    )
    phone.fill(new_password="hanami", confirm_password="hanami")
    phone.press("変更")
    phone.at("パスワード変更", "入力内容をご確認ください", picture="2-change-refused")
    # What is met is ticked while typing.
    phone.fill(new_password=steps.NEW_PASSWORD)
    expect(phone.page.locator(".rules .met")).to_have_count(4)
    steps.set_password(phone, steps.NEW_PASSWORD, picture="3-edit")


def nothing_else_is_reachable(phone: Visitor) -> None:
    """Before the first change every other page leads back to the change page."""
    phone.open("/member/billing")
    expect(phone.page).to_have_url(f"{phone.portal}/member/password")
    phone.at("パスワード変更")


def put_the_record_right(phone: Visitor) -> None:
    """Manual, section 3."""
    phone.fill(family_name="山﨑", phone="03-1234-5678", street="")
    phone.press("保存")
    phone.at("会員編集", "機種依存文字", "入力内容をご確認ください", picture="3-edit-refused")
    phone.press("「山崎」に直す")
    phone.at("会員編集", "「山崎」に直しました")
    assert phone.value("family_name") == "山崎"
    # The page's script has taken the hyphens out; the server offers the same (scriptless walk).
    assert phone.value("phone") == "0312345678"
    phone.fill(street="丸の内１－１－１")
    phone.press("保存")
    phone.at("会員詳細", "保存しました", "山崎", "0312345678", picture="3-record")


def leave_without_saving(phone: Visitor) -> None:
    """Manual, section 3, last ※: a warning first, and nothing is stored."""
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    phone.follow("登録情報を編集する")
    phone.at("会員編集")
    phone.page.locator("#city").click()
    phone.fill(city="名古屋市中区")
    phone.page.once("dialog", stay)
    phone.follow("会員詳細")
    assert asked == ["beforeunload"]
    phone.at("会員編集")
    phone.page.once("dialog", Dialog.accept)
    phone.follow("会員詳細")
    phone.at("会員詳細", "山崎")
    expect(phone.page.locator("main")).not_to_contain_text("名古屋市中区")


def pay_by_card(phone: Visitor) -> None:
    """Manual, section 4; the record was saved today, so ① leads straight to ③ (S22)."""
    phone.open("/member")
    phone.at("メニュー", "会員詳細", "会費支払明細", "パスワード変更", picture="4-menu")
    steps.statement(phone, "未払い", "年会費", picture="4-statement")
    phone.follow(steps.PAY)
    phone.at("お支払い方法", "お支払方法を選択してください", steps.STORE, picture="4-method")
    steps.decide(phone, steps.CARD, picture="4-decided-card")
    phone.follow(steps.TO_GMO)
    phone.at("クレジットカードでのお支払い", "10,000円", picture="4-gmo-card")
    steps.type_card(phone, steps.CARD_WITH_3DS)
    phone.at("本人認証（3Dセキュア）", picture="4-gmo-3ds")
    phone.press("認証する")
    phone.at("お支払い完了", picture="4-gmo-card-done")
    phone.press("サイトに戻る")
    steps.paid(phone, picture="4-paid")


def get_the_receipt(phone: Visitor, folder: Path) -> None:
    """Manual, section 4, last ※: whose name, once, then the PDF from the statement."""
    phone.choose("ご本人")
    phone.press("この宛名で領収書を発行する")
    phone.reads("領収書をダウンロード")
    phone.look("4-receipt")
    steps.statement(phone, "支払済", picture="4-statement-paid")
    steps.receipt_says(phone, folder, "領収書", "10,000", "山崎", "年会費")
