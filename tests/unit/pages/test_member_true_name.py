"""The true name beside the checked one: nothing of it while the setting is off, all of it when on.

Seen red: by the setting ignored on the page, by it ignored at the form, by the correction kept
for show instead of the true form, and by an emptied name that stays in the row.
"""

import pytest

from portal.members.model import Record
from tests.unit.members.desk import TABLES, Desk, a_member
from tests.unit.pages.test_member_edit import EDIT, value_of

SHOWN = {"display_family_name": "山﨑", "display_given_name": "葛\U000e0100子"}
DETAILS = "/member/profile"


def on(**texts: str) -> Desk:
    return opened(Desk(a_member(**texts), true_name=True))


def opened(desk: Desk) -> Desk:
    desk.browser.get(EDIT)
    return desk


def row(desk: Desk) -> set[str]:
    (found,) = (one for one in desk.database.rows(TABLES.members) if one["sk"] == "PROFILE")
    return set(found)


@pytest.mark.parametrize("path", [EDIT, DETAILS])
def test_the_manuals_rule_stands_while_the_setting_is_off(path: str) -> None:
    page = Desk(a_member(**SHOWN)).browser.get(path)
    assert "表示用" not in page.text
    assert "display_" not in page.text
    assert "山﨑" not in page.text


def test_a_refused_name_offers_no_keeping_while_the_setting_is_off() -> None:
    desk = opened(Desk())
    assert "keep:" not in desk.browser.post(EDIT, desk.form(family_name="山﨑")).text


@pytest.mark.parametrize(
    "more",
    [
        {"display_family_name": "山﨑"},
        {"display_given_name": ""},
        {"family_name": "山﨑", "action": "keep:family_name"},
        {"action": "use:display_family_name"},
    ],
)
def test_a_form_with_a_true_name_is_refused_while_the_setting_is_off(more: dict[str, str]) -> None:
    desk = opened(Desk())
    assert desk.browser.post(EDIT, desk.form(**more)).status == 400
    assert desk.stored == desk.member


def test_a_true_name_outlives_the_setting_being_off() -> None:
    desk = opened(Desk(a_member(**SHOWN)))
    sent = {name: text for name, text in desk.form(city="杉並区").items() if name not in SHOWN}
    assert desk.browser.post(EDIT, sent).status == 303
    assert desk.stored.record == Record.of({**desk.member.record.values(), "city": "杉並区"})


def test_the_page_has_the_fields_below_the_name_when_the_setting_is_on() -> None:
    text = on().browser.get(EDIT).text
    assert text.index('id="given_name_kana"') < text.index('id="display_family_name"')
    assert text.index('id="display_given_name"') < text.index('id="postal_code"')
    assert value_of(text, "display_family_name") == ""


def test_the_true_name_is_saved_beside_the_checked_one() -> None:
    desk = on()
    assert desk.browser.post(EDIT, desk.form(**SHOWN)).status == 303
    record = desk.stored.record
    assert (record.family_name, record.given_name) == ("山田", "花子")
    assert (record.display_family_name, record.display_given_name) == tuple(SHOWN.values())
    assert record.shown_name == "山﨑 葛\U000e0100子"
    assert desk.stored.version == desk.member.version + 1
    assert [one["after"] for one in desk.audited] == [SHOWN]


def test_the_portal_greets_by_the_true_name_and_lists_both() -> None:
    text = on(**SHOWN).browser.get(DETAILS).text
    assert "山﨑 葛\U000e0100子 様" in text
    for part in ("山田", "花子", "表示用の姓（正字）", "表示用の名（正字）"):
        assert part in text


def test_history_tells_of_the_true_name() -> None:
    desk = on()
    desk.browser.post(EDIT, desk.form(**SHOWN))
    text = desk.browser.get("/member/profile/history").text
    assert "表示用の姓（正字）" in text
    assert "山﨑" in text


def test_a_refused_name_offers_to_keep_the_true_form() -> None:
    desk = on()
    page = desk.browser.post(EDIT, desk.form(family_name="山﨑"))
    assert page.status == 422
    assert 'value="use:family_name">「山崎」に直す' in page.text
    assert 'value="keep:family_name">「山崎」に直し、「山﨑」を表示用に残す' in page.text


def test_keeping_the_true_form_fills_both_fields_and_stores_nothing() -> None:
    desk = on()
    form = desk.form(family_name="山﨑", action="keep:family_name")
    page = desk.browser.post(EDIT, form)
    assert page.status == 200
    assert value_of(page.text, "family_name") == "山崎"
    assert value_of(page.text, "display_family_name") == "山﨑"
    assert "まだ保存されていません" in page.text
    assert desk.stored == desk.member
    shown = {"family_name": "山崎", "display_family_name": "山﨑"}
    assert desk.browser.post(EDIT, desk.form(**shown)).status == 303
    assert desk.stored.record.shown_name == "山﨑 花子"


@pytest.mark.parametrize("name", ["山田", "草彅", "山😀", "⾼"])
def test_keeping_is_offered_only_for_a_true_form_with_a_correction(name: str) -> None:
    desk = on()
    assert "keep:family_name" not in desk.browser.post(EDIT, desk.form(family_name=name)).text
    page = desk.browser.post(EDIT, desk.form(family_name=name, action="keep:family_name"))
    assert value_of(page.text, "family_name") == name


@pytest.mark.parametrize("field", ["city", "email", "display_family_name", ""])
def test_only_the_two_names_can_be_kept(field: str) -> None:
    desk = on()
    assert desk.browser.post(EDIT, desk.form(action=f"keep:{field}")).status == 400


@pytest.mark.parametrize(
    "wrong",
    ["山😀", "山\u202e", "山\x07", "山\ue000", "山\u200b", "山\u0301", "①", "⾼", "김", "<b>",
     "山\ufe0f", "山\U000e0100\U000e0101", "あ\U000e0100", "\U000e0100"],
)  # fmt: skip
def test_a_true_name_takes_kanji_and_nothing_that_is_no_name(wrong: str) -> None:
    desk = on()
    page = desk.browser.post(EDIT, desk.form(display_family_name=wrong))
    assert page.status in (400, 422)
    assert desk.stored == desk.member


@pytest.mark.parametrize("true", ["髙", "𠮷", "彅", "\ufa19", "葛\U000e0100", "神\ufe00", "ジョン"])
def test_a_true_name_keeps_each_kanji_as_typed(true: str) -> None:
    desk = on()
    assert desk.browser.post(EDIT, desk.form(display_family_name=true)).status == 303
    assert desk.stored.record.display_family_name == true


def test_a_row_holds_a_true_name_only_while_there_is_one() -> None:
    desk = on()
    assert not row(desk) & set(SHOWN)
    desk.browser.post(EDIT, desk.form(**SHOWN))
    assert set(SHOWN) < row(desk)
    version = str(desk.stored.version)
    emptied = desk.form(version=version, display_family_name="", display_given_name="")
    assert desk.browser.post(EDIT, emptied).status == 303
    assert not row(desk) & set(SHOWN)
    assert SHOWN in [one["before"] for one in desk.audited]
