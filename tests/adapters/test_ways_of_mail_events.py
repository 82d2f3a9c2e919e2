"""What SES tells, from event to record, on DynamoDB: expressions, conditions and both indexes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.mail_events.work import MailEvents
from local import mail_events
from portal.clock import iso
from portal.database import Value
from portal.mail.maillog import MailLog
from portal.mail.outbox import Outbox, State, queued
from portal.members import store
from portal.members.model import Member
from tests.adapters.house import TABLES, Dynamo
from tests.unit.members.desk import LONG_AGO, NEW_ADDRESS, TEXTS, a_member

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MAIL = "card_paid#1"
DATA: dict[str, Value] = {"title": "2026年度 年会費"}


class Post:
    """A member, a mail that SES took, and the function that hears what became of it."""

    def __init__(self, aws: Dynamo) -> None:
        self.database = aws.database
        self.member = a_member()
        self.outbox = Outbox(aws.database, TABLES.outbox)
        self.log = MailLog(aws.database, TABLES.outbox)
        self.hears = MailEvents(aws.database, TABLES)
        self.database.commit(store.new(TABLES.members, self.member))
        self.queue(MAIL, self.member.member_id)

    def queue(self, mail_id: str, member_id: str) -> None:
        """Put a mail into the outbox."""
        kind = mail_id.partition("#")[0]
        self.database.commit(
            queued(
                TABLES.outbox, mail_id=mail_id, kind=kind, member_id=member_id, data=DATA, now=NOON
            )
        )

    def sent(self, mail_id: str = MAIL, whose: str = "") -> None:
        """Have SES take it."""
        row = self.outbox.claim(mail_id, NOON)
        assert row is not None
        assert self.outbox.sent(row, "message", NOON, whose)

    def told(self, way: str, minutes: int, mail_id: str = MAIL) -> dict[str, str]:
        """Have SES tell of it."""
        event: dict[str, Any] = mail_events.event(
            mail_events.WAYS[way],
            mail_id=mail_id,
            message_id="message",
            to=TEXTS["email"],
            sent_at=NOON,
            now=NOON + timedelta(minutes=minutes),
        )
        return self.hears(event)

    @property
    def stored(self) -> Member:
        """The record as it is now."""
        row = self.database.get(TABLES.members, store.key(self.member.member_id))
        assert row is not None
        return store.parse(row)

    def failing(self) -> list[dict[str, Value]]:
        """Return the office's list of members whom mail does not reach."""
        return self.database.due(
            TABLES.members,
            store.FAILING_INDEX,
            {"mail_fails": store.FAILING},
            {"mail_fails_at": iso(NOON + timedelta(days=1))},
            10,
        )


@pytest.fixture
def post(aws: Dynamo) -> Post:
    return Post(aws)


def test_a_bounce_marks_the_address_and_a_later_arrival_ends_it(post: Post) -> None:
    post.sent()
    assert post.told("bounced", 1) == {"happened": "Bounce"}
    assert post.stored.mail_fails
    (row,) = post.failing()
    assert (row["member_no"], row["mail_fails_to"]) == ("001234", TEXTS["email"])
    assert row["mail_fails_why"] == "Permanent/NoEmail"
    assert "email" not in row
    post.told("delivered", 2)
    assert not post.stored.mail_fails
    assert post.failing() == []
    # The first bounce told once more says nothing new.
    post.told("bounced", 1)
    assert not post.stored.mail_fails


def test_a_complaint_before_an_arrival_of_earlier_stays(post: Post) -> None:
    post.sent()
    post.told("complained", 5)
    post.told("delivered", 1)
    assert post.stored.mail_fails


def test_a_changed_address_leaves_the_list(post: Post) -> None:
    post.sent()
    post.told("bounced", 1)
    before = post.stored
    record = type(before.record).of({**before.record.values(), "email": NEW_ADDRESS})
    after = before.changed(record, LONG_AGO, NOON)
    post.database.commit(store.change(TABLES.members, before, after))
    assert post.failing() == []
    assert post.stored.mail_fault is None


def test_the_office_ends_a_mark_once(post: Post) -> None:
    post.sent()
    post.told("bounced", 1)
    seen = post.stored.mail_fault
    assert seen is not None
    post.database.commit(store.mail_fault_ended(TABLES.members, post.member.member_id, seen))
    assert post.failing() == []


def test_a_mail_whose_lease_was_lost_is_proven_sent_and_leaves_the_sweep(post: Post) -> None:
    assert post.outbox.claim(MAIL, NOON) is not None
    post.told("delivered", 1)
    assert post.outbox.due(NOON + timedelta(days=9), 10) == []
    assert post.outbox.claim(MAIL, NOON + timedelta(days=9)) is None
    found = post.log.find(MAIL)
    assert found is not None
    mail, data = found
    assert (mail.state, mail.delivered_at) == (State.SENT, NOON + timedelta(minutes=1))
    assert data == DATA


def test_of_an_unknown_mail_no_row_is_made(post: Post) -> None:
    assert post.told("bounced", 1, "nobody#1") == {"ignored": "no such mail"}
    assert post.database.get(TABLES.outbox, {"pk": "nobody#1"}) is None


def test_the_log_of_a_member_has_what_the_list_shows(post: Post) -> None:
    post.sent()
    post.told("bounced", 1)
    (found,) = post.log.of_member(post.member.member_id, NOON)
    assert (found.mail_id, found.kind, found.state) == (MAIL, "card_paid", State.SENT)
    assert found.bounced_why == "Permanent/NoEmail"
    assert found.sent_at == NOON


def test_a_reset_is_in_the_members_log_once_it_was_sent(post: Post) -> None:
    """Its row names nobody before, and an index takes no empty key."""
    post.queue("reset_request#1", "")
    assert len(post.log.of_member(post.member.member_id, NOON)) == 1
    post.sent("reset_request#1", post.member.member_id)
    assert len(post.log.of_member(post.member.member_id, NOON)) == 2
