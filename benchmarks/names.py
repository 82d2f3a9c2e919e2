"""``python -m benchmarks.names``: what it costs to check a name, in microseconds of one core.

The median of several rounds. Nothing else should run beside it.
"""

import statistics
import sys
import time
import timeit

from portal.members import replacements
from portal.members.checks import check
from portal.members.fields import BY_NAME

_ROUNDS, _CHECKS = 15, 2000
NAMES = {
    "2 characters": "山崎",
    "17 characters": "渡邉齋藤濱崎佐々木長谷川山田花子女",
    "2 characters, one refused": "山﨑",
}


def microseconds(typed: str) -> float:
    """Return the processor's time for the whole check of a family name."""
    field = BY_NAME["family_name"]
    timer = timeit.Timer(lambda: check(field, typed), timer=time.process_time)
    return statistics.median(timer.repeat(_ROUNDS, _CHECKS)) / _CHECKS * 1e6


if __name__ == "__main__":
    started = timeit.default_timer()
    replacements.substitute("﨑")
    loaded = (timeit.default_timer() - started) * 1e3
    sys.stdout.write(f"the file of proposals, first look-up: {loaded:.2f} ms\n")
    for label, typed in NAMES.items():
        sys.stdout.write(f"{label}: {microseconds(typed):.0f} µs\n")
