"""The world around the portal: the member's mailbox, and GMO's stand-in."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from portal.clock import iso, parse_iso
from tests.stackfixture import LocalStack

PATIENCE = 60.0
"""Seconds until a mail must have come."""
_BETWEEN_LOOKS = 0.2


@dataclass(frozen=True)
class Mail:
    """One mail as its reader sees it."""

    to: str
    subject: str
    text: str


class Mailbox:
    """Reads the mail of the local stack."""

    def __init__(self, url: str) -> None:
        self.url = url

    def waits_for(self, to: str, subject: str) -> Mail:
        """Return the newest mail to *to* whose subject contains *subject*, once it is there."""
        return _eventually(lambda: self._newest(to, subject), f"a mail 「{subject}」 to {to}")

    def count(self, to: str, subject: str) -> int:
        """Return how many such mails came so far."""
        return len(self._matching(to, subject))

    def _newest(self, to: str, subject: str) -> Mail | None:
        return next(iter(self._matching(to, subject)), None)

    def _matching(self, to: str, subject: str) -> list[Mail]:
        rows = _json("GET", f"{self.url}/?format=json")
        mails = [Mail(row["to"], row["subject"], row["text"]) for row in rows]
        return [mail for mail in mails if mail.to == to and subject in mail.subject]


class Gmo:
    """The controls of GMO's stand-in."""

    def __init__(self, url: str) -> None:
        self.url = url

    def order(self, link: str) -> str:
        """Return the order behind a link."""
        orders = _json("GET", f"{self.url}/_standin/orders")
        return next(str(one["order_id"]) for one in orders if one["link"] == link)

    def deposit(self, order_id: str) -> None:
        """Let the money of a slip arrive at the store."""
        _json("POST", f"{self.url}/_standin/orders/{order_id}/deposit")

    def faults(self, **words: str) -> None:
        """Set faults, one word for each part."""
        _json("POST", f"{self.url}/_standin/faults", words)

    def flush(self) -> None:
        """Send the notifications that were held back."""
        _json("POST", f"{self.url}/_standin/notifications/flush")

    def is_well(self) -> None:
        """End every fault."""
        self.faults(notifications="normal", search="normal", link="normal")
        self.faults(**{"return": "normal"})


def _json(method: str, url: str, body: Mapping[str, str] | None = None) -> Any:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, sent, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
        assert response.status == 200, (url, response.status, content[:300])
        return json.loads(content) if content else None
    finally:
        connection.close()


def _eventually(look: Callable[[], Mail | None], what: str) -> Mail:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        found = look()
        if found is not None:
            return found
        time.sleep(_BETWEEN_LOOKS)
    raise AssertionError(f"{what} did not come within {PATIENCE:.0f} s")


def let_sessions_end(stack: LocalStack, member_no: str) -> None:
    """Move the idle end of a member's sessions into the past, so that nobody has to wait."""
    _in_sessions(stack, member_no, "idle_until", lambda row: row["created_at"]["S"])


def let_time_pass(stack: LocalStack, member_no: str, passed: timedelta) -> None:
    """Make a member's sessions older than they are, so that nobody has to wait."""
    _in_sessions(
        stack,
        member_no,
        "created_at",
        lambda row: iso(parse_iso(row["created_at"]["S"]) - passed),
    )


def _in_sessions(
    stack: LocalStack, member_no: str, name: str, moment: Callable[[Any], str]
) -> None:
    database = stack.aws.client("dynamodb")
    credential = database.get_item(
        TableName=stack.resources["CredentialsTable"], Key={"pk": {"S": member_no}}
    )["Item"]
    table = stack.resources["SessionsTable"]
    rows = database.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": credential["member_id"], ":sk": {"S": "S#"}},
        ConsistentRead=True,
    )["Items"]
    for row in rows:
        database.update_item(
            TableName=table,
            Key={"pk": row["pk"], "sk": row["sk"]},
            UpdateExpression="SET #name = :moment",
            ExpressionAttributeNames={"#name": name},
            ExpressionAttributeValues={":moment": {"S": moment(row)}},
        )
