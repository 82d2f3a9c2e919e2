"""What SES tells of a mail marks the member's address, or ends the mark, in any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from functions.mail_events.work import MailEvents
from local import mail_events
from portal.clock import iso
from portal.database import Unreachable
from portal.mail.event import Happened, MailEvent
from portal.mail.outbox import Outbox, queued
from portal.members import store
from portal.members.mail_news import mail_news
from portal.members.model import Member
from tests.metrics import counted
from tests.unit.members.desk import LONG_AGO, NEW_ADDRESS, TABLES, TEXTS, Desk, a_member

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ADDRESS = TEXTS["email"]


def told(happened: Happened, minutes: int, address: str = ADDRESS) -> MailEvent:
    lasting = happened in (Happened.BOUNCED, Happened.COMPLAINED)
    why = f"{happened.value}-{minutes}" if lasting else ""
    at = NOON + timedelta(minutes=minutes)
    return MailEvent(happened, "mail", "message", address, at, NOON, why, lasting)


def after(*events: MailEvent, member: Member | None = None) -> Member:
    desk = Desk(member)
    for event in events:
        mail_news(desk.database, TABLES.members, desk.member.member_id, event)
    return desk.stored


def failing(desk: Desk) -> list[str]:
    """Return the addresses of the office's list."""
    rows = desk.database.due(
        TABLES.members,
        store.FAILING_INDEX,
        {"mail_fails": store.FAILING},
        {"mail_fails_at": iso(NOON + timedelta(days=9))},
        10,
    )
    return [str(row["mail_fails_to"]) for row in rows]


# What marks, and what does not


@pytest.mark.parametrize("happened", [Happened.BOUNCED, Happened.COMPLAINED])
def test_a_lasting_failure_marks_the_address(happened: Happened) -> None:
    member = after(told(happened, 1))
    assert member.mail_fails
    assert member.mail_fault is not None
    assert (member.mail_fault.address, member.mail_fault.since) == (
        ADDRESS,
        NOON + timedelta(minutes=1),
    )


@pytest.mark.parametrize("happened", [Happened.SENT, Happened.DELAYED, Happened.REJECTED])
def test_other_news_says_nothing_of_the_address(happened: Happened) -> None:
    assert after(told(happened, 1)) == a_member()


def test_a_bounce_that_does_not_last_marks_nothing() -> None:
    passing = replace(told(Happened.BOUNCED, 1), lasting=False)
    assert after(passing) == a_member()


def test_mail_to_another_address_says_nothing_of_the_present_one() -> None:
    """So the mail that tells the old address of a change cannot put up the banner."""
    assert after(told(Happened.BOUNCED, 1, "old@example.jp")) == a_member()


def test_an_address_that_ses_writes_in_other_cases_is_the_same() -> None:
    member = after(told(Happened.BOUNCED, 1, ADDRESS.upper()))
    assert member.mail_fails


def test_nobody_is_made_by_a_mail_to_a_member_who_is_gone() -> None:
    desk = Desk()
    assert not mail_news(desk.database, TABLES.members, "gone", told(Happened.BOUNCED, 1))
    assert len(desk.database.rows(TABLES.members)) == 1


def test_the_record_keeps_its_version_so_an_open_page_can_still_be_saved() -> None:
    assert after(told(Happened.BOUNCED, 1)).version == a_member().version


# In any order


@pytest.mark.parametrize(
    "order", list(permutations((told(Happened.BOUNCED, 1), told(Happened.DELIVERED, 2))))
)
def test_a_later_arrival_ends_the_mark_in_whatever_order_they_come(
    order: tuple[MailEvent, ...],
) -> None:
    """Red without _not_arrived_after: then the bounce that comes second marks the address."""
    assert not after(*order).mail_fails


@pytest.mark.parametrize(
    "order", list(permutations((told(Happened.DELIVERED, 1), told(Happened.COMPLAINED, 2))))
)
def test_an_arrival_before_the_failure_ends_nothing(order: tuple[MailEvent, ...]) -> None:
    assert after(*order).mail_fails


def test_of_several_events_every_order_ends_alike() -> None:
    events = (
        told(Happened.BOUNCED, 1),
        told(Happened.DELIVERED, 2),
        told(Happened.BOUNCED, 3),
        told(Happened.COMPLAINED, 4),
    )
    ends = {after(*order).mail_fault for order in permutations(events)}
    assert {one.why for one in ends if one} == {"Complaint-4"}
    assert len(ends) == 1


# Its end


def test_the_mark_ends_with_the_address_and_leaves_the_offices_list() -> None:
    desk = Desk()
    mail_news(desk.database, TABLES.members, desk.member.member_id, told(Happened.BOUNCED, 1))
    assert failing(desk) == [ADDRESS]
    desk.change_elsewhere(email=NEW_ADDRESS)
    assert not desk.stored.mail_fails
    assert failing(desk) == []


def test_the_mark_stays_while_other_things_change() -> None:
    desk = Desk()
    mail_news(desk.database, TABLES.members, desk.member.member_id, told(Happened.BOUNCED, 1))
    desk.change_elsewhere(city="杉並区")
    assert desk.stored.mail_fails
    assert failing(desk) == [ADDRESS]


def test_an_arrival_takes_the_member_off_the_offices_list() -> None:
    desk = Desk()
    for event in (told(Happened.BOUNCED, 1), told(Happened.DELIVERED, 2)):
        mail_news(desk.database, TABLES.members, desk.member.member_id, event)
    assert failing(desk) == []


def test_the_office_ends_only_the_mark_it_has_seen() -> None:
    desk = Desk()
    member_id = desk.member.member_id
    mail_news(desk.database, TABLES.members, member_id, told(Happened.BOUNCED, 1))
    seen = desk.stored.mail_fault
    assert seen is not None
    desk.database.commit(store.mail_fault_ended(TABLES.members, member_id, seen))
    assert desk.stored.mail_fault is None
    assert desk.stored.record.differences(a_member().record) == ()
    assert desk.stored.confirmed_on == LONG_AGO


# The function, from the event on


def sent_mail(desk: Desk, member_id: str) -> MailEvents:
    mail = queued(
        TABLES.outbox,
        mail_id="card_paid#1",
        kind="card_paid",
        member_id=member_id,
        data={},
        now=NOON,
    )
    desk.database.commit(mail)
    outbox = Outbox(desk.database, TABLES.outbox)
    row = outbox.claim("card_paid#1", NOON)
    assert row is not None
    outbox.sent(row, "message", NOON)
    return MailEvents(desk.database, TABLES)


def event(way: str, to: str = ADDRESS) -> dict[str, object]:
    found = mail_events.WAYS[way]
    return mail_events.event(
        found, mail_id="card_paid#1", message_id="message", to=to, sent_at=NOON, now=NOON
    )


def test_an_event_goes_into_the_log_and_marks_the_member() -> None:
    desk = Desk()
    hears = sent_mail(desk, desk.member.member_id)
    with counted(desk.clock) as metrics:
        assert hears(event("bounced")) == {"happened": "Bounce"}
    assert desk.stored.mail_fails
    assert desk.mails[0]["bounced_why"] == "Permanent/NoEmail"
    assert metrics.values("MailBounced", kind="card_paid") == [1]
    with counted(desk.clock) as metrics:
        hears(event("complained"))
    assert metrics.values("MailComplained", kind="card_paid") == [1]


def test_an_event_costs_one_read_and_two_writes_at_a_bounce() -> None:
    desk = Desk()
    hears = sent_mail(desk, desk.member.member_id)
    desk.database.calls.clear()
    hears(event("bounced"))
    assert desk.database.calls == {"read": 1, "write": 2}


def test_no_address_is_written_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    sent_mail(desk, desk.member.member_id)(event("bounced"))
    told_lines = " ".join(str(vars(record)) for record in caplog.records)
    assert "mail did not arrive" in told_lines
    assert ADDRESS not in told_lines
    assert desk.member.member_id not in told_lines


def test_what_is_not_understood_is_counted_and_raises_nothing() -> None:
    desk = Desk()
    hears = MailEvents(desk.database, TABLES)
    nothing: tuple[dict[str, object], ...] = ({}, {"Records": []}, {"detail": {"eventType": "x"}})
    for garbage in nothing:
        with counted(desk.clock) as metrics:
            assert "ignored" in hears(garbage)
        assert metrics.values("MailEventIgnored", why="not understood") == [1]
    assert hears(event("bounced")) == {"ignored": "no such mail"}


def test_a_silent_database_is_lambdas_to_try_again_and_the_second_time_completes() -> None:
    desk = Desk()
    hears = sent_mail(desk, desk.member.member_id)
    desk.database.fail_next.append(("read", Unreachable("get_item: timeout")))
    with pytest.raises(Unreachable):
        hears(event("bounced"))
    hears(event("bounced"))
    assert desk.stored.mail_fails
