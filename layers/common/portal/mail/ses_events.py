"""The border: an event of SES, as EventBridge hands it on, becomes a MailEvent or is ignored.

Only the function ``mail_events`` imports this module, because pydantic is slow to load. Nothing
here raises: an event that is not understood would otherwise be delivered again and again. The
shapes are those of "Examples of event data" in SES's developer guide; tests/fixtures/ses has them.
"""

import re
from dataclasses import dataclass

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from portal.mail.event import TAG, Happened, MailEvent, mail_id_of
from portal.mail.sender import plain_address

PERMANENT = "Permanent"
NOT_SPAM = "not-spam"
"""The contrary of a complaint: somebody took the mail out of the spam folder."""

_WORD = re.compile(r"[A-Za-z][A-Za-z-]{0,39}")


@dataclass(frozen=True)
class Ignored:
    """The event tells us nothing; *why* is a word for the count."""

    why: str


class _Part(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, frozen=True)


class _Mail(_Part):
    timestamp: AwareDatetime
    message_id: str
    destination: list[str] = Field(min_length=1)
    tags: dict[str, list[str]] = {}


class _Moment(_Part):
    timestamp: AwareDatetime


class _Bounce(_Moment):
    bounce_type: str
    bounce_sub_type: str


class _Complaint(_Moment):
    complaint_feedback_type: str | None = None
    complaint_sub_type: str | None = None


class _Detail(_Part):
    event_type: str
    mail: _Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Moment | None = None
    delivery_delay: _Moment | None = None


class _Event(_Part):
    detail: _Detail


def read(event: object) -> MailEvent | Ignored:
    """Read one event. Unknown kinds, mails that are not ours and garbage are ignored."""
    try:
        detail = _Event.model_validate(event).detail
    except ValidationError:
        return Ignored("not understood")
    if detail.event_type not in set(Happened):
        return Ignored("unknown kind")
    mail_id = mail_id_of(next(iter(detail.mail.tags.get(TAG, ())), ""))
    if not mail_id:
        return Ignored("not ours")
    return _event(Happened(detail.event_type), mail_id, detail)


def _event(happened: Happened, mail_id: str, detail: _Detail) -> MailEvent | Ignored:
    parts = {
        Happened.BOUNCED: detail.bounce,
        Happened.COMPLAINED: detail.complaint,
        Happened.DELIVERED: detail.delivery,
        Happened.DELAYED: detail.delivery_delay,
    }
    if happened in parts and parts[happened] is None:
        return Ignored("not understood")
    part = parts.get(happened)
    if isinstance(part, _Complaint) and part.complaint_feedback_type == NOT_SPAM:
        return Ignored("not spam")
    mail = detail.mail
    return MailEvent(
        happened=happened,
        mail_id=mail_id,
        message_id=mail.message_id,
        # Each mail of ours has one recipient. A bounce may name another one, to whom that
        # recipient had it forwarded.
        address=plain_address(mail.destination[0]),
        at=part.timestamp if part else mail.timestamp,
        sent_at=mail.timestamp,
        why=_why(part),
        lasting=_lasting(part),
    )


def _why(part: _Moment | None) -> str:
    match part:
        case _Bounce(bounce_type=kind, bounce_sub_type=sub):
            return f"{_word(kind)}/{_word(sub)}"
        case _Complaint(complaint_feedback_type=kind, complaint_sub_type=sub):
            return f"complaint/{_word(sub or kind or 'unknown')}"
        case _:
            return ""


def _lasting(part: _Moment | None) -> bool:
    if isinstance(part, _Bounce):
        return part.bounce_type == PERMANENT
    return isinstance(part, _Complaint)


def _word(text: str) -> str:
    """Keep one of SES's own words; anything else could be a server's text."""
    return text if _WORD.fullmatch(text) else "other"
