"""Initial passwords that the office issues."""

from collections.abc import Iterator

import pytest

from portal.accounts.guessable import Guesses
from portal.accounts.initial_password import ALPHABET, LENGTH, new_initial_password
from portal.accounts.policy import PasswordPolicy


def drawing(text: str) -> Iterator[str]:
    yield from text


@pytest.mark.parametrize("alike", "lI10Oo")
def test_no_letter_is_read_for_another(alike: str) -> None:
    assert alike not in ALPHABET
    assert len(set(ALPHABET)) == len(ALPHABET)


@pytest.mark.parametrize(
    "bad", ["abcdefghjkmn", "ABCDEFGHJKMN", "kqxdefghjk22", "Jgets2222222", "Naishikyou22"]
)
def test_what_the_policy_refuses_is_drawn_again(bad: str) -> None:
    drawn = drawing(bad + "Kaba7Tsukim2")
    made = new_initial_password(
        PasswordPolicy(), Guesses(("jgets", "naishikyou")), lambda _: next(drawn)
    )
    assert made == "Kaba7Tsukim2"


def test_a_common_one_is_drawn_again() -> None:
    drawn = drawing("Kaba7Tsukim2" + "Kaba7Tsukim3")
    policy = PasswordPolicy(blocked=lambda password: password == "Kaba7Tsukim2")
    assert new_initial_password(policy, Guesses(), lambda _: next(drawn)) == "Kaba7Tsukim3"


def test_each_is_another_and_good() -> None:
    policy = PasswordPolicy()
    made = {new_initial_password(policy, Guesses()) for _ in range(500)}
    assert len(made) == 500
    assert all(len(one) == LENGTH and set(one) <= set(ALPHABET) for one in made)
    assert all(policy.faults(one) == [] for one in made)


def test_every_character_of_the_alphabet_comes_up() -> None:
    made = "".join(new_initial_password(PasswordPolicy(), Guesses()) for _ in range(300))
    assert set(made) == set(ALPHABET)
