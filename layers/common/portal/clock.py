"""Time: UTC inside, business days in Japan.

Use cases take a :data:`Clock` as an argument, so that a test hands them a fixed one.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))
"""Japan has no summer time, so a fixed offset is exact and needs no time zone database."""

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""


_LENGTH = len("2026-11-22T03:04:05.123456Z")


def utc_now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write *moment* as UTC with Z and always six decimals, so that texts sort as moments do."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parse_iso(text: str) -> datetime:
    """Read what :func:`iso` wrote. Raises ValueError for anything else."""
    # Python's own reader is many times faster than strptime, but reads many forms more than ours.
    moment = datetime.fromisoformat(text) if len(text) == _LENGTH else None
    if moment is None or moment.tzinfo is None or iso(moment) != text:
        raise ValueError("does not match the form that iso() writes")
    return moment


def jst_date(moment: datetime) -> date:
    """Return the business day in Japan at *moment*."""
    return moment.astimezone(JST).date()


def until_next_hour(moment: datetime) -> int:
    """Return the whole seconds until the clock's next hour, when an hour's counts begin anew."""
    return 3600 - moment.minute * 60 - moment.second


def epoch(moment: datetime) -> int:
    """Return seconds since 1970, the unit of DynamoDB's TTL attribute."""
    return int(moment.timestamp())
