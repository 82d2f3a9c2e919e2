"""What CloudWatch would make of our log lines: metrics out of them, and alarms out of metrics."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.log import logger


@dataclass(frozen=True)
class Metric:
    """One value of a metric, at the moment of the test's clock."""

    name: str
    dimensions: Mapping[str, str]
    value: float
    at: datetime


class Metrics(logging.Handler):
    """Collects the metrics that are counted in the embedded metric format."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._clock = clock
        self.told: list[Metric] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Take the metrics out of one log line."""
        told: Mapping[str, Any] = getattr(record, "_aws", {})
        for directive in told.get("CloudWatchMetrics", ()):
            (names,) = directive["Dimensions"]
            dimensions = {name: str(getattr(record, name)) for name in names}
            for metric in directive["Metrics"]:
                value = float(getattr(record, metric["Name"]))
                self.told.append(Metric(metric["Name"], dimensions, value, self._clock()))

    def values(self, name: str, **dimensions: str) -> list[float]:
        """Return the values of one metric in their order."""
        return [one.value for one in self.told if (one.name, one.dimensions) == (name, dimensions)]

    def first_alarm(self, alarm: Mapping[str, Any]) -> datetime | None:
        """Return when an alarm of the template rings first: at the value that makes it breach.

        Only alarms of one period and "greater than" are known, which is what the house has.
        """
        assert (alarm["EvaluationPeriods"], alarm["ComparisonOperator"]) == (
            1,
            "GreaterThanThreshold",
        )
        wanted = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", ())}
        periods: defaultdict[int, list[float]] = defaultdict(list)
        for one in self.told:
            if (one.name, one.dimensions) != (alarm["MetricName"], wanted):
                continue
            values = periods[int(one.at.timestamp()) // alarm["Period"]]
            values.append(one.value)
            if _STATISTICS[alarm["Statistic"]](values) > alarm["Threshold"]:
                return one.at
        return None


_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max}


@contextmanager
def counted(clock: Callable[[], datetime]) -> Iterator[Metrics]:
    """Collect what is counted inside the block."""
    metrics = Metrics(clock)
    lines = logging.getLogger(logger.name)
    lines.addHandler(metrics)
    try:
        yield metrics
    finally:
        lines.removeHandler(metrics)
