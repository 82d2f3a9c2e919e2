"""What the page 会員編集 shows: fields with their values, errors, corrections and warnings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.members import email_typo, fields
from portal.members.checks import Checked, Problem, check
from portal.members.fields import BY_NAME, PREFECTURES, SHOWN_FOR, Field, Kind
from portal.members.model import Member, Record


@dataclass(frozen=True)
class FieldView:
    """One field as it stands on the page."""

    field: Field
    value: str
    error: str = ""
    proposal: str | None = None
    warning: str = ""
    keeps: bool = False
    """Whether the refused text may stay as the name that is shown."""

    @property
    def options(self) -> tuple[str, ...]:
        """The choices of a select; empty for a text field."""
        return PREFECTURES if self.field.kind is Kind.PREFECTURE else ()

    @property
    def digits(self) -> bool:
        """Whether the page's script may fold hyphens and full-width digits while typing."""
        return self.field.kind in (Kind.PHONE, Kind.POSTAL_CODE)


@dataclass(frozen=True)
class Difference:
    """A field in which the member's text and the stored one differ."""

    label: str
    mine: str
    stored: str


def typed_values(posted: Mapping[str, str], stored: Record) -> dict[str, str]:
    """Return every text as it was typed; what was not sent is shown as it is stored."""
    return stored.values() | {name: text for name, text in posted.items() if name in BY_NAME}


def problems_of(values: Mapping[str, str]) -> dict[str, Problem]:
    """Return what 保存 would refuse in these texts, by field name."""
    found = {name: check(field, values.get(name, "")).problem for name, field in BY_NAME.items()}
    return {name: problem for name, problem in found.items() if problem is not None}


def groups(
    values: Mapping[str, str], problems: Mapping[str, Problem], *, true_name: bool
) -> list[tuple[str, list[FieldView]]]:
    """Return the fields of the page under their group's heading."""

    def shown(name: str) -> FieldView:
        return _field_view(BY_NAME[name], values.get(name, ""), problems.get(name), true_name)

    return [
        (title, [shown(name) for name in names])
        for title, names in fields.groups(true_name=true_name)
    ]


def _field_view(field: Field, value: str, problem: Problem | None, true_name: bool) -> FieldView:
    if problem is None:
        return FieldView(field, value, warning=warning(field, value))
    keeps = true_name and bool(kept_form(field.name, value))
    return FieldView(field, value, one_text(problem), problem.proposal, keeps=keeps)


def kept_form(name: str, value: str) -> dict[str, str]:
    """Return what keeps a refused name for show: the correction, and the true form beside it.

    Nothing where the name is not refused, has no correction, or no true form that can be kept.
    """
    if name not in SHOWN_FOR:
        return {}
    problem, true = check(BY_NAME[name], value).problem, check(BY_NAME[SHOWN_FOR[name]], value)
    if problem is None or problem.proposal is None or not true.value:
        return {}
    return {name: problem.proposal, SHOWN_FOR[name]: true.value}


def warning(field: Field, value: str) -> str:
    """Return the advice for a text that is taken, but perhaps not a good one."""
    checked = check(field, value) if field.kind is Kind.EMAIL else Checked(value)
    return checked.warning


def proposal(field: Field, value: str) -> str | None:
    """Return the correction that a press puts into a field, None where there is none to offer."""
    checked = check(field, value)
    if checked.problem is not None:
        return checked.problem.proposal
    meant = email_typo.meant(checked.value) if field.kind is Kind.EMAIL else ""
    return meant or None


def doubt(meant: str) -> Problem:
    """Return the question about an address that looks mistyped."""
    asked = f"もしかして「{meant}」ではありませんか。"
    return Problem((asked, "このままでよろしければ、もう一度保存してください。"), meant)


def one_text(problem: Problem) -> str:
    """Return a problem's sentences, each on a line of its own."""
    return "\n".join(problem.messages)


def differences(mine: Record, current: Member) -> Sequence[Difference]:
    """Return both versions of every field in which they differ."""
    return [
        Difference(BY_NAME[name].label, getattr(mine, name), getattr(current.record, name))
        for name in mine.differences(current.record)
    ]
