"""会員編集: a page that is older than the session, because the member signed in anew elsewhere."""

import re

import pytest

from functions.member.posted import whose
from tests.unit.members.desk import Desk
from tests.unit.pages.test_member_draft import EDIT, RESUMED, TYPED, city_of, drafts
from tests.webclient import Browser


def an_old_page(desk: Desk, **changes: str) -> tuple[Browser, dict[str, str]]:
    """Open the page, sign in again in another window, and fill in the old one."""
    text = desk.browser.get(EDIT).text
    old = desk.browser.token
    shown = re.search(r'name="whose" value="([0-9a-f]+)"', text)
    assert shown is not None
    form = desk.form(**{"city": TYPED, "csrf": old, "whose": shown[1], **changes})
    return desk.sign_in(), form


def test_what_was_typed_is_shown_again_and_not_saved() -> None:
    desk = Desk()
    browser, form = an_old_page(desk, invoice="INV1")
    page = browser.post(EDIT, form)
    assert page.status == 403
    assert city_of(page) == TYPED
    assert RESUMED in page.text
    assert "data-unsaved" in page.text
    assert "変更してお支払い手続きへ" in page.text
    assert desk.stored == desk.member
    assert drafts(desk) == 0


def test_the_page_that_is_shown_can_be_saved() -> None:
    desk = Desk()
    browser, form = an_old_page(desk)
    browser.post(EDIT, form)
    assert browser.post(EDIT, {**form, "csrf": browser.token}).status == 303
    assert desk.stored.record.city == TYPED


def test_a_change_made_meanwhile_is_still_a_conflict() -> None:
    desk = Desk()
    browser, form = an_old_page(desk)
    desk.change_elsewhere(building="新館")
    browser.post(EDIT, form)
    assert browser.post(EDIT, {**form, "csrf": browser.token}).status == 409


def test_a_page_of_another_member_is_refused_and_nothing_of_it_shown() -> None:
    """At a shared computer the texts of one must not get into the other's record."""
    desk = Desk()
    browser, form = an_old_page(desk, whose=whose("another"))
    page = browser.post(EDIT, form)
    assert (page.status, TYPED in page.text) == (403, False)


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://x"}])
def test_nothing_is_shown_unless_the_browser_says_that_a_page_of_ours_sent_it(
    headers: dict[str, str],
) -> None:
    desk = Desk()
    browser, form = an_old_page(desk)
    browser.headers = headers
    page = browser.post(EDIT, form)
    assert (page.status, TYPED in page.text) == (403, False)


def test_a_field_that_the_page_does_not_have_is_refused_here_too() -> None:
    browser, form = an_old_page(Desk(), member_no="999999")
    assert browser.post(EDIT, form).status == 400


def test_every_other_form_of_an_old_page_is_refused() -> None:
    desk = Desk()
    browser, form = an_old_page(desk)
    answer = browser.post("/member/profile/confirm", {"csrf": form["csrf"], "version": "3"})
    assert answer.status == 403
    assert desk.stored == desk.member
