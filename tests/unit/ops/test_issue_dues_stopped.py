"""``dues issue`` by two at once, killed, and over a database that is busy or silent."""

from dataclasses import replace

import pytest

from ops.exits import Status
from portal.database import Contended, Unreachable
from portal.members import store as members
from portal.members.standing import Membership, Standing
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES
from tests.unit.ops.counter import Counter
from tests.unit.ops.issuing import (
    ISSUE,
    InApril,
    Troubled,
    add,
    audited,
    billed,
    member_id,
    over,
    stands,
)


@pytest.fixture
def counter() -> InApril:
    return InApril()


def test_two_people_at_once_bill_nobody_twice(counter: Counter) -> None:
    """The other's whole run comes between our reading and our first write."""
    for number in range(1, 6):
        add(counter, number)
    counter.house.database.before_commit = [lambda: other.types(*ISSUE, "--yes")]
    other = Counter()
    other.house = counter.house
    other.desk = replace(counter.desk, out=other.desk.out)
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert "6 件  請求済" in counter.text
    assert len(billed(counter)) == 6
    assert audited(counter) == sorted([MEMBER_ID, *map(member_id, range(1, 6))])


@pytest.mark.parametrize(
    "standing",
    [
        Standing(membership=Membership.WITHDRAWN),
        Standing(membership=Membership.ON_LEAVE),
        Standing(exempt="災害"),
        Standing(kind="賛助会員"),
    ],
    ids=str,
)
def test_who_stands_elsewhere_meanwhile_is_left_to_the_next_run(
    counter: Counter, standing: Standing
) -> None:
    counter.house.database.before_commit = [lambda: stands(counter, standing)]
    assert counter.types(*ISSUE, "--yes") == Status.PARTLY
    assert "もう一度" in counter.text
    assert billed(counter) == {}
    assert audited(counter) == []
    assert counter.types(*ISSUE, "--yes") == Status.DONE


def test_a_member_of_a_row_without_a_standing_is_billed(counter: Counter) -> None:
    """As those stored before there were standings."""
    row = counter.house.database.tables[TABLES.members][MEMBER_ID, members.PROFILE]
    for name in members.STANDING:
        del row[name]
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert billed(counter) == {MEMBER_NO: 12_000}


@pytest.mark.parametrize("done", [True, False], ids=["after the write", "before the write"])
@pytest.mark.parametrize("at", [1, 2, 3, 5, 7])
def test_a_run_that_was_killed_is_finished_by_the_next(
    counter: Counter, at: int, *, done: bool
) -> None:
    for number in range(1, 6):
        add(counter, number)
    killed = Troubled(counter, lambda write: KeyboardInterrupt() if write == at else None)
    killed.done_first = done
    assert over(counter, killed, *ISSUE, "--yes") == Status.STOPPED
    # The first write notes what the year costs.
    assert len(billed(counter)) == max(0, at - 1 - (not done))
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert len(billed(counter)) == 6
    assert audited(counter) == sorted([MEMBER_ID, *map(member_id, range(1, 6))])


def test_a_busy_database_is_waited_for_ever_longer(counter: InApril) -> None:
    busy = Troubled(counter, lambda write: Contended() if 1 < write < 4 else None)
    assert over(counter, busy, *ISSUE, "--yes") == Status.DONE
    assert counter.pauses == [0.5, 1.0, 0.5, 1.0]
    assert billed(counter) == {MEMBER_NO: 12_000}


def test_a_write_without_an_answer_is_not_done_twice_and_counts_as_ours(counter: Counter) -> None:
    silent = Troubled(counter, lambda write: Unreachable("timeout") if write == 2 else None)
    silent.done_first = True
    assert over(counter, silent, *ISSUE, "--yes") == Status.DONE
    assert "請求した合計  1 件  12,000円" in counter.text
    assert audited(counter) == [MEMBER_ID]


def test_a_database_that_stays_silent_stops_the_run_and_says_how_to_go_on(
    counter: Counter,
) -> None:
    add(counter, 1)
    silent = Troubled(counter, lambda write: Unreachable("timeout") if write > 2 else None)
    assert over(counter, silent, *ISSUE, "--yes") == Status.UNKNOWN
    assert "もう一度、同じ命令を実行すると続きから" in counter.text
    assert "請求した合計  1 件  12,000円" in counter.text
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert len(billed(counter)) == 2


def test_who_may_not_is_told_so_at_once(counter: InApril) -> None:
    denied = Troubled(counter, lambda _: Unreachable("AccessDeniedException"))
    assert over(counter, denied, *ISSUE, "--yes") == Status.DENIED
    assert counter.pauses == []
    assert billed(counter) == {}
