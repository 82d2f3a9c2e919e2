"""How long a link and a slip live: explicit dates in Japan's time, never GMO's defaults."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.billing.model import Invoice, Method
from portal.clock import JST
from portal.config import Society

END_OF_DAY = time(23, 59)


@dataclass(frozen=True)
class Terms:
    """When a link ends (aware) and how many days a slip then has."""

    link_expires_at: datetime
    term_days: int


def terms(society: Society, method: Method, now: datetime) -> Terms:
    """Return the terms of a payment begun at *now*; GMO knows dates to the minute, in JST."""
    if method is Method.CARD:
        return Terms(_minute(now + timedelta(hours=society.link_card_hours)), 0)
    day = now.astimezone(JST).date() + timedelta(days=society.link_slip_days)
    end = datetime.combine(day, END_OF_DAY, JST)
    return Terms(end, society.slip_term_days)


def offered(society: Society, invoice: Invoice, now: datetime) -> tuple[Method, ...]:
    """Return the methods that can still end before the invoice closes: card only near the end."""
    today = now.astimezone(JST).date()
    last_slip = today + timedelta(days=society.link_slip_days + society.slip_term_days)
    return (Method.CARD, Method.CVS) if last_slip <= invoice.closes_on else (Method.CARD,)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
