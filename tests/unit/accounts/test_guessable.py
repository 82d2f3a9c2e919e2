"""Common passwords and words around a member are refused as whole passwords, in any spelling."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.build import common_passwords
from portal.accounts import guessable
from portal.accounts.guessable import Guesses, is_common, romanised
from portal.accounts.policy import Fault, PasswordPolicy
from portal.config import load_society

KNOWN = Guesses(load_society().password_words, ("オオノ", "ショウコ"), "001234")

# Refused ----------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "Jgets2026",
        "JGETS#2027",
        "2026jgetS",
        "Naishikyou1",
        "Naishikyo24",
        "Naisikyo#1",
        "NihonNaishikyo1",
        "Shoukaki2025",
        "Syokaki$2025",
        "Endoscopy1",
        "Gishikai2024!",
        "Kaiin001234",
        "KaihiJgets1",
        "Password2026",
        "PassWord!!77",
        "Reiwa0008",
    ],
)
def test_the_societys_words_with_digits_and_signs_are_refused(password: str) -> None:
    assert KNOWN.has(password)


@pytest.mark.parametrize(
    "password",
    [
        "Ohno1234",
        "Oono1234",
        "Ono#12345",
        "Shoko1985",
        "Shouko1985",
        "Syouko1985",
        "OonoShouko1",
        "ShokoOno77",
        "Ono1Shoko2",
        "Shokojgets1",
    ],
)
def test_the_members_own_name_is_refused_however_it_is_romanised(password: str) -> None:
    assert KNOWN.has(password)
    assert not Guesses(load_society().password_words).has(password)


@pytest.mark.parametrize("password", ["A001234!", "Ab001234", "001234Zz", "N0012341", "2001234x"])
def test_the_members_own_number_with_a_letter_or_two_is_refused(password: str) -> None:
    assert KNOWN.has(password)
    assert not Guesses(number="009876").has(password)


@pytest.mark.parametrize(
    ("kana", "spellings"),
    [
        ("ナンバ", {"namba", "nanba"}),
        ("チヅル", {"chizuru", "chiduru", "tizuru"}),
        ("フジイ", {"fujii", "huzii", "fuji"}),
        ("ジュンイチ", {"junichi", "jyunichi", "zyunichi", "juniti"}),
        ("ハッチョウ", {"hatchou", "hacchou", "hattyo"}),
        ("ユウキ", {"yuuki", "yuki"}),
        ("シェリー", {"sherii", "sheri"}),
        ("ファビオ", {"fabio", "habio"}),
        ("ツツイ", {"tsutsui", "tutui"}),
    ],
)
def test_one_name_has_many_spellings(kana: str, spellings: set[str]) -> None:
    known = Guesses(kana=(kana,))
    assert {one for one in spellings if not known.has(f"{one}12".capitalize())} == set()


@pytest.mark.parametrize(
    "password", ["Password1", "PASSWORD1", "Qwerty123", "1Q2w3e4r", "Iloveyou1"]
)
def test_common_passwords_are_refused_in_any_case(password: str) -> None:
    assert is_common(password)


# Let pass ----------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "JgetsKaba2026",
        "Jgets2Kaba",
        "Kujira9Jgets",
        "Midori77#",
        "Kujira001234",
        "Shokolade1",
        "Naishikyox1",
        "AonoShoko#1",
        "Xk001234$Q9",
        "Passerby2026",
        "Ninjinmember9",
    ],
)
def test_a_word_inside_another_password_is_nobodys_business(password: str) -> None:
    assert not KNOWN.has(password)


@pytest.mark.parametrize("password", ["Password1a", "xPassword1", "Momiji2026xyz", "Hajime55"])
def test_what_is_not_on_the_list_is_not_common(password: str) -> None:
    assert not is_common(password)


@pytest.mark.parametrize("password", ["", "\n", "# common", "password1\n123456a"])
def test_lines_of_the_file_that_are_no_password_match_nothing(password: str) -> None:
    assert PasswordPolicy().faults(password) != []
    assert Fault.GUESSABLE not in PasswordPolicy().faults(password)


def test_of_nobody_nothing_is_guessed() -> None:
    assert not Guesses().has("Jgets2026")
    assert not Guesses().has("12345678")


@pytest.mark.parametrize("kana", ["", "イ", "・", "山田", "abc", "ー"])
def test_a_name_without_letters_or_of_one_refuses_nothing(kana: str) -> None:
    assert not Guesses(kana=(kana,)).has("I1234567")
    assert not Guesses(kana=(kana,)).has("12345678")


@given(st.text(alphabet="abijgetsn", min_size=1, max_size=20))
def test_any_run_of_letters_is_judged(letters: str) -> None:
    """Folding makes letters fewer, and the words have to cover the run to its end."""
    assert KNOWN.has(f"{letters}1") in {True, False}


@given(st.text(max_size=12))
def test_any_text_can_be_romanised(text: str) -> None:
    assert re.fullmatch("[a-z]*", romanised(text))


# The list ----------------------------------------


def test_every_word_of_the_society_stands_in_the_documentation() -> None:
    """ASVS V6.1.2."""
    told = (common_passwords.ROOT / "docs/sign-in.md").read_text(encoding="utf-8")
    section = told.partition("### What is guessed first")[2].partition("**Storage.**")[0]
    assert set(load_society().password_words) <= set(re.findall("[a-z]+", section))


def test_the_list_is_what_its_generator_makes_of_django_s() -> None:
    assert common_passwords.TARGET.read_text(encoding="utf-8") == common_passwords.made()


def test_the_list_has_more_than_three_thousand_that_fit_the_policy_once_capitalised() -> None:
    words = common_passwords.TARGET.read_text(encoding="utf-8").splitlines()
    listed = [word for word in words if not word.startswith("# ")]
    policy = PasswordPolicy(blocked=lambda _: False)
    assert len(listed) >= 3000
    assert [word for word in listed if policy.faults(word.upper())] == []
    assert all(map(is_common, listed))


def test_the_list_is_read_at_the_first_password_only() -> None:
    guessable.common_list.cache_clear()
    Guesses(("jgets",)).has("Jgets2026")
    assert guessable.common_list.cache_info().currsize == 0
    is_common("Midori77#")
    is_common("Midori77#")
    assert guessable.common_list.cache_info().misses == 1
