"""会員編集 as members fill it in on a phone, with and without JavaScript."""

from collections.abc import Callable

import pytest

from local.demo_people import Person
from tests.browser import steps
from tests.browser.outside import let_sessions_end
from tests.browser.visitor import Visitor
from tests.stackfixture import LocalStack

pytestmark = pytest.mark.timeout(300)

EDIT = "/member/profile/edit"


def test_a_postcode_fills_the_address_on_a_phone(
    visitor: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(postal_code="498-0000", city="", street="")
    visitor.page.select_option("#prefecture", "")
    visitor.press("住所を検索")
    visitor.at("会員編集", "この郵便番号には、次の住所があります", picture="9-postcode-choice")
    visitor.page.select_option("#area", label="三重県桑名郡木曽岬町")
    visitor.press("この住所を入れる")
    visitor.at("会員編集", "まだ保存されていません", picture="9-postcode-filled")
    assert visitor.page.input_value("#prefecture") == "三重県"
    assert visitor.value("city") == "桑名郡木曽岬町"
    visitor.fill(street="源緑輪中１")
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "三重県", "源緑輪中１")


def test_a_typed_address_is_replaced_by_a_press_only(
    visitor: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(postal_code="1000001", city="杉並区", street="本町１−１")
    visitor.press("住所を検索")
    visitor.at("会員編集", "この郵便番号の住所が異なります", picture="9-postcode-differs")
    assert visitor.value("city") == "杉並区"
    visitor.press("この住所に置き換える")
    assert visitor.value("city") == "千代田区"
    assert visitor.value("street") == "千代田"


def test_a_mistyped_address_is_put_right_by_one_press(
    visitor: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(email="hanako@gmial.com")
    visitor.press("保存")
    visitor.at("会員編集", "もしかして「hanako@gmail.com」", picture="9-address-doubted")
    visitor.press("「hanako@gmail.com」に直す")
    visitor.at("会員編集", "まだ保存されていません")
    assert visitor.value("email") == "hanako@gmail.com"


def test_a_change_stands_in_the_history(visitor: Visitor, member: Callable[[str], Person]) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(building="新館３０１")
    visitor.press("保存")
    visitor.follow("変更履歴")
    visitor.at("変更履歴", "建物名", "新館３０１", "ご本人による変更", picture="9-history")


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(
    visitor: Visitor, member: Callable[[str], Person], local_stack: LocalStack
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(building="新館３０２")
    let_sessions_end(local_stack, person.member_no)
    visitor.press("保存")
    visitor.at("ログイン", "続きから編集できます", picture="9-ended-while-typing")
    steps.type_and_sign_in(visitor, person.member_no, person.password)
    visitor.at("会員編集", "まだ保存されていません", picture="9-typed-before")
    assert visitor.value("building") == "新館３０２"
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "新館３０２")
