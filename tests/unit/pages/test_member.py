"""メニュー and 会員詳細."""

import pytest

from tests.unit.members.desk import Desk, a_member


@pytest.mark.parametrize("path", ["/member", "/member/"])
def test_the_menu_has_the_four_ways_of_the_manual(path: str) -> None:
    page = Desk().browser.get(path)
    assert page.status == 200
    for text in ("会員詳細", "会費支払明細", "パスワード変更", "お問い合わせ"):
        assert f">{text}</a>" in page.text


def test_the_menu_reads_the_session_and_nothing_else() -> None:
    desk = Desk()
    desk.browser.get("/member")
    assert desk.database.calls == {"read": 1}


@pytest.mark.parametrize("path", ["/member", "/member/profile", "/member/profile/edit"])
def test_without_a_session_every_page_leads_to_sign_in(path: str) -> None:
    desk = Desk()
    desk.browser.cookies.clear()
    page = desk.browser.get(path)
    assert (page.status, page.location) == (303, "/member/login")


def test_the_record_is_shown_with_number_and_qualification() -> None:
    page = Desk().browser.get("/member/profile")
    assert page.status == 200
    for text in ("001234", "消化器内視鏡技師", "山田", "ハナコ", "164-0001", "hanako@example.jp"):
        assert text in page.text
    assert "<input" not in page.text.replace('<input type="hidden"', "")


def test_the_record_costs_one_read() -> None:
    desk = Desk()
    desk.browser.get("/member/profile")
    assert desk.database.calls == {"read": 1}


def test_what_is_not_registered_is_said_so() -> None:
    assert "（未登録）" in Desk(a_member(building="")).browser.get("/member/profile").text


def test_texts_of_the_record_are_escaped() -> None:
    page = Desk(a_member(workplace="<b>&")).browser.get("/member/profile")
    assert "&lt;b&gt;&amp;" in page.text
    assert "<b>&" not in page.text


def test_an_old_carrier_address_is_shown_with_its_warning() -> None:
    page = Desk(a_member(email="a..b@docomo.ne.jp")).browser.get("/member/profile")
    assert "このアドレスには届かないことがあります" in page.text


@pytest.mark.parametrize("path", ["/member/profile", "/member/profile/edit"])
def test_reading_changes_nothing(path: str) -> None:
    desk = Desk()
    desk.browser.get(path)
    assert desk.stored == desk.member
    assert desk.audited == []
