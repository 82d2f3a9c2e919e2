"""The member record as plain values and the pure rules about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from portal.members.fields import BY_NAME, NAMES, TRUE_NAMES
from portal.members.standing import Standing

type Values = Mapping[str, str]
"""Texts of the record by field name."""


@dataclass(frozen=True)
class Record:
    """What a member keeps up to date; every text normalised, absent optional ones empty.

    The two display names may hold kanji outside JIS X 0208. They are for pages and letters; GMO,
    receipts and the register get the checked name.
    """

    family_name: str
    given_name: str
    family_name_kana: str
    given_name_kana: str
    postal_code: str
    prefecture: str
    city: str
    street: str
    building: str
    phone: str
    mobile: str
    email: str
    workplace: str
    department: str
    display_family_name: str = ""
    display_given_name: str = ""

    @classmethod
    def of(cls, values: Values) -> "Record":
        """Make a record of texts by field name; a missing one is empty."""
        return cls(**{name: values.get(name, "") for name in BY_NAME})

    def values(self) -> dict[str, str]:
        """Return the texts by field name; a display name only where there is one."""
        given = [name for name in TRUE_NAMES if getattr(self, name)]
        return {name: getattr(self, name) for name in (*NAMES, *given)}

    @property
    def shown_name(self) -> str:
        """The name for pages and letters: each part in its true form where there is one."""
        family = self.display_family_name or self.family_name
        return f"{family} {self.display_given_name or self.given_name}"

    def differences(self, other: "Record") -> tuple[str, ...]:
        """Return the names of the fields in which two records differ, in the order of the page."""
        return tuple(name for name in BY_NAME if getattr(self, name) != getattr(other, name))


@dataclass(frozen=True)
class MailFault:
    """Mail to *address* does not arrive, since aware UTC *since*; *why* is SES's word for it."""

    address: str
    why: str
    since: datetime

    @property
    def complained(self) -> bool:
        """Whether the recipient's provider reported our mail as unwanted."""
        return self.why.startswith("complaint")


@dataclass(frozen=True)
class Member:
    """A member with the record.

    ``member_no`` and ``qualification`` are the office's and never come from a form. ``version``
    counts changes of the record's content. ``confirmed_on`` is the JST date on which the member
    last said that the record is right. ``confirmed_email`` is the last address that answered a
    mail of ours or came from the office, empty when there was none; a reset goes there and nowhere
    else. ``updated_at`` is aware UTC, None for a record that was never saved. ``mail_fault`` is
    what SES last told of an address that mail does not reach, perhaps not the present one.
    ``standing`` is the office's too; ``office_version`` counts the changes of what is the office's.
    ``anonymised_at`` is when a record was emptied for good, years
    after its member had left; while ``anonymising`` that is under way and must be finished.
    """

    member_id: str
    member_no: str
    record: Record
    confirmed_email: str
    qualification: str = ""
    version: int = 1
    confirmed_on: date | None = None
    updated_at: datetime | None = None
    mail_fault: MailFault | None = None
    standing: Standing = field(default_factory=Standing)
    anonymised_at: datetime | None = None
    anonymising: bool = False
    office_version: int = 0

    @property
    def anonymised(self) -> bool:
        """Whether nothing personal is left of the member."""
        return self.anonymised_at is not None

    @property
    def mail_fails(self) -> bool:
        """Whether mail to the address in the record is known not to arrive."""
        return self.mail_fault is not None and self.mail_fault.address == self.record.email

    @property
    def email_confirmed(self) -> bool:
        """Whether the address in the record is the one that was confirmed last."""
        return bool(self.confirmed_email) and self.confirmed_email == self.record.email

    def confirmed(self, today: date) -> "Member":
        """Return the member with the record confirmed *today*, its content untouched."""
        return replace(self, confirmed_on=today)

    def changed(self, record: Record, today: date, now: datetime) -> "Member":
        """Return the member with a new record, one version on and confirmed *today*.

        The confirmed address stays: until a new one is confirmed, the old one serves for a reset.
        """
        return replace(
            self,
            record=record,
            version=self.version + 1,
            confirmed_on=today,
            updated_at=now,
        )
