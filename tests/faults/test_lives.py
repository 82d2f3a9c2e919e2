"""Random lives over the real code, with every port failing: seeds that stand, and one new one.

``make faults STEPS=100000`` lives longer; ``python -m tests.faults --life N`` lives one again.
Each rule of watch.py and truth.py was seen red: broken.py has how, and does it again.
"""

from random import SystemRandom

import pytest

from tests.faults.breaks import Break
from tests.faults.broken import BREAKS, ROOT
from tests.faults.driver import Life, drive, life_seed

STEPS = 4_000
SEEDS = (1, 2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_doubled_or_unmatched(seed: int) -> None:
    """The lives of these seeds are the same at every run."""
    report = drive(seed, STEPS)
    assert report.failures == []
    assert report.line() == f"0 lost, 0 doubled, 0 unmatched in {STEPS} steps, seed {seed}"


def test_nothing_goes_wrong_with_a_seed_that_nobody_has_seen() -> None:
    seed = SystemRandom().randrange(1_000_000)
    report = drive(seed, STEPS)
    assert report.failures == [], f"python -m tests.faults --steps {STEPS} --seed {seed}"


def test_the_lives_are_worth_their_time() -> None:
    """A world in which nothing happens would be green as well."""
    seen = drive(SEEDS[0], STEPS).seen
    often = {"faults": 100, "races": 150, "paid": 20, "deliveries": 50, "mails": 30, "restores": 2}
    acts = {"log: recorded": 5, "log: refunded_outside": 3, "invoice waived": 3}
    reminders = {"dues_reminder sent": 20, "dues_reminder skipped": 5}
    least = often | acts | reminders
    assert {what for what, times in least.items() if seen[what] < times} == set()
    ways = ("linked", "slip", "paid", "refunded", "expired", "cancelled", "abandoned")
    assert [state for state in ways if not seen[f"-> {state}"]] == []


def test_a_seed_lives_the_same_life_again() -> None:
    one, other = (Life(life_seed(1, 4)) for _ in range(2))
    assert one.trace == other.trace
    assert one.world.watch.moves == other.world.watch.moves
    assert one.world.machine.calls == other.world.machine.calls


@pytest.mark.parametrize("one", BREAKS, ids=lambda one: one.rule)
def test_what_broken_would_break_still_stands_in_the_code(one: Break) -> None:
    """Else ``python -m tests.faults.broken`` would show nothing any more."""
    assert one.count(ROOT) == 1
