"""The same world as a Hypothesis state machine, which makes a failure as small as it can be."""

from random import Random, SystemRandom

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.faults.driver import step
from tests.faults.ground import noticed
from tests.faults.truth import reconcile, wrong
from tests.faults.world import World

CHANCES = st.randoms(use_true_random=False)
REQUESTS = ("decide", "again", "come_back", "notify", "forge", "tamper", "release")
SCHEDULES = ("sweep", "ask", "mail_sweep", "inbox_stream", "outbox_stream")
OUTSIDE = ("pay", "pay", "till", "decline", "refund", "wrong_money", "lose_notice", "outage")

SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Payments(RuleBasedStateMachine):
    """What may happen, in any order; in the end the portal must say what is true."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    def _step(self, name: str, random: Random) -> None:
        with noticed(self.world):
            step(self.world, name, random)

    @rule(name=st.sampled_from(REQUESTS), random=CHANCES)
    def somebody_asks(self, name: str, random: Random) -> None:
        """A member, GMO, a forger or the office comes to one of the pages."""
        self._step(name, random)

    @rule(name=st.sampled_from(SCHEDULES), random=CHANCES)
    def aws_calls(self, name: str, random: Random) -> None:
        """A schedule or a stream calls a function."""
        self._step(name, random)

    @rule(name=st.sampled_from(OUTSIDE), random=CHANCES)
    def the_world_moves(self, name: str, random: Random) -> None:
        """A payer, a store, GMO or a fault does something of its own."""
        self._step(name, random)

    @rule(random=CHANCES)
    def time_passes(self, random: Random) -> None:
        """Minutes or days go by."""
        self._step("wait", random)

    @rule(random=CHANCES)
    def two_at_once(self, random: Random) -> None:
        """Two or three requests run at once, one going on at each call of a port."""
        self._step("race", random)

    @invariant()
    def nothing_broke_on_the_way(self) -> None:
        """No state fell, one payment lives, nothing vanished, no number was given twice."""
        assert self.world.watch.broken == []

    def teardown(self) -> None:
        """End all faults, let time pass, and compare with GMO's truth."""
        with noticed(self.world):
            reconcile(self.world)
            assert list(wrong(self.world)) == []


@pytest.mark.parametrize("chance", ["the same", "new"])
def test_whatever_happens_in_whatever_order_the_end_is_true(chance: str) -> None:
    number = 3 if chance == "the same" else SystemRandom().randrange(2**32)
    # Shown when the test fails, so that the same examples can be tried again.
    print(f"hypothesis.seed({number})")  # noqa: T201
    run_state_machine_as_test(seed(number)(Payments), settings=SETTINGS)
