"""Spraying: one password tried on many numbers, seen and slowed by network.

Member numbers are nearly consecutive, so a few tries on each of ten thousand numbers are the likely
attack, and no counter of one number sees it. Counted are the *different* numbers that failed from
one network within an hour of the clock. Whether a number is new in this hour is told by the row
that counts its own failures from that network, whose write is conditional: of tries sent at once
one finds it new. The number of numbers is then one atomic ADD on one small row
(docs/decisions/0023-spraying-by-an-atomic-count.md).

Beyond the free numbers each try from a network that its member never used needs a turn, one every
30 seconds, taken in the transaction that counts the try. Tries sent at once want the same turn, and
one of them gets it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from portal.accounts.throttle import WaitingRules, whole_hour
from portal.clock import epoch, iso, parse_iso
from portal.database import Equals, Item, Missing, Update


@dataclass(frozen=True)
class Crowd:
    """What one network's row says: *numbers* failed this hour, the next turn is at *turn_at*."""

    key: str
    numbers: int = 0
    turn_at: datetime | None = None


class Spray:
    """Reads a network's row and returns the writes that count in it."""

    def __init__(self, table: str, rules: WaitingRules) -> None:
        self._table = table
        self._rules = rules

    def key(self, network: str, now: datetime) -> str:
        """Return the key of a network's row for the hour of *now*."""
        return f"NET#{network}#{iso(whole_hour(now))}"

    def parse(self, key: str, item: Item | None) -> Crowd:
        """Return what a row says."""
        if item is None:
            return Crowd(key)
        turn_at = item.get("turn_at")
        return Crowd(key, self.numbers(item), parse_iso(str(turn_at)) if turn_at else None)

    def numbers(self, item: Item) -> int:
        """Return how many numbers a row counts."""
        return cast("int", item.get("numbers", 0))

    def wait(self, crowd: Crowd, now: datetime) -> timedelta:
        """Return how long the next try from this network has to wait."""
        return max(crowd.turn_at - now, timedelta(0)) if crowd.turn_at else timedelta(0)

    def turn(self, crowd: Crowd, now: datetime) -> list[Update]:
        """Return the write that takes the network's turn, rejected when another try took it.

        There is none while the network has free numbers left.
        """
        if crowd.numbers < self._rules.network_free:
            return []
        free = Equals("turn_at", iso(crowd.turn_at)) if crowd.turn_at else Missing("turn_at")
        turn = iso(now + self._rules.network_wait)
        return [
            Update(
                self._table,
                {"pk": crowd.key},
                set={"turn_at": turn, "ttl": _ends(now)},
                when=(free,),
            )
        ]

    def number_failed(self, crowd: Crowd, now: datetime) -> Update:
        """Return the write that counts one more number.

        It is an ADD without a condition and alone, never in a transaction: many members may fail
        behind one address at once, none of them may be refused for that, and each is counted.
        """
        key = {"pk": crowd.key}
        return Update(self._table, key, set={"ttl": _ends(now)}, add={"numbers": 1})


def _ends(now: datetime) -> int:
    """Return when DynamoDB may delete the row: some time after its hour."""
    return epoch(whole_hour(now) + timedelta(hours=2))
