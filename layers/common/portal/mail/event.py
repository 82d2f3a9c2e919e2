"""What became of a mail after SES took it, as plain values; ``ses_events`` reads them."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TAG = "mail"
"""Name of the message tag under which SES gives a mail's id back to us."""

_ENCODED = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What SES allows in the value of a tag."""


class Happened(StrEnum):
    """What SES tells of one mail, in SES's own words."""

    SENT = "Send"
    DELIVERED = "Delivery"
    DELAYED = "DeliveryDelay"
    BOUNCED = "Bounce"
    COMPLAINED = "Complaint"
    REJECTED = "Reject"


@dataclass(frozen=True)
class MailEvent:
    """One thing that happened to one mail.

    *address* is where SES was asked to send it. *at* is when it happened, *sent_at* when SES took
    the mail, both aware UTC. *why* is SES's type and subtype, never a server's own text, which may
    quote addresses. *lasting* says that further mail to the address would fare alike.
    """

    happened: Happened
    mail_id: str
    message_id: str
    address: str
    at: datetime
    sent_at: datetime
    why: str = ""
    lasting: bool = False


def tag_of(mail_id: str) -> str:
    """Write a mail's id in the characters that a tag may have."""
    return base64.urlsafe_b64encode(mail_id.encode()).rstrip(b"=").decode("ascii")


def mail_id_of(tag: str) -> str:
    """Read a mail's id from a tag; an empty text when it is none of ours."""
    if not _ENCODED.fullmatch(tag):
        return ""
    try:
        return base64.urlsafe_b64decode(tag + "=" * (-len(tag) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
