"""会員編集 right after a password change: the page says so, as long as it is news."""

from functions.member.edit import PASSWORD_CHANGED, TOLD_WITHIN
from portal.accounts import sessions
from tests.unit.members.desk import Desk

EDIT = "/member/profile/edit"


def test_the_page_that_opens_after_a_change_says_that_it_was_changed() -> None:
    desk = Desk()
    assert PASSWORD_CHANGED not in desk.browser.get(EDIT).text
    assert PASSWORD_CHANGED in desk.sign_in(sessions.PASSWORD_CHANGED).get(EDIT).text


def test_it_is_no_news_later() -> None:
    desk = Desk()
    browser = desk.sign_in(sessions.PASSWORD_CHANGED)
    desk.clock.tick(seconds=TOLD_WITHIN.total_seconds())
    assert PASSWORD_CHANGED not in browser.get(EDIT).text


def test_once_the_record_is_saved_it_is_not_said_again() -> None:
    desk = Desk()
    browser = desk.sign_in(sessions.PASSWORD_CHANGED)
    browser.get(EDIT)
    desk.clock.tick(seconds=20)
    assert browser.post(EDIT, desk.form(city="港区")).status == 303
    assert PASSWORD_CHANGED not in browser.get(EDIT).text
