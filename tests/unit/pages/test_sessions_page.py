"""The page ログイン中の端末."""

import re
from datetime import timedelta

import pytest

from portal.accounts.sessions import ABSOLUTE, IDLE
from portal.clock import iso
from tests.unit.accounts.desk import AWAY, INITIAL, MEMBER_ID, NUMBER, PASSWORD, Portal
from tests.unit.members.desk import TABLES
from tests.webclient import Browser, Page

PATH = "/member/sessions"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) Version/18.1 Mobile Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Safari/537.36 Edg/131.0"
OTHER_MEMBER = "zyxwvtsrqpnmkjhgfedcba9876"


def sign_in(browser: Browser, agent: str, password: str = PASSWORD) -> Browser:
    browser.headers["user-agent"] = agent
    browser.get("/member/login")
    assert browser.post("/member/login", {"member_no": NUMBER, "password": password}).status == 303
    return browser


def two_devices() -> tuple[Portal, Browser]:
    """Return a portal where the member is signed in on the computer at hand and on a phone."""
    portal = Portal()
    phone = sign_in(portal.new_browser(AWAY), IPHONE)
    portal.clock.tick(minutes=10)
    sign_in(portal.browser, WINDOWS)
    portal.browser.get(PATH)
    return portal, phone


def end(portal: Portal, session: str) -> Page:
    return portal.browser.post(PATH, {"session": session})


def names(page: Page) -> list[str]:
    return re.findall(r'name="session" value="([0-9a-f]{16})"', page.text)


# Refused ----------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"session": ""},
        {"session": "all"},
        {"session": "OTHERS"},
        {"session": "0123456789ABCDEF"},
        {"session": "0" * 15},
        {"session": "0" * 64},
        {"session": "0" * 16 + "\n"},
        {"session": "<script>"},
        {"session": "others", "member_id": OTHER_MEMBER},
    ],
)
def test_what_the_page_does_not_have_ends_nothing(form: dict[str, str]) -> None:
    portal, _ = two_devices()
    assert portal.browser.post(PATH, form).status == 400
    assert portal.live_sessions() == 2


def test_a_form_without_its_token_or_from_elsewhere_ends_nothing() -> None:
    portal, _ = two_devices()
    assert portal.browser.post(PATH, {"session": "others"}, token=False).status == 403
    portal.browser.headers["sec-fetch-site"] = "cross-site"
    assert end(portal, "others").status == 403
    assert portal.live_sessions() == 2


def test_a_get_ends_nothing() -> None:
    portal, _ = two_devices()
    portal.browser.get(f"{PATH}?session=others&ended=all")
    assert portal.live_sessions() == 2


def test_before_the_first_change_the_list_is_not_reached() -> None:
    portal = Portal()
    portal.enrol(INITIAL, first=True)
    sign_in(portal.browser, WINDOWS, INITIAL)
    assert portal.browser.get(PATH).location == "/member/password"


def test_without_a_session_there_is_no_list() -> None:
    assert Portal().browser.get(PATH).location == "/member/login"


def test_another_members_session_is_neither_shown_nor_ended() -> None:
    portal, _ = two_devices()
    cookie, row = portal.sessions.create(
        OTHER_MEMBER,
        "009876",
        now=portal.clock(),
        must_change=False,
        network="",
        device="iPad（Safari）",
    )
    portal.database.commit(row)
    assert "iPad" not in portal.browser.get(PATH).text
    theirs = str(row.item["sk"]).removeprefix("S#")[:16]
    assert end(portal, theirs).location == f"{PATH}?ended=none"
    end(portal, "others")
    assert portal.session(cookie) is not None


def test_this_session_is_not_ended_from_its_own_list() -> None:
    portal, _ = two_devices()
    own = portal.session(portal.browser.cookies["__Host-session"])
    assert own is not None
    assert end(portal, own.token_hash[:16]).location == f"{PATH}?ended=none"
    assert portal.live_sessions() == 2


# The list ----------------------------------------


def test_the_list_says_what_since_when_and_when_last() -> None:
    portal, _ = two_devices()
    text = portal.browser.get(PATH).text
    here, phone = text.split("iPhone（Safari）", 1)
    assert "Windows パソコン（Edge）" in here
    assert "この端末" in here
    assert "ログイン：2026年11月22日 12:10" in here
    assert "ログイン：2026年11月22日 12:00" in phone
    assert "最後の操作：2026年11月22日 12:00ごろ" in phone
    assert "この端末" not in phone.split("お心当たり")[0]


def test_a_button_is_named_with_its_device_and_its_own_words() -> None:
    """WCAG 2.4.6 and 2.5.3: what is read aloud tells which one, and has the words one sees."""
    portal, _ = two_devices()
    text = portal.browser.get(PATH).text
    (name,) = re.findall(r'aria-label="([^"]*)"[^>]*>ログアウトする</button>', text)
    assert name == "iPhone（Safari）（2026年11月22日 12:00にログイン）からログアウトする"


def test_the_last_use_moves_with_use() -> None:
    portal, phone = two_devices()
    portal.clock.tick(minutes=7)
    phone.get("/member/contact")
    assert "最後の操作：2026年11月22日 12:17ごろ" in portal.browser.get(PATH).text


def test_alone_there_is_nothing_to_sign_out() -> None:
    portal = Portal()
    sign_in(portal.browser, WINDOWS)
    page = portal.browser.get(PATH)
    assert "ほかにログインしている端末はありません。" in page.text
    assert 'name="session"' not in page.text


@pytest.mark.parametrize("after", [IDLE, ABSOLUTE])
def test_a_session_that_has_ended_is_not_listed_though_its_row_is_there(after: timedelta) -> None:
    portal, _ = two_devices()
    rows = portal.database.tables[TABLES.sessions]
    for key, row in rows.items():
        if "iPhone" in str(row["device"]):
            name = "idle_until" if after is IDLE else "ends_at"
            rows[key] = {**row, name: iso(portal.clock())}
    assert "iPhone" not in portal.browser.get(PATH).text
    assert len(rows) == 2


def test_the_list_costs_one_round_trip_and_no_client_but_the_databases() -> None:
    portal, _ = two_devices()
    portal.database.calls.clear()
    portal.browser.get(PATH)
    assert portal.database.calls == {"read": 1}


def test_of_the_browser_only_the_words_are_kept() -> None:
    portal, _ = two_devices()
    kept = {str(row["device"]) for row in portal.rows(TABLES.sessions)}
    assert kept == {"iPhone（Safari）", "Windows パソコン（Edge）"}


def test_neither_token_nor_whole_key_is_in_the_page() -> None:
    portal, phone = two_devices()
    page = portal.browser.get(PATH)
    other = portal.session(phone.cookies["__Host-session"])
    assert other is not None
    assert names(page) == [other.token_hash[:16]]
    for secret in (other.token_hash, phone.cookies["__Host-session"], other.csrf):
        assert secret not in page.text


def test_many_devices_are_counted_and_not_all_listed() -> None:
    portal = Portal()
    for _ in range(30):
        _, row = portal.sessions.create(
            MEMBER_ID, NUMBER, now=portal.clock(), must_change=False, network="", device="Firefox"
        )
        portal.database.commit(row)
    sign_in(portal.browser, WINDOWS)
    page = portal.browser.get(PATH)
    assert len(names(page)) == 20
    assert "このほかに10台あります。" in page.text
    assert end(portal, "others").location == f"{PATH}?ended=all"
    assert portal.live_sessions() == 1


# Signing out ----------------------------------------


def test_one_device_is_signed_out_and_the_member_told() -> None:
    portal, phone = two_devices()
    (name,) = names(portal.browser.get(PATH))
    page = end(portal, name)
    assert (page.status, page.location) == (303, f"{PATH}?ended=one")
    assert "選ばれた端末をログアウトしました。" in portal.browser.get(page.location).text
    assert phone.get("/member/password").location == "/member/login"
    assert portal.live_sessions() == 1


def test_the_device_that_was_signed_out_is_told_so_at_the_door() -> None:
    portal, phone = two_devices()
    end(portal, "others")
    phone.get(PATH)
    assert "ほかの端末からログアウトされた" in phone.get("/member/login").text


def test_all_others_are_signed_out_and_this_one_stays() -> None:
    portal, phone = two_devices()
    sign_in(portal.new_browser(AWAY), "Firefox")
    page = end(portal, "others")
    assert "ほかの端末をすべてログアウトしました。" in portal.browser.get(page.location).text
    assert phone.get(PATH).location == "/member/login"
    assert portal.browser.get(PATH).status == 200
    assert portal.live_sessions() == 1


def test_a_device_that_is_signed_out_already_is_said_so() -> None:
    portal, _ = two_devices()
    (name,) = names(portal.browser.get(PATH))
    end(portal, name)
    page = end(portal, name)
    assert page.location == f"{PATH}?ended=none"
    assert "すでにログアウトしています" in portal.browser.get(page.location).text
    assert portal.audited().count("sessions_ended") == 1


def test_signing_out_costs_one_read_and_one_write_and_is_audited() -> None:
    portal, _ = two_devices()
    portal.database.calls.clear()
    end(portal, "others")
    assert portal.database.calls == {"read": 1, "write": 1}
    (entry,) = [r for r in portal.rows(TABLES.audit) if r["action"] == "sessions_ended"]
    assert (entry["actor"], entry["pk"]) == (MEMBER_ID, MEMBER_ID)
    assert entry["after"] == {"ended": 1}
    assert entry["source"] == "203.0.113.7"


@pytest.mark.parametrize("told", ["", "x", "<b>", "2", "ONE"])
def test_only_our_own_words_are_told(told: str) -> None:
    portal, _ = two_devices()
    page = portal.browser.get(f"{PATH}?ended={told}")
    assert 'role="status"' not in page.text
