"""The schedule's task ``remind``: one run of reminding within the function's time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.billing.remind import Reminding
from portal.log import logger

RESERVE_SECONDS = 20.0
"""No further row is begun with less than this left; DynamoDB's retries for one fit in."""


@dataclass(frozen=True)
class RemindWork:
    """Runs the reminders once."""

    reminding: Reminding

    def __call__(self, seconds_left: Callable[[], float]) -> dict[str, Any]:
        """Tell what is due; what is left is first in line at the next run."""
        report = self.reminding.run(lambda: seconds_left() - RESERVE_SECONDS)
        logger.info("reminded", extra={"told": report.told, "finished": report.finished})
        return {"told": report.told, "finished": report.finished}
