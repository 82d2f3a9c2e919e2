"""What one row asks for, as a plan."""

from datetime import UTC, datetime

from portal.members.history import Change
from portal.members.importing import COLUMNS, Entry, Outcome, Plan, Rules, plan_change
from tests.unit.members.desk import a_member, a_moved_member

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def never() -> list[Change]:
    """Stand where the history is read, which most rows have no need of."""
    raise AssertionError("the history was read")


def plan(version: int | None = 3, **texts: str) -> Plan:
    member = a_moved_member() if "moved" in texts else a_member()
    texts.pop("moved", None)
    return plan_change(
        Entry(2, member.member_no, texts, version), member, never, Rules(("正会員",)), NOW
    )


def test_only_a_new_address_counts_as_confirmed() -> None:
    after = plan(moved="", version=a_moved_member().version, workplace="港病院").after
    assert after is not None
    assert not after.email_confirmed


def test_the_history_is_read_only_where_a_file_is_older() -> None:
    assert plan(workplace="港病院").outcome is Outcome.UPDATED
    assert plan(None, workplace="中野病院").outcome is Outcome.UNCHANGED
    assert plan(None, qualification="名誉会員").outcome is Outcome.UPDATED


def test_labels_are_told_apart() -> None:
    """The history has labels, so no two fields may share one."""
    assert len({one.label for one in COLUMNS.values()}) == len(COLUMNS)
