"""Refused characters on 会員編集: each named with its place, put right by one press, unsaved.

Seen red: by places counted in code points, and by buttons that all name the first field.
"""

from html import unescape

import pytest

from tests.unit.members.desk import Desk, a_member
from tests.unit.pages.test_member_edit import EDIT, value_of


def a_desk(**texts: str) -> Desk:
    desk = Desk(a_member(**texts))
    desk.browser.get(EDIT)
    return desk


# One row for each class of names-and-characters: typed, what the page says, what it offers.
REFUSED = [
    ("山﨑", "姓の2文字目の「﨑」（U+FA11）は機種依存文字のため使えません。", "山崎"),
    ("髙", "姓の1文字目の「髙」（U+9AD9）は機種依存文字", "高"),
    ("𠮷田", "姓の1文字目の「𠮷」（U+20BB7）は機種依存文字", "吉田"),
    ("\ufa19谷", "姓の1文字目の「\ufa19」（U+FA19）は機種依存文字", "神谷"),
    ("吳", "姓の1文字目の「吳」（U+5433）は機種依存文字", "呉"),
    ("葛\U000e0100城", "（U+845B U+E0100）は字形の指定が付いた文字", "葛城"),
    ("神\ufe00谷", "（U+795E U+FE00）は字形の指定が付いた文字", "神谷"),
    ("⾼⼭", "姓の1文字目の「⾼」（U+2FBC）は部首用の特殊な文字", "高山"),
    ("⻑谷", "姓の1文字目の「⻑」（U+2ED1）は部首用の特殊な文字", "長谷"),
    ("Ⅲ", "姓の1文字目の「Ⅲ」（U+2162）は機種依存文字", "ＩＩＩ"),
    ("①", "姓の1文字目の「①」（U+2460）は機種依存文字", None),
    (
        "草彅",
        "「彅」（U+5F45）は機種依存文字のため使えません。代わりの文字が",
        None,
    ),
    ("张", "代わりの文字が見つかりません。ひらがな・カタカナで入力するか", None),
    ("김", "「김」（U+AE40）は使えません。", None),
    ("山\ue000", "姓の2文字目に外字（U+E000）が入っています。", None),
    ("山😀", "姓の2文字目の「😀」（U+1F600）は絵文字のため使えません。", None),
    ("山👨\u200d👩\u200d👧", "姓の2文字目の「👨\u200d👩\u200d👧」（", None),
    ("山🇯🇵", "姓の2文字目の「🇯🇵」（U+1F1EF U+1F1F5）は絵文字", None),
    ("山\x07", "姓の2文字目に目に見えない制御文字（U+0007）が入っています。", None),
    ("山\u202e", "文字の向きを変える、目に見えない特殊な文字（U+202E）が入っています。", None),
    ("山\u200b田", "姓の2文字目に目に見えない特殊な文字（U+200B）が入っています。", None),
    ("山\u0301", "は重ねて表示する特殊な文字のため使えません。", None),
    ("山α", "姓の2文字目の「α」（U+03B1）は使えません。使えるのは", None),
]


@pytest.mark.parametrize(("typed", "told", "offered"), REFUSED)
def test_a_refused_character_is_named_with_its_place_and_a_way_out(
    typed: str, told: str, offered: str | None
) -> None:
    desk = a_desk()
    page = desk.browser.post(EDIT, desk.form(family_name=typed))
    text = unescape(page.text)
    assert page.status == 422
    assert told in text
    assert text.count("使えません") + text.count("入っています") >= 1
    button = f'value="use:family_name">「{offered}」に直す</button>'
    assert (button in text) is (offered is not None)
    assert ("use:family_name" in text) is (offered is not None)
    assert desk.stored == desk.member


def test_a_joined_emoji_is_named_once() -> None:
    desk = a_desk()
    page = desk.browser.post(EDIT, desk.form(family_name="山👨\u200d👩\u200d👧\u200d👦口"))
    error = page.text.partition('id="family_name-error"')[2].partition("</p>")[0]
    assert error.count("絵文字") == 1
    assert "2文字目" in error


def test_one_press_puts_all_refused_characters_of_a_field_right_and_stores_nothing() -> None:
    desk = a_desk()
    form = desk.form(family_name="髙﨑", action="use:family_name")
    page = desk.browser.post(EDIT, form)
    assert page.status == 200
    assert value_of(page.text, "family_name") == "高崎"
    assert "姓を「高崎」に直しました。まだ保存されていません。" in page.text
    assert desk.stored == desk.member
    assert desk.audited == []


def test_a_press_leads_back_to_its_field_where_the_answer_stands() -> None:
    """And not to the top of the page, two screens above what the member was looking at."""
    desk = a_desk()
    refused = desk.browser.post(EDIT, desk.form(given_name="德子")).text
    assert f'formaction="{EDIT}#given_name" name="action" value="use:given_name"' in refused
    text = desk.browser.post(EDIT, desk.form(given_name="德子", action="use:given_name")).text
    told = text.index("名を「徳子」に直しました。")
    assert text.index('id="given_name"') < told < text.index('id="family_name_kana"')


def test_each_refused_character_has_a_line_of_its_own() -> None:
    desk = a_desk()
    text = desk.browser.post(EDIT, desk.form(family_name="髙﨑")).text
    assert "をお使いください。\n姓の2文字目の" in text


def test_several_fields_have_a_button_each_that_leaves_the_others_as_typed() -> None:
    desk = a_desk()
    typed = {"family_name": "髙", "given_name": "德子", "street": "１丁目①"}
    page = desk.browser.post(EDIT, desk.form(**typed))
    for name in typed:
        assert f'value="use:{name}"' in page.text
    put_right = desk.browser.post(EDIT, desk.form(**typed, action="use:given_name"))
    values = {name: value_of(put_right.text, name) for name in typed}
    assert values == {**typed, "given_name": "徳子"}
    assert 'value="use:family_name"' in put_right.text
    assert 'value="use:given_name"' not in put_right.text


def test_what_was_put_in_is_saved_by_the_next_press() -> None:
    desk = a_desk()
    page = desk.browser.post(EDIT, desk.form(family_name="髙﨑", action="use:family_name"))
    offered = value_of(page.text, "family_name")
    assert desk.browser.post(EDIT, desk.form(family_name=offered)).status == 303
    assert desk.stored.record.family_name == "高崎"


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("family_name_kana", "ﾔﾏﾀﾞ", "ヤマダ"),
        ("family_name_kana", "やまだ", "ヤマダ"),
        ("family_name_kana", "カ\u3099", "ガ"),
        ("given_name", "か\u3099く", "がく"),
        ("building", "ABC～1-2", "ＡＢＣ〜１−２"),
    ],
)
def test_what_looks_the_same_is_folded_without_a_word(name: str, typed: str, kept: str) -> None:
    desk = a_desk()
    assert desk.browser.post(EDIT, desk.form(**{name: typed})).status == 303
    assert getattr(desk.stored.record, name) == kept


@pytest.mark.parametrize("name", ["濱", "邉", "齋", "髙"])
def test_a_correction_of_a_name_that_needs_none_changes_nothing(name: str) -> None:
    desk = a_desk(family_name="濱")
    form = desk.form(family_name=name, action="use:family_name")
    page = desk.browser.post(EDIT, form)
    assert value_of(page.text, "family_name") == ("高" if name == "髙" else name)


@pytest.mark.parametrize("half", ["%ED%A0%BD", "%ED%B8%80", "%ED%A0%BD%ED%B8%80"])
def test_half_a_pair_in_the_bytes_is_no_form_of_ours(half: str) -> None:
    desk = a_desk()
    body = f"csrf={desk.browser.token}&version=3&family_name={half}".encode()
    assert desk.browser.post_raw(EDIT, body).status == 400
    assert desk.stored == desk.member
