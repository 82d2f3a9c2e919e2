"""保存 and 変更なし: one write, on condition of the version, confirmed for the JST day."""

from datetime import UTC, date, datetime

import pytest

from portal.database import Contended
from portal.members import store
from portal.members.confirm_profile import Incomplete, confirm_profile
from portal.members.model import Member, Record
from portal.members.save_profile import Conflict, Outcome, Saved, save_profile
from tests.unit.members.desk import LONG_AGO, NOON, TABLES, TEXTS, Desk, a_member

LATE_EVENING_UTC = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)


def save(desk: Desk, current: Member, *, now: datetime = NOON, **changes: str) -> Outcome:
    return save_profile(
        desk.database,
        TABLES,
        current=current,
        wanted=Record.of({**TEXTS, **changes}),
        based_on=current.version,
        now=now,
        source="192.0.2.10",
    )


def confirm(desk: Desk, current: Member, *, seen: int = 3) -> Saved | Conflict | Incomplete:
    return confirm_profile(
        desk.database, TABLES, current=current, seen=seen, now=NOON, source="192.0.2.10"
    )


def test_a_row_reads_back_as_the_member_it_was_made_of() -> None:
    member = a_member()
    assert store.parse(store.new(TABLES.members, member).item) == member


def test_a_row_that_lacks_texts_reads_as_a_record_with_gaps() -> None:
    row = store.new(TABLES.members, a_member()).item
    del row["building"], row["confirmed_on"], row["updated_at"]
    member = store.parse(row)
    assert (member.record.building, member.confirmed_on, member.updated_at) == ("", None, None)


def test_saving_stores_the_record_and_counts_the_version_up() -> None:
    desk = Desk()
    save(desk, desk.member, city="杉並区")
    assert desk.stored.record == Record.of({**TEXTS, "city": "杉並区"})
    assert desk.stored.version == 4
    assert desk.stored.updated_at == NOON


def test_saving_is_one_write() -> None:
    desk = Desk()
    save(desk, desk.member, city="杉並区", email="new@example.jp")
    assert desk.database.calls == {"write": 1}


def test_saving_confirms_the_record_for_the_day_in_japan() -> None:
    desk = Desk()
    save(desk, desk.member, now=LATE_EVENING_UTC, city="杉並区")
    assert desk.stored.confirmed_on == date(2026, 11, 23)


def test_saving_without_a_change_confirms_the_record_too() -> None:
    desk = Desk()
    assert isinstance(save(desk, desk.member), Saved)
    assert desk.stored.confirmed_on == date(2026, 11, 22)
    assert desk.stored.version == 3


def test_number_and_qualification_stay_the_offices() -> None:
    desk = Desk()
    save(desk, desk.member, city="杉並区")
    assert desk.stored.member_no == "001234"
    assert desk.stored.qualification == "消化器内視鏡技師"


def test_the_audit_tells_before_and_after_of_the_changed_fields_only() -> None:
    desk = Desk()
    save(desk, desk.member, city="杉並区")
    (entry,) = desk.audited
    assert (entry["action"], entry["actor"]) == ("profile_saved", desk.member.member_id)
    assert entry["before"] == {"city": "中野区"}
    assert entry["after"] == {"city": "杉並区"}
    assert entry["source"] == "192.0.2.10"


def test_a_changed_address_is_unconfirmed_and_told_to_both_addresses() -> None:
    desk = Desk()
    save(desk, desk.member, email="new@example.jp")
    assert desk.stored.email_confirmed is False
    assert [mail["kind"] for mail in desk.mails] == ["email_changed"] * 2
    assert [mail["data"] for mail in desk.mails] == [
        {"to": "hanako@example.jp"},
        {"to": "new@example.jp", "confirm": True},
    ]


def test_the_address_before_stays_the_confirmed_one_until_the_new_one_is() -> None:
    desk = Desk()
    save(desk, desk.member, email="new@example.jp")
    save(desk, desk.stored, email="newer@example.jp")
    assert desk.stored.confirmed_email == "hanako@example.jp"


def test_the_way_back_to_the_confirmed_address_asks_for_nothing() -> None:
    desk = Desk()
    save(desk, desk.member, email="new@example.jp")
    save(desk, desk.stored)
    assert desk.stored.email_confirmed
    assert sum("confirm" in str(mail["data"]) for mail in desk.mails) == 1


def test_after_a_restore_of_the_members_table_an_address_can_be_changed_again() -> None:
    """The outbox remembers the mails of the forgotten version; their keys must not come back."""
    desk = Desk()
    save(desk, desk.member, email="new@example.jp")
    desk.database.tables[TABLES.members].clear()
    desk.database.commit(store.new(TABLES.members, desk.member))
    assert isinstance(save(desk, desk.member, email="new@example.jp"), Saved)
    assert len(desk.mails) == 4


def test_no_mail_is_written_when_the_address_stays() -> None:
    desk = Desk()
    save(desk, desk.member, city="杉並区")
    assert desk.mails == []
    assert desk.stored.email_confirmed is True


def test_a_page_made_from_an_older_version_changes_nothing() -> None:
    desk = Desk()
    newer = desk.change_elsewhere(city="港区")
    outcome = save_profile(
        desk.database,
        TABLES,
        current=newer,
        wanted=Record.of({**TEXTS, "city": "杉並区"}),
        based_on=3,
        now=NOON,
        source="",
    )
    assert outcome == Conflict(newer)
    assert desk.stored == newer


def test_a_change_between_reading_and_writing_is_a_conflict_with_what_is_stored_now() -> None:
    desk = Desk()
    newer = desk.change_elsewhere(city="港区")
    assert save(desk, desk.member, city="杉並区", email="new@example.jp") == Conflict(newer)
    assert desk.stored == newer
    assert desk.audited == []
    assert desk.mails == []


def test_saving_what_is_stored_already_is_no_conflict() -> None:
    """A double press of 保存 sends the same form twice; the second one has nothing to lose."""
    desk = Desk()
    save(desk, desk.member, city="杉並区")
    outcome = save_profile(
        desk.database,
        TABLES,
        current=desk.stored,
        wanted=Record.of({**TEXTS, "city": "杉並区"}),
        based_on=3,
        now=NOON,
        source="",
    )
    assert isinstance(outcome, Saved)
    assert desk.stored.version == 4


def test_a_busy_table_is_not_taken_for_a_conflict() -> None:
    desk = Desk()
    desk.database.fail_next.append(("write", Contended()))
    with pytest.raises(Contended):
        save(desk, desk.member, city="杉並区")


def test_no_change_confirms_for_today_in_one_write() -> None:
    desk = Desk()
    assert isinstance(confirm(desk, desk.member), Saved)
    assert desk.stored.confirmed_on == date(2026, 11, 22)
    assert desk.stored.version == 3
    assert [entry["action"] for entry in desk.audited] == ["profile_confirmed"]
    assert desk.database.calls == {"write": 1}


def test_no_change_is_not_taken_for_a_version_the_member_did_not_see() -> None:
    desk = Desk()
    newer = desk.change_elsewhere(city="港区")
    assert confirm(desk, newer, seen=3) == Conflict(newer)
    assert confirm(desk, desk.member, seen=3) == Conflict(newer)
    assert desk.stored.confirmed_on == LONG_AGO


def test_an_incomplete_record_cannot_be_confirmed_as_it_is() -> None:
    desk = Desk(a_member(phone=""))
    assert confirm(desk, desk.member) == Incomplete(desk.member)
    assert desk.stored.confirmed_on == LONG_AGO
