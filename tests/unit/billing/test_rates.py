"""What a year costs is noted at its first billing, and nothing else is billed unasked."""

from dataclasses import replace

import pytest

from portal.billing.office import OfficeError
from portal.billing.rates import Difference, Rates, as_noted, differences
from portal.config import MemberKind, Society, load_society
from portal.database import Item
from tests.unit.billing.house import TABLES, House

REGULAR = MemberKind("正会員", 12_000, 0)
SUPPORTING = MemberKind("賛助会員", 5_000, 2_500)
DEARER = MemberKind("正会員", 13_000, 0)


def society(*kinds: MemberKind) -> Society:
    return replace(load_society(), dues_kinds=kinds)


@pytest.fixture
def house() -> House:
    return House()


def rates(house: House) -> Rates:
    return Rates(house.database, TABLES.billing, TABLES.audit)


def note(house: House, year: int, *kinds: MemberKind) -> None:
    rates(house).note(
        year, society(*kinds), actor="office:山田", reason="新年度", now=house.clock.tick(seconds=1)
    )


def told(house: House) -> list[Item]:
    return sorted(house.database.rows(TABLES.audit), key=lambda row: str(row["sk"]))


# What differs


@pytest.mark.parametrize(
    "file",
    [DEARER, MemberKind("正会員", 12_000, 3_000)],
    ids=["the amount", "the amount on leave"],
)
def test_either_amount_of_a_kind_may_differ(file: MemberKind) -> None:
    found = differences((REGULAR, SUPPORTING), society(file, SUPPORTING))
    assert found == (Difference(noted=REGULAR, file=file),)


def test_kinds_that_only_one_of_both_has_do_not_differ() -> None:
    assert differences((REGULAR,), society(SUPPORTING)) == ()


def test_a_years_own_amounts_take_the_place_of_the_files() -> None:
    meant = as_noted((REGULAR,), society(DEARER, SUPPORTING))
    assert meant.dues_kinds == (REGULAR, SUPPORTING)


def test_a_kind_that_the_file_has_no_more_does_not_come_back() -> None:
    assert as_noted((REGULAR, SUPPORTING), society(DEARER)).dues_kinds == (REGULAR,)


# What is noted


def test_nothing_is_noted_of_a_year_that_was_never_billed(house: House) -> None:
    note(house, 2026, REGULAR)
    assert rates(house).of(2027) == ()


def test_all_kinds_are_noted_in_one_transaction_with_who_and_why(house: House) -> None:
    note(house, 2027, REGULAR, SUPPORTING)
    assert set(rates(house).of(2027)) == {REGULAR, SUPPORTING}
    (writes,) = house.database.commits
    assert [write.table for write in writes] == [TABLES.billing, TABLES.billing, TABLES.audit]
    (row,) = told(house)
    assert (row["pk"], row["action"]) == ("dues", "dues.amounts_noted")
    assert (row["actor"], row["note"]) == ("office:山田", "新年度")
    assert str(row["sk"]).startswith("2026-11-22T03:00:01")
    assert "before" not in row
    assert row["after"] == {
        "2027年度 正会員": 12_000,
        "2027年度 正会員（休会）": 0,
        "2027年度 賛助会員": 5_000,
        "2027年度 賛助会員（休会）": 2_500,
    }


def test_noting_the_same_again_writes_nothing(house: House) -> None:
    note(house, 2027, REGULAR, SUPPORTING)
    note(house, 2027, SUPPORTING, REGULAR)
    assert len(house.database.commits) == 1


def test_what_changes_is_told_with_before_and_after_and_what_is_new_with_after(
    house: House,
) -> None:
    note(house, 2027, REGULAR)
    note(house, 2027, MemberKind("正会員", 13_000, 1_000), SUPPORTING)
    assert set(rates(house).of(2027)) == {MemberKind("正会員", 13_000, 1_000), SUPPORTING}
    _, row = told(house)
    assert row["before"] == {"2027年度 正会員": 12_000, "2027年度 正会員（休会）": 0}
    assert row["after"] == {
        "2027年度 正会員": 13_000,
        "2027年度 正会員（休会）": 1_000,
        "2027年度 賛助会員": 5_000,
        "2027年度 賛助会員（休会）": 2_500,
    }


# Two at once


@pytest.mark.parametrize(
    ("noted", "ours", "theirs"),
    [
        ((), REGULAR, DEARER),
        ((REGULAR,), DEARER, MemberKind("正会員", 14_000, 0)),
        ((REGULAR,), DEARER, MemberKind("正会員", 12_000, 1_000)),
    ],
    ids=["both begin", "both change", "both change, another amount each"],
)
def test_of_two_who_mean_different_amounts_the_second_is_refused(
    house: House, noted: tuple[MemberKind, ...], ours: MemberKind, theirs: MemberKind
) -> None:
    for kind in noted:
        note(house, 2027, kind)
    house.database.before_commit = [lambda: note(house, 2027, theirs)]
    with pytest.raises(OfficeError, match="違う金額"):
        note(house, 2027, ours)
    assert rates(house).of(2027) == (theirs,)
    assert len(told(house)) == len(noted) + 1


def test_of_two_who_begin_at_once_one_may_know_of_one_more_kind(house: House) -> None:
    house.database.before_commit = [lambda: note(house, 2027, REGULAR)]
    note(house, 2027, REGULAR, SUPPORTING)
    assert set(rates(house).of(2027)) == {REGULAR, SUPPORTING}
    for row in told(house):
        assert (row["actor"], row["note"]) == ("office:山田", "新年度")
    assert len(told(house)) == 2


@pytest.mark.parametrize("noted", [(), (REGULAR,)], ids=["both begin", "both change"])
def test_of_two_who_mean_the_same_both_go_on(house: House, noted: tuple[MemberKind, ...]) -> None:
    for kind in noted:
        note(house, 2027, kind)
    house.database.before_commit = [lambda: note(house, 2027, DEARER)]
    note(house, 2027, DEARER)
    assert rates(house).of(2027) == (DEARER,)
    assert len(told(house)) == len(noted) + 1
