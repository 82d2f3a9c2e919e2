"""Random payments on the deployed stack with the stand-in's faults: in the end GMO's truth stands.

The same as tests/faults, with real functions, tables, streams and HTTP. ``RANDOM_SEED`` lives a
sequence again, ``RANDOM_STEPS`` a longer one: ``make payments STEPS=300 SEED=7``.
"""

import os
import time
from collections import Counter
from random import Random, SystemRandom

import pytest

from tests.stack.backstage import Backstage
from tests.stack.paying import Gmo
from tests.stack.random_payments import RandomPayments
from tests.stack.random_truth import reconcile, wrong
from tests.stackfixture import LocalStack

STEPS = int(os.environ.get("RANDOM_STEPS") or 60)
SEED = int(os.environ.get("RANDOM_SEED") or SystemRandom().randrange(1_000_000))
STEPS_OF_A_MEMBER = 12
"""So that each member meets several things, and not every invoice is paid at once."""


def statuses(world: RandomPayments) -> dict[str, int]:
    """Count the orders by the stand-in's word, and the surplus by ours."""
    found = Counter(str(one["status"]) for one in world.orders())
    found["surplus"] = sum(map(world.backstage.is_surplus, world.ours()))
    return dict(found)


@pytest.mark.timeout(120 + 5 * STEPS)
def test_whatever_members_and_faults_do_each_yen_is_booked_once(
    local_stack: LocalStack, backstage: Backstage, gmo: Gmo
) -> None:
    started = time.monotonic()
    # Shown when the test fails, so that the same steps can be taken again.
    print(f"RANDOM_SEED={SEED} RANDOM_STEPS={STEPS}")  # noqa: T201
    world = RandomPayments(local_stack, backstage, gmo, Random(SEED))
    world.join(max(3, STEPS // STEPS_OF_A_MEMBER))
    world.live(STEPS)
    reconcile(world)
    found = list(wrong(world))
    lost = sum(one.startswith("LOST") for one in found)
    doubled = sum(one.startswith("DOUBLED") for one in found)
    print(  # noqa: T201 - with -s the figures are the report.
        f"{dict(sorted(world.seen.items()))}\n{statuses(world)}\n"
        f"{lost} lost, {doubled} doubled, {len(found) - lost - doubled} unmatched "
        f"in {STEPS} steps, seed {SEED}, {time.monotonic() - started:.0f} s"
    )
    assert found == []

    gmo.well()  # Everything that was held back arrives now: late, doubled and out of order.
    reconcile(world)
    assert list(wrong(world)) == []
