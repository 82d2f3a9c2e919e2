"""Handing a mail to SES (API v2), and telling apart "not taken" from "nobody knows".

SES has no idempotency key, so a request whose answer never came may have been a sent mail. The
client is therefore made without retries: repeating is the outbox's decision, not the client's.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header
from typing import Any, Protocol

from portal.config import Config
from portal.log import logger
from portal.mail.event import TAG, tag_of


class MailError(Exception):
    """Never raised directly. ``reason`` is SES's code or the kind of failure, without addresses."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotTaken(MailError):
    """SES surely did not take the mail: refused, throttled, or never reached."""


class OutcomeUnknown(MailError):
    """No usable answer came: the mail may or may not be on its way."""


@dataclass(frozen=True)
class Letter:
    """A mail ready to go.

    *member_id* is whose mail it is, where the outbox row could not say. *mail_id* is the row's key,
    by which SES's later events are told apart. *afresh* has the address taken off SES's own list
    of those that it does not send to any more.
    """

    to: str
    subject: str
    text: str
    member_id: str = ""
    mail_id: str = ""
    afresh: bool = False


class Sender(Protocol):
    """The port to whatever sends mail."""

    def send(self, letter: Letter) -> str:
        """Send and return the provider's message id. Raises NotTaken or OutcomeUnknown."""


class SesSender:
    """The Sender port on SES v2. *client* is made at the first use, with a single attempt."""

    def __init__(
        self,
        client: Callable[[], Any],
        *,
        sender: str,
        sender_name: str,
        configuration_set: str,
        redirect_to: str = "",
    ) -> None:
        self._client = client
        self._from = mailbox(sender_name, sender)
        self._configuration_set = configuration_set
        self._redirect_to = redirect_to

    @classmethod
    def from_config(cls, client: Callable[[], Any], config: Config) -> "SesSender":
        """Make the sender of a deployment; outside production all mail goes to one address."""
        society = config.society
        return cls(
            client,
            sender=society.mail_sender,
            sender_name=society.mail_sender_name,
            configuration_set=config.mail_configuration_set,
            redirect_to=config.mail_redirect_to,
        )

    def send(self, letter: Letter) -> str:
        """Send by ``SendEmail`` with Simple content in UTF-8."""
        from botocore.exceptions import BotoCoreError, ClientError  # Loaded with the client.

        if letter.afresh:
            self._unlist(letter)
        try:
            answer = self._client().send_email(**self._request(letter))
        except ClientError as error:
            raise _refusal(error.response) from None
        except BotoCoreError as error:
            raise _silence(error) from None
        return str(answer["MessageId"])

    def _unlist(self, letter: Letter) -> None:
        """Take the address off SES's list; if that fails, the mail's own event will tell."""
        from botocore.exceptions import BotoCoreError, ClientError  # Loaded with the client.

        try:
            self._client().delete_suppressed_destination(EmailAddress=self._to(letter))
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            # Most addresses were never on the list.
            if code != "NotFoundException":
                logger.warning("address not taken off the list", extra={"reason": code})
        except BotoCoreError as error:
            told = {"reason": type(error).__name__}
            logger.warning("address not taken off the list", extra=told)

    def _to(self, letter: Letter) -> str:
        return wire_address(self._redirect_to or letter.to)

    def _request(self, letter: Letter) -> dict[str, Any]:
        tags = [{"Name": TAG, "Value": tag_of(letter.mail_id)}] if letter.mail_id else []
        return {
            "FromEmailAddress": self._from,
            "Destination": {"ToAddresses": [self._to(letter)]},
            "ConfigurationSetName": self._configuration_set,
            "EmailTags": tags,
            "Content": {
                "Simple": {
                    "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
                    "Body": {"Text": {"Data": letter.text, "Charset": "UTF-8"}},
                }
            },
        }


def mailbox(name: str, address: str) -> str:
    """Write a sender with its name as RFC 2047 encoded words: SES takes 7-bit text only."""
    words = Header(name, "utf-8").encode(maxlinelen=75, linesep="\n").replace("\n", "")
    return f"{words} <{address}>"


_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


def wire_address(address: str) -> str:
    """Write an address as RFC 5321 wants it.

    Addresses that docomo and au gave out until 2009 may have two dots in a row or one at the end;
    such a local part is only valid in quotes.
    """
    local, at, domain = address.rpartition("@")
    if not at or local.startswith('"') or _DOT_ATOM.fullmatch(local):
        return address
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{domain}'


def plain_address(written: str) -> str:
    """Return the address that :func:`wire_address` wrote: without the quotes of its local part."""
    local, _, domain = written.rpartition("@")
    if len(local) < 2 or not (local.startswith('"') and local.endswith('"')):
        return written
    return f"{re.sub(r'\\(.)', r'\1', local[1:-1])}@{domain}"


def _refusal(response: Any) -> MailError:
    code = str(response.get("Error", {}).get("Code", "")) or "Refused"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    # A server error may come after the mail was accepted; everything else is a clear no.
    return OutcomeUnknown(code) if status >= 500 else NotTaken(code)


def _silence(error: Exception) -> MailError:
    from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

    reason = type(error).__name__
    asked = isinstance(error, ReadTimeoutError | ConnectionClosedError)
    return OutcomeUnknown(reason) if asked else NotTaken(reason)
