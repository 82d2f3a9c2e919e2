"""The demo's members satisfy the portal's own rules."""

from collections import Counter

from local.demo_people import STATES, people
from portal.accounts.member_number import fold
from portal.accounts.policy import PasswordPolicy
from portal.members.checks import check
from portal.members.fields import FIELDS


def test_there_are_at_least_five_of_each_state() -> None:
    counted = Counter(one.state for one in people())

    assert set(counted) == set(STATES)
    assert min(counted.values()) >= 5


def test_numbers_and_addresses_are_unique_and_some_numbers_begin_with_zero() -> None:
    everybody = people()
    numbers = [one.member_no for one in everybody]

    assert len(set(numbers)) == len(numbers) == len({one.record["email"] for one in everybody})
    assert all(fold(number) == number for number in numbers)
    assert any(number.startswith("0") for number in numbers)
    assert any(not number.startswith("0") for number in numbers)


def test_every_record_is_complete_and_valid() -> None:
    """A visitor who only presses 保存 must not meet an error in data that we invented."""
    for one in people():
        for field in FIELDS:
            typed = one.record[field.name]
            checked = check(field, typed)
            assert (checked.problem, checked.value) == (None, typed), (one.member_no, field.name)


def test_every_password_follows_the_manuals_rules() -> None:
    assert [one.member_no for one in people() if PasswordPolicy().faults(one.password)] == []
