"""The border: what a posted form becomes."""

import pytest

from portal.members.fields import BY_NAME, NAMES
from portal.members.form import ProfileForm, Refusal, UnknownField, read_form
from portal.members.model import Record
from tests.unit.members.desk import TEXTS

CURRENT = Record.of(TEXTS)


def test_the_form_has_the_fields_of_the_table() -> None:
    assert tuple(ProfileForm.model_fields) == tuple(BY_NAME)


def test_a_good_form_becomes_a_normalised_record() -> None:
    assert read_form({**TEXTS, "family_name_kana": "ﾔﾏﾀﾞ"}, CURRENT) == CURRENT


def test_what_is_wrong_is_told_by_field_in_the_order_of_the_page() -> None:
    refusal = read_form({**TEXTS, "email": "x", "family_name": "髙", "city": ""}, CURRENT)
    assert isinstance(refusal, Refusal)
    assert list(refusal.problems) == ["family_name", "city", "email"]
    assert refusal.problems["family_name"].proposal == "高"


@pytest.mark.parametrize("name", ["member_no", "qualification", "confirmed_on", "member_id", "x"])
def test_a_field_that_the_page_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(UnknownField):
        read_form({**TEXTS, name: "9"}, CURRENT)


@pytest.mark.parametrize("wrong", [1, None, True, ["山田"], {"a": "b"}, b"\xff"])
@pytest.mark.parametrize("name", NAMES)
def test_anything_but_a_text_is_refused_at_its_field(name: str, wrong: object) -> None:
    refusal = read_form({**TEXTS, name: wrong}, CURRENT)
    assert isinstance(refusal, Refusal)
    assert list(refusal.problems) == [name]


@pytest.mark.parametrize("name", ["building", "mobile", "workplace", "department"])
def test_an_optional_field_that_was_not_sent_keeps_its_stored_value(name: str) -> None:
    sent = {key: text for key, text in TEXTS.items() if key != name}
    assert read_form(sent, CURRENT) == CURRENT


@pytest.mark.parametrize("name", ["family_name", "phone", "email", "prefecture"])
def test_a_required_field_that_was_not_sent_is_refused(name: str) -> None:
    sent = {key: text for key, text in TEXTS.items() if key != name}
    refusal = read_form(sent, CURRENT)
    assert isinstance(refusal, Refusal)
    assert list(refusal.problems) == [name]


def test_an_optional_field_sent_empty_is_emptied() -> None:
    record = read_form({**TEXTS, "building": ""}, CURRENT)
    assert isinstance(record, Record)
    assert record.building == ""
