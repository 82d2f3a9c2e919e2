"""Who is billed a year's dues, and how much: society.toml's rules, and nothing is written here.

Where a member stands (会員種別, 休会, 退会, 免除) is told by the caller in plain values: members
are another subject.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.billing.account import Account
from portal.billing.issue_invoice import Dues
from portal.billing.model import Invoice
from portal.billing.office import OfficeError
from portal.billing.reminders import overdue_years, years
from portal.clock import jst_date
from portal.config import Society

FARTHEST = timedelta(days=3 * 366)
"""No invoice is open for longer: the next year's, due at its end and open for another, is not."""

LATE = timedelta(days=366)
"""A year that is billed after its end is due so soon at the latest."""


@dataclass(frozen=True)
class Facts:
    """What decides about a member's dues. *kind* is empty for the society's first kind."""

    kind: str = ""
    on_leave: bool = False
    withdrawn: bool = False
    exempt: bool = False


class Why(StrEnum):
    """Why somebody is not billed a year's dues; the first that holds is told."""

    BILLED = "billed"
    """The year has an invoice, whatever became of it: billing it again is an act of its own."""
    WITHDRAWN = "withdrawn"
    EXEMPT = "exempt"
    UNKNOWN_KIND = "unknown_kind"
    """society.toml has no such kind of member. Nobody knows what is owed, so the office has to."""
    ON_LEAVE = "on_leave"
    FREE = "free"
    """The kind of member owes nothing."""
    FORFEITING = "forfeiting"
    """資格喪失 is ahead: so many years are unpaid that no further one is billed."""


@dataclass(frozen=True)
class Left:
    """Somebody who is not billed. *unpaid* are the years of whom is FORFEITING, oldest first."""

    why: Why
    unpaid: tuple[Invoice, ...] = ()


def decide(
    facts: Facts, account: Account, dues: Dues, society: Society, now: datetime
) -> Dues | Left:
    """Return what a member is billed, or why nothing. The amount of *dues* is replaced."""
    if any(one.fiscal_year == dues.fiscal_year for one in account.invoices):
        return Left(Why.BILLED)
    owed = _owed(facts, society)
    if isinstance(owed, Why):
        return Left(owed)
    unpaid = unpaid_years(account, now)
    if forfeits(unpaid, society):
        return Left(Why.FORFEITING, unpaid)
    return replace(dues, amount=owed)


def _owed(facts: Facts, society: Society) -> int | Why:
    """Return the yen of a year by where a member stands, or why there are none."""
    if facts.withdrawn:
        return Why.WITHDRAWN
    if facts.exempt:
        return Why.EXEMPT
    kind = society.kind(facts.kind)
    if kind is None:
        return Why.UNKNOWN_KIND
    amount = kind.on_leave if facts.on_leave else kind.amount
    return amount or (Why.ON_LEAVE if facts.on_leave else Why.FREE)


def unpaid_years(account: Account, now: datetime) -> tuple[Invoice, ...]:
    """Return a member's unpaid invoices past their due day, oldest first.

    One whose money may be on its way (an open slip, 確認中) is not counted.
    """
    return overdue_years(account.invoices, account.payments.values(), now)


def forfeits(unpaid: Collection[Invoice], society: Society) -> bool:
    """Tell whether so many years are unpaid that the qualification is lost (資格喪失)."""
    return years(unpaid) >= society.dues_stop_after_unpaid_years


# The year


def year_of(
    society: Society, fiscal_year: int, due_on: date | None, closes_on: date | None
) -> Dues:
    """Return the dues of a year, without an amount yet; days that are not given are the rule's."""
    due = due_on or _next(society.dues_due, _begins(society, fiscal_year))
    return Dues(
        fiscal_year=fiscal_year,
        title=society.dues_title.replace("{year}", str(fiscal_year)),
        amount=0,
        due_on=due,
        closes_on=closes_on or _next(society.dues_closes, due),
    )


def check_year(dues: Dues, society: Society, now: datetime) -> None:
    """Raise OfficeError for a year that is not the present one's neighbour, or whose days are over.

    Years of the past may still be billed, to whom joined late, with a due day that is ahead.
    """
    if _begins(society, dues.fiscal_year - 1) > jst_date(now):
        raise OfficeError(f"{dues.fiscal_year}年度は早すぎます。年度を確かめてください")
    check_days(dues.due_on, dues.closes_on, now)
    check_due(dues.fiscal_year, dues.due_on, society, now)


def check_due(fiscal_year: int, due_on: date, society: Society, now: datetime) -> None:
    """Raise OfficeError for a due day after the year's end: it is one of the next year, mistyped.

    A year that is over is due within a year from now.
    """
    if due_on >= max(_begins(society, fiscal_year + 1), jst_date(now) + LATE):
        raise OfficeError(
            f"支払期日（{due_on}）が{fiscal_year}年度の終わりより後です。--due を確かめてください"
        )


def check_days(due_on: date, closes_on: date, now: datetime) -> None:
    """Raise OfficeError when a new invoice could not be paid in time, or only before it is due.

    So it does for a day that is years away, which is a year mistyped.
    """
    if due_on < jst_date(now):
        raise OfficeError("支払期日が過ぎています。--due で新しい期日を指定してください")
    if closes_on < due_on:
        raise OfficeError("受付の最終日が支払期日より前です。--closes で指定してください")
    if closes_on > jst_date(now) + FARTHEST:
        raise OfficeError(f"受付の最終日（{closes_on}）が遠すぎます。日付を確かめてください")


def _begins(society: Society, fiscal_year: int) -> date:
    return date.fromisoformat(f"{fiscal_year}-{society.dues_year_begins}")


def _next(month_day: str, since: date) -> date:
    """Return the first day of that name from *since* on; society.toml has none of leap years."""
    found = date.fromisoformat(f"{since.year}-{month_day}")
    return found if found >= since else found.replace(year=since.year + 1)
