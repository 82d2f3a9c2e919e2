"""A year costs everybody the same, whenever they are billed (docs/decisions/0044)."""

from dataclasses import replace

import pytest

from ops.audit.change import change
from ops.exits import Status
from portal.accounts.store import CredentialStore
from portal.billing.rates import SUBJECT
from portal.config import MemberKind
from portal.database import Item, Unreachable
from portal.members.standing import Membership, Standing
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import Counter
from tests.unit.ops.issuing import ISSUE, KINDS, InApril, Troubled, add, billed, member_id, over

DEARER = (MemberKind("正会員", 13_000, 0), KINDS[1])
"""What society.toml says once the next year's amounts stand in it."""


@pytest.fixture
def counter() -> InApril:
    """2027 was billed; somebody has joined since, and society.toml has another amount."""
    made = InApril()
    made.types(*ISSUE, "--yes")
    add(made, 1)
    now_costs(made, *DEARER)
    return made


def now_costs(counter: Counter, *kinds: MemberKind) -> None:
    """Let society.toml say other amounts."""
    counter.desk = replace(counter.desk, society=replace(counter.desk.society, dues_kinds=kinds))


def notes(counter: Counter) -> list[Item]:
    """Return what the audit tells of the years' amounts, in the order of the acts."""
    rows = [row for row in counter.house.database.rows(TABLES.audit) if row["pk"] == SUBJECT]
    return sorted(rows, key=lambda row: str(row["sk"]))


# Refused until it is said which is meant


@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["looking", "billing"])
def test_another_amount_than_the_years_is_refused_and_nothing_is_written(
    counter: Counter, yes: tuple[str, ...]
) -> None:
    before = counter.rows()
    assert counter.types(*ISSUE, *yes) == Status.REFUSED
    assert "今の society.toml と違う金額で請求を始めています" in counter.text
    assert "--amounts year" in counter.text
    assert counter.rows() == before


def test_both_amounts_are_told(counter: Counter) -> None:
    assert counter.data(*ISSUE)["amounts"] == [
        {
            "kind": "正会員",
            "noted": 12_000,
            "noted_on_leave": 0,
            "file": 13_000,
            "file_on_leave": 0,
        }
    ]


def test_so_is_another_amount_of_those_on_leave() -> None:
    made = InApril()
    made.types(*ISSUE, "--yes")
    now_costs(made, MemberKind("正会員", 12_000, 3_000), KINDS[1])
    assert made.types(*ISSUE) == Status.REFUSED


def test_what_is_meant_is_one_of_two(counter: Counter) -> None:
    assert counter.types(*ISSUE, "--amounts", "13000") == Status.USAGE


# Which is meant


def test_who_joins_late_is_billed_what_the_year_costs(counter: Counter) -> None:
    assert counter.types(*ISSUE, "--amounts", "year", "--yes") == Status.DONE
    assert billed(counter) == {MEMBER_NO: 12_000, "000001": 12_000}
    # It is asked for each time: the file still says something else.
    assert counter.types(*ISSUE) == Status.REFUSED


def test_a_mistaken_amount_is_put_right_for_who_was_not_billed(counter: Counter) -> None:
    assert counter.types(*ISSUE, "--amounts", "file", "--yes") == Status.DONE
    assert billed(counter) == {MEMBER_NO: 12_000, "000001": 13_000}
    add(counter, 2)
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert billed(counter)["000002"] == 13_000


@pytest.mark.parametrize("amounts", ["year", "file"])
def test_without_yes_the_amount_is_shown_and_nothing_is_noted(
    counter: Counter, amounts: str
) -> None:
    before = counter.rows()
    assert counter.types(*ISSUE, "--amounts", amounts) == Status.DONE
    assert ("請求する  12,000円" if amounts == "year" else "請求する  13,000円") in counter.text
    assert counter.rows() == before


def test_saying_it_where_nothing_differs_changes_nothing() -> None:
    made = InApril()
    assert made.types(*ISSUE, "--amounts", "year", "--yes") == Status.DONE
    assert billed(made) == {MEMBER_NO: 12_000}


# What is noted


def test_the_first_billing_notes_all_kinds_with_who_and_why() -> None:
    made = InApril()
    made.types(*ISSUE, "--yes")
    (told,) = notes(made)
    assert (told["actor"], told["note"]) == ("office:山田", "電話で確認")
    assert told["after"] == {
        "2027年度 正会員": 12_000,
        "2027年度 正会員（休会）": 0,
        "2027年度 賛助会員": 5_000,
        "2027年度 賛助会員（休会）": 2_500,
    }


def test_a_change_is_told_with_before_and_after(counter: Counter) -> None:
    counter.house.clock.tick(minutes=1)
    counter.types(*ISSUE, "--amounts", "file", "--yes")
    _, told = notes(counter)
    assert told["before"] == {"2027年度 正会員": 12_000, "2027年度 正会員（休会）": 0}
    assert told["after"] == {"2027年度 正会員": 13_000, "2027年度 正会員（休会）": 0}
    assert "2027年度 正会員: 12,000 → 13,000" in change(told)


def test_another_year_has_amounts_of_its_own(counter: Counter) -> None:
    assert counter.types(*ISSUE, "--year", "2028", "--yes") == Status.DONE
    assert counter.types(*ISSUE) == Status.REFUSED


def test_a_kind_that_came_later_is_noted_then(counter: Counter) -> None:
    now_costs(counter, *KINDS, MemberKind("学生会員", 3_000, 0))
    add(counter, 2, Standing(kind="学生会員"))
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert billed(counter)["000002"] == 3_000
    now_costs(counter, *KINDS, MemberKind("学生会員", 4_000, 0))
    assert counter.types(*ISSUE) == Status.REFUSED


def test_a_kind_that_is_gone_from_the_file_is_in_nobodys_way(counter: Counter) -> None:
    now_costs(counter, KINDS[0])
    assert counter.types(*ISSUE, "--yes") == Status.DONE


def test_on_leave_is_billed_what_the_year_costs_on_leave(counter: Counter) -> None:
    now_costs(counter, KINDS[0], MemberKind("賛助会員", 5_000, 4_000))
    add(counter, 2, Standing(kind="賛助会員", membership=Membership.ON_LEAVE))
    counter.types(*ISSUE, "--amounts", "year", "--yes")
    assert billed(counter)["000002"] == 2_500


# Two at once, and a database without an answer


def test_of_two_who_begin_by_different_amounts_the_second_bills_nobody() -> None:
    made, other = InApril(), InApril()
    other.house = made.house
    other.desk = replace(made.desk, out=other.desk.out)
    now_costs(other, *DEARER)
    made.house.database.before_commit = [lambda: other.types(*ISSUE, "--yes")]
    assert made.types(*ISSUE, "--yes") == Status.REFUSED
    assert "違う金額でこの年度の請求を始めました" in made.text
    assert billed(made) == {MEMBER_NO: 13_000}


def test_of_two_who_change_it_differently_the_second_bills_nobody(counter: InApril) -> None:
    other = InApril()
    other.house = counter.house
    other.desk = replace(counter.desk, out=other.desk.out)
    now_costs(other, MemberKind("正会員", 14_000, 0), KINDS[1])
    file = (*ISSUE, "--amounts", "file", "--yes")
    counter.house.database.before_commit = [lambda: other.types(*file)]
    assert counter.types(*file) == Status.REFUSED
    assert billed(counter) == {MEMBER_NO: 12_000, "000001": 14_000}


def test_of_two_who_mean_the_same_both_go_on(counter: InApril) -> None:
    other = InApril()
    other.house = counter.house
    other.desk = replace(counter.desk, out=other.desk.out)
    file = (*ISSUE, "--amounts", "file", "--yes")
    counter.house.database.before_commit = [lambda: other.types(*file)]
    assert counter.types(*file) == Status.DONE
    assert billed(counter) == {MEMBER_NO: 12_000, "000001": 13_000}


def test_a_note_without_an_answer_is_written_once() -> None:
    made = InApril()
    silent = Troubled(made, lambda write: Unreachable("timeout") if write == 1 else None)
    silent.done_first = True
    assert over(made, silent, *ISSUE, "--yes") == Status.DONE
    assert len(notes(made)) == 1
    assert billed(made) == {MEMBER_NO: 12_000}


def test_no_answer_at_all_bills_nobody() -> None:
    made = InApril()
    silent = Troubled(made, lambda _: Unreachable("timeout"))
    assert over(made, silent, *ISSUE, "--yes") == Status.UNKNOWN
    assert "もう一度、同じ命令を実行すると続きから" in made.text
    assert billed(made) == {}


def test_one_member_alone_is_held_to_it_too(counter: Counter) -> None:
    credentials = CredentialStore(counter.house.database, TABLES.credentials)
    known = credentials.find(MEMBER_NO)
    assert known is not None
    joined = replace(known, member_no="000001", member_id=member_id(1))
    counter.house.database.commit(credentials.create(joined))
    assert counter.types(*ISSUE, "--member", "000001", "--yes") == Status.REFUSED
    assert billed(counter) == {MEMBER_NO: 12_000}
