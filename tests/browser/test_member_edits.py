"""会員編集 when it is not quite straight: two windows, old pages, addresses, telephone numbers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Dialog, Page

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import let_sessions_end, let_time_pass
from tests.browser.visitor import Visitor
from tests.stackfixture import LocalStack

pytestmark = pytest.mark.timeout(300)

EDIT = "/member/profile/edit"


@pytest.fixture
def editing(visitor: Visitor, member: Callable[[str], Person]) -> tuple[Visitor, Person]:
    """A member who has opened 会員編集, with whose number and password."""
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    return visitor, person


@contextmanager
def second_window(visitor: Visitor, path: str) -> Iterator[Page]:
    """Open another window of the same browser for the body."""
    page = visitor.page.context.new_page()
    page.goto(visitor.portal + path)
    yield page
    page.wait_for_load_state("load")
    page.close()


def dialogs_of(visitor: Visitor) -> list[str]:
    """Say yes to every dialog from now on; return the list that will tell their kinds."""
    kinds: list[str] = []

    def agreed(dialog: Dialog) -> None:
        kinds.append(dialog.type)
        dialog.accept()

    visitor.page.on("dialog", agreed)
    return kinds


def test_of_two_windows_the_second_to_save_sees_both_versions(
    editing: tuple[Visitor, Person],
) -> None:
    visitor, _ = editing
    visitor.fill(building="新館３０１")
    with second_window(visitor, EDIT) as other:
        other.locator("#building").fill("別館９")
        other.get_by_role("button", name="保存", exact=True).click()
        other.wait_for_url("**/member/profile?saved=1")
    visitor.press("保存")
    visitor.at("会員編集", "まだ保存していません", "新館３０１", "別館９", picture="9-conflict")
    assert visitor.value("building") == "新館３０１"
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "新館３０１")


def test_a_record_that_changed_meanwhile_is_not_confirmed_unseen(
    editing: tuple[Visitor, Person],
) -> None:
    visitor, _ = editing
    with second_window(visitor, EDIT) as other:
        other.locator("#building").fill("別館９")
        other.get_by_role("button", name="保存", exact=True).click()
        other.wait_for_url("**/member/profile?saved=1")
    visitor.press("変更なし")
    visitor.at("会員編集", "登録内容がほかの画面で変更されています", picture="9-confirm-conflict")
    assert visitor.value("building") == "別館９"
    visitor.press("変更なし")
    visitor.at("会員詳細", "変更がないことを確認しました", picture="9-confirmed")


def test_what_was_typed_in_a_window_older_than_the_session_is_shown_again(
    editing: tuple[Visitor, Person],
) -> None:
    visitor, person = editing
    visitor.fill(building="新館３０２")
    with second_window(visitor, "/member/login") as other:
        other.locator("#member_no").fill(person.member_no)
        other.locator("#password").fill(person.password)
        other.get_by_role("button", name="ログイン", exact=True).click()
        other.wait_for_url("**/member")
    visitor.press("保存")
    visitor.at("会員編集", "まだ保存されていません", picture="9-older-than-the-session")
    assert visitor.value("building") == "新館３０２"
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "新館３０２")


def password_is_asked(visitor: Visitor) -> None:
    """Wait for the sign-in page; it is the one page without ログアウト while a session lives."""
    visitor.reads("もう一度パスワードを入力していただきます")
    visitor.album.take(visitor.page, "9-password-asked-again", "phone")


def test_a_new_address_asks_for_the_password_again_and_keeps_what_was_typed(
    editing: tuple[Visitor, Person], local_stack: LocalStack
) -> None:
    visitor, person = editing
    let_time_pass(local_stack, person.member_no, timedelta(minutes=11))
    address = f"new{person.member_no}@example.jp"
    visitor.fill(email=address, building="新館３０３")
    visitor.press("保存")
    password_is_asked(visitor)
    steps.type_and_sign_in(visitor, person.member_no, person.password)
    visitor.at("会員編集", "まだ保存されていません")
    assert (visitor.value("email"), visitor.value("building")) == (address, "新館３０３")
    visitor.press("保存")
    visitor.at("会員詳細", f"{address} はまだ確認されていません", picture="9-unconfirmed")


def test_whoever_is_asked_for_the_password_again_may_go_back(
    editing: tuple[Visitor, Person], local_stack: LocalStack
) -> None:
    visitor, person = editing
    let_time_pass(local_stack, person.member_no, timedelta(minutes=11))
    visitor.fill(email=f"new{person.member_no}@example.jp")
    visitor.press("保存")
    password_is_asked(visitor)
    visitor.follow("変更をやめて会員詳細へ戻る")
    visitor.at("会員詳細", person.record["email"])


def test_an_old_docomo_address_is_kept_with_a_warning(editing: tuple[Visitor, Person]) -> None:
    visitor, _ = editing
    visitor.fill(email="hana..ko.@docomo.ne.jp")
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "届かないことがあります", picture="9-legacy-address")
    visitor.follow("登録情報を編集する")
    visitor.at("会員編集", "このアドレスには届かないことがあります")
    assert visitor.value("email") == "hana..ko.@docomo.ne.jp"


def test_a_telephone_number_from_abroad_is_put_right_by_one_press_at_its_field(
    editing: tuple[Visitor, Person],
) -> None:
    visitor, _ = editing
    visitor.fill(mobile="+81 90-1234-5678")
    visitor.press("保存")
    told = "携帯電話番号は、ハイフン(-)無しの数字のみで入力してください。"
    visitor.at("会員編集", told, picture="9-phone-refused")
    visitor.press("「09012345678」に直す")
    assert visitor.page.locator("#mobile").is_visible()
    assert visitor.page.evaluate("scrollY") > 0
    visitor.at("会員編集", "まだ保存されていません", picture="9-phone-put-right")
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "09012345678")


def test_without_a_script_hyphens_are_refused_and_taken_out_by_one_press(
    scriptless: Visitor, member: Callable[[str], Person]
) -> None:
    steps.signed_in(scriptless, member("unpaid"))
    scriptless.open(EDIT)
    scriptless.fill(phone="03-1234-5678")
    scriptless.press("保存")
    scriptless.at("会員編集", "電話番号は、ハイフン(-)無しの数字のみで入力してください。")
    scriptless.press("「0312345678」に直す")
    scriptless.press("保存")
    scriptless.at("会員詳細", "保存しました", "0312345678")


def test_with_a_script_hyphens_are_gone_when_the_field_is_left(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    steps.signed_in(phone, member("unpaid"))
    phone.open(EDIT)
    phone.fill(phone="０３-1234-5678")
    phone.page.locator("#email").focus()
    assert phone.value("phone") == "0312345678"


def test_leaving_with_unsaved_changes_is_warned_of_and_stores_nothing(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    """Manual, section 3, last ※. A browser without scripts has the page's text alone."""
    steps.signed_in(phone, member("unpaid"))
    phone.open(EDIT)
    asked = dialogs_of(phone)
    phone.fill(building="保存しない")
    phone.follow("会員詳細")
    phone.at("会員詳細")
    assert asked == ["beforeunload"]
    assert "保存しない" not in phone.page.locator("main").inner_text()


def test_leaving_without_changes_is_not_warned_of(
    phone: Visitor, member: Callable[[str], Person]
) -> None:
    steps.signed_in(phone, member("unpaid"))
    phone.open(EDIT)
    asked = dialogs_of(phone)
    phone.follow("会員詳細")
    phone.at("会員詳細")
    assert asked == []


def test_an_unknown_postcode_and_one_that_agrees_are_told_at_the_field(
    editing: tuple[Visitor, Person],
) -> None:
    visitor, _ = editing
    visitor.fill(postal_code="9999999")
    visitor.press("住所を検索")
    visitor.at("会員編集", "この郵便番号の住所は見つかりませんでした", picture="9-postcode-unknown")
    visitor.fill(postal_code="1000001", city="千代田区", street="千代田１−１")
    visitor.page.select_option("#prefecture", label="東京都")
    visitor.press("住所を検索")
    visitor.at("会員編集", "この郵便番号の住所と合っています", picture="9-postcode-agrees")
    assert visitor.value("street") == "千代田１−１"


def test_the_message_after_120_days_leads_on_to_what_was_typed(
    visitor: Visitor, member: Callable[[str], Person], local_stack: LocalStack
) -> None:
    person = member("password_expired")
    steps.sign_in(visitor, person.member_no, person.password)
    visitor.at("パスワード変更のお願い")
    visitor.open(EDIT)
    visitor.fill(building="新館３０４")
    let_sessions_end(local_stack, person.member_no)
    visitor.press("保存")
    visitor.at("ログイン", "続きから編集できます")
    steps.type_and_sign_in(visitor, person.member_no, person.password)
    visitor.at("パスワード変更のお願い")
    visitor.follow("変更せずに先に進む")
    visitor.at("会員編集", "まだ保存されていません")
    assert visitor.value("building") == "新館３０４"
