"""The office counts reminders, or queues them by hand."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ops.remind import WORDS, in_words
from portal.billing.remind import FAILED, MOVED_ON, TOLD_BEFORE
from portal.billing.reminders import Told, Why
from tests.unit.ops.counter import Counter

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


@pytest.mark.parametrize("words", [[], ["--yes", "--dry-run"], ["--yes", "--most", "many"]])
def test_it_must_be_said_what_is_wanted(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        counter().types("remind", *words)


def test_a_dry_run_counts_and_writes_nothing() -> None:
    made = counter(3)
    before = made.rows()
    assert made.types("remind", "--dry-run") == 0
    assert made.said[0].split() == ["3", "件", "会費の督促（期限の30日前）"]
    assert made.said[-1] == "確認のみです。何も送られません。"
    assert made.rows() == before


def test_with_yes_the_mails_are_queued_up_to_the_limit() -> None:
    made = counter(3)
    assert made.types("remind", "--yes", "--most", "2") == 0
    assert len(made.house.mails()) == 2
    assert "上限に達しました" in made.said[-1]
    made.types("remind", "--yes")
    made.types("remind", "--yes")
    assert len(made.house.mails()) == 3


def test_every_count_has_words_for_the_office() -> None:
    labels = {*(kind.value for kind in Told), *(why.value for why in Why)}
    assert set(WORDS) == labels | {FAILED, MOVED_ON, TOLD_BEFORE}
    assert in_words("dues_reminder -14") == "会費の督促（期限の14日後）"
    assert in_words("its slip is open") == "見送り（コンビニ支払い待ち）"
