"""ログアウト: the session ends here and in the browser."""

from portal.web.gate import ASKED, ENDED_COOKIE
from tests.unit.accounts.desk import INITIAL, NUMBER, PASSWORD, Portal
from tests.unit.pages.test_login import LOGIN, sent


def test_signing_out_ends_the_session_here_and_in_the_browser() -> None:
    portal = Portal()
    sent(portal, NUMBER, PASSWORD)
    portal.browser.get("/member/contact")
    page = portal.browser.post("/member/logout")
    assert (page.status, page.location) == (303, LOGIN)
    assert page.headers["Clear-Site-Data"] == ['"cache", "cookies", "storage"']
    assert "__Host-session" not in portal.browser.cookies
    assert portal.live_sessions() == 0
    assert portal.audited() == ["sign_in", "sign_out"]


def test_after_signing_out_the_page_tells_nothing_of_an_earlier_question() -> None:
    portal = Portal()
    sent(portal, NUMBER, PASSWORD)
    portal.browser.get("/member/contact")
    portal.browser.cookies[ENDED_COOKIE] = ASKED
    portal.browser.post("/member/logout")
    assert "変更をやめて" not in portal.browser.get(LOGIN).text


def test_nobody_is_signed_out_by_another_site_or_by_a_get() -> None:
    portal = Portal()
    sent(portal, NUMBER, PASSWORD)
    assert portal.browser.get("/member/logout").status == 405
    assert portal.browser.post("/member/logout", token=False).status == 403
    assert portal.live_sessions() == 1


def test_signing_out_without_a_session_leads_to_the_sign_in_page() -> None:
    page = Portal().browser.post("/member/logout")
    assert (page.status, page.location) == (303, LOGIN)


def test_a_member_who_must_change_the_password_can_sign_out() -> None:
    portal = Portal()
    portal.enrol(INITIAL, first=True)
    sent(portal, NUMBER, INITIAL)
    portal.browser.get("/member/password")
    assert portal.browser.post("/member/logout").location == LOGIN
