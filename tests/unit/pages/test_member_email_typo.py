"""会員編集: an address that looks mistyped is asked about once."""

from tests.unit.members.desk import Desk, a_member
from tests.webclient import Page

EDIT = "/member/profile/edit"

TYPED, MEANT = "hanako@gmial.com", "hanako@gmail.com"


def post(desk: Desk, form: dict[str, str]) -> Page:
    desk.browser.get(EDIT)
    return desk.browser.post(EDIT, form)


def test_an_address_that_looks_mistyped_is_asked_about_and_not_stored() -> None:
    desk = Desk()
    page = post(desk, desk.form(email=TYPED))
    assert page.status == 422
    assert f"もしかして「{MEANT}」ではありませんか。" in page.text
    assert f'value="{TYPED}"' in page.text
    assert desk.stored == desk.member
    assert desk.mails == []


def test_saved_again_it_is_taken_as_it_is() -> None:
    desk = Desk()
    page = post(desk, desk.form(email=TYPED))
    assert f'<input type="hidden" name="email_kept" value="{TYPED}">' in page.text
    assert post(desk, desk.form(email=TYPED, email_kept=TYPED)).status == 303
    assert desk.stored.record.email == TYPED


def test_another_mistyped_address_is_asked_about_anew() -> None:
    desk = Desk()
    page = post(desk, desk.form(email="hanako@gmali.com", email_kept=TYPED))
    assert page.status == 422


def test_the_likely_address_is_put_in_by_one_press_and_not_stored() -> None:
    desk = Desk()
    page = post(desk, desk.form(email=TYPED, action="use:email"))
    assert page.status == 200
    assert f'value="{MEANT}"' in page.text
    assert f"「{MEANT}」に直しました。まだ保存されていません。" in page.text
    assert desk.stored == desk.member


def test_an_address_stored_before_is_not_asked_about() -> None:
    desk = Desk(a_member(email=TYPED))
    assert post(desk, desk.form(street="本町１−１")).status == 303
