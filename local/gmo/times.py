"""GMO writes Japanese time without a zone; these turn moments into that and back."""

from datetime import UTC, datetime, timedelta, timezone

JST = timezone(timedelta(hours=9))


def stamp(moment: datetime) -> str:
    """A moment as GMO writes it: yyyyMMddHHmmss in Japan."""
    return moment.astimezone(JST).strftime("%Y%m%d%H%M%S")


def parse_stamp(text: str) -> datetime:
    """The moment of a yyyyMMddHHmmss in Japan. Raises ValueError when it is none."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=JST)


def parse_minute(text: str) -> datetime:
    """The moment of a yyyyMMddHHmm in Japan. Raises ValueError when it is none."""
    if len(text) != 12 or not text.isascii() or not text.isdigit():
        raise ValueError("not a yyyyMMddHHmm")
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=JST)


def end_of_day(moment: datetime, days: int) -> str:
    """23:59:59 of the day in Japan that lies `days` after a moment, as yyyyMMddHHmmss."""
    day = moment.astimezone(JST) + timedelta(days=days)
    return day.strftime("%Y%m%d") + "235959"


def iso(moment: datetime) -> str:
    """A moment in UTC with Z, for the controls; sorts as text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def readable(text: str) -> str:
    """A yyyyMMddHHmmss as a person in Japan reads it."""
    moment = parse_stamp(text)
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
