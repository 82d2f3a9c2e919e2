"""会員編集: 保存, 変更してお支払い手続きへ, 変更なし, corrections and conflicts."""

import re
import subprocess
import sys
from datetime import date
from html import unescape

import pytest

from tests.unit.members.desk import LONG_AGO, TEXTS, Desk, a_member

EDIT = "/member/profile/edit"
CONFIRM = "/member/profile/confirm"
TODAY = date(2026, 11, 22)


def value_of(text: str, name: str) -> str:
    found = re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', text)
    assert found is not None
    return unescape(found.group(1))


def opened(desk: Desk, query: str = "") -> str:
    page = desk.browser.get(EDIT + query)
    assert page.status == 200
    desk.database.calls.clear()
    return page.text


def test_the_page_shows_every_field_with_its_label_and_value() -> None:
    text = opened(Desk())
    for name in TEXTS:
        assert f'name="{name}"' in text
        assert f'<label for="{name}">' in text
    assert value_of(text, "street") == TEXTS["street"]
    assert "<option selected>東京都</option>" in text
    assert text.count("<option") == 48
    assert 'name="version" value="3"' in text
    assert re.search(r">保存</button>", text)
    assert "変更してお支払い手続きへ" not in text


def test_labels_say_in_words_what_is_required() -> None:
    text = opened(Desk())
    assert re.search(r'<label for="family_name">姓 <span class="required">※必須</span>', text)
    assert re.search(r'<label for="building">建物名 <span class="optional">※任意</span>', text)
    assert "placeholder" not in text


def test_the_manuals_advice_stands_on_the_page() -> None:
    text = opened(Desk())
    for advice in (
        "必須項目に漏れがないか",
        "機種依存文字",
        "ハイフン(-)無しの数字のみ",
        "お間違いのないよう",
        "@jgets.jpからのメールが受信できるように",
        "反映されませんのでご注意ください",
    ):
        assert advice in text
    assert "data-warn-unsaved" in text


def test_the_member_number_is_nowhere_in_the_form() -> None:
    assert 'name="member_no"' not in opened(Desk())


def test_saving_leads_to_the_record_with_a_message() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(city="杉並区"))
    assert (page.status, page.location) == (303, "/member/profile?saved=1")
    assert desk.stored.record.city == "杉並区"
    assert desk.stored.confirmed_on == TODAY
    assert "保存しました。" in desk.browser.get(page.location).text


def test_saving_costs_one_read_and_one_write() -> None:
    desk = Desk()
    opened(desk)
    desk.browser.post(EDIT, desk.form(city="杉並区"))
    assert desk.database.calls == {"read": 1, "write": 1}


def test_on_the_way_to_paying_the_button_saves_and_goes_on() -> None:
    desk = Desk()
    text = opened(desk, "?invoice=2026-abc")
    assert ">変更してお支払い手続きへ</button>" in text
    assert 'name="invoice" value="2026-abc"' in text
    page = desk.browser.post(EDIT, desk.form(city="杉並区", invoice="2026-abc"))
    assert (page.status, page.location) == (303, "/member/billing/2026-abc/payment")
    assert desk.stored.confirmed_on == TODAY


def test_on_the_way_to_paying_an_unchanged_record_counts_too() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(invoice="abc"))
    assert page.location == "/member/billing/abc/payment"
    assert desk.stored.confirmed_on == TODAY


@pytest.mark.parametrize("invoice", ["../x", "a b", "//evil.example", "a" * 65, "é", "a\r\nb"])
def test_something_that_is_no_invoice_id_is_refused(invoice: str) -> None:
    desk = Desk()
    opened(desk)
    assert desk.browser.post(EDIT, desk.form(invoice=invoice)).status == 400
    assert desk.browser.post(CONFIRM, {"invoice": invoice}).status == 400
    assert desk.stored == desk.member


def test_no_change_confirms_the_record_in_one_press() -> None:
    desk = Desk()
    assert ">変更なし</button>" in opened(desk)
    page = desk.browser.post(CONFIRM, {"version": "3"})
    assert (page.status, page.location) == (303, "/member/profile?confirmed=1")
    assert desk.stored.confirmed_on == TODAY
    assert "変更がないことを確認しました" in desk.browser.get(page.location).text


def test_no_change_on_the_way_to_paying_goes_on() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(CONFIRM, {"invoice": "abc"})
    assert (page.status, page.location) == (303, "/member/billing/abc/payment")


def test_no_change_of_an_incomplete_record_shows_what_is_missing() -> None:
    desk = Desk(a_member(phone=""))
    assert ">変更なし</button>" not in opened(desk)
    page = desk.browser.post(CONFIRM, {"invoice": "abc"})
    assert page.status == 422
    assert "電話番号を入力してください。" in page.text
    assert desk.stored.confirmed_on == LONG_AGO


def test_an_error_is_told_in_a_summary_and_at_the_field_and_values_are_kept() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(family_name="山﨑", street="<b>'", city=""))
    assert page.status == 422
    assert "<title>エラー：会員編集" in page.text
    assert 'role="alert"' in page.text
    assert '<a href="#family_name">' in page.text
    assert re.search(r'<input id="family_name"[^>]*aria-invalid="true"', page.text)
    assert 'aria-describedby="family_name-error family_name-hint"' in page.text
    assert 'id="family_name-error"' in page.text
    assert value_of(page.text, "family_name") == "山﨑"
    assert value_of(page.text, "street") == "<b>'"
    assert "市区町村を入力してください。" in page.text
    assert "data-unsaved" in page.text
    assert desk.stored == desk.member


def test_a_refused_name_is_offered_its_correction() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(family_name="山﨑"))
    assert 'name="action" value="use:family_name">「山崎」に直す</button>' in page.text


def test_taking_the_correction_fills_the_field_and_stores_nothing() -> None:
    desk = Desk()
    opened(desk)
    form = desk.form(family_name="山﨑", city="杉並区", action="use:family_name")
    page = desk.browser.post(EDIT, form)
    assert page.status == 200
    assert value_of(page.text, "family_name") == "山崎"
    assert value_of(page.text, "city") == "杉並区"
    assert "姓を「山崎」に直しました。まだ保存されていません。" in page.text
    assert "エラー" not in page.text
    assert desk.stored == desk.member
    assert desk.database.calls == {"read": 1}


def test_taking_one_correction_leaves_the_other_errors_on_the_page() -> None:
    desk = Desk()
    opened(desk)
    form = desk.form(family_name="山﨑", phone="03-1234-5678", action="use:phone")
    page = desk.browser.post(EDIT, form)
    assert value_of(page.text, "phone") == "0312345678"
    assert value_of(page.text, "family_name") == "山﨑"
    assert "use:family_name" in page.text


def test_a_correction_of_a_field_without_one_changes_nothing() -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(city="杉並区", action="use:family_name"))
    assert page.status == 200
    assert value_of(page.text, "family_name") == "山田"
    assert desk.stored == desk.member


def test_the_corrected_page_can_be_saved_as_it_stands() -> None:
    desk = Desk()
    opened(desk, "?invoice=abc")
    form = desk.form(family_name="山﨑", action="use:family_name", invoice="abc")
    text = desk.browser.post(EDIT, form).text
    assert 'name="version" value="3"' in text
    assert 'name="invoice" value="abc"' in text
    desk.browser.post(EDIT, desk.form(family_name=value_of(text, "family_name")))
    assert desk.stored.record.family_name == "山崎"


def test_enter_never_presses_a_correction() -> None:
    """A form's first button is what Enter presses, so one for saving comes before the others."""
    desk = Desk()
    opened(desk)
    text = desk.browser.post(EDIT, desk.form(family_name="山﨑")).text
    buttons = re.findall(r'<button[^>]*name="action" value="([^"]+)"', text)
    assert buttons[0] == "save"


def test_a_conflict_shows_both_versions_and_keeps_what_was_typed() -> None:
    desk = Desk()
    opened(desk)
    newer = desk.change_elsewhere(city="港区", building="")
    page = desk.browser.post(EDIT, desk.form(city="杉並区"))
    assert page.status == 409
    assert "<title>エラー：会員編集" in page.text
    assert '<th scope="row">市区町村</th><td>杉並区</td><td>港区</td>' in page.text
    assert "<td>コーポ中野２０１</td><td>（空欄）</td>" in page.text
    assert value_of(page.text, "city") == "杉並区"
    assert desk.stored == newer


def test_after_a_conflict_the_member_may_save_on_purpose() -> None:
    desk = Desk()
    opened(desk)
    desk.change_elsewhere(city="港区")
    text = desk.browser.post(EDIT, desk.form(city="杉並区")).text
    assert 'name="version" value="4"' in text
    page = desk.browser.post(EDIT, desk.form(city="杉並区", version="4"))
    assert page.status == 303
    assert desk.stored.record.city == "杉並区"


def test_an_error_page_keeps_the_version_it_was_made_from() -> None:
    """Else an error in between would hide that somebody else changed the record."""
    desk = Desk()
    opened(desk)
    desk.change_elsewhere(city="港区")
    text = desk.browser.post(EDIT, desk.form(family_name="髙")).text
    assert 'name="version" value="3"' in text


def test_no_change_of_a_record_changed_elsewhere_shows_it_again() -> None:
    desk = Desk()
    opened(desk)
    desk.change_elsewhere(city="港区")
    page = desk.browser.post(CONFIRM, {"version": "3"})
    assert page.status == 409
    assert "ほかの画面で変更されています" in page.text
    assert value_of(page.text, "city") == "港区"
    assert desk.stored.confirmed_on == LONG_AGO


@pytest.mark.parametrize("version", ["", "x", "-1", "3.0", "１", "9" * 40])
def test_a_form_without_a_good_version_overwrites_nothing(version: str) -> None:
    desk = Desk()
    opened(desk)
    page = desk.browser.post(EDIT, desk.form(city="杉並区", version=version))
    assert page.status == 409
    assert desk.stored == desk.member


def test_pages_that_only_read_do_not_load_pydantic() -> None:
    program = "import sys, functions.member.pages; sys.exit('pydantic' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=False
    )
    assert done.returncode == 0
