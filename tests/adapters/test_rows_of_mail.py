"""The outbox on DynamoDB: claims, leases and the sparse index that the sweep reads."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.database import Item, Rejected, Value
from portal.mail.outbox import GRACE, LEASE, Outbox, Row, State, queued
from tests.adapters.house import TABLES, Dynamo

NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
FAR = NOW + timedelta(days=999)
DATA: dict[str, Value] = {"title": "2026年度 年会費", "amount": 12_000, "receipt_url": ""}


@pytest.fixture
def outbox(aws: Dynamo) -> Outbox:
    queue(aws)
    return Outbox(aws.database, TABLES.outbox)


def queue(aws: Dynamo, mail_id: str = "card_paid#1", now: datetime = NOW) -> None:
    aws.database.commit(
        queued(TABLES.outbox, mail_id=mail_id, kind="card_paid", member_id="m1", data=DATA, now=now)
    )


def claimed(outbox: Outbox, now: datetime = NOW) -> Row:
    row = outbox.claim("card_paid#1", now)
    assert row is not None
    return row


def stored(aws: Dynamo) -> Item:
    row = aws.database.get(TABLES.outbox, {"pk": "card_paid#1"})
    assert row is not None
    return row


def test_a_fact_is_told_once(aws: Dynamo, outbox: Outbox) -> None:
    with pytest.raises(Rejected):
        queue(aws)
    assert outbox.due(NOW + GRACE, 10) == ["card_paid#1"]


def test_a_claimed_mail_comes_with_all_it_needs(outbox: Outbox) -> None:
    assert claimed(outbox) == Row(
        mail_id="card_paid#1",
        kind="card_paid",
        member_id="m1",
        data=DATA,
        state=State.SENDING,
        attempts=1,
        created_at=NOW,
    )


def test_a_mail_is_claimed_by_one_until_the_lease_ends(outbox: Outbox) -> None:
    claimed(outbox)
    assert outbox.claim("card_paid#1", NOW) is None
    assert outbox.due(NOW + LEASE - timedelta(seconds=1), 10) == []
    assert claimed(outbox, NOW + LEASE).attempts == 2


def test_a_mail_that_is_not_there_is_not_claimed_into_being(aws: Dynamo, outbox: Outbox) -> None:
    assert outbox.claim("nothing", NOW) is None
    assert aws.database.get(TABLES.outbox, {"pk": "nothing"}) is None


def test_a_sent_mail_leaves_the_index_and_stays_as_a_log(aws: Dynamo, outbox: Outbox) -> None:
    assert outbox.sent(claimed(outbox), "0100-abc", NOW)
    assert outbox.due(FAR, 10) == []
    assert outbox.claim("card_paid#1", FAR) is None
    row = stored(aws)
    assert (row["state"], row["message_id"]) == ("sent", "0100-abc")
    assert not {"pending", "due_at", "lease_until"} & set(row)


def test_failed_and_skipped_mails_leave_the_index_too(aws: Dynamo, outbox: Outbox) -> None:
    assert outbox.failed(claimed(outbox), "MessageRejected")
    queue(aws, "card_paid#2")
    other = outbox.claim("card_paid#2", NOW)
    assert other is not None
    assert outbox.skipped(other, "nobody")
    assert outbox.due(FAR, 10) == []


def test_a_mail_put_back_waits_for_its_time(aws: Dynamo, outbox: Outbox) -> None:
    assert outbox.put_back(claimed(outbox), "Throttling", NOW)
    assert outbox.claim("card_paid#1", NOW) is None
    assert "lease_until" not in stored(aws)
    assert claimed(outbox, NOW + timedelta(minutes=1)).attempts == 2


def test_a_mail_given_back_untried_may_be_taken_at_once(outbox: Outbox) -> None:
    assert outbox.release(claimed(outbox), NOW)
    assert claimed(outbox, NOW).attempts == 2


def test_a_mail_without_an_answer_is_held_for_the_lease(outbox: Outbox) -> None:
    assert outbox.hold(claimed(outbox), "ReadTimeoutError", NOW)
    assert outbox.claim("card_paid#1", NOW + LEASE - timedelta(seconds=1)) is None
    claimed(outbox, NOW + LEASE)


def test_who_lost_the_lease_marks_nothing(aws: Dynamo, outbox: Outbox) -> None:
    first = claimed(outbox)
    second = claimed(outbox, NOW + LEASE)
    assert not outbox.sent(first, "late", NOW + LEASE)
    assert not outbox.failed(first, "late")
    assert not outbox.put_back(first, "late", NOW + LEASE)
    assert outbox.sent(second, "0100-abc", NOW + LEASE)
    assert stored(aws)["message_id"] == "0100-abc"


def test_the_longest_waiting_is_taken_first(aws: Dynamo, outbox: Outbox) -> None:
    queue(aws, "older", NOW - timedelta(minutes=1))
    assert outbox.due(NOW + GRACE, 10) == ["older", "card_paid#1"]
    assert outbox.due(NOW + GRACE, 1) == ["older"]
