"""What SES would tell of a mail, as EventBridge would hand it to the function ``mail_events``.

MiniStack's SES sends nothing and so tells nothing; the mailbox page plays it by a press. The shapes
are those of SES's developer guide, and share no code with the function that reads them.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.aws import LocalAws


@dataclass(frozen=True)
class Way:
    """One thing that may happen: the button's text, SES's words, and the part that tells of it."""

    button: str
    detail_type: str
    event_type: str
    part: str
    told: Mapping[str, object]


WAYS: Mapping[str, Way] = {
    "delivered": Way("届いた", "Email Delivered", "Delivery", "delivery", {}),
    "bounced": Way(
        "戻ってきた（宛先不明）",
        "Email Bounced",
        "Bounce",
        "bounce",
        {"bounceType": "Permanent", "bounceSubType": "NoEmail"},
    ),
    "full": Way(
        "戻ってきた（容量超過）",
        "Email Bounced",
        "Bounce",
        "bounce",
        {"bounceType": "Transient", "bounceSubType": "MailboxFull"},
    ),
    "complained": Way(
        "迷惑メールとして報告",
        "Email Complaint Received",
        "Complaint",
        "complaint",
        {"complaintFeedbackType": "abuse", "complaintSubType": None},
    ),
}


def event(
    way: Way, *, mail_id: str, message_id: str, to: str, sent_at: datetime, now: datetime
) -> dict[str, Any]:
    """Return the event by which SES would tell of one mail of the outbox."""
    tag = base64.urlsafe_b64encode(mail_id.encode()).rstrip(b"=").decode()
    return {
        "version": "0",
        "detail-type": way.detail_type,
        "source": "aws.ses",
        "time": _iso(now),
        "detail": {
            "eventType": way.event_type,
            "mail": {
                "timestamp": _iso(sent_at),
                "messageId": message_id,
                "destination": [to],
                "tags": {"ses:configuration-set": ["local"], "mail": [tag]},
            },
            way.part: {"timestamp": _iso(now), **way.told},
        },
    }


def play(aws: LocalAws, way: Way, *, message_id: str, to: str, sent_at: datetime) -> bool:
    """Have the deployed function hear of one mail. False when no mail of ours has this id."""
    resources = aws.resources()
    mail_id = _mail_id(aws, resources["OutboxTable"], message_id)
    if not mail_id:
        return False
    told = event(
        way, mail_id=mail_id, message_id=message_id, to=to, sent_at=sent_at, now=datetime.now(UTC)
    )
    answer = aws.client("lambda").invoke(
        FunctionName=f"{resources['MailEventsFunction']}:live", Payload=json.dumps(told).encode()
    )
    return "FunctionError" not in answer


def _mail_id(aws: LocalAws, table: str, message_id: str) -> str:
    """Find the outbox row of a mail by looking at all; SES itself would give its tag back."""
    pages = (
        aws.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=table,
            FilterExpression="message_id = :sent",
            ExpressionAttributeValues={":sent": {"S": message_id}},
            ConsistentRead=True,
        )
    )
    return next((str(row["pk"]["S"]) for page in pages for row in page["Items"]), "")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
