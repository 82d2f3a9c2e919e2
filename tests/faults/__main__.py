"""Random lives in volume: ``python -m tests.faults --steps 100000 --seed 1``.

``--life N`` lives the one life N again, which a failure names, and tells every step of it.
"""

import argparse
import sys
import time
from random import SystemRandom

from tests.faults.driver import STEPS_OF_A_LIFE, Life, Report, drive

PROGRESS = 10_000
"""Steps between two lines of progress."""


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run, report, and return the exit status: 0 only when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--life", type=int, help="live only this life, and tell its steps")
    parser.add_argument("--first", action="store_true", help="stop at the first failure")
    chosen = parser.parse_args(arguments)
    if chosen.life is not None:
        return again(chosen.life)
    return volume(chosen.seed, chosen.steps, first=chosen.first)


def volume(seed: int, steps: int, *, first: bool = False) -> int:
    """Live until *steps* are done, telling how far it is."""
    started, report = time.monotonic(), Report(seed)
    stride = STEPS_OF_A_LIFE if first else PROGRESS
    for until in [*range(stride, steps, stride), steps]:
        drive(seed, until, report)
        if first and report.failures:
            break
        if until % PROGRESS and until != steps:
            continue
        say(f"{report.steps:>9} steps, {report.lives} lives, {time.monotonic() - started:.0f} s")
    for life, wrong in report.failures:
        say(f"\npython -m tests.faults --life {life}")
        say("\n".join(f"  {text}" for text in wrong))
    told = sorted(report.seen.items())
    say("\n" + ", ".join(f"{what} {times}" for what, times in told))
    say(report.line())
    return 1 if report.failures else 0


def again(number: int) -> int:
    """Live one life again and tell what happened in it."""
    life = Life(number)
    say("\n".join(f"{place:4} {what}" for place, what in enumerate(life.trace)))
    say("\n".join(life.wrong) or "nothing was wrong")
    return 1 if life.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
