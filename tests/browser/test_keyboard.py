"""Without a mouse: Tab and Enter alone (WCAG 2.2, 2.1.1 and 2.4.7)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from local.demo_people import Person
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

_ENOUGH = 40
"""More stops than any page has before its first field or link of the menu."""
_IS_FOCUSED = "element => element === document.activeElement"
_OUTLINE = "element => getComputedStyle(element).outlineStyle"


def test_the_statement_is_reached_with_tab_and_enter_alone(
    desktop: Visitor, member: Callable[[str], Person]
) -> None:
    """From the sign-in page; wherever the focus is, it shows."""
    person = member("unpaid")
    desktop.open("/member/login")
    type_into(desktop, "member_no", person.member_no)
    type_into(desktop, "password", person.password)
    press(desktop, desktop.button("ログイン"))
    desktop.at("メニュー")
    press(desktop, desktop.link("会費支払明細"))
    desktop.at("会費支払明細", "未払い")
    press(desktop, desktop.link("会員情報確認 支払手続き"))
    desktop.at("会員編集")


def test_the_first_stop_leads_past_the_menu(
    desktop: Visitor, member: Callable[[str], Person]
) -> None:
    """本文へ進む (WCAG 2.4.1)."""
    person = member("paid")
    desktop.open("/member/login")
    type_into(desktop, "member_no", person.member_no)
    type_into(desktop, "password", person.password)
    desktop.page.keyboard.press("Enter")
    desktop.at("メニュー")
    desktop.open("/member/billing")
    desktop.at("会費支払明細")

    desktop.page.keyboard.press("Tab")
    assert desktop.link("本文へ進む").evaluate(_IS_FOCUSED)
    desktop.page.keyboard.press("Enter")

    assert desktop.page.locator("main").evaluate(_IS_FOCUSED)


def test_the_alert_has_the_focus_and_enter_closes_it(
    desktop: Visitor, member: Callable[[str], Person]
) -> None:
    """Manual, section 2, ①."""
    person = member("first_login")
    desktop.open("/member/login")
    desktop.fill(member_no=person.member_no, password=person.password)
    desktop.page.keyboard.press("Enter")
    desktop.at("パスワード変更")

    assert desktop.button("OK").evaluate(_IS_FOCUSED)
    desktop.page.keyboard.press("Enter")

    assert desktop.page.get_by_role("dialog").count() == 0


def type_into(visitor: Visitor, name: str, text: str) -> None:
    """Tab to a field and type."""
    tab_to(visitor, visitor.page.locator(f'[name="{name}"]'))
    visitor.page.keyboard.type(text)


def press(visitor: Visitor, target: Locator) -> None:
    """Tab to a button or link and press Enter."""
    tab_to(visitor, target)
    visitor.page.keyboard.press("Enter")


def tab_to(visitor: Visitor, target: Locator) -> None:
    for _ in range(_ENOUGH):
        visitor.page.keyboard.press("Tab")
        if target.evaluate(_IS_FOCUSED):
            assert target.evaluate(_OUTLINE) != "none"
            return
    raise AssertionError(f"{target} cannot be reached with Tab")
