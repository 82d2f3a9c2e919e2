"""The rules for a new password, by the manual's numbers."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.guessable import Guesses
from portal.accounts.policy import Fault, PasswordPolicy, has_full_width

POLICY = PasswordPolicy()
ALPHABET = string.ascii_letters + string.digits + '!"#$%'


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("", [Fault.LENGTH, Fault.DIGIT, Fault.UPPER]),
        ("Abcde12", [Fault.LENGTH]),
        ("Abcdefghij12345678901", [Fault.LENGTH]),
        ("bxcdefg1", [Fault.UPPER]),
        ("Abcdefgh", [Fault.DIGIT]),
        ("abcdefgh", [Fault.DIGIT, Fault.UPPER]),
        ("Abcdef1&", [Fault.ALPHABET]),
        ("Abcdef 1", [Fault.ALPHABET]),
        ("Abcdef1\t", [Fault.ALPHABET]),
        ("Abcdef1\\", [Fault.ALPHABET]),
        ("Abcdef1'", [Fault.ALPHABET]),
        ("Ａbcdefg1", [Fault.FULL_WIDTH]),
        ("パスワード1A", [Fault.FULL_WIDTH]),
        ("Abcdefg1😀", [Fault.FULL_WIDTH]),
        ("Abcdefg²", [Fault.FULL_WIDTH]),
    ],
)
def test_a_password_against_the_rules_is_told_what_is_wrong(
    password: str, faults: list[Fault]
) -> None:
    assert POLICY.faults(password) == faults


@pytest.mark.parametrize("password", ["Bxcdef12", 'A1!"#$%aaa', "BXCDEFG1", "Abcdefghij1234567890"])
def test_a_password_by_the_rules_is_good(password: str) -> None:
    assert POLICY.faults(password) == []


def test_the_numbers_are_the_manuals() -> None:
    numbers = (POLICY.min_length, POLICY.max_length, POLICY.history, POLICY.notice_days)
    assert numbers == (8, 20, 3, 120)
    assert POLICY.special == '!"#$%'


def test_a_common_password_is_refused_in_any_case() -> None:
    assert POLICY.faults("Password1") == [Fault.COMMON]
    assert POLICY.faults("PASSWORD1") == [Fault.COMMON]
    assert POLICY.faults("Trustno1") == [Fault.COMMON]


def test_a_password_that_only_holds_a_common_one_is_good() -> None:
    assert POLICY.faults("Password1kaba") == []
    assert POLICY.faults("MyTrustno1") == []


def test_what_is_known_of_the_member_is_refused_beside_what_is_common() -> None:
    known = Guesses(words=("jgets",))
    assert POLICY.faults("Jgets2026", known) == [Fault.GUESSABLE]
    assert POLICY.faults("Jgets2026") == []


def test_another_society_changes_numbers_not_code() -> None:
    assert PasswordPolicy(min_length=15).faults("Bxcdef12") == [Fault.LENGTH]


@given(st.text(alphabet=ALPHABET, min_size=8, max_size=20))
def test_within_the_alphabet_only_capital_and_digit_can_be_missing(password: str) -> None:
    assert set(POLICY.faults(password)) <= {Fault.DIGIT, Fault.UPPER, Fault.COMMON}


@given(st.text(max_size=30))
def test_a_good_password_is_always_within_the_alphabet(password: str) -> None:
    if not POLICY.faults(password):
        assert set(password) <= set(ALPHABET)
        assert 8 <= len(password) <= 20


def test_full_width_input_is_seen() -> None:
    assert has_full_width("ｐassword")
    assert not has_full_width("password \t")
