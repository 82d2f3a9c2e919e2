"""docs/payments.md and docs/mail.md tell the steps and mails of reminding as they are."""

import re
from pathlib import Path

from portal.billing.reminders import Told
from portal.config import load_society
from portal.mail.messages import KINDS

DOCS = Path(__file__).parents[3] / "docs"
SECTION = (
    (DOCS / "payments.md")
    .read_text(encoding="utf-8")
    .split("\n## Reminders\n")[1]
    .split("\n## ")[0]
)


def told(kind: str) -> list[int]:
    """Return the days that the table names for a mail, in its order."""
    row = next(line for line in SECTION.splitlines() if line.startswith(f"| `{kind}`"))
    when = row.split("|")[2].split("if two")[0]
    return [int(number) for number in re.findall(r"\d+", when)]


def test_the_days_are_the_societys() -> None:
    society = load_society()
    assert told(Told.DUES) == [abs(days) for days in society.reminders_days_before_due]
    assert told(Told.WARNING) == [abs(days) for days in society.reminders_warning_days_before_due]
    assert told(Told.SLIP) == [society.reminders_slip_days_before_term]


def test_every_reminder_has_its_mail_and_its_line() -> None:
    mails = (DOCS / "mail.md").read_text(encoding="utf-8")
    for kind in Told:
        assert f"| `{kind}` | {KINDS[kind].subject} |" in mails
