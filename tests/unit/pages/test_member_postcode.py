"""会員編集: 住所を検索, from a postcode to its address."""

import re
import subprocess
import sys
from html import unescape

import pytest

from functions.member import address
from tests.unit.members.desk import Desk
from tests.webclient import Page

EDIT = "/member/profile/edit"
EMPTY = {"prefecture": "", "city": "", "street": "", "building": ""}


def searched(desk: Desk, **changes: str) -> Page:
    desk.browser.get(EDIT)
    return desk.browser.post(EDIT, desk.form(**{"action": "postcode", **changes}))


def shown(page: Page) -> dict[str, str]:
    texts = re.findall(r'<input id="([^"]+)"[^>]* value="([^"]*)"', page.text)
    chosen = re.search(r"<option selected>([^<]+)", page.text)
    values = {name: unescape(text) for name, text in texts}
    return values | {"prefecture": chosen[1] if chosen else ""}


def address_of(page: Page) -> tuple[str, str, str]:
    values = shown(page)
    return values["prefecture"], values["city"], values["street"]


def test_an_empty_address_is_filled_in_and_nothing_is_stored() -> None:
    desk = Desk()
    page = searched(desk, **EMPTY)
    assert page.status == 200
    assert address_of(page) == ("東京都", "中野区", "中野")
    assert address.FILLED in page.text
    assert desk.stored == desk.member


def test_what_is_missing_of_an_address_is_filled_in_around_what_was_typed() -> None:
    page = searched(Desk(), **{**EMPTY, "street": "中野１−２−３"})
    assert address_of(page) == ("東京都", "中野区", "中野１−２−３")


def test_an_address_that_agrees_stays_and_is_told() -> None:
    page = searched(Desk())
    assert address_of(page) == ("東京都", "中野区", "中野１−２−３")
    assert address.AGREES in page.text


@pytest.mark.parametrize(
    "typed", [{"city": "杉並区"}, {"prefecture": "大阪府"}, {"street": "本町１−１"}]
)
def test_what_was_typed_is_not_replaced_without_a_press(typed: dict[str, str]) -> None:
    desk = Desk()
    page = searched(desk, **typed)
    assert {name: shown(page)[name] for name in typed} == typed
    assert address.DIFFERS in page.text
    assert "東京都中野区中野" in page.text


def test_the_press_replaces_it_and_still_stores_nothing() -> None:
    desk = Desk()
    form = {"action": "postcode:use", "area": "0", "city": "杉並区", "street": "本町１−１"}
    page = searched(desk, **form)
    assert address_of(page) == ("東京都", "中野区", "中野")
    assert desk.stored == desk.member


def test_several_addresses_are_a_choice() -> None:
    page = searched(Desk(), **{**EMPTY, "postal_code": "４９８－００００"})
    options = re.findall(r'<option value="([0-9]+)">([^<]+)', page.text)
    assert options == [("0", "愛知県弥富市"), ("1", "三重県桑名郡木曽岬町")]
    assert address_of(page) == ("", "", "")


def test_the_chosen_one_of_several_is_put_in() -> None:
    chosen = {"postal_code": "4980000", "action": "postcode:use", "area": "1"}
    page = searched(Desk(), **{**EMPTY, **chosen})
    assert address_of(page) == ("三重県", "桑名郡木曽岬町", "")


def test_a_street_stays_where_the_code_names_no_town() -> None:
    page = searched(Desk(), postal_code="1640000", action="postcode:use", area="0")
    assert shown(page)["street"] == "中野１−２−３"


def test_a_code_typed_anew_after_the_choice_was_shown_is_searched_again() -> None:
    page = searched(Desk(), **{**EMPTY, "action": "postcode:use", "area": "5"})
    assert address_of(page) == ("東京都", "中野区", "中野")


def test_a_code_nobody_has_is_told_and_changes_nothing() -> None:
    page = searched(Desk(), postal_code="9999999")
    assert page.status == 200
    assert address.UNKNOWN in page.text
    assert address_of(page) == ("東京都", "中野区", "中野１−２−３")


def test_a_wrong_code_is_told_at_its_field() -> None:
    page = searched(Desk(), postal_code="164-00")
    assert re.search(r'id="postal_code"[^>]*aria-invalid="true"', page.text)
    assert shown(page)["postal_code"] == "164-00"


def test_fields_not_reached_yet_are_not_called_wrong() -> None:
    page = searched(Desk(), **{**EMPTY, "family_name": "", "phone": "", "email": ""})
    assert "aria-invalid" not in page.text


@pytest.mark.parametrize("area", ["", "x", "-1", "1" * 9])
def test_a_choice_the_page_does_not_have_is_refused(area: str) -> None:
    assert searched(Desk(), action="postcode:use", area=area).status == 400


def test_the_look_up_is_not_loaded_before_its_button_is_pressed() -> None:
    program = "import sys, functions.member.pages; sys.exit('sqlite3' in sys.modules)"
    environ = {"PYTHONPATH": "layers/common"}
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, check=False, env=environ).returncode == 0
