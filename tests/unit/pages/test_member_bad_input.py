"""会員編集 under everything a form should not be: a clear answer, never a 500, nothing changed."""

from urllib.parse import quote, urlencode

import pytest

from portal.members.fields import FIELDS, NAMES
from tests.unit.members.desk import Desk, a_member

EDIT = "/member/profile/edit"
CONFIRM = "/member/profile/confirm"
REQUIRED = [field.name for field in FIELDS if field.required]


def refused(desk: Desk, name: str, typed: str) -> str:
    desk.browser.get(EDIT)
    page = desk.browser.post(EDIT, desk.form(**{name: typed}))
    assert page.status == 422
    assert f'<a href="#{name}">' in page.text
    assert desk.stored == desk.member
    assert desk.audited == []
    return page.text


@pytest.mark.parametrize("name", REQUIRED)
def test_empty(name: str) -> None:
    refused(Desk(), name, "")


@pytest.mark.parametrize("name", NAMES)
def test_too_long(name: str) -> None:
    refused(Desk(), name, "あ" * 600)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "typed", ["山\x1b田", "山\n田", "\u202e山", "😀", "山\u200b", "\ue000", "\ud7ff\uffff"]
)
def test_control_characters_emoji_and_their_like(name: str, typed: str) -> None:
    refused(Desk(), name, typed)


@pytest.mark.parametrize(
    "name", [n for n in NAMES if n not in ("city", "street", "building", "workplace", "department")]
)
def test_html(name: str) -> None:
    text = refused(Desk(), name, "<img src=x onerror=alert(1)>")
    assert "<img" not in text


@pytest.mark.parametrize("name", ["city", "street", "building", "workplace", "department"])
def test_html_in_an_address_is_a_text_like_any_other(name: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    assert desk.browser.post(EDIT, desk.form(**{name: "<b>&\"'"})).status == 303
    assert desk.stored.record.values()[name] == "＜ｂ＞＆”’"


@pytest.mark.parametrize("name", [*NAMES, "version", "csrf", "action", "invoice"])
def test_a_field_sent_twice(name: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    pairs = [*desk.form().items(), ("csrf", desk.browser.token), ("action", "save")]
    body = urlencode([*pairs, ("invoice", "abc"), (name, "x")]).encode()
    assert desk.browser.post_raw(EDIT, body).status == 400
    assert desk.stored == desk.member


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_required_field(name: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    form = {key: text for key, text in desk.form(city="杉並区").items() if key != name}
    page = desk.browser.post(EDIT, form)
    assert page.status == 422
    assert desk.stored == desk.member


def test_an_empty_form() -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    page = desk.browser.post(EDIT, {})
    assert page.status == 422
    assert desk.stored == desk.member


@pytest.mark.parametrize(
    "name",
    ["member_no", "member_id", "qualification", "confirmed_on", "dues", "sk", "family_name[]"],
)
@pytest.mark.parametrize("action", ["save", "postcode", "use:city"])
def test_a_field_that_the_page_does_not_have(name: str, action: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    page = desk.browser.post(EDIT, desk.form(**{name: "x", "action": action}))
    assert page.status == 400
    assert desk.browser.post(CONFIRM, {name: "x"}).status == 400
    assert desk.stored == desk.member


@pytest.mark.parametrize("action", ["delete", "use:", "use:member_no", "SAVE", "use:city "])
def test_an_action_that_the_page_does_not_have(action: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    assert desk.browser.post(EDIT, desk.form(city="杉並区", action=action)).status == 400
    assert desk.stored == desk.member


@pytest.mark.parametrize(
    "body", [b"city=%FF%FE", b"city=\x83\x52", b"city=%00", b"\xff", b"a" * 70_000]
)
def test_a_body_that_is_no_form(body: bytes) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    token = f"&csrf={desk.browser.token}".encode()
    assert desk.browser.post_raw(EDIT, body + token).status in {400, 403}
    assert desk.stored == desk.member


@pytest.mark.parametrize("path", [EDIT, CONFIRM])
def test_without_the_form_token(path: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    form = desk.form(city="杉並区") if path == EDIT else {}
    assert desk.browser.post(path, form, token=False).status == 403
    assert desk.stored == desk.member


@pytest.mark.parametrize("path", [EDIT, CONFIRM])
def test_from_a_foreign_origin(path: str) -> None:
    desk = Desk()
    desk.browser.get(EDIT)
    desk.browser.headers = {"origin": "https://evil.example"}
    form = desk.form(city="杉並区") if path == EDIT else {}
    assert desk.browser.post(path, form).status == 403
    assert desk.stored == desk.member


@pytest.mark.parametrize("invoice", ["../../x", "a b", "<b>", "a" * 65])
def test_an_address_with_something_that_is_no_invoice_id(invoice: str) -> None:
    page = Desk().browser.get(f"{EDIT}?invoice={quote(invoice)}")
    assert page.status == 400


def test_a_stored_record_full_of_faults_is_shown_and_can_be_put_right() -> None:
    desk = Desk(a_member(family_name="髙😀", phone="03-1", prefecture="x", email="nobody"))
    assert desk.browser.get(EDIT).status == 200
    good = {"family_name": "高", "phone": "0312345678", "prefecture": "東京都"}
    page = desk.browser.post(EDIT, desk.form(**good, email="a@example.jp"))
    assert page.status == 303
