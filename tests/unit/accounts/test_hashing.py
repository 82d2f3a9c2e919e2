"""bcrypt over a keyed hash."""

import json

import pytest

from portal.accounts.hashing import BadPepperSecret, Hasher, Peppers, UnknownPepper
from tests.unit.accounts.desk import COST, NOON, PEPPERS, CountedWork

HASHER = Hasher(lambda: PEPPERS, COST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        '"text"',
        "{}",
        '{"current": "p1"}',
        '{"current": "p2", "p1": "x"}',
        '{"current": "p1", "p1": ""}',
        '{"current": [], "p1": "x"}',
    ],
)
def test_a_secret_that_names_no_pepper_is_refused_and_never_quoted(text: str) -> None:
    with pytest.raises(BadPepperSecret) as caught:
        Peppers.from_secret(text)
    assert not text or text not in str(caught.value)


def test_the_secret_as_it_is_generated_is_read() -> None:
    peppers = Peppers.from_secret(json.dumps({"current": "p1", "p1": "generated"}))
    assert peppers == Peppers("p1", {"p1": b"generated"})


@pytest.mark.parametrize(
    "other", ["midori77#", "Midori77# ", " Midori77#", "Midori77", "", "Midori77#" * 30]
)
def test_any_other_password_is_refused(other: str) -> None:
    """Compared exactly: no trimming, no case folding, no cutting at 72 bytes."""
    assert not HASHER.verify(other, HASHER.hash("Midori77#", NOON))


def test_long_passwords_that_differ_at_the_end_differ() -> None:
    assert not HASHER.verify("a" * 100 + "b", HASHER.hash("a" * 100 + "c", NOON))


def test_the_password_itself_is_accepted() -> None:
    assert HASHER.verify("Midori77#", HASHER.hash("Midori77#", NOON))


def test_without_the_pepper_the_hash_does_not_open() -> None:
    stolen = HASHER.hash("Midori77#", NOON)
    other = Hasher(lambda: Peppers("p1", {"p1": b"guessed"}), COST)
    assert not other.verify("Midori77#", stolen)


def test_a_hash_made_with_an_old_pepper_stays_readable_and_is_told_apart() -> None:
    old = HASHER.hash("Midori77#", NOON)
    both = Peppers("p2", {"p1": PEPPERS.keys["p1"], "p2": b"the next one"})
    rotated = Hasher(lambda: both, COST)
    assert rotated.verify("Midori77#", old)
    assert not rotated.is_current(old)
    assert rotated.is_current(rotated.hash("Midori77#", NOON))


def test_a_lost_pepper_is_an_error_and_not_a_wrong_password() -> None:
    old = HASHER.hash("Midori77#", NOON)
    with pytest.raises(UnknownPepper, match="p1"):
        Hasher(lambda: Peppers("p2", {"p2": b"x"}), COST).verify("Midori77#", old)


def test_a_hash_stores_its_cost_and_two_of_one_password_differ() -> None:
    first, second = HASHER.hash("Midori77#", NOON), HASHER.hash("Midori77#", NOON)
    assert (first.cost, first.pepper, first.set_at) == (COST, "p1", NOON)
    assert first.bcrypt.startswith("$2b$04$")
    assert first.bcrypt != second.bcrypt


def test_a_number_that_does_not_exist_costs_what_a_wrong_password_costs() -> None:
    work = CountedWork()
    hasher = Hasher(lambda: PEPPERS, 5, work)
    stored = hasher.hash("Midori77#", NOON)
    work.costs.clear()
    assert not hasher.verify("wrong", stored)
    assert not hasher.verify_nothing("wrong")
    assert work.costs == [5, 5]


def test_lone_surrogates_and_controls_are_hashed_and_refused_without_an_error() -> None:
    stored = HASHER.hash("Midori77#", NOON)
    assert not HASHER.verify("\ud800\x07", stored)
