"""Use case 保存: keep the member's changes, unless somebody else changed the record meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal import audit
from portal.clock import jst_date
from portal.database import Database, Item, Put, Rejected, Value, Write
from portal.ids import crockford
from portal.mail import outbox
from portal.members import history, store
from portal.members.model import Member, Record


class MemberTables(Protocol):
    """What of the configured tables this subject writes."""

    @property
    def members(self) -> str:
        """The table of records."""

    @property
    def outbox(self) -> str:
        """The table of mails that wait."""

    @property
    def audit(self) -> str:
        """The append-only table of acts."""


@dataclass(frozen=True)
class Saved:
    """The record is stored (or was the same already) and confirmed for today."""

    member: Member


@dataclass(frozen=True)
class Conflict:
    """Nothing was stored: the record is not the one the member's page was made from."""

    current: Member


type Outcome = Saved | Conflict


def save_profile(
    database: Database,
    tables: MemberTables,
    *,
    current: Member,
    wanted: Record,
    based_on: int,
    now: datetime,
    source: str,
    also: Sequence[Write] = (),
) -> Outcome:
    """Store *wanted* if the member's page was made from the *current* version.

    Saving what is stored already is never a conflict (a double press, a page left open); it only
    confirms the record for today. *based_on* is the version the page carried, *source* the
    network address for the audit. *also* is written along. One write, in any case.
    """
    if wanted == current.record:
        return confirm_current(database, tables, current=current, now=now, source=source, also=also)
    if based_on != current.version:
        return Conflict(current)
    after = current.changed(wanted, jst_date(now), now)
    writes: tuple[Write, ...] = (
        store.change(tables.members, current, after),
        history.written(tables.members, current, after, by=history.MEMBER, now=now),
        _audited(tables, current, after, now=now, source=source),
        *_mails(tables, current, after, now=now),
        *also,
    )
    return _written(database, tables, writes, after)


def confirm_current(
    database: Database,
    tables: MemberTables,
    *,
    current: Member,
    now: datetime,
    source: str,
    also: Sequence[Write] = (),
) -> Outcome:
    """Note that the member found this version of the record right, today."""
    after = current.confirmed(jst_date(now))
    writes = (
        store.confirm(tables.members, current, jst_date(now)),
        audit.entry(
            tables.audit,
            actor=current.member_id,
            action="profile_confirmed",
            subject=current.member_id,
            at=now,
            source=source,
        ),
        *also,
    )
    return _written(database, tables, writes, after)


def _written(
    database: Database, tables: MemberTables, writes: tuple[Write, ...], after: Member
) -> Outcome:
    try:
        database.commit(*writes)
    except Rejected:
        return Conflict(_read_again(database, tables, after))
    return Saved(after)


def _read_again(database: Database, tables: MemberTables, member: Member) -> Member:
    item = database.get(tables.members, store.key(member.member_id))
    if item is None:
        raise LookupError("the member's row is gone")
    return store.parse(item)


def _audited(
    tables: MemberTables, before: Member, after: Member, *, now: datetime, source: str
) -> Put:
    names = before.record.differences(after.record)
    return audit.entry(
        tables.audit,
        actor=before.member_id,
        action="profile_saved",
        subject=before.member_id,
        at=now,
        source=source,
        before=_only(before.record, names),
        after=_only(after.record, names),
    )


def _only(record: Record, names: tuple[str, ...]) -> Item:
    values = record.values()
    return {name: values.get(name, "") for name in names}


def _mails(tables: MemberTables, before: Member, after: Member, *, now: datetime) -> list[Put]:
    """Tell both addresses, each by a mail of its own, so that neither learns of the other.

    The new one is asked to confirm itself, unless it is the one that was confirmed last.
    """
    old, new = before.record.email, after.record.email
    if old == new:
        return []
    asked = not after.email_confirmed
    told: dict[str, dict[str, Value]] = {
        old: {"to": old},
        new: {"to": new, "confirm": True} if asked else {"to": new},
    }
    return [_told(tables, after, data, now) for address, data in told.items() if address]


def _told(tables: MemberTables, member: Member, data: dict[str, Value], now: datetime) -> Put:
    # Random: the record's own condition makes the change happen once, and a key made of its
    # version would meet its old self after a restore and forbid every change.
    return outbox.queued(
        tables.outbox,
        mail_id=f"email_changed#{member.member_id}#{crockford(12)}",
        kind="email_changed",
        member_id=member.member_id,
        data=data,
        now=now,
    )
