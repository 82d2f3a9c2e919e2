"""What SES is asked, and how its answers are told apart."""

from dataclasses import replace
from email.header import decode_header, make_header
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from portal.mail.event import mail_id_of
from portal.mail.sender import (
    Letter,
    NotTaken,
    OutcomeUnknown,
    SesSender,
    mailbox,
    plain_address,
    wire_address,
)

LETTER = Letter("hanako@example.jp", "【技師会】お知らせ 﨑髙①", "本文 𠮷\n")


class Client:
    """SES v2's client as far as the sender uses it."""

    def __init__(
        self, trouble: Exception | None = None, unlisting: Exception | None = None
    ) -> None:
        self.asked: list[dict[str, Any]] = []
        self.unlisted: list[str] = []
        self._trouble = trouble
        self._unlisting = unlisting

    def send_email(self, **request: Any) -> dict[str, str]:
        """Take a request."""
        self.asked.append(request)
        if self._trouble:
            raise self._trouble
        return {"MessageId": "0100-abc"}

    def delete_suppressed_destination(self, **request: str) -> None:
        """Take an address off the list."""
        assert not self.asked, "the address is taken off before the mail is sent"
        self.unlisted.append(request["EmailAddress"])
        if self._unlisting:
            raise self._unlisting


def sender(client: Client, redirect_to: str = "") -> SesSender:
    return SesSender(
        lambda: client,
        sender="info@jgets.jp",
        sender_name="日本消化器内視鏡技師会",
        configuration_set="portal",
        redirect_to=redirect_to,
    )


def refusal(code: str, status: int) -> ClientError:
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendEmail")


def test_a_letter_goes_out_as_simple_utf8_content_from_the_society() -> None:
    client = Client()
    assert sender(client).send(LETTER) == "0100-abc"
    (asked,) = client.asked
    assert asked["Destination"] == {"ToAddresses": ["hanako@example.jp"]}
    assert asked["ConfigurationSetName"] == "portal"
    simple = asked["Content"]["Simple"]
    assert simple["Subject"] == {"Data": LETTER.subject, "Charset": "UTF-8"}
    assert simple["Body"] == {"Text": {"Data": LETTER.text, "Charset": "UTF-8"}}
    assert asked["FromEmailAddress"].endswith(" <info@jgets.jp>")


def test_outside_production_every_letter_goes_to_the_test_address() -> None:
    client = Client()
    sender(client, redirect_to="test@jgets.jp").send(LETTER)
    assert client.asked[0]["Destination"] == {"ToAddresses": ["test@jgets.jp"]}


@pytest.mark.parametrize("name", ["日本消化器内視鏡技師会", "とても長い名前の学会" * 5, "JGETS"])
def test_the_senders_name_is_seven_bit_and_comes_back_whole(name: str) -> None:
    written = mailbox(name, "info@jgets.jp")
    assert written.isascii()
    assert "\n" not in written
    assert all(len(word) <= 75 for word in written.split(" "))
    assert str(make_header(decode_header(written.removesuffix(" <info@jgets.jp>")))) == name


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("hanako@example.jp", "hanako@example.jp"),
        ("a.b+c@example.jp", "a.b+c@example.jp"),
        ("a..b@docomo.ne.jp", '"a..b"@docomo.ne.jp'),
        ("abc.@ezweb.ne.jp", '"abc."@ezweb.ne.jp'),
        (".abc@docomo.ne.jp", '".abc"@docomo.ne.jp'),
        ('"a..b"@docomo.ne.jp', '"a..b"@docomo.ne.jp'),
        ("no address", "no address"),
    ],
)
def test_old_carrier_addresses_are_quoted_as_rfc_5321_wants(typed: str, sent: str) -> None:
    assert wire_address(typed) == sent


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (refusal("MessageRejected", 400), "MessageRejected"),
        (refusal("BadRequestException", 400), "BadRequestException"),
        (refusal("TooManyRequestsException", 429), "TooManyRequestsException"),
        (EndpointConnectionError(endpoint_url="https://ses"), "EndpointConnectionError"),
        (ConnectTimeoutError(endpoint_url="https://ses"), "ConnectTimeoutError"),
        (NoCredentialsError(), "NoCredentialsError"),
    ],
)
def test_a_clear_no_may_be_repeated_soon(trouble: ClientError | BotoCoreError, reason: str) -> None:
    with pytest.raises(NotTaken) as caught:
        sender(Client(trouble)).send(LETTER)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "trouble",
    [
        refusal("InternalFailure", 500),
        ReadTimeoutError(endpoint_url="https://ses"),
        ConnectionClosedError(endpoint_url="https://ses"),
    ],
)
def test_silence_after_asking_may_have_been_a_yes(trouble: ClientError | BotoCoreError) -> None:
    with pytest.raises(OutcomeUnknown):
        sender(Client(trouble)).send(LETTER)


def test_errors_name_neither_address_nor_text() -> None:
    trouble = refusal("MessageRejected", 400)
    trouble.response["Error"]["Message"] = "Email address is not verified: hanako@example.jp"
    with pytest.raises(NotTaken) as caught:
        sender(Client(trouble)).send(LETTER)
    assert "hanako" not in f"{caught.value}{caught.value.reason}"


def test_a_letter_carries_its_rows_key_as_a_tag_that_ses_allows() -> None:
    client = Client()
    sender(client).send(replace(LETTER, mail_id="card_paid#D26-1"))
    (tag,) = client.asked[0]["EmailTags"]
    assert (tag["Name"], mail_id_of(tag["Value"])) == ("mail", "card_paid#D26-1")


def test_a_tag_names_no_address() -> None:
    client = Client()
    sender(client).send(replace(LETTER, mail_id="card_paid#D26-1"))
    assert LETTER.to not in str(client.asked[0]["EmailTags"])


def test_a_test_mail_has_the_address_taken_off_sess_list_first() -> None:
    client = Client()
    sender(client).send(replace(LETTER, to="a..b@docomo.ne.jp", afresh=True))
    assert client.unlisted == ['"a..b"@docomo.ne.jp']
    sender(client, redirect_to="test@jgets.jp").send(LETTER)
    assert len(client.unlisted) == 1


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (refusal("NotFoundException", 404), False),
        (refusal("TooManyRequestsException", 429), True),
        (ConnectTimeoutError(endpoint_url="https://ses"), True),
    ],
)
def test_a_list_that_does_not_answer_keeps_no_test_mail_back(
    trouble: Exception, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(unlisting=trouble)
    assert sender(client).send(replace(LETTER, afresh=True)) == "0100-abc"
    assert ("not taken off the list" in caplog.text) is told
    assert LETTER.to not in str([vars(record) for record in caplog.records])


@pytest.mark.parametrize(
    "typed", ["a..b@docomo.ne.jp", "a.@ezweb.ne.jp", "plain@example.jp", 'q"o\\te@example.jp', "x"]
)
def test_an_address_comes_back_from_the_wire_as_it_was_typed(typed: str) -> None:
    assert plain_address(wire_address(typed)) == typed
