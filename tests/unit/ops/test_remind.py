"""The office counts reminders, or queues them by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ops.dues.remind import WORDS, in_words
from ops.exits import Status
from ops.preview import First, in_a_line
from portal.billing.remind import FAILED, MOVED_ON, TOLD_BEFORE
from portal.billing.reminders import Told, Why
from portal.database import Found, Read, Unreachable
from tests.fakes import MemoryDatabase
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter

STEP_DAY = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def counter(members: int = 0) -> Counter:
    """Return a counter with so many unpaid invoices, on the day of their first step."""
    made = Counter()
    invoice = made.house.bill() if members else None
    for number in range(1, members):
        assert invoice is not None
        other = replace(invoice, member_id=f"{number:026}")
        made.house.database.commit(*made.house.store.new_invoice(other))
    made.house.clock.now = STEP_DAY
    return made


class NoNames(MemoryDatabase):
    """A database that falls silent when several members are asked for at once."""

    def read(self, reads: Sequence[Read]) -> list[Found]:  # noqa: ARG002 - as the port has it.
        """Give no answer."""
        raise Unreachable("timeout")


REMIND = ("dues", "remind", *SIGNED)


@pytest.mark.parametrize("words", [["--most", "many"], ["--most", "0"], ["everybody"]], ids=str)
def test_what_makes_no_sense_is_no_command(words: list[str]) -> None:
    assert counter().types(*REMIND, *words) == Status.USAGE


def test_why_it_is_done_by_hand_must_be_said() -> None:
    assert counter().types("dues", "remind", "--by", "山田") == Status.USAGE


@pytest.mark.parametrize("words", [[], ["--dry-run"]], ids=str)
def test_a_dry_run_counts_and_writes_nothing(words: list[str]) -> None:
    made = counter(3)
    before = made.rows()
    assert made.types(*REMIND, *words) == Status.DONE
    assert made.said[0].split() == ["3", "件", "会費の督促（期限の30日前）"]
    assert "確認のみです。何も送られません。" in made.said[-1]
    assert made.rows() == before


@pytest.mark.parametrize("words", [[], ["--yes"]], ids=str)
def test_the_first_of_each_kind_are_named(words: list[str]) -> None:
    made = counter(1)
    made.types(*REMIND, *words)
    assert made.said[1].split() == [MEMBER_NO, "山田", "花子"]


def test_no_more_than_five_of_a_kind_are_named_and_more_are_hinted_at() -> None:
    first: First[str, str] = First()
    for number in range(7):
        first.add("kind", f"{number}")
    assert in_a_line(first.of("kind"), of=7).strip() == "0、1、2、3、4 …"


def test_the_counts_are_told_where_the_names_cannot_be_read() -> None:
    made = counter(1)
    silent = NoNames()
    silent.tables = made.house.database.tables
    made.desk = replace(made.desk, database=silent)
    assert made.types(*REMIND, "--yes") == Status.DONE
    assert [line.split() for line in made.said[:2]] == [
        ["1", "件", "会費の督促（期限の30日前）"],
        ["1", "件", "メール合計"],
    ]
    assert len(made.house.mails()) == 1


def test_with_yes_the_mails_are_queued_up_to_the_limit() -> None:
    made = counter(3)
    assert made.types(*REMIND, "--yes", "--most", "2") == Status.DONE
    assert len(made.house.mails()) == 2
    assert "上限に達しました" in made.said[-1]
    made.types(*REMIND, "--yes")
    made.types(*REMIND, "--yes")
    assert len(made.house.mails()) == 3


def test_who_began_it_and_why_is_in_the_audit() -> None:
    made = counter(1)
    made.types(*REMIND, "--yes")
    rows = made.house.database.rows(TABLES.audit)
    (told,) = [row for row in rows if row["action"] == "reminders.run"]
    assert (told["actor"], told["note"]) == ("office:山田", "電話で確認")


def test_a_program_is_told_the_counts() -> None:
    facts = counter(3).data(*REMIND)
    assert facts == {
        "counts": {"dues_reminder 30": 3},
        "first": {"dues_reminder 30": [MEMBER_NO]},
        "told": 3,
        "finished": True,
        "done": False,
    }


def test_every_count_has_words_for_the_office() -> None:
    labels = {*(kind.value for kind in Told), *(why.value for why in Why)}
    assert set(WORDS) == labels | {FAILED, MOVED_ON, TOLD_BEFORE}
    assert in_words("dues_reminder -14") == "会費の督促（期限の14日後）"
    assert in_words("its slip is open") == "見送り（コンビニ支払い待ち）"
