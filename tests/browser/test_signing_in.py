"""Signing in when it is not quite straight: an old password, a forgotten one, no session."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import Mailbox
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

SKIP = "変更せずに先に進む"
CHANGE = "パスワードを変更する"


def test_after_120_days_a_message_comes_at_every_sign_in_and_can_be_skipped(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """Manual, section 2, ※: both ways on; the change opens 会員編集 and ends the message."""
    person = member("password_expired")
    steps.sign_in(phone, person.member_no, person.password)
    phone.at("パスワード変更のお願い", CHANGE, SKIP, "120日", picture="9-expired")
    phone.follow(SKIP)
    phone.at("メニュー")
    phone.press("ログアウト")
    phone.at("ログイン")

    steps.type_and_sign_in(phone, person.member_no, person.password)
    phone.at("パスワード変更のお願い")
    phone.follow(CHANGE)
    phone.at("パスワード変更", picture="9-change")
    phone.fill(current_password=person.password)
    steps.set_password(phone, steps.NEW_PASSWORD)
    phone.press("ログアウト")
    phone.at("ログイン")

    steps.type_and_sign_in(phone, person.member_no, steps.NEW_PASSWORD)
    phone.at("メニュー")


def test_a_forgotten_password_is_set_anew_by_mail(
    desktop: Visitor, member: Callable[[str], Person], mailbox: Mailbox
) -> None:
    """Asked for by number and address; the link works once; the old password no longer does."""
    person = member("unpaid")
    ask_for_a_reset(desktop, person)
    told = mailbox.waits_for(person.record["email"], "パスワード再設定")
    link = re.findall(r"\S+/member/password/reset/\S+", told.text)[0]

    desktop.open(link)
    desktop.at("パスワード再設定", "確認パスワード", picture="9-reset")
    steps.set_password(desktop, steps.NEW_PASSWORD)
    mailbox.waits_for(person.record["email"], "パスワードが変更されました")
    desktop.open(link)
    desktop.at("パスワード再設定", "このリンクは使えません", picture="9-reset-used")
    desktop.open("/member")
    desktop.at("メニュー")
    desktop.press("ログアウト")
    desktop.at("ログイン")

    steps.type_and_sign_in(desktop, person.member_no, person.password)
    desktop.at("ログイン", "会員番号またはパスワードが違います")
    steps.type_and_sign_in(desktop, person.member_no, steps.NEW_PASSWORD)
    desktop.at("メニュー")


def ask_for_a_reset(visitor: Visitor, person: Person) -> None:
    visitor.open("/member/login")
    visitor.follow("パスワードを忘れた方")
    visitor.at("パスワード再設定", picture="9-forgot")
    visitor.press("再設定メールを送る")
    visitor.at("パスワード再設定", "入力内容をご確認ください", picture="9-forgot-empty")
    visitor.fill(member_no=person.member_no, email=person.record["email"])
    visitor.press("再設定メールを送る")
    visitor.at("パスワード再設定を受け付けました", "30分以内", picture="9-forgot-sent")


def test_help_and_contact_are_there_without_signing_in(phone: Visitor) -> None:
    """Manual, section 5, from the sign-in page."""
    phone.open("/member/login")
    phone.follow("ログインできない方へ")
    phone.at("ログインできない方へ", "0（ゼロ）", picture="9-help")
    phone.follow("お問い合わせ")
    phone.at(
        "お問い合わせ",
        "https://web.gogo.jp/jgets/form/contact",
        "info@jgets.jp",
        "悪い例",
        "良い例",
        "画面のハードコピー",
        "@jgets.jp",
        picture="9-contact",
    )


def test_a_page_behind_the_session_leads_to_the_sign_in_page(phone: Visitor) -> None:
    """Whoever follows an old bookmark is asked to sign in."""
    phone.open("/member/billing")

    phone.at("ログイン")


def test_an_unknown_page_says_so_in_the_portals_look_and_leads_back(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """404 with a code and a way on, for somebody who is signed in."""
    steps.signed_in(phone, member("paid"))
    phone.open("/member/nowhere")

    phone.at("ページが見つかりません", "P404", picture="9-unknown")
    phone.follow("メニューへ")
    phone.at("メニュー")


def test_passwords_are_shown_when_asked_and_japanese_input_is_pointed_out(phone: Visitor) -> None:
    """Manual, section 1, last ※; what was typed is never altered."""
    phone.open("/member/login")
    field = phone.page.locator("#password")
    field.fill("Ｓａｋｕｒａ")

    phone.reads("日本語入力がオンになっています")
    phone.press("パスワードを表示")

    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value("Ｓａｋｕｒａ")
    phone.look("1-login-shown")
