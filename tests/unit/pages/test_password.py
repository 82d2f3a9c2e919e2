"""パスワード変更, the message after 120 days, and パスワード再設定."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.accounts.sessions import PASSWORD_CHANGED
from tests.unit.accounts.desk import AWAY, INITIAL, MEMBER_ID, NUMBER, OTHER, PASSWORD, Portal
from tests.unit.members.desk import TABLES
from tests.webclient import Page

CHANGE = "/member/password"
FORGOT = "/member/password/forgot"
RESET = "/member/password/reset/{token}"
EDIT = "/member/profile/edit"

THREE_HINTS = (
    "パスワードは8~20文字以内に設定してください",
    "パスワードには1文字以上の数字を含めてください",
    "パスワードには1文字以上の大文字を含めてください",
)


def signed_in(password: str = PASSWORD) -> Portal:
    """Return a portal in which the member has signed in and opened the change page."""
    portal = Portal()
    if password == INITIAL:
        portal.enrol(INITIAL, first=True)
    portal.browser.get("/member/login")
    portal.browser.post("/member/login", {"member_no": NUMBER, "password": password})
    portal.browser.get(CHANGE)
    return portal


def change(portal: Portal, current: str, new: str, confirm: str | None = None) -> Page:
    form = {
        "current_password": current,
        "new_password": new,
        "confirm_password": new if confirm is None else confirm,
    }
    return portal.browser.post(CHANGE, form)


# パスワード変更: refused ----------------------------------------


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ("", "新しいパスワードを入力してください。"),
        ("Short1!", THREE_HINTS[0]),
        ("Abcdefghij12345678901", THREE_HINTS[0]),
        ("NoDigits!", THREE_HINTS[1]),
        ("nocapital1", THREE_HINTS[2]),
        ("Abcdef1&", "英小文字、英大文字、数字および特殊文字"),
        ("Abcdef1\t", "英小文字、英大文字、数字および特殊文字"),
        ("Ａｂｃｄｅｆ１２", "全角の文字が入っています。"),
        ("Abcdefg1😀", "全角の文字が入っています。"),
        ("A1" + "x" * 200, "文字数が多すぎます。"),
        (PASSWORD, "過去3回以内に使用していたパスワードと同一のものは利用できません"),
    ],
)
def test_a_new_password_against_the_rules_is_refused_at_its_field(new: str, text: str) -> None:
    portal = signed_in()
    page = change(portal, PASSWORD, new)
    assert page.status == 422
    (error,) = re.findall(r'<p class="error" id="new_password-error">＊(.*?)</p>', page.text)
    assert text in error
    assert portal.hasher.verify(PASSWORD, portal.credential.password)


def test_all_that_is_wrong_is_said_at_once() -> None:
    page = change(signed_in(), PASSWORD, "abc")
    (error,) = re.findall(r'<p class="error" id="new_password-error">＊(.*?)</p>', page.text)
    assert all(hint in error for hint in THREE_HINTS)


def test_two_different_entries_are_refused() -> None:
    page = change(signed_in(), PASSWORD, OTHER, OTHER.lower())
    assert page.status == 422
    assert "新しいパスワードと確認パスワードが一致していません。" in page.text


@pytest.mark.parametrize("current", ["", "Wrong1234", "Ｍｉｄｏｒｉ７７", "x" * 5000])
def test_the_present_password_is_needed(current: str) -> None:
    portal = signed_in()
    page = change(portal, current, OTHER)
    assert page.status == 422
    assert 'id="current_password-error"' in page.text
    assert portal.hasher.verify(PASSWORD, portal.credential.password)


def test_guessing_the_present_password_has_to_wait() -> None:
    portal = signed_in()
    for _ in range(6):
        change(portal, "Wrong1234", OTHER)
    page = change(portal, PASSWORD, OTHER)
    assert page.status == 429
    assert "あと1分お待ちください" in page.text


def test_no_password_comes_back_in_a_page() -> None:
    text = change(signed_in(), "Wrong1234", OTHER, "Different1").text
    assert not any(typed in text for typed in ("Wrong1234", OTHER, "Different1"))


def test_without_a_session_or_token_nothing_changes() -> None:
    assert Portal().browser.get(CHANGE).location == "/member/login"
    portal = signed_in()
    form = {"current_password": PASSWORD, "new_password": OTHER, "confirm_password": OTHER}
    assert portal.browser.post(CHANGE, form, token=False).status == 403


@pytest.mark.parametrize("fields", [{}, {"new_password": OTHER}, {"confirm_password": OTHER}])
def test_missing_fields_are_asked_for(fields: dict[str, str]) -> None:
    assert signed_in().browser.post(CHANGE, fields).status == 422


# パスワード変更 ----------------------------------------


def test_the_first_time_an_alert_opens_that_ok_closes_without_a_script() -> None:
    portal = signed_in(INITIAL)
    text = portal.browser.get(CHANGE).text
    dialog = re.search(r"<dialog open.*?</dialog>", text, re.DOTALL)
    assert dialog is not None
    assert '<form method="dialog">' in dialog[0]
    assert ">OK</button>" in dialog[0]
    assert "初回ログイン時はパスワードの変更が必要です" in dialog[0]
    assert 'name="current_password"' not in text
    assert 'class="menu"' not in text


def test_the_alert_does_not_come_back_with_an_error() -> None:
    page = change(signed_in(INITIAL), "", "abc")
    assert page.status == 422
    assert "<dialog" not in page.text


def test_the_first_change_asks_only_for_the_new_password_and_opens_the_edit_page() -> None:
    portal = signed_in(INITIAL)
    page = portal.browser.post(CHANGE, {"new_password": OTHER, "confirm_password": OTHER})
    assert (page.status, page.location) == (303, EDIT)
    assert portal.hasher.verify(OTHER, portal.credential.password)


def test_every_later_change_opens_the_edit_page_too() -> None:
    page = change(signed_in(), PASSWORD, OTHER)
    assert (page.status, page.location) == (303, EDIT)


def test_the_browser_goes_on_in_a_new_session() -> None:
    portal = signed_in()
    before = portal.browser.cookies["__Host-session"]
    change(portal, PASSWORD, OTHER)
    after = portal.browser.cookies["__Host-session"]
    assert after != before
    assert portal.session(before) is None
    session = portal.session(after)
    assert session is not None
    assert session.notice == PASSWORD_CHANGED


def test_an_initial_session_reaches_the_change_page_for_ten_minutes() -> None:
    portal = signed_in(INITIAL)
    portal.clock.tick(minutes=9, seconds=59)
    assert portal.browser.get(CHANGE).status == 200
    portal.clock.tick(seconds=1)
    assert portal.browser.get(CHANGE).location == "/member/login"


def test_before_the_first_change_the_message_page_is_not_reached() -> None:
    assert signed_in(INITIAL).browser.get("/member/password/expired").location == CHANGE


@pytest.mark.parametrize(
    "text",
    [
        *THREE_HINTS,
        "英小文字、英大文字、数字および特殊文字（!&#34;#$%）が使用できます",
        "過去3回以内に使用していたパスワードと同一のものは利用できません",
        "パスワードの有効期間は120日です",
        ">現在のパスワード <",
        ">新しいパスワード <",
        ">確認パスワード <",
        ">変更</button>",
        'data-rules-for="new_password"',
    ],
)
def test_the_page_says_the_rules_of_the_manual(text: str) -> None:
    assert text in signed_in().browser.get(CHANGE).text


# 120日 ----------------------------------------


def test_the_message_has_two_plain_links_and_stops_nobody() -> None:
    portal = Portal()
    portal.enrol(PASSWORD, age=timedelta(days=200))
    portal.browser.get("/member/login")
    portal.browser.post("/member/login", {"member_no": NUMBER, "password": PASSWORD})
    text = portal.browser.get("/member/password/expired").text
    assert re.search(r'<a [^>]*href="/member/password">パスワードを変更する</a>', text)
    assert re.search(r'<a [^>]*href="/member">変更せずに先に進む</a>', text)
    assert portal.browser.get("/member/contact").status == 200


def test_the_way_on_leads_to_a_form_that_waits() -> None:
    portal = signed_in(PASSWORD)
    text = portal.browser.get("/member/password/expired?kept=1").text
    assert re.search(r'<a [^>]*href="/member/profile/edit">変更せずに先に進む</a>', text)


# パスワード再設定: the request ----------------------------------------


def ask(portal: Portal, number: str, email: str) -> Page:
    portal.browser.get(FORGOT)
    return portal.browser.post(FORGOT, {"member_no": number, "email": email})


@pytest.mark.parametrize(
    ("number", "email"),
    [
        ("", "hanako@example.jp"),
        ("abc", "hanako@example.jp"),
        ("9" * 5000, "hanako@example.jp"),
        (NUMBER, ""),
        (NUMBER, "　"),
        (NUMBER, "hanako"),
        (NUMBER, "@example.jp"),
        (NUMBER, "hanako@example"),
        (NUMBER, "hana ko@example.jp"),
        (NUMBER, "hanako@example.jp\nBcc: all@example.jp"),
        (NUMBER, "花子@example.jp"),
        (NUMBER, "<b>@example.jp😀"),
        (NUMBER, "x" * 250 + "@example.jp"),
    ],
)
def test_what_cannot_be_looked_up_is_answered_with_the_page_and_writes_nothing(
    number: str, email: str
) -> None:
    portal = Portal()
    assert ask(portal, number, email).status == 422
    assert portal.rows(TABLES.outbox) == []


def test_typed_values_are_kept_and_escaped() -> None:
    text = ask(Portal(), "<i>", "hanako").text
    assert 'value="hanako"' in text
    assert 'value="&lt;i&gt;"' in text


@pytest.mark.parametrize("number", [NUMBER, "999999"])
def test_known_or_not_the_answer_is_the_same(number: str) -> None:
    portal = Portal()
    page = ask(portal, number, "hanako@example.jp")
    assert (page.status, page.location) == (303, f"{FORGOT}?sent=1")
    assert len(portal.rows(TABLES.outbox)) == 1
    assert "一致する場合に" in portal.browser.get(page.location).text


def test_full_width_input_of_an_address_is_folded() -> None:
    portal = Portal()
    ask(portal, "００１２３４", " ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ ")
    (row,) = portal.rows(TABLES.outbox)
    assert row["data"] == {"member_no": NUMBER, "email": "hanako@example.jp"}


def test_legacy_carrier_addresses_are_taken_as_they_are() -> None:
    assert ask(Portal(), NUMBER, "a..b.@docomo.ne.jp").status == 303


def test_too_many_requests_of_one_network_have_to_wait() -> None:
    portal = Portal()
    for number in range(100):
        ask(portal, str(number), "a@example.jp")
    page = ask(portal, "100", "a@example.jp")
    assert page.status == 429
    assert "お待ちください" in page.text


# パスワード再設定: the link ----------------------------------------


@pytest.mark.parametrize("token", ["x", "", f"{MEMBER_ID}.{'a' * 43}", "😀", "a" * 3000])
def test_a_link_that_opens_nothing_says_how_to_get_a_new_one(token: str) -> None:
    portal = Portal()
    page = portal.browser.get(RESET, token=token)
    assert page.status == 404
    assert "このリンクは使えません" in page.text
    portal.browser.get(FORGOT)
    assert send(portal, token, OTHER, OTHER).status == 404


def send(portal: Portal, token: str, new: str, confirm: str) -> Page:
    form = {"csrf": portal.browser.token, "new_password": new, "confirm_password": confirm}
    return portal.browser.post_raw(RESET, urlencode(form).encode(), token=token)


def use(portal: Portal, token: str, new: str, confirm: str | None = None) -> Page:
    portal.browser.get(RESET, token=token)
    return send(portal, token, new, new if confirm is None else confirm)


@pytest.mark.parametrize("new", ["", "short", "nocapital1", PASSWORD, "x" * 300])
def test_a_bad_password_leaves_the_link_good(new: str) -> None:
    portal = Portal()
    token = portal.link()
    assert use(portal, token, new).status == 422
    assert use(portal, token, OTHER, "Different1").status == 422
    assert use(portal, token, OTHER).status == 303


def test_a_reset_signs_in_and_opens_the_edit_page() -> None:
    portal = Portal()
    page = use(portal, portal.link(), OTHER)
    assert (page.status, page.location) == (303, EDIT)
    assert portal.session(portal.browser.cookies["__Host-session"]) is not None


def test_a_link_works_once() -> None:
    portal = Portal()
    token = portal.link()
    use(portal, token, OTHER)
    assert use(portal, token, "Nextone9!").status == 404


def test_looking_at_the_link_changes_nothing() -> None:
    portal = Portal()
    token = portal.link()
    before = portal.rows(TABLES.sessions)
    portal.database.calls.clear()
    page = portal.browser.get(RESET, token=token)
    assert page.status == 200
    assert portal.rows(TABLES.sessions) == before
    assert portal.database.calls == {"read": 1}


def test_neither_page_nor_form_of_the_link_repeats_the_token() -> None:
    portal = Portal()
    token = portal.link()
    assert token.split(".")[1] not in portal.browser.get(RESET, token=token).text


def test_the_other_device_is_signed_out_by_a_reset() -> None:
    portal = Portal()
    session = portal.signed_in(address=AWAY)
    use(portal, portal.link(), OTHER)
    assert session not in portal.sessions.all(MEMBER_ID, portal.clock())
