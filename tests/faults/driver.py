"""Random lives in volume: each seed is one world, lived step by step and then held to the truth."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.faults.ground import noticed
from tests.faults.reread import REMINDERS
from tests.faults.truth import reconcile, wrong
from tests.faults.world import World
from tests.unit.billing.house import TABLES

STEPS_OF_A_LIFE = 100

WEIGHTS = {
    "decide": 18,
    "again": 10,
    "come_back": 4,
    "notify": 10,
    "forge": 3,
    "tamper": 2,
    "sweep": 5,
    "ask": 8,
    "mail_sweep": 5,
    "inbox_stream": 8,
    "outbox_stream": 8,
    "mail_event": 15,
    "release": 1,
    "record_payment": 0.5,
    "waive": 0.3,
    "cancel_invoice": 0.3,
    "bill_again": 2,
    "give_back": 0.5,
    "give_back_at_gmo": 0.5,
    "accept_payment": 3,
    "set_aside": 2,
    "close_task": 3,
    "replay": 2,
    "remind": 3,
    "pay": 24,
    "decline": 3,
    "till": 14,
    "refund": 2,
    "wrong_money": 3,
    "lose_notice": 5,
    "outage": 3,
    "wait": 10,
    "copy_table": 2,
    "restore_table": 0.7,
    "race": 18,
}
"""How often each thing happens, in proportion."""


@dataclass
class Report:
    """What a number of steps came to."""

    seed: int
    steps: int = 0
    lives: int = 0
    lost: int = 0
    doubled: int = 0
    unmatched: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, list[str]]] = field(default_factory=list)
    """The seed of each life that went wrong, and how."""

    def line(self) -> str:
        """Return the line that sums it up."""
        found = f"{self.lost} lost, {self.doubled} doubled, {self.unmatched} unmatched"
        return f"{found} in {self.steps} steps, seed {self.seed}"

    def add(self, life: "Life", seed: int) -> None:
        """Count one life."""
        self.lives += 1
        self.steps += life.steps
        self.seen += life.seen
        for text in life.wrong:
            self.lost += text.startswith("LOST")
            self.doubled += text.startswith("DOUBLED")
            # A rule broken on the way counts as well, whatever the end came to.
            self.unmatched += not text.startswith(("LOST", "DOUBLED"))
        if life.wrong:
            self.failures.append((seed, life.wrong))


class Life:
    """One life of a world. The same seed lives the same life."""

    def __init__(self, seed: int, steps: int = STEPS_OF_A_LIFE) -> None:
        self.steps = 0
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.trace: list[str] = []
        """What each step did."""
        self._told_moves = 0
        self.world = World()
        with noticed(self.world):
            self._live(Random(seed), steps)

    def _live(self, random: Random, steps: int) -> None:
        names, weights = list(WEIGHTS), list(WEIGHTS.values())
        for _ in range(steps):
            name = random.choices(names, weights)[0]
            step(self.world, name, random)
            self.trace.append(self._told(name))
            self.steps += 1
            if self.world.watch.broken:
                break
        self.wrong = list(self.world.watch.broken)
        if not self.wrong:
            reconcile(self.world)
            self.wrong = list(wrong(self.world))
        self._count()

    def _told(self, name: str) -> str:
        """Tell what a step did to the payments, for whoever looks for a failure."""
        moves = self.world.watch.moves[self._told_moves :]
        self._told_moves += len(moves)
        became = [f"{order[-3:]} {before or '-'} -> {after}" for order, before, after in moves]
        return f"{self.world.clock():%m-%d %H:%M} {name:14} {'; '.join(became)}".rstrip()

    def _count(self) -> None:
        world = self.world
        self.seen["calls"] += world.machine.calls
        self.seen["faults"] += world.faults
        self.seen["races"] += world.races
        self.seen["orders"] += len(world.gmo.orders)
        self.seen["paid"] += sum(map(world.gmo.paid, world.gmo.orders))
        self.seen["mails"] += world.ses.taken.total()
        self.seen["deliveries"] += len(world.kept)
        self.seen["restores"] += world.restored
        for _, _, after in world.watch.moves:
            self.seen[f"-> {after}"] += 1
        for (_, what), times in world.watch.told.items():
            self.seen[f"log: {what}"] += times
        for (_, state), times in world.watch.settled.items():
            self.seen[f"invoice {state}"] += times
        for row in world.database.tables[TABLES.outbox].values():
            if row["kind"] in REMINDERS:
                self.seen[f"{row['kind']!s} {row['state']!s}"] += 1
        for row in world.database.rows(TABLES.billing, "DISC"):
            self.seen[f"discrepancy {row['kind']!s}"] += 1


def step(world: World, name: str, random: Random) -> None:
    """Let one thing happen."""
    requests, events = world.requests() | world.office_acts(), world.events()
    if name == "race":
        world.race(random)
    elif name in requests:
        world.request(random, lambda: requests[name](random))
    else:
        world.happen(lambda: events[name](random))


def drive(seed: int, steps: int, report: Report | None = None) -> Report:
    """Live lives until *steps* are done; the lives' own seeds follow from *seed*."""
    report = report or Report(seed)
    while report.steps < steps:
        mine = life_seed(seed, report.lives)
        report.add(Life(mine, min(STEPS_OF_A_LIFE, steps - report.steps)), mine)
    return report


def life_seed(seed: int, number: int) -> int:
    """Return the seed of the life *number* of a run."""
    return seed * 1_000_003 + number
