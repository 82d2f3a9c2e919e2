"""Choosing a password, and the devices one is signed in on, as a member sees them (E1, E4, E5)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from local.demo_people import Person
from tests.browser import steps
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

GUESSED = "Naishikyou1"


def test_the_rules_are_ticked_while_typing_and_the_words_of_the_server_come_after(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("first_login")
    steps.sign_in(phone, person.member_no, person.password)
    phone.at("パスワード変更")
    phone.press("OK")
    ticked = phone.page.locator("li[data-rule].met")

    phone.fill(new_password="abc")
    expect(ticked).to_have_count(1)
    phone.fill(new_password="abcdefgh")
    expect(ticked).to_have_count(2)
    phone.fill(new_password="Abcdefg1")
    expect(ticked).to_have_count(4)
    phone.fill(new_password="Abcdefg1~")
    expect(ticked).to_have_count(3)

    phone.fill(new_password=GUESSED, confirm_password=GUESSED)
    expect(ticked).to_have_count(4)
    phone.press("変更")
    phone.at("パスワード変更", "推測されやすいため、ご利用いただけません", picture="2-guessed")
    assert (phone.value("new_password"), phone.value("confirm_password")) == ("", "")
    steps.set_password(phone, steps.NEW_PASSWORD)


def test_a_password_is_pasted_whole_and_a_manager_finds_its_fields(phone: Visitor) -> None:
    """Nothing cuts a paste, whatever its length; the check says what is wrong with it."""
    phone.open("/member/login")
    number, password = phone.page.locator("#member_no"), phone.page.locator("#password")
    number.fill("Hanami26!xHanami26!xHanami26!x")
    number.press("Control+a")
    number.press("Control+c")
    password.press("Control+v")
    expect(password).to_have_value("Hanami26!xHanami26!xHanami26!x")
    expect(number).to_have_attribute("autocomplete", "username")
    expect(password).to_have_attribute("autocomplete", "current-password")


def test_a_shown_password_is_hidden_again_when_it_is_sent(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """So that a browser offers to keep it as a password, and nobody reads it over a shoulder."""
    person = member("unpaid")
    phone.open("/member/login")
    phone.fill(member_no=person.member_no, password=person.password)
    phone.press("パスワードを表示")
    phone.press("ログイン")
    phone.at("メニュー")
    phone.follow("パスワード変更")
    for name, purpose in (
        ("current_password", "current-password"),
        ("new_password", "new-password"),
        ("confirm_password", "new-password"),
    ):
        field = phone.page.locator(f"#{name}")
        expect(field).to_have_attribute("type", "password")
        expect(field).to_have_attribute("autocomplete", purpose)
    expect(phone.page.locator("#username")).to_have_value(person.member_no)


def test_another_device_is_signed_out_from_the_list(
    phone: Visitor, desktop: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(phone, person)
    steps.signed_in(desktop, person)

    desktop.follow("ログイン中の端末")
    desktop.at("ログイン中の端末", "この端末", "最後の操作", picture="9-sessions")
    desktop.press("ほかの端末をすべてログアウト")
    desktop.at(
        "ログイン中の端末", "すべてログアウトしました", "ほかにログインしている端末はありません"
    )

    phone.follow("会費支払明細")
    phone.at("ログイン", "ほかの端末からログアウトされた")
    desktop.follow("会費支払明細")
    desktop.at("会費支払明細")


def test_the_list_works_without_javascript(
    scriptless: Visitor, phone: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(phone, person)
    steps.signed_in(scriptless, person)
    scriptless.follow("ログイン中の端末")
    scriptless.page.get_by_role("button", name="からログアウトする").first.click()
    scriptless.at("ログイン中の端末", "選ばれた端末をログアウトしました。")
    phone.page.reload()
    phone.at("ログイン")
