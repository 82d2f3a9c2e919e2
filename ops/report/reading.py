"""Whole tables as reports read them: one pass each, only the attributes that are shown."""

from collections.abc import Iterator

from ops.desk import Desk
from ops.scan import Scan
from portal.accounts import reported as accounts
from portal.accounts.reported import WayIn
from portal.billing import reported as billing
from portal.billing.reported import Entry
from portal.members import reported as members_reported
from portal.members import store as members
from portal.members.model import Member


def entries(desk: Desk) -> Iterator[Entry]:
    """Yield all invoices and payments, in no order."""
    wanted = Scan(desk.tables.billing, billing.ATTRIBUTES, begins=billing.BEGINS)
    return map(billing.parse, desk.rows(wanted))


def everybody(desk: Desk) -> Iterator[Member]:
    """Yield all members, in no order; of the record the names and the mail address."""
    wanted = Scan(desk.tables.members, members_reported.ATTRIBUTES, begins=(members.PROFILE,))
    return map(members.parse, desk.rows(wanted))


def ways_in(desk: Desk) -> Iterator[WayIn]:
    """Yield how everybody gets in, in no order."""
    return map(accounts.parse, desk.rows(Scan(desk.tables.credentials, accounts.ATTRIBUTES)))


def mail_of(member: Member) -> str:
    """Return whether a member can be written to by mail."""
    if not member.record.email:
        return "なし"
    return "届かない" if member.mail_fails else "あり"
