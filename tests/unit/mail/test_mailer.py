"""The function: records of the stream, sweeps, and what it does when SES or DynamoDB is away."""

from typing import Any

import pytest

from functions.mailer.work import GIVE_UP_AFTER, Mailer
from portal.database import Contended, Unreachable
from portal.mail.sender import NotTaken
from tests.unit.mail.doubles import PostOffice


class Context:
    """Lambda's context as far as it is used; *left* milliseconds, each look takes *step*."""

    def __init__(self, left: int = 60_000, step: int = 0) -> None:
        self._left = left
        self._step = step

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        self._left -= self._step
        return self._left


def record(mail_id: str, number: int, name: str = "INSERT") -> dict[str, Any]:
    keys = {"pk": {"S": mail_id}}
    return {"eventName": name, "dynamodb": {"Keys": keys, "SequenceNumber": str(number)}}


def stream(office: PostOffice, *mail_ids: str, context: Context | None = None) -> list[str]:
    """Hand the records of these mails to the mailer; returns the records that failed."""
    mailer = Mailer(office.outbox, office.courier, office.clock)
    records = [record(mail_id, number) for number, mail_id in enumerate(mail_ids, start=1)]
    answer = mailer({"Records": records}, context or Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def sweep(office: PostOffice, context: Context | None = None) -> int:
    """Run one sweep; returns how many due mails were left."""
    mailer = Mailer(office.outbox, office.courier, office.clock)
    left = mailer({"task": "sweep"}, context or Context())["left"]
    assert isinstance(left, int)
    return left


def queue(office: PostOffice, mails: int) -> list[str]:
    return [office.queue(f"card_paid#{number}") for number in range(1, mails + 1)]


def test_the_stream_sends_new_mails_at_once() -> None:
    office = PostOffice()
    assert stream(office, *queue(office, 3)) == []
    assert len(office.ses.letters) == 3


def test_records_that_come_twice_send_one_mail() -> None:
    office = PostOffice()
    (mail,) = queue(office, 1)
    assert stream(office, mail, mail) == []
    assert stream(office, mail) == []
    assert len(office.ses.letters) == 1


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_other_changes_of_rows_are_no_mails(name: str) -> None:
    """The mailer's own marks, and deletions by TTL, come by the same stream."""
    office = PostOffice()
    (mail,) = queue(office, 1)
    mailer = Mailer(office.outbox, office.courier, office.clock)
    answer = mailer({"Records": [record(mail, 1, name)]}, Context())
    assert answer == {"batchItemFailures": []}
    assert office.ses.tries == 0


def test_the_stream_never_fails_because_ses_is_down() -> None:
    office = PostOffice()
    office.ses.troubles = [NotTaken("Down")] * 10
    assert stream(office, *queue(office, 2)) == []
    assert [office.row(f"card_paid#{n}")["state"] for n in (1, 2)] == ["queued", "queued"]


def test_with_ses_down_the_rest_of_a_batch_is_left_to_the_sweep() -> None:
    office = PostOffice()
    office.ses.troubles = [NotTaken("Down")] * 10
    assert stream(office, *queue(office, 10)) == []
    assert office.ses.tries == GIVE_UP_AFTER
    office.ses.troubles = []
    office.clock.tick(minutes=5)
    assert sweep(office) == 0
    assert len(office.ses.letters) == 10


def test_when_dynamodb_is_silent_the_stream_names_the_first_record_to_repeat() -> None:
    office = PostOffice()
    mails = queue(office, 3)
    office.ses.while_sending = lambda: office.database.fail_next.extend(
        [("write", Unreachable("silence"))] * 3 if len(office.ses.letters) == 2 else []
    )
    assert stream(office, *mails) == ["2"]
    assert office.row("card_paid#1")["state"] == "sent"
    assert office.row("card_paid#3")["attempts"] == 0


def test_a_repeated_batch_finishes_what_was_left() -> None:
    office = PostOffice()
    mails = queue(office, 3)
    office.database.fail_next = [("write", Unreachable("silence"))]
    assert stream(office, *mails) == ["1"]
    assert stream(office, *mails) == []
    assert len(office.ses.letters) == 3


def test_the_stream_starts_no_mail_it_has_no_time_for() -> None:
    office = PostOffice()
    assert stream(office, *queue(office, 5), context=Context(60_000, 10_000)) == []
    assert len(office.ses.letters) == 3


def test_a_mail_the_stream_never_showed_is_sent_by_the_sweep() -> None:
    office = PostOffice()
    queue(office, 1)
    office.clock.tick(minutes=2)
    sweep(office)
    assert len(office.ses.letters) == 1


def test_the_sweep_leaves_new_mails_to_the_stream() -> None:
    office = PostOffice()
    queue(office, 1)
    sweep(office)
    assert office.ses.tries == 0


def test_a_late_sweep_still_sends_everything_once() -> None:
    office = PostOffice()
    queue(office, 20)
    office.clock.tick(days=3)
    sweep(office)
    sweep(office)
    assert len(office.ses.letters) == 20


def test_the_sweep_and_the_stream_together_send_one_mail() -> None:
    office = PostOffice()
    (mail,) = queue(office, 1)
    office.clock.tick(minutes=3)
    office.ses.while_sending = lambda: stream(office, mail)
    sweep(office)
    assert len(office.ses.letters) == 1


def test_the_sweep_stops_in_time_and_the_next_goes_on() -> None:
    office = PostOffice()
    queue(office, 6)
    office.clock.tick(minutes=5)
    assert sweep(office, Context(60_000, 10_000)) == 3
    assert sweep(office) == 0
    assert len(office.ses.letters) == 6


def test_the_sweep_asks_a_ses_that_is_down_three_times_only() -> None:
    office = PostOffice()
    queue(office, 8)
    office.clock.tick(minutes=5)
    office.ses.troubles = [NotTaken("Down")] * 10
    assert sweep(office) == 5
    assert office.ses.tries == GIVE_UP_AFTER


def test_one_unwritable_mail_keeps_no_other_back() -> None:
    office = PostOffice()
    office.queue("card_paid#0", amount="no number")
    queue(office, 2)
    office.clock.tick(minutes=5)
    assert sweep(office) == 0
    assert office.row("card_paid#0")["state"] == "failed"
    assert len(office.ses.letters) == 2


def test_a_row_somebody_else_holds_keeps_no_other_back() -> None:
    office = PostOffice()
    queue(office, 2)
    office.clock.tick(minutes=5)
    office.database.fail_next = [("write", Contended("busy"))]
    assert sweep(office) == 0
    assert len(office.ses.letters) == 1


def test_when_dynamodb_is_silent_the_sweep_fails_loudly() -> None:
    office = PostOffice()
    queue(office, 1)
    office.clock.tick(minutes=5)
    office.database.fail_next = [("write", Unreachable("silence"))]
    with pytest.raises(Unreachable):
        sweep(office)


def test_an_event_of_another_shape_is_refused() -> None:
    office = PostOffice()
    with pytest.raises(ValueError, match="neither"):
        Mailer(office.outbox, office.courier, office.clock)({"task": "?"}, Context())
