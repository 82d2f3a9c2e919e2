"""Waiting for a database that is busy or does not answer, in works of many rows."""

from collections.abc import Callable

from ops.exits import Status
from ops.failures import failure_of
from portal.database import Contended, Unreachable

SILENT = "データベースの応答がなく、途中で止まりました。"
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each new try."""


class Stopped(Exception):
    """The database stayed busy or silent; what was written before stays."""


def patiently[Answer](act: Callable[[], Answer], pause: Callable[[float], None]) -> Answer:
    """Return what *act* returns, which may be done twice. Raises Stopped when it never answers."""
    for seconds in (*PAUSES, None):
        try:
            return act()
        except (Contended, Unreachable) as error:
            if hopeless(error):
                raise
            if seconds is not None:
                pause(seconds)
    raise Stopped


def told_stopped(
    say: Callable[[str], None], why: str = SILENT, status: Status = Status.UNKNOWN
) -> Status:
    """Say why a work of many rows stopped half-way, and how it goes on; return its status."""
    say(why)
    say("もう一度、同じ命令を実行すると続きから行います（二重になることはありません）。")
    return status


def hopeless(error: Exception) -> bool:
    """Tell whether waiting changes nothing: AWS answered, that this person may not."""
    failure = failure_of(error)
    return failure is None or failure.status is Status.DENIED
