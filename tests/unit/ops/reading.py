"""An office worker who looks things up in whole tables, over a deployment in memory."""

from dataclasses import replace
from functools import partial

from tests.unit.ops.counter import Counter
from tests.unit.ops.sweeping import sweep


class Reader(Counter):
    """A counter at which whole tables are read."""

    def __init__(self) -> None:
        super().__init__()
        self.database, self.clock = self.house.database, self.house.clock
        self.desk = replace(self.desk, sweep=partial(sweep, self.database))
