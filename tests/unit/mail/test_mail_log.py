"""What SES tells is noted in any order, once, and a mail that it took is not sent once more."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from portal.clock import iso
from portal.mail.event import Happened, MailEvent
from portal.mail.maillog import Logged, MailLog
from portal.mail.outbox import LEASE, State
from portal.mail.sender import NotTaken, OutcomeUnknown
from tests.metrics import counted
from tests.unit.mail.doubles import MEMBER, TABLE, PostOffice

SENT_AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MAIL = "card_paid#1"


def told(happened: Happened, minutes: int = 1, **given: str) -> MailEvent:
    return MailEvent(
        happened=happened,
        mail_id=given.get("mail_id", MAIL),
        message_id=given.get("message_id", "message-1"),
        address="hanako@example.jp",
        at=SENT_AT + timedelta(minutes=minutes),
        sent_at=SENT_AT,
        why=given.get("why", ""),
    )


class Post(PostOffice):
    """A post office that hears what SES tells."""

    def __init__(self) -> None:
        super().__init__()
        self.log = MailLog(self.database, TABLE)
        self.queue()

    def hears(self, *events: MailEvent) -> Logged:
        """Hear of the mail, and return what is known of it."""
        for event in events:
            assert self.log.heard(event) is not None
        found = self.log.find(MAIL)
        assert found is not None
        return found[0]


@pytest.fixture
def post() -> Post:
    made = Post()
    made.deliver()
    return made


BAD_AND_GOOD = (
    told(Happened.SENT),
    told(Happened.DELIVERED, 2),
    told(Happened.BOUNCED, 3, why="Permanent/General"),
    told(Happened.COMPLAINED, 4, why="complaint/abuse"),
    told(Happened.DELAYED, 1),
)


def test_in_whatever_order_events_come_the_same_is_known() -> None:
    seen = set()
    for order in permutations(BAD_AND_GOOD):
        post = Post()
        post.deliver()
        seen.add(post.hears(*order))
    (known,) = seen
    assert known.delivered_at == SENT_AT + timedelta(minutes=2)
    assert (known.bounced_at, known.bounced_why) == (
        SENT_AT + timedelta(minutes=3),
        "Permanent/General",
    )
    assert known.complained_why == "complaint/abuse"


def test_an_event_that_comes_twice_changes_nothing(post: Post) -> None:
    first = post.hears(told(Happened.BOUNCED, 3, why="Permanent/General"))
    assert post.hears(told(Happened.BOUNCED, 9, why="Transient/General")) == first


def test_a_rejected_mail_did_not_arrive_either(post: Post) -> None:
    known = post.hears(told(Happened.REJECTED))
    assert known.bounced_why == "Reject"


def test_of_a_mail_that_is_not_there_nothing_is_written(post: Post) -> None:
    assert post.log.heard(told(Happened.BOUNCED, mail_id="nobody")) is None
    assert post.database.get(TABLE, {"pk": "nobody"}) is None


# A lost lease


@pytest.mark.parametrize("happened", list(Happened))
def test_a_mail_whose_answer_never_came_is_proven_sent_and_goes_once(happened: Happened) -> None:
    """Red when _proven leaves ``pending`` in the row: SES then gets the letter twice."""
    post = Post()
    post.ses.troubles_after.append(OutcomeUnknown("ReadTimeoutError"))
    post.deliver()
    known = post.hears(told(happened, message_id="message-1"))
    assert (known.state, known.sent_at) == (State.SENT, SENT_AT)
    post.clock.tick(days=1)
    post.deliver()
    assert len(post.ses.letters) == 1
    assert post.outbox.due(post.clock(), 10) == []
    assert not {"lease_until", "failure", "due_at"} & set(post.row())


def test_a_mail_after_whose_sending_we_crashed_is_proven_sent() -> None:
    post = Post()
    post.ses.troubles_after.append(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        post.deliver()
    post.hears(told(Happened.DELIVERED))
    post.clock.tick(seconds=LEASE.total_seconds() + 1)
    post.deliver()
    assert len(post.ses.letters) == 1


def test_a_mail_that_waits_for_its_next_try_is_proven_sent_by_the_first() -> None:
    post = Post()
    post.ses.troubles_after.append(OutcomeUnknown("ReadTimeoutError"))
    post.deliver()
    post.clock.tick(seconds=LEASE.total_seconds() + 1)
    post.ses.troubles.append(NotTaken("Throttling"))
    post.deliver()
    assert post.hears(told(Happened.DELIVERED)).state is State.SENT


def test_a_mail_that_was_given_up_but_taken_is_no_failed_one() -> None:
    post = Post()
    row = post.outbox.claim(MAIL, post.clock())
    assert row is not None
    post.outbox.failed(row, "LeaseLost")
    known = post.hears(told(Happened.DELIVERED))
    assert (known.state, known.not_sent_why) == (State.SENT, "")


def test_ses_may_tell_of_a_mail_before_we_have_noted_its_yes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    post = Post()
    post.ses.while_sending = lambda: post.log.heard(told(Happened.SENT))
    post.deliver()
    assert post.row()["state"] == "sent"
    assert "lease was lost" not in caplog.text


def test_what_proved_a_mail_as_sent_is_counted() -> None:
    post = Post()
    post.outbox.claim(MAIL, post.clock())
    with counted(post.clock) as metrics:
        post.hears(told(Happened.SENT))
    assert metrics.values("MailProvenSent", happened="Send") == [1]


# The list


def test_a_members_mails_are_listed_the_newest_first(post: Post) -> None:
    post.clock.tick(hours=1)
    post.queue("card_paid#2")
    found = post.log.of_member(MEMBER, post.clock())
    assert [one.mail_id for one in found] == ["card_paid#2", MAIL]
    assert post.log.of_member("nobody", post.clock()) == []


def test_a_mail_that_was_not_sent_says_why() -> None:
    post = Post()
    row = post.outbox.claim(MAIL, post.clock())
    assert row is not None
    post.outbox.skipped(row, "paid")
    found = post.log.find(MAIL)
    assert found is not None
    assert found[0].not_sent_why == "paid"
    assert iso(found[0].created_at) == post.row()["created_at"]
