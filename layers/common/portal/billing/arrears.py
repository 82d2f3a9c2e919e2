"""Who owes how many years, and from which day the qualification is at stake (L22): pure rules."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.billing.account import Account
from portal.billing.dues import unpaid_years
from portal.billing.model import Invoice
from portal.billing.reminders import Why, held_back
from portal.clock import jst_date
from portal.config import Society


@dataclass(frozen=True)
class Arrears:
    """What a member owes past its due day, oldest first.

    *waits* says why money may be on its way for some of it, None where nothing is. *forfeits_on* is
    the due day with which the unpaid years became, or if nothing is paid become, so many that the
    qualification is lost (資格喪失); None where too few are billed for that. It lies *ahead* while
    it has not passed.
    """

    unpaid: tuple[Invoice, ...]
    waits: Why | None
    forfeits_on: date | None
    ahead: bool

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years that are unpaid."""
        return tuple(sorted({one.fiscal_year for one in self.unpaid}))

    @property
    def yen(self) -> int:
        """What is owed together."""
        return sum(one.amount for one in self.unpaid)


def arrears(account: Account, society: Society, now: datetime) -> Arrears | None:
    """Return what a member owes; None for nothing. Years are counted as the reminders count."""
    today = jst_date(now)
    due = sorted((one for one in account.invoices if one.payable), key=_age)
    past = tuple(one for one in due if one.due_on < today)
    if not past:
        return None
    payments = account.payments.values()
    waits = (held_back(one, payments, now, account.invoices) for one in past)
    counted = unpaid_years(account, now)
    to_come = [one for one in due if one.due_on >= today]
    forfeits_on = _reached([*counted, *to_come], society.dues_stop_after_unpaid_years)
    return Arrears(
        past,
        next((why for why in waits if why is not None), None),
        forfeits_on,
        ahead=forfeits_on is not None and forfeits_on >= today,
    )


def _reached(invoices: list[Invoice], years: int) -> date | None:
    """Return the due day with which so many years are unpaid.

    A year may be billed later than the years after it, so the order is that of the due days.
    """
    seen: set[int] = set()
    for one in sorted(invoices, key=lambda one: one.due_on):
        seen.add(one.fiscal_year)
        if len(seen) >= years:
            return one.due_on
    return None


def _age(invoice: Invoice) -> tuple[int, date]:
    return invoice.fiscal_year, invoice.due_on
