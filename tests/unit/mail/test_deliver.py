"""Delivery: each mail once, whatever breaks where."""

import pytest

from portal.clock import iso
from portal.database import Contended, Rejected, Unreachable
from portal.mail.deliver import Courier, NoAddress, Nothing, Outcome
from portal.mail.outbox import LEASE, MAX_ATTEMPTS, WAITS, Row, queued
from portal.mail.sender import Letter, NotTaken, OutcomeUnknown
from tests.unit.mail.doubles import MEMBER, PAID, TABLE, PostOffice


class Crash(BaseException):
    """The process ends here: nothing of ours may catch this."""


def test_a_queued_mail_is_sent_and_marked() -> None:
    office = PostOffice()
    office.queue()
    assert office.deliver() is Outcome.SENT
    row = office.row()
    assert (row["state"], row["message_id"]) == ("sent", "message-1")
    assert row["sent_at"] == iso(office.clock())
    assert not {"pending", "due_at", "lease_until"} & set(row)


def test_a_fact_told_twice_is_refused_with_its_transaction() -> None:
    office = PostOffice()
    office.queue()
    again = queued(
        TABLE, mail_id="card_paid#1", kind="card_paid", member_id=MEMBER, data=PAID,
        now=office.clock(),
    )  # fmt: skip
    with pytest.raises(Rejected):
        office.database.commit(again)


@pytest.mark.parametrize("minutes", [0, 3, 60])
def test_a_second_record_of_the_stream_sends_no_second_mail(minutes: int) -> None:
    office = PostOffice()
    office.queue()
    office.deliver()
    office.clock.tick(minutes=minutes)
    assert office.deliver() is Outcome.NOT_OURS
    assert len(office.ses.letters) == 1


def test_a_second_record_while_the_first_is_being_sent_sends_nothing() -> None:
    office = PostOffice()
    office.queue()
    seen: list[Outcome] = []
    office.ses.while_sending = lambda: seen.append(office.deliver())
    assert office.deliver() is Outcome.SENT
    assert seen == [Outcome.NOT_OURS]
    assert len(office.ses.letters) == 1


def test_a_mail_nobody_knows_is_not_ours() -> None:
    assert PostOffice().deliver("card_paid#unknown") is Outcome.NOT_OURS


def test_the_sweep_leaves_a_new_mail_to_the_stream_for_two_minutes() -> None:
    office = PostOffice()
    office.queue()
    office.clock.tick(seconds=119)
    assert office.outbox.due(office.clock(), 10) == []
    office.clock.tick(seconds=1)
    assert office.outbox.due(office.clock(), 10) == ["card_paid#1"]


def test_the_sweep_takes_the_longest_waiting_first() -> None:
    office = PostOffice()
    for number in (1, 2, 3):
        office.queue(f"card_paid#{number}")
        office.clock.tick(minutes=1)
    office.clock.tick(minutes=5)
    due = office.outbox.due(office.clock(), 2)
    assert due == ["card_paid#1", "card_paid#2"]


def test_while_ses_is_down_the_next_try_is_noted_and_nothing_is_raised() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles = [NotTaken("EndpointConnectionError")]
    assert office.deliver() is Outcome.PUT_BACK
    row = office.row()
    office.clock.tick(minutes=1)
    assert (row["state"], row["due_at"]) == ("queued", iso(office.clock()))
    assert row["failure"] == "EndpointConnectionError"


def test_before_its_next_try_a_mail_is_not_sent() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles = [NotTaken("Throttling")]
    office.deliver()
    office.clock.tick(seconds=59)
    assert office.deliver() is Outcome.NOT_OURS
    office.clock.tick(seconds=1)
    assert office.deliver() is Outcome.SENT
    assert "failure" not in office.row()


def test_the_waits_grow_and_end_in_failed_after_about_a_day() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles = [NotTaken("Down")] * MAX_ATTEMPTS
    started = office.clock()
    for wait in WAITS:
        assert office.deliver() is Outcome.PUT_BACK
        office.clock.tick(minutes=wait)
    assert WAITS[:4] == (1, 5, 15, 60)
    assert 20 < (office.clock() - started).total_seconds() / 3600 < 30
    assert office.deliver() is Outcome.FAILED
    row = office.row()
    assert (row["state"], row["failure"]) == ("failed", "Down")
    assert "pending" not in row
    assert office.ses.letters == []


def test_a_failed_mail_is_not_tried_again() -> None:
    office = PostOffice()
    office.queue(amount="no number")
    assert office.deliver() is Outcome.FAILED
    office.clock.tick(days=2)
    assert office.deliver() is Outcome.NOT_OURS
    assert office.outbox.due(office.clock(), 10) == []


def test_a_crash_before_sending_costs_the_lease_and_no_mail() -> None:
    office = PostOffice()
    office.queue()

    def crash(_: Row) -> Letter:
        raise Crash

    broken = Courier(office.outbox, crash, office.ses, office.clock)
    with pytest.raises(Crash):
        broken.deliver("card_paid#1")
    office.clock.tick(seconds=LEASE.total_seconds() - 1)
    assert office.deliver() is Outcome.NOT_OURS
    office.clock.tick(seconds=1)
    assert office.outbox.due(office.clock(), 10) == ["card_paid#1"]
    assert office.deliver() is Outcome.SENT
    assert len(office.ses.letters) == 1


def test_a_crash_between_ses_and_our_mark_is_the_one_case_of_two_mails() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles_after = [Crash()]
    with pytest.raises(Crash):
        office.deliver()
    assert office.row()["state"] == "sending"
    office.clock.tick(seconds=LEASE.total_seconds())
    assert office.deliver() is Outcome.SENT
    assert len(office.ses.letters) == 2


def test_an_answer_that_never_came_waits_at_least_the_lease() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles_after = [OutcomeUnknown("ReadTimeoutError")]
    assert office.deliver() is Outcome.UNKNOWN
    office.clock.tick(seconds=LEASE.total_seconds() - 1)
    assert office.deliver() is Outcome.NOT_OURS
    office.clock.tick(seconds=1)
    assert office.deliver() is Outcome.SENT


def test_a_silent_ses_is_asked_less_and_less_often() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles = [OutcomeUnknown("ReadTimeoutError")] * 100
    for _ in range(6 * 60):
        office.deliver()
        office.clock.tick(minutes=1)
    assert office.ses.tries <= 7


def test_after_too_many_lost_leases_the_mail_is_failed_without_another_try() -> None:
    office = PostOffice()
    office.queue()
    office.ses.troubles_after = [Crash() for _ in range(MAX_ATTEMPTS)]
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Crash):
            office.deliver()
        office.clock.tick(seconds=LEASE.total_seconds())
    assert office.deliver() is Outcome.FAILED
    assert len(office.ses.letters) == MAX_ATTEMPTS


def test_a_worker_that_lost_its_lease_cannot_undo_its_successors_mark() -> None:
    office = PostOffice()
    office.queue()

    def outrun() -> None:
        office.ses.while_sending = lambda: None
        office.clock.tick(seconds=LEASE.total_seconds())
        assert office.deliver() is Outcome.SENT

    office.ses.while_sending = outrun
    assert office.deliver() is Outcome.SENT
    assert office.row()["message_id"] == "message-2"


def test_a_worker_that_lost_its_lease_leaves_the_row_to_the_one_who_has_it() -> None:
    office = PostOffice()
    office.queue()

    def taken_over() -> None:
        office.clock.tick(seconds=LEASE.total_seconds())
        assert office.outbox.claim("card_paid#1", office.clock())

    office.ses.while_sending = taken_over
    office.deliver()
    row = office.row()
    assert (row["state"], row["attempts"]) == ("sending", 2)


@pytest.mark.parametrize("error", [Contended("busy"), Unreachable("silence")])
def test_the_mark_is_tried_again_when_the_database_hesitates(error: Exception) -> None:
    office = PostOffice()
    office.queue()
    office.ses.while_sending = lambda: office.database.fail_next.append(("write", error))
    assert office.deliver() is Outcome.SENT
    assert office.row()["state"] == "sent"


def test_a_database_that_stays_silent_after_sending_is_reported() -> None:
    office = PostOffice()
    office.queue()
    silence: list[tuple[str, Exception]] = [("write", Unreachable("silence"))] * 3
    office.ses.while_sending = lambda: office.database.fail_next.extend(silence)
    with pytest.raises(Unreachable):
        office.deliver()


def test_a_failed_read_gives_the_lease_back_and_is_reported() -> None:
    """So the stream's next try need not wait for the lease to end."""
    office = PostOffice()
    office.queue()
    troubles: list[Exception] = [Unreachable("silence")]

    def prepare(row: Row) -> Letter | Nothing:
        if troubles:
            raise troubles.pop()
        return office.prepare(row)

    courier = Courier(office.outbox, prepare, office.ses, office.clock)
    with pytest.raises(Unreachable):
        courier.deliver("card_paid#1")
    assert courier.deliver("card_paid#1") is Outcome.SENT


def test_a_silent_database_at_the_claim_is_reported_and_nothing_is_sent() -> None:
    office = PostOffice()
    office.queue()
    office.database.fail_next = [("write", Unreachable("silence"))]
    with pytest.raises(Unreachable):
        office.deliver()
    assert office.ses.tries == 0


def test_without_an_address_the_mail_is_failed_at_once_for_the_office_to_see() -> None:
    office = PostOffice()
    office.queue()

    def nobody(_: Row) -> Letter:
        raise NoAddress

    courier = Courier(office.outbox, nobody, office.ses, office.clock)
    assert courier.deliver("card_paid#1") is Outcome.FAILED
    assert office.row()["failure"] == "NoAddress"


def test_when_there_is_nothing_to_tell_the_row_is_closed_without_a_mail() -> None:
    office = PostOffice()
    office.queue()
    courier = Courier(office.outbox, lambda _: Nothing("nobody"), office.ses, office.clock)
    assert courier.deliver("card_paid#1") is Outcome.SKIPPED
    row = office.row()
    assert (row["state"], row["reason"]) == ("skipped", "nobody")
    assert "pending" not in row
    assert office.ses.letters == []
