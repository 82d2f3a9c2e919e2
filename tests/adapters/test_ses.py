"""The sender on SES (API v2) in process: only the verified domain may send."""

from collections.abc import Iterator
from dataclasses import replace
from email.header import decode_header, make_header
from typing import Any

import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from portal.config import load_society
from portal.mail.deliver import Courier, Outcome
from portal.mail.outbox import Outbox, queued
from portal.mail.sender import Letter, NotTaken, OutcomeUnknown, SesSender
from tests.adapters.house import REGION, TABLES, Dynamo, make_client
from tests.adapters.wire import wire
from tests.fakes import FixedClock
from tests.unit.members.desk import config

LETTER = Letter("hanako@example.jp", "【技師会】お知らせ 﨑髙① 𠮷", "本文 﨑髙① 𠮷\n二行目\n")


@pytest.fixture
def ses() -> Iterator[Any]:
    with mock_aws():
        client = make_client("sesv2")
        client.create_email_identity(EmailIdentity=load_society().mail_domain)
        client.create_configuration_set(ConfigurationSetName=config().mail_configuration_set)
        yield client


def sender(client: Any, redirect_to: str = "") -> SesSender:
    return SesSender.from_config(lambda: client, replace(config(), mail_redirect_to=redirect_to))


def sent() -> list[Any]:
    return list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


def test_a_letter_arrives_whole_from_the_society(ses: Any) -> None:
    message_id = sender(ses).send(LETTER)
    (mail,) = sent()
    assert mail.id == message_id
    assert mail.destinations["ToAddresses"] == [LETTER.to]
    assert (mail.subject, mail.body) == (LETTER.subject, LETTER.text)
    words, _, address = mail.source.rpartition(" ")
    assert str(make_header(decode_header(words))) == load_society().mail_sender_name
    assert address == f"<{load_society().mail_sender}>"


def test_outside_production_the_member_gets_no_mail(ses: Any) -> None:
    sender(ses, redirect_to="test@jgets.jp").send(LETTER)
    assert [mail.destinations["ToAddresses"] for mail in sent()] == [["test@jgets.jp"]]


def test_a_domain_that_is_not_verified_is_a_clear_no() -> None:
    with mock_aws():
        client = make_client("sesv2")
        with pytest.raises(NotTaken) as refused:
            sender(client).send(LETTER)
        assert sent() == []
    assert refused.value.reason == "MessageRejected"
    assert LETTER.to not in str(refused.value)


def test_no_ses_at_all_is_a_clear_no() -> None:
    nobody = make_client("sesv2", "http://127.0.0.1:1")
    with pytest.raises(NotTaken, match="EndpointConnectionError"):
        sender(nobody).send(LETTER)


def test_a_broken_answer_may_have_been_a_yes() -> None:
    with wire() as line:
        line.answer({"message": "x"}, status=500)
        client = make_client("sesv2", line.endpoint)
        with pytest.raises(OutcomeUnknown):
            sender(client).send(LETTER)
        line.answer({"MessageId": "late"}, after=0.5)
        with pytest.raises(OutcomeUnknown, match="ReadTimeoutError"):
            sender(client).send(LETTER)


def test_on_the_wire_texts_are_utf8_and_the_configuration_set_is_named() -> None:
    with wire() as line:
        line.answer({"MessageId": "0100-abc"})
        assert sender(make_client("sesv2", line.endpoint)).send(LETTER) == "0100-abc"
    (asked,) = line.asked
    assert asked["FromEmailAddress"].isascii()
    assert asked["ConfigurationSetName"] == config().mail_configuration_set
    assert asked["Content"]["Simple"] == {
        "Subject": {"Data": LETTER.subject, "Charset": "UTF-8"},
        "Body": {"Text": {"Data": LETTER.text, "Charset": "UTF-8"}},
    }


def courier(aws: Dynamo, client: Any, clock: FixedClock) -> Courier:
    aws.database.commit(
        queued(
            TABLES.outbox,
            mail_id="password_changed#1",
            kind="password_changed",
            member_id="m1",
            data={},
            now=clock(),
        )
    )
    return Courier(Outbox(aws.database, TABLES.outbox), lambda _: LETTER, sender(client), clock)


def test_a_queued_mail_is_sent_and_noted_once(aws: Dynamo, ses: Any) -> None:
    mails = courier(aws, ses, FixedClock())
    outcomes = [mails.deliver("password_changed#1") for _ in "12"]
    assert outcomes == [Outcome.SENT, Outcome.NOT_OURS]
    (mail,) = sent()
    row = aws.database.get(TABLES.outbox, {"pk": "password_changed#1"})
    assert row is not None
    assert (row["state"], row["message_id"]) == ("sent", mail.id)


def test_a_refused_mail_goes_when_ses_takes_it_again(aws: Dynamo) -> None:
    clock, client = FixedClock(), make_client("sesv2")
    mails = courier(aws, client, clock)
    assert mails.deliver("password_changed#1") is Outcome.PUT_BACK
    client.create_email_identity(EmailIdentity=load_society().mail_domain)
    assert mails.deliver("password_changed#1") is Outcome.NOT_OURS
    clock.tick(minutes=1)
    assert mails.deliver("password_changed#1") is Outcome.SENT
    assert len(sent()) == 1
