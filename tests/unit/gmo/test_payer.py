"""What of the payer fits GMO's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.gmo.link import Payer, fit


@pytest.mark.parametrize(
    "name",
    [
        "𠮷田",
        "髙橋",
        "会員@太郎",
        "会員.太郎",
        "ｶｲｲﾝ",
        "会" * 21,
        "a" * 41,
        "会" * 20 + "a",
        "①",
        "😀",
        "\x00",
    ],
)
def test_a_name_that_a_store_cannot_print_is_left_out(name: str) -> None:
    fitted = fit(Payer(name=name))
    assert (fitted.sent, fitted.omitted) == ({}, ("CustomerName",))


@pytest.mark.parametrize(
    "kana", ["かいいん", "ｶｲｲﾝ", "会員", "ア" * 21, "カイイン・タロウ", "KAIIN"]
)
def test_a_reading_that_is_not_full_width_katakana_is_left_out(kana: str) -> None:
    assert fit(Payer(kana=kana)).omitted == ("CustomerKana",)


@pytest.mark.parametrize(
    "phone", ["0", "03-0000", "+81300000000", "０３００００００００", "0" * 14]
)
def test_a_phone_that_is_not_ten_to_thirteen_digits_is_left_out(phone: str) -> None:
    assert fit(Payer(phone=phone)).omitted == ("TelNo",)


@pytest.mark.parametrize("mail", ["m", "m@x", "会員@example.com", "a b@example.com", "a@b@c.jp"])
def test_a_mail_address_out_of_form_is_left_out(mail: str) -> None:
    assert fit(Payer(mail=mail)).omitted == ("MailAddress",)


def test_a_mail_address_may_have_256_characters_and_no_more() -> None:
    longest = f"m@{'x' * 251}.jp"
    assert fit(Payer(mail=longest[:2] + longest[2:])).sent == {"MailAddress": longest}
    assert fit(Payer(mail=f"m{longest}")).omitted == ("MailAddress",)


def test_what_is_empty_is_neither_sent_nor_left_out() -> None:
    assert fit(Payer()).omitted == ()
    assert fit(Payer()).sent == {}


def test_what_fits_is_sent_without_spaces_and_hyphens() -> None:
    payer = Payer(name="邉 凜々", kana="ヴァン　デー", phone="090-0000-0000", mail="a@b.jp")
    assert fit(payer).sent == {
        "CustomerName": "邉凜々",
        "CustomerKana": "ヴァンデー",
        "TelNo": "09000000000",
        "MailAddress": "a@b.jp",
    }


@pytest.mark.parametrize("name", ["会" * 20, "A" * 40, "会" * 19 + "AB"])
def test_a_name_may_be_forty_half_widths_wide(name: str) -> None:
    assert fit(Payer(name=name)).sent == {"CustomerName": name}


@given(st.text(), st.text(), st.text(), st.text())
def test_nothing_that_is_known_of_a_payer_keeps_a_link_from_being_issued(
    name: str, kana: str, phone: str, mail: str
) -> None:
    fitted = fit(Payer(name=name, kana=kana, phone=phone, mail=mail))
    assert not set(fitted.sent) & set(fitted.omitted)
    for value in fitted.sent.values():
        assert len(value.encode("cp932", errors="replace")) <= 256
