"""The page behind the link of a confirmation mail, and sending that mail again."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.members.confirm_email import issue
from tests.unit.members.desk import NEW_ADDRESS, TABLES, Desk, a_moved_member
from tests.webclient import Browser, Page

LINK = "/member/email/{token}"
EDIT = "/member/profile/edit"
PROFILE = "/member/profile"
BUTTON = "このメールアドレスを確認する"
UNCONFIRMED = "はまだ確認されていません。このアドレスに届いたメールのリンクを開いてください。"
AGAIN = "確認メールを再送する"


def moved() -> Desk:
    return Desk(a_moved_member())


def visitor(desk: Desk) -> Browser:
    """Return the browser of somebody who is not signed in."""
    return Browser(desk.app)


def press(browser: Browser, token: str, **more: str) -> Page:
    # post() has a parameter of that name, so the path's token goes by the bare form.
    form = urlencode({"csrf": browser.token, **more}).encode()
    return browser.post_raw(LINK, form, token=token)


def opened_and_pressed(browser: Browser, token: str) -> Page:
    browser.get(LINK, token=token)
    return press(browser, token)


# The link: refused ----------------------------------------


@pytest.mark.parametrize("token", ["x", "", "a" * 3000, "😀", "0" * 26 + "." + "A" * 43, "../x"])
def test_a_link_that_is_none_is_a_404_that_helps(token: str) -> None:
    desk = moved()
    browser = visitor(desk)
    shown = browser.get(LINK, token=token)
    browser.get(LINK, token=desk.link())
    sent = press(browser, token)
    for page in (shown, sent):
        assert page.status == 404
        assert "このリンクは使えません" in page.text
        assert BUTTON not in page.text
        assert "7日" in page.text
        assert 'href="/member/profile"' in page.text
        assert 'href="/member/contact"' in page.text
    assert not desk.stored.email_confirmed


def test_an_old_link_is_a_404() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    browser.get(LINK, token=token)
    desk.clock.tick(days=7)
    assert press(browser, token).status == 404
    assert browser.get(LINK, token=token).status == 404


def test_a_used_link_is_a_404_and_what_it_did_stays() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    opened_and_pressed(browser, token)
    assert opened_and_pressed(browser, token).status == 404
    assert desk.stored.email_confirmed


def test_a_superseded_link_is_a_404() -> None:
    desk = moved()
    older = desk.link()
    browser = visitor(desk)
    assert browser.get(LINK, token=older).status == 200
    desk.link()
    assert press(browser, older).status == 404
    assert browser.get(LINK, token=older).status == 404


def test_without_the_form_token_nothing_is_confirmed() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    browser.get(LINK, token=token)
    assert browser.post_raw(LINK, b"", token=token).status == 403
    assert browser.post_raw(LINK, b"csrf=" + b"0" * 64, token=token).status == 403
    assert not desk.stored.email_confirmed


def test_from_a_foreign_origin_nothing_is_confirmed() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    browser.get(LINK, token=token)
    browser.headers = {"origin": "https://evil.example"}
    assert press(browser, token).status == 403
    assert not desk.stored.email_confirmed


def test_a_field_that_the_page_does_not_have_is_refused() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    browser.get(LINK, token=token)
    assert press(browser, token, email="thief@example.jp").status == 400
    assert not desk.stored.email_confirmed


# The link: good ----------------------------------------


def test_looking_at_the_link_changes_nothing() -> None:
    """Mail scanners open links."""
    desk = moved()
    token = desk.link()
    before = desk.database.rows(TABLES.sessions)
    browser = visitor(desk)
    assert [browser.get(LINK, token=token).status for _ in range(3)] == [200] * 3
    assert desk.database.rows(TABLES.sessions) == before
    assert not desk.stored.email_confirmed
    assert desk.audited == []


def test_the_page_names_neither_address_nor_member_nor_token() -> None:
    """Whoever holds the link may be a stranger whose address was typed by mistake."""
    desk = moved()
    token = desk.link()
    text = visitor(desk).get(LINK, token=token).text
    for secret in (NEW_ADDRESS, desk.member.member_no, "山田", token.partition(".")[2]):
        assert secret not in text


def test_the_button_confirms_without_a_session() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    assert f">{BUTTON}</button>" in browser.get(LINK, token=token).text
    answer = press(browser, token)
    assert (answer.status, answer.location) == (303, "/member/email/confirmed")
    assert desk.stored.email_confirmed
    done = browser.get(LINK, token="confirmed")
    assert done.status == 200
    assert "メールアドレスを確認しました。" in done.text
    assert BUTTON not in done.text


def test_the_button_confirms_in_a_signed_in_browser_too() -> None:
    desk = moved()
    token = desk.link()
    assert opened_and_pressed(desk.browser, token).status == 303
    assert desk.stored.email_confirmed


def test_a_link_costs_one_read_to_look_at_and_one_write_to_use() -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    browser.get(LINK, token=token)
    assert desk.database.calls == {"read": 1}
    desk.database.calls.clear()
    press(browser, token)
    assert desk.database.calls == {"read": 1, "write": 1}


def test_no_log_line_holds_the_token(caplog: pytest.LogCaptureFixture) -> None:
    desk = moved()
    token = desk.link()
    browser = visitor(desk)
    assert [opened_and_pressed(browser, token).status for _ in range(2)] == [303, 404]
    printed = str([vars(record) for record in caplog.records])
    assert LINK in printed
    assert token.partition(".")[2] not in printed
    assert desk.member.member_id not in printed


# 会員詳細 ----------------------------------------


def test_an_unconfirmed_address_is_said_so_with_a_way_to_another_mail() -> None:
    text = moved().browser.get(PROFILE).text
    assert UNCONFIRMED in text
    assert f">{AGAIN}</button>" in text


def test_a_confirmed_address_has_no_such_notice() -> None:
    text = Desk().browser.get(PROFILE).text
    assert UNCONFIRMED not in text
    assert AGAIN not in text


def test_after_the_button_the_notice_is_gone() -> None:
    desk = moved()
    opened_and_pressed(visitor(desk), desk.link())
    assert UNCONFIRMED not in desk.browser.get(PROFILE).text


def test_a_changed_address_is_said_to_be_unconfirmed_right_after_saving() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    saved = desk.browser.post(EDIT, desk.form(email=NEW_ADDRESS))
    text = desk.browser.get(saved.location).text
    assert "保存しました。" in text
    assert UNCONFIRMED in text


def again(desk: Desk) -> Page:
    desk.browser.get(PROFILE)
    return desk.browser.post(EDIT, {"action": "resend-confirmation"})


def test_the_mail_is_sent_again_on_request() -> None:
    desk = moved()
    page = again(desk)
    assert (page.status, page.location) == (303, "/member/profile?sent=1")
    (mail,) = desk.mails
    assert (mail["kind"], mail["data"]) == (
        "email_confirmation",
        {"to": NEW_ADDRESS, "confirm": True},
    )
    assert "確認メールをお送りします。" in desk.browser.get(page.location).text
    assert desk.stored == desk.member


def test_the_fourth_mail_of_an_hour_has_to_wait() -> None:
    desk = moved()
    desk.clock.tick(minutes=50)
    # The session must not run out on the way.
    desk.browser = desk.sign_in()
    assert [again(desk).status for _ in range(3)] == [303] * 3
    page = again(desk)
    assert page.status == 429
    assert page.headers["Retry-After"] == [str(int(timedelta(minutes=10).total_seconds()))]
    assert len(desk.mails) == 3


def test_a_confirmed_address_is_sent_no_mail() -> None:
    desk = Desk()
    assert again(desk).location == PROFILE
    assert desk.mails == []


def test_without_the_form_token_no_mail_is_sent() -> None:
    desk = moved()
    desk.browser.get(PROFILE)
    form = {"action": "resend-confirmation"}
    assert desk.browser.post(EDIT, form, token=False).status == 403
    assert desk.mails == []


def test_a_link_of_nobody_confirms_nothing_of_whoever_is_signed_in() -> None:
    """The token alone says whose address it is, whoever is signed in."""
    desk = Desk()
    token, row = issue(TABLES.sessions, member_id="z" * 26, email=NEW_ADDRESS, now=desk.clock())
    desk.database.commit(row)
    assert opened_and_pressed(desk.browser, token).status == 404
    assert desk.stored == desk.member
