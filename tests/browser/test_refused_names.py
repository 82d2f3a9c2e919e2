"""A refused name on 会員編集, put right by one tap on a phone, with and without JavaScript."""

from collections.abc import Callable

import pytest

from local.demo_people import Person
from tests.browser import steps
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.timeout(300)

EDIT = "/member/profile/edit"


def test_a_refused_name_is_put_right_by_one_tap_on_a_phone(
    visitor: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(family_name="髙﨑", given_name="𠮷子")
    visitor.press("保存")
    told = "姓の2文字目の「﨑」（U+FA11）は機種依存文字のため使えません。"
    visitor.at("会員編集", told, "代わりに「崎」をお使いください。", picture="10-name-refused")
    assert (visitor.value("family_name"), visitor.value("given_name")) == ("髙﨑", "𠮷子")

    visitor.press("「高崎」に直す")
    visitor.at(
        "会員編集",
        "姓を「高崎」に直しました。まだ保存されていません。",
        picture="10-name-put-right",
    )
    assert (visitor.value("family_name"), visitor.value("given_name")) == ("高崎", "𠮷子")

    visitor.press("「吉子」に直す")
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "高崎", "吉子")


def test_what_cannot_be_seen_is_named_by_its_code_and_nothing_is_put_in(
    visitor: Visitor, member: Callable[[str], Person]
) -> None:
    person = member("unpaid")
    steps.signed_in(visitor, person)
    visitor.open(EDIT)
    visitor.fill(family_name="山\u202e田", given_name="花👨\u200d👩\u200d👧子")
    visitor.press("保存")
    visitor.at(
        "会員編集",
        "姓の2文字目に文字の向きを変える、目に見えない特殊な文字（U+202E）が入っています。",
        "名の2文字目の「👨\u200d👩\u200d👧」",
        picture="10-name-without-substitute",
    )
    assert visitor.page.locator('button[value^="use:"]').count() == 0
    visitor.fill(family_name="山田", given_name="花子")
    visitor.press("保存")
    visitor.at("会員詳細", "保存しました", "山田")
