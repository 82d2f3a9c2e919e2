"""会員編集: a new mail address wants the password that was given a short while ago."""

from functions.member.edit import PASSWORD_HOLDS
from portal.web.gate import ASKED, ENDED_COOKIE
from tests.unit.members.desk import NEW_ADDRESS, Desk

EDIT = "/member/profile/edit"


def an_hour_later(desk: Desk) -> None:
    """Let time pass in which the member goes on reading, so that the session lives."""
    desk.browser.get(EDIT)
    for _ in range(3):
        desk.clock.tick(minutes=20)
        assert desk.browser.get(EDIT).status == 200


def test_soon_after_signing_in_a_new_address_is_taken() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.clock.tick(seconds=PASSWORD_HOLDS.total_seconds())
    assert desk.browser.post(EDIT, desk.form(email=NEW_ADDRESS)).location == (
        "/member/profile?saved=1"
    )


def test_later_it_is_not_stored_before_the_member_signs_in_again() -> None:
    desk = Desk()
    an_hour_later(desk)
    answer = desk.browser.post(EDIT, desk.form(email=NEW_ADDRESS, city="港区"))
    assert (answer.status, answer.location) == (303, "/member/login")
    assert desk.browser.cookies[ENDED_COOKIE] == ASKED
    assert desk.stored == desk.member
    assert desk.mails == []


def test_after_signing_in_again_it_waits_on_the_page_and_is_saved_by_a_press() -> None:
    desk = Desk()
    an_hour_later(desk)
    desk.browser.post(EDIT, desk.form(email=NEW_ADDRESS, city="港区"))
    browser = desk.sign_in()
    page = browser.get(EDIT)
    assert f'value="{NEW_ADDRESS}"' in page.text
    assert "まだ保存されていません" in page.text
    assert browser.post(EDIT, desk.form(email=NEW_ADDRESS, city="港区")).status == 303
    assert (desk.stored.record.email, desk.stored.record.city) == (NEW_ADDRESS, "港区")


def test_everything_else_is_saved_without_asking() -> None:
    desk = Desk()
    an_hour_later(desk)
    assert desk.browser.post(EDIT, desk.form(city="港区")).location == "/member/profile?saved=1"
