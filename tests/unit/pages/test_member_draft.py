"""会員編集: what was typed when the session ended is there again after signing in."""

import re
from datetime import timedelta

import pytest

from portal.accounts.sessions import ABSOLUTE, IDLE
from portal.members import draft
from portal.web.gate import ENDED_COOKIE
from tests.unit.members.desk import TABLES, Desk
from tests.webclient import Browser, Page

EDIT = "/member/profile/edit"
TYPED = "杉並区"
RESUMED = "まだ保存されていません"


def ended_while_typing(desk: Desk, *, after: timedelta = IDLE, **changes: str) -> Page:
    """Open the page, let time pass, press 保存."""
    assert desk.browser.get(EDIT).status == 200
    desk.clock.tick(seconds=after.total_seconds())
    return desk.browser.post(EDIT, desk.form(**{"city": TYPED, **changes}))


def city_of(page: Page) -> str:
    found = re.search(r'<input id="city"[^>]* value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def drafts(desk: Desk) -> int:
    return sum(row["sk"] == "DRAFT" for row in desk.database.rows(TABLES.sessions))


@pytest.mark.parametrize("after", [IDLE, ABSOLUTE])
def test_after_signing_in_again_the_page_shows_what_was_typed(after: timedelta) -> None:
    desk = Desk()
    answer = ended_while_typing(desk, after=after)
    assert (answer.status, answer.location) == (303, "/member/login")
    page = desk.sign_in().get(EDIT)
    assert city_of(page) == TYPED
    assert RESUMED in page.text
    assert "data-unsaved" in page.text


def test_nothing_of_it_is_saved_before_the_member_saves() -> None:
    desk = Desk()
    ended_while_typing(desk)
    desk.sign_in().get(EDIT)
    assert desk.stored == desk.member
    assert desk.mails == []


def test_saving_it_stores_it_and_forgets_the_draft() -> None:
    desk = Desk()
    ended_while_typing(desk)
    browser = desk.sign_in()
    browser.get(EDIT)
    assert browser.post(EDIT, desk.form(city=TYPED)).status == 303
    assert desk.stored.record.city == TYPED
    assert drafts(desk) == 0


def test_the_stored_record_can_be_edited_instead() -> None:
    desk = Desk()
    ended_while_typing(desk)
    browser = desk.sign_in()
    assert 'href="/member/profile/edit?fresh=1"' in browser.get(EDIT).text
    page = browser.get(f"{EDIT}?fresh=1")
    assert city_of(page) == desk.member.record.city
    assert RESUMED not in page.text


def test_a_change_made_meanwhile_is_a_conflict_and_not_overwritten() -> None:
    desk = Desk()
    ended_while_typing(desk)
    desk.change_elsewhere(building="新館")
    browser = desk.sign_in()
    version = re.search(r'name="version" value="([0-9]+)"', browser.get(EDIT).text)
    assert version is not None
    form = desk.form(city=TYPED, version=version[1])
    assert browser.post(EDIT, form).status == 409


def test_the_invoice_to_pay_next_is_remembered() -> None:
    desk = Desk()
    ended_while_typing(desk, invoice="INV1")
    assert "変更してお支払い手続きへ" in desk.sign_in().get(EDIT).text


def test_it_waits_for_an_hour_and_no_longer() -> None:
    desk = Desk()
    ended_while_typing(desk)
    desk.clock.tick(seconds=draft.LIFE.total_seconds())
    page = desk.sign_in().get(EDIT)
    assert city_of(page) == desk.member.record.city


def test_a_post_from_another_site_leaves_nothing() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.clock.tick(seconds=IDLE.total_seconds())
    desk.browser.headers["sec-fetch-site"] = "cross-site"
    answer = desk.browser.post(EDIT, desk.form(city=TYPED))
    assert answer.status == 403
    assert drafts(desk) == 0


def test_a_post_without_the_forms_token_leaves_nothing() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.clock.tick(seconds=IDLE.total_seconds())
    answer = desk.browser.post(EDIT, desk.form(city=TYPED, csrf="0" * 64))
    assert (answer.status, answer.location) == (303, "/member/login")
    assert drafts(desk) == 0


def test_a_token_nobody_has_leaves_nothing() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.clock.tick(seconds=IDLE.total_seconds())
    stranger = Browser(desk.app)
    stranger.cookies["__Host-session"] = f"{desk.member.member_id}.{'A' * 43}"
    assert stranger.post(EDIT, desk.form(city=TYPED)).status == 303
    assert drafts(desk) == 0


def test_a_session_ended_on_purpose_keeps_nothing() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    for row in desk.database.rows(TABLES.sessions):
        desk.database.tables[TABLES.sessions].pop((str(row["pk"]), str(row["sk"])))
    assert desk.browser.post(EDIT, desk.form(city=TYPED)).status == 303
    assert drafts(desk) == 0


def test_a_text_too_long_for_any_field_is_not_kept() -> None:
    desk = Desk()
    ended_while_typing(desk, street="あ" * 1_000)
    assert drafts(desk) == 0
    assert desk.browser.cookies[ENDED_COOKIE] == "1"


def test_the_sign_in_page_is_told_that_the_form_waits() -> None:
    desk = Desk()
    ended_while_typing(desk)
    assert desk.browser.cookies[ENDED_COOKIE] == "kept"
