"""How a password is read aloud: no two characters alike, in the manual's manner."""

import string

import pytest

from portal.accounts.initial_password import ALPHABET, LENGTH
from portal.accounts.reading import groups, reading

EVERY = string.ascii_letters + string.digits
UPPER = (
    "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム "
    "エヌ オー ピー キュー アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット"
)


@pytest.mark.parametrize("sign", ["#", "あ", "Ａ", "é", " ", "²"])
def test_what_has_no_reading_is_refused_without_being_repeated(sign: str) -> None:
    with pytest.raises(ValueError, match="no reading") as caught:
        reading(f"Abc{sign}")
    assert "Abc" not in str(caught.value)
    assert sign == " " or sign not in str(caught.value)


@pytest.mark.parametrize(
    ("character", "text"),
    [
        ("l", "小文字の「l（エル）」"),
        ("I", "大文字の「I（アイ）」"),
        ("1", "数字の「1（イチ）」"),
        ("0", "数字の「0（ゼロ）」"),
        ("O", "大文字の「O（オー）」"),
        ("A", "大文字の「A（エー）」"),
        ("b", "小文字の「b（ビー）」"),
        ("2", "数字の「2（ニ）」"),
    ],
)
def test_it_is_read_in_the_manuals_manner(character: str, text: str) -> None:
    assert reading(character)[0].text == text


def test_the_whole_alphabet_is_read_as_japanese_spell_it() -> None:
    for letters, kind in ((string.ascii_uppercase, "大文字"), (string.ascii_lowercase, "小文字")):
        spoken = reading(letters)
        assert [one.name for one in spoken] == UPPER.split()
        assert {one.kind for one in spoken} == {kind}
    digits = reading(string.digits)
    assert " ".join(one.name for one in digits) == "ゼロ イチ ニ サン ヨン ゴ ロク ナナ ハチ キュウ"
    assert {one.kind for one in digits} == {"数字"}


def test_no_two_characters_sound_alike() -> None:
    spoken = {(one.kind, one.name) for one in reading(EVERY)}
    assert len(spoken) == len(EVERY)


def test_each_character_of_an_initial_password_has_a_reading() -> None:
    assert [one.character for one in reading(ALPHABET)] == list(ALPHABET)


def test_groups_are_the_password_and_nothing_else() -> None:
    password = ALPHABET[:LENGTH]
    assert groups(password) == (password[:4], password[4:8], password[8:])
    assert "".join(groups("Abcdef2")) == "Abcdef2"
