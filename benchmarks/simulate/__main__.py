"""``make simulate``: lives through the year, holds the end against the truth, writes the report."""

import argparse
import gc
import sys
import time
from datetime import datetime
from pathlib import Path

from benchmarks.simulate.rates import RATES
from benchmarks.simulate.report import Outcome
from benchmarks.simulate.year import LAST_NIGHT, Year
from portal.clock import JST
from tests.faults.ground import noticed
from tests.faults.truth import reconcile, wrong

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "simulation"


class Progress:
    """Tells of each month when it begins."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._month = 0

    def __call__(self, now: datetime) -> None:
        """Tell of the month when it is a new one."""
        local = now.astimezone(JST)
        if local.month != self._month:
            self._month = local.month
            self.say(f"{local:%Y-%m}")

    def say(self, what: str) -> None:
        """Write a line with the seconds since the start."""
        print(f"{self.seconds:6.0f} s  {what}", flush=True)

    @property
    def seconds(self) -> float:
        """How long it takes already."""
        return time.monotonic() - self._started


def simulate(members: int, seed: int, progress: Progress) -> Outcome:
    """Live through the year, and past it until nothing is due any more."""
    year = Year(members, seed, RATES)
    with noticed(year):
        year.live_on(LAST_NIGHT, progress)
        progress.say("faults off, until nothing is due")
        year.calm()
        reconcile(year)
        progress.say("holding it against GMO's truth")
        found = list(wrong(year))
    return Outcome(year, members, seed, found, progress.seconds)


def main(arguments: list[str]) -> int:
    """Simulate, write, and return the exit status: 0 only when nothing went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate")
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the report goes")
    chosen = parser.parse_args(arguments)
    gc.disable()  # A year's rows stay to its end; looking for garbage among them takes minutes.
    outcome = simulate(chosen.members, chosen.seed, Progress())
    chosen.folder.mkdir(parents=True, exist_ok=True)
    (chosen.folder / "README.md").write_text(outcome.markdown(), "utf-8")
    (chosen.folder / "year.svg").write_text(outcome.picture().svg(), "utf-8")
    for text in outcome.wrong[:20]:
        print(text)
    print(f"{outcome.line()}, seed {chosen.seed}, {outcome.seconds:.0f} s on this machine")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
