"""What one row of the office's file asks for: a new member, a change, nothing, or a refusal.

Pure: nothing is read or written here. A row never silently overwrites what was changed after its
file was made (docs/decisions/0035-members-as-a-file.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from portal.clock import jst_date
from portal.members import history, office_fields
from portal.members.checks import check
from portal.members.fields import BY_NAME, Field
from portal.members.history import Change
from portal.members.model import Member, Record
from portal.members.spreadsheet import damage

COLUMNS = {**BY_NAME, **office_fields.FIELDS}
"""What a file may hold beside number and version."""
_BY_LABEL = {one.label: name for name, one in BY_NAME.items()}


class Outcome(Enum):
    """What becomes of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Rules:
    """*may_be_empty* names fields that a new member may lack although the form wants them.

    *overwrite* lets the file win over what was changed after it was made. *kinds* are the names of
    the society's kinds of members, the first of them for whom none is noted.
    """

    kinds: tuple[str, ...]
    may_be_empty: frozenset[str] = frozenset()
    overwrite: bool = False


@dataclass(frozen=True)
class Entry:
    """A row: its line in the file, the folded number, the texts by field name, all as typed.

    A column that the file does not have is no key of *texts*. *version* is the record's when the
    file was made, *office_version* that of the office's own texts; None where it does not say.
    """

    line: int
    number: str
    texts: Mapping[str, str]
    version: int | None = None
    office_version: int | None = None


@dataclass(frozen=True)
class Plan:
    """What is to be done for a row. *after* is there only where something is to be written.

    *kept* names fields in which the file is older than the record and nobody edited the file.
    """

    outcome: Outcome
    reasons: tuple[str, ...] = ()
    before: Member | None = None
    after: Member | None = None
    changed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass
class _Found:
    """What the cells of a row say. *withdrawn* is the member as stored."""

    kinds: tuple[str, ...]
    withdrawn: bool = False
    values: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def refused(*reasons: str) -> Plan:
    """Return the plan of a row that cannot be taken."""
    return Plan(Outcome.REFUSED, reasons)


def plan_new(entry: Entry, member_id: str, rules: Rules, now: datetime) -> Plan:
    """Return the plan for a number that nobody has yet."""
    found = _Found(rules.kinds)
    for name, one in BY_NAME.items():
        text = entry.texts.get(name, "")
        if text.strip() or (one.required and name not in rules.may_be_empty):
            _look(found, one, text)
    for name, one in office_fields.FIELDS.items():
        if entry.texts.get(name, "").strip():
            _look(found, one, entry.texts[name])
    if found.reasons:
        return refused(*found.reasons)
    record = Record.of(found.values)
    # What comes from the office counts as confirmed: it is where a reset may be sent.
    member = Member(member_id, entry.number, record, confirmed_email=record.email)
    return Plan(Outcome.CREATED, after=office_fields.changed(member, found.values, now))


def plan_change(
    entry: Entry,
    member: Member,
    changes: Callable[[], Sequence[Change]],
    rules: Rules,
    now: datetime,
) -> Plan:
    """Return the plan for a member who is there. *changes*, newest first, are asked for at need."""
    if member.anonymised or member.anonymising:
        return refused("匿名化した会員です。この会員番号はもう使えません。")
    present = texts(member, rules.kinds)
    found = _differing(entry, present, _Found(rules.kinds, withdrawn=member.standing.withdrawn))
    if found.reasons:
        return replace(refused(*found.reasons), before=member)
    _older_at_office(entry, member, found, present, rules)
    kept = _older(entry, member, found, changes, rules)
    if found.reasons:
        return replace(refused(*found.reasons), before=member)
    if not found.values:
        return Plan(Outcome.UNCHANGED, before=member, kept=kept)
    after = _changed(member, found.values, now)
    return Plan(Outcome.UPDATED, (), member, after, tuple(found.values), kept)


def texts(member: Member, kinds: Sequence[str]) -> dict[str, str]:
    """Return all that a file says of a member, by name. *kinds* as in Rules."""
    record = {name: getattr(member.record, name) for name in BY_NAME}
    return record | office_fields.texts(member, kinds)


# The cells


def _look(found: _Found, one: Field, text: str) -> None:
    """Check one cell as the member's form would, after looking for what Excel did to it."""
    spoilt = damage(one.kind, text)
    if spoilt:
        found.reasons.append(f"{one.label}: {spoilt}")
        return
    if one.name in office_fields.CHOSEN:
        _choose(found, one.name, text.strip())
        return
    checked = check(one, text)
    if checked.problem is None:
        found.values[one.name] = checked.value
        return
    offer = checked.problem.proposal
    said = "".join(checked.problem.messages)
    found.reasons.append(f"{said}（候補: {offer}）" if offer is not None else said)


def _choose(found: _Found, name: str, text: str) -> None:
    fault = office_fields.fault(name, text, found.kinds, withdrawn=found.withdrawn)
    if fault:
        found.reasons.append(fault)
    else:
        found.values[name] = text


def _differing(entry: Entry, present: Mapping[str, str], found: _Found) -> _Found:
    """Return the values that differ from the record; what is stored already needs no check."""
    for name, text in entry.texts.items():
        unsaid = name in office_fields.CHOSEN and not text.strip()
        if text != present[name] and not unsaid:
            _look(found, COLUMNS[name], text)
    for name, value in list(found.values.items()):
        if value == present[name]:
            del found.values[name]
    return found


# What was changed after the file was made


def _older(
    entry: Entry,
    member: Member,
    found: _Found,
    changes: Callable[[], Sequence[Change]],
    rules: Rules,
) -> tuple[str, ...]:
    """Take out of *found* what only an old file asks for, and note what both sides changed."""
    ours = [name for name in found.values if name in BY_NAME]
    if entry.version == member.version or not ours:
        return ()
    if entry.version is not None and entry.version > member.version:
        found.reasons.append(_from_elsewhere("版", entry.version, member.version))
        return ()
    since = _since(entry.version, member.version, changes())
    if since is None:
        if not rules.overwrite:
            labels = "、".join(BY_NAME[name].label for name in ours)
            found.reasons.append(f"ファイルより後の変更をたどれません（違う項目: {labels}）。")
        return ()
    return _merged(entry, found, ours, since, rules)


def _from_elsewhere(label: str, said: int, present: int) -> str:
    return (
        f"{label} {said} はポータルの{label} {present} より新しいため、"
        "別の環境か復元前のファイルです。書き出しからやり直してください。"
    )


def _older_at_office(
    entry: Entry, member: Member, found: _Found, present: Mapping[str, str], rules: Rules
) -> None:
    """Refuse the office's own texts of an old file: there is no history to merge them by."""
    said, now = entry.office_version, member.office_version
    if said is None or said == now:
        return
    if said > now:
        found.reasons.append(_from_elsewhere("事務局の版", said, now))
        return
    for name in office_fields.FIELDS:
        if name in found.values and not rules.overwrite:
            found.reasons.append(
                f"{COLUMNS[name].label}: ファイルを書き出したあとで、事務局の項目が変更されています"
                f"（いま「{present[name]}」、ファイルは「{found.values[name]}」）。"
                "正しいほうを確かめてください。"
            )


def _since(made: int | None, present: int, changes: Sequence[Change]) -> Sequence[Change] | None:
    """Return the changes after version *made*, None when the history does not reach so far back.

    Without a version each change by the member counts: the file may be older than all of them.
    """
    if made is None:
        return [one for one in changes if one.by == history.MEMBER]
    gap = present - made
    return changes[:gap] if len(changes) >= gap else None


def _merged(
    entry: Entry, found: _Found, ours: Sequence[str], since: Sequence[Change], rules: Rules
) -> tuple[str, ...]:
    kept = []
    for name in ours:
        touched = [
            (change, line)
            for change in since
            for line in change.lines
            if _BY_LABEL.get(line.label) == name
        ]
        if not touched:
            continue
        if entry.version is not None and found.values[name] == touched[-1][1].before:
            # The file says what the record said when it was made: nobody edited it there.
            del found.values[name]
            kept.append(name)
        elif not rules.overwrite:
            found.reasons.append(_both_changed(name, found.values[name], touched[0][0]))
    return tuple(kept)


def _both_changed(name: str, wanted: str, change: Change) -> str:
    label = BY_NAME[name].label
    line = next(one for one in change.lines if one.label == label)
    who = "会員" if change.by == history.MEMBER else "事務局"
    return (
        f"{label}は {jst_date(change.at)} に{who}が「{line.after}」に変更しています"
        f"（ファイルは「{wanted}」）。正しいほうを確かめてください。"
    )


def _changed(member: Member, values: Mapping[str, str], now: datetime) -> Member:
    """Return the member with *values*; the day of the member's own confirmation stays."""
    typed = {name: value for name, value in values.items() if name in BY_NAME}
    record = replace(member.record, **typed)
    moved = record.email != member.record.email
    # The version counts changes that the history tells of; the office's own texts are none.
    after = replace(
        member,
        record=record,
        version=member.version + (1 if typed else 0),
        updated_at=now if typed else member.updated_at,
        confirmed_email=record.email if moved else member.confirmed_email,
    )
    return office_fields.changed(after, values, now)
