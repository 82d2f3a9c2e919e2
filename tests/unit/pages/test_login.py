"""ログイン, ログインできない方へ and お問い合わせ."""

import gzip
import re
from datetime import timedelta

import pytest

from portal.web.gate import ASKED, ENDED_COOKIE, FORM_KEPT
from tests.unit.accounts.desk import AWAY, HOME, INITIAL, MASK, NUMBER, PASSWORD, Portal
from tests.unit.members.desk import TABLES
from tests.webclient import Page

LOGIN = "/member/login"


def sent(portal: Portal, member_no: str, password: str) -> Page:
    """Open the sign-in page and send its form."""
    portal.browser.get(LOGIN)
    return portal.browser.post(LOGIN, {"member_no": member_no, "password": password})


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "password", "text"),
    [
        ("", PASSWORD, "会員番号を入力してください。"),
        ("　", PASSWORD, "会員番号を入力してください。"),
        (NUMBER, "", "パスワードを入力してください。"),
        ("O01234", PASSWORD, "会員番号は数字で入力してください。"),
        ("9" * 5000, PASSWORD, "会員番号は数字で入力してください。"),
        ("😀", PASSWORD, "会員番号は数字で入力してください。"),
        ("1\x07", PASSWORD, "会員番号は数字で入力してください。"),
        (NUMBER, "x" * 201, "パスワードが長すぎます。"),
        (NUMBER, "Ｍｉｄｏｒｉ７７", "パスワードに全角の文字が入っています。"),
        (NUMBER, "😀", "パスワードに全角の文字が入っています。"),
        (NUMBER, "midori77#", "会員番号またはパスワードが違います。"),
        (NUMBER, " Midori77#", "会員番号またはパスワードが違います。"),
        (NUMBER, "\x07\t", "会員番号またはパスワードが違います。"),
        ("999999", PASSWORD, "会員番号またはパスワードが違います。"),
    ],
)
def test_what_does_not_sign_in_is_answered_with_the_page_and_a_reason(
    number: str, password: str, text: str
) -> None:
    portal = Portal()
    page = sent(portal, number, password)
    assert page.status == 422
    assert text in page.text
    assert "<title>エラー：" in page.text
    assert "__Host-session" not in portal.browser.cookies


@pytest.mark.parametrize(
    ("number", "password"),
    [("O01234", PASSWORD), (NUMBER, ""), (NUMBER, "x" * 201), (NUMBER, "Ｍｉｄｏｒｉ７７")],
)
def test_what_cannot_be_right_is_neither_looked_up_nor_hashed_nor_counted(
    number: str, password: str
) -> None:
    portal = Portal()
    sent(portal, number, password)
    assert not portal.database.calls
    assert portal.work.costs == []


def test_the_number_is_kept_and_the_password_never() -> None:
    page = sent(Portal(), "００１２３４", "Wrong1234")
    assert 'value="００１２３４"' in page.text
    assert "Wrong1234" not in page.text


def test_what_was_typed_is_escaped_and_cut() -> None:
    page = sent(Portal(), '"><script>alert(1)</script>' + "x" * 300, "Wrong1234")
    assert "<script>alert" not in page.text
    assert "x" * 61 not in page.text


@pytest.mark.parametrize(
    "body",
    [
        b"member_no=1&member_no=2&password=x",
        b"member_no=%FF&password=x",
        b"member_no=1%00&password=x",
        b"\xff\xfe",
        b"member_no=" + b"9" * 70_000,
    ],
)
def test_what_no_browser_sends_is_a_bad_request(body: bytes) -> None:
    portal = Portal()
    portal.browser.get(LOGIN)
    assert portal.browser.post_raw(LOGIN, body).status == 400


@pytest.mark.parametrize("fields", [{}, {"member_no": NUMBER}, {"password": PASSWORD}])
def test_missing_fields_are_asked_for(fields: dict[str, str]) -> None:
    portal = Portal()
    portal.browser.get(LOGIN)
    assert portal.browser.post(LOGIN, fields).status == 422


def test_without_the_form_token_nobody_signs_in() -> None:
    portal = Portal()
    portal.browser.get(LOGIN)
    form = {"member_no": NUMBER, "password": PASSWORD}
    assert portal.browser.post(LOGIN, form, token=False).status == 403
    portal.browser.headers["sec-fetch-site"] = "cross-site"
    assert portal.browser.post(LOGIN, form).status == 403
    assert portal.rows(TABLES.sessions) == []


def test_unknown_number_and_wrong_password_get_the_same_page() -> None:
    pages = []
    for number in (NUMBER, "099999"):
        page = sent(Portal(), number, "Wrong1234")
        token_free = re.sub(r'name="csrf" value="[^"]+"', "", page.text)
        pages.append((page.status, token_free.replace(number, "")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(("number", "hinted"), [("1234", True), ("999999", True), ("01", False)])
def test_a_number_without_leading_zero_gets_a_hint_that_says_nothing_of_who_exists(
    number: str, hinted: bool
) -> None:
    page = sent(Portal(), number, PASSWORD)
    assert ("先頭の 0（ゼロ）も付けて" in page.text) is hinted


def test_too_many_failures_are_told_with_a_time() -> None:
    portal = Portal()
    for _ in range(6):
        assert sent(portal, NUMBER, "Wrong1234").status == 422
    page = sent(portal, NUMBER, PASSWORD)
    assert page.status == 429
    assert "あと1分お待ちください" in page.text
    assert page.headers["Retry-After"] == ["31"]
    portal.clock.tick(seconds=30)
    assert sent(portal, NUMBER, PASSWORD).status == 303


def test_a_disabled_password_leads_to_reset_or_office() -> None:
    portal = Portal()
    portal.fail(100)
    page = sent(portal, NUMBER, PASSWORD)
    assert page.status == 429
    assert "ログインを止めています" in page.text
    assert "/member/password/forgot" in page.text


def test_an_ended_initial_password_leads_to_reset_or_office() -> None:
    portal = Portal()
    portal.enrol(INITIAL, first=True, age=timedelta(days=180))
    page = sent(portal, NUMBER, INITIAL)
    assert page.status == 422
    assert "初期パスワードの有効期間（お手紙に書かれた日まで）が過ぎています" in page.text


# The way in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [NUMBER, "００１２３４", " 00-1234 "])
def test_signing_in_leads_to_the_menu(typed: str) -> None:
    page = sent(Portal(), typed, PASSWORD)
    assert (page.status, page.location) == (303, "/member")


def test_the_first_time_it_leads_to_the_change_page() -> None:
    portal = Portal()
    portal.enrol(INITIAL, first=True)
    assert sent(portal, NUMBER, INITIAL).location == "/member/password"


def test_after_120_days_it_leads_to_the_message_at_every_sign_in() -> None:
    portal = Portal()
    portal.enrol(PASSWORD, age=timedelta(days=120))
    for _ in range(2):
        assert sent(portal, NUMBER, PASSWORD).location == "/member/password/expired"


def test_after_120_days_the_message_knows_of_a_form_that_waits() -> None:
    portal = Portal()
    portal.enrol(PASSWORD, age=timedelta(days=120))
    portal.browser.cookies[ENDED_COOKIE] = FORM_KEPT
    assert sent(portal, NUMBER, PASSWORD).location == "/member/password/expired?kept=1"


def test_who_is_asked_for_the_password_again_may_go_back_instead() -> None:
    portal = Portal()
    assert "変更をやめて" not in portal.browser.get(LOGIN).text
    portal.browser.cookies[ENDED_COOKIE] = ASKED
    text = portal.browser.get(LOGIN).text
    assert '<a href="/member/profile">変更をやめて会員詳細へ戻る</a>' in text


def test_the_cookie_is_a_session_of_this_host() -> None:
    page = sent(Portal(), NUMBER, PASSWORD)
    (cookie,) = page.headers["Set-Cookie"]
    assert re.fullmatch(
        r"__Host-session=[0-9a-z]{26}\.[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Lax", cookie
    )


def test_the_page_reads_nothing_and_fits_into_fourteen_kilobytes() -> None:
    portal = Portal()
    page = portal.browser.get(LOGIN)
    assert page.status == 200
    assert not portal.database.calls
    assert len(gzip.compress(page.body)) < 14 * 1024


@pytest.mark.parametrize(
    "text",
    [
        ">会員番号 <",
        ">パスワード <",
        ">ログイン</button>",
        "0（ゼロ）も忘れずに付けて入力してください",
        "大文字小文字を区別します",
        "小文字の「l（エル）」と大文字の「I（アイ）」や数字の「1（イチ）」",
        "数字の「0（ゼロ）」とアルファベットの「O（オー）」",
        "【パスワードの読み】",
        "日本語入力が ON になった状態ではうまく入力できないことがあります",
        "スマートフォンご利用の方はこちら",
        'href="https://jgets-member.net/member/login"',
        "<svg ",
    ],
)
def test_the_page_gives_the_manuals_advice(text: str) -> None:
    assert text in Portal().browser.get(LOGIN).text


def test_password_managers_are_helped_and_the_number_is_a_text() -> None:
    text = Portal().browser.get(LOGIN).text
    number = re.search(r'<input id="member_no"[^>]*>', text)
    password = re.search(r'<input id="password"[^>]*>', text)
    assert number is not None
    assert password is not None
    assert 'type="text"' in number[0]
    assert 'autocomplete="username"' in number[0]
    assert 'type="password"' in password[0]
    assert 'autocomplete="current-password"' in password[0]
    assert "maxlength" not in text


def test_the_bare_address_leads_to_the_menu() -> None:
    page = Portal().browser.get("/")
    assert (page.status, page.location) == (303, "/member")


# Help ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/member/help", "/member/contact"])
def test_help_and_contact_need_no_session(path: str) -> None:
    portal = Portal()
    assert portal.browser.get(path).status == 200
    assert not portal.database.calls


@pytest.mark.parametrize("path", ["/member/help", "/member/contact"])
def test_help_and_contact_open_before_the_first_change(path: str) -> None:
    portal = Portal()
    portal.enrol(INITIAL, first=True)
    sent(portal, NUMBER, INITIAL)
    assert portal.browser.get(path).status == 200


@pytest.mark.parametrize(
    "text",
    [
        "https://web.gogo.jp/jgets/form/contact",
        "info@jgets.jp",
        "@jgets.jp",
        "できるだけ具体的に、また日本語の文章にして記載してください",
        "ログインできない",
        "ID とパスワードを入力するが、〇〇〇というメッセージが出てログインできない。",
        "ハードコピー",
    ],
)
def test_the_contact_page_has_section_five_of_the_manual(text: str) -> None:
    assert text in Portal().browser.get("/member/contact").text


@pytest.mark.parametrize(
    "text", ["0（ゼロ）", "日本語入力", "お待ちください", "/member/password/forgot", "お問い合わせ"]
)
def test_the_help_page_goes_through_the_causes(text: str) -> None:
    assert text in Portal().browser.get("/member/help").text


def test_two_members_networks_do_not_mix() -> None:
    """The address of the request decides, never a header."""
    portal = Portal()
    sent(portal, NUMBER, PASSWORD)
    portal.browser = portal.new_browser(AWAY)
    portal.browser.headers["x-forwarded-for"] = HOME
    sent(portal, NUMBER, PASSWORD)
    assert set(portal.credential.networks) == {"203.0.113.0/24", "198.51.100.0/24"}


def test_whoever_comes_from_an_ended_session_is_told_why() -> None:
    """Seen red by leaving the note out: typed data would be lost without a word."""
    portal = Portal()
    assert "時間が経過したため" not in portal.browser.get(LOGIN).text
    portal.browser.cookies["__Host-ended"] = "1"
    assert "時間が経過したため" in portal.browser.get(LOGIN).text


# The log ------------------------------------------------------------------------------------------


def told(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, object]]:
    return [vars(record) for record in caplog.records if record.message == message]


@pytest.mark.parametrize("number", [NUMBER, "999999"], ids=["known", "unknown"])
def test_a_failed_try_is_logged_under_the_masked_number(
    number: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = sent(Portal(), number, "Wrong1234")
    (line,) = told(caplog, "sign-in")
    assert page.status == 422
    assert (line["outcome"], line["number"]) == ("Refused", MASK(number))
    assert line["request_id"]
    assert number not in caplog.text


def test_a_try_during_a_wait_is_logged_although_it_is_not_evaluated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    portal = Portal()
    portal.fail(6)
    for _ in range(2):
        sent(portal, NUMBER, PASSWORD + "x")
    assert told(caplog, "sign-in")[-1]["outcome"] == "Wait"


def test_a_success_stands_in_the_audit_and_needs_no_key_of_masks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    portal = Portal()
    sent(portal, NUMBER, PASSWORD)
    assert told(caplog, "sign-in") == []
    assert portal.audited() == ["sign_in"]
