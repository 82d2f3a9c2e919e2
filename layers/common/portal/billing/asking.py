"""The schedule: every payment that GMO may still change is asked for, most overdue first."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from portal.billing.rows import ASK_SHARDS
from portal.billing.settle import Settlement, UnknownOrderError
from portal.clock import Clock
from portal.database import Contended, Rejected, Unreachable
from portal.gmo.errors import Busy, GmoError
from portal.log import count, logger

SHARD_LIMIT = 50
SILENT_FOR = timedelta(minutes=10)
"""How long a payment waits after GMO gave no answer about it."""


@dataclass(frozen=True)
class Report:
    """What one run did."""

    asked: int
    silent: int
    left: int


@dataclass(frozen=True)
class Asking:
    """Asks GMO about the payments whose time has come.

    *pause* sleeps so that no more than *per_second* questions are asked; *seconds_left* tells how
    long the run may still last. What is left over is first in line at the next run.
    """

    settlement: Settlement
    clock: Clock
    pause: Callable[[float], None]
    per_second: int = 5
    silence_limit: int = 5

    def run(self, seconds_left: Callable[[], float]) -> Report:
        """Ask until nothing is due, the time is up, or GMO is busy or silent again and again."""
        orders = self._due()
        asked = silent = 0
        for member_id, order_id in orders:
            if seconds_left() <= 0 or silent >= self.silence_limit:
                break
            outcome = self._ask(member_id, order_id)
            asked += 1
            if outcome is Busy:
                silent += 1
                break
            silent = silent + 1 if outcome is GmoError else 0
            self.breathe()
        if silent:
            count("AskFailed", silent)
        count("AskRun", asked)
        return Report(asked, silent, len(orders) - asked)

    def breathe(self) -> None:
        """Wait until the next question may be asked; the sweep keeps the same pace."""
        self.pause(1 / self.per_second)

    def _due(self) -> list[tuple[str, str]]:
        now = self.clock()
        shards = [
            self.settlement.store.to_be_asked(shard, now, SHARD_LIMIT)
            for shard in range(ASK_SHARDS)
        ]
        # Shards are taken in turn, so that each run begins with the most overdue of all of them.
        longest = max(map(len, shards))
        return [shard[place] for place in range(longest) for shard in shards if place < len(shard)]

    def _ask(self, member_id: str, order_id: str) -> type[GmoError] | None:
        try:
            self.settlement.settle(order_id)
        except Busy:
            return Busy
        except GmoError as error:
            logger.warning("no answer of GMO", extra={"order": order_id, "why": str(error)})
            self._later(member_id, order_id)
            return GmoError
        except (Contended, UnknownOrderError) as error:
            logger.warning("not asked", extra={"order": order_id, "why": type(error).__name__})
            self._later(member_id, order_id)
        except Unreachable as error:
            # Either the next write fails as well and ends the run, or it is this row's matter.
            logger.error("database", extra={"order": order_id, "error": str(error)})
            count("DatabaseUnreachable")
            self._later(member_id, order_id)
        except Exception as error:  # noqa: BLE001 - one payment's fault must not starve the others.
            logger.error("ask failed", extra={"order": order_id, "error": type(error).__name__})
            count("UnexpectedError")
            self._later(member_id, order_id)
        return None

    def _later(self, member_id: str, order_id: str) -> None:
        """Put a payment without an answer behind the others, so that none is starved by it."""
        when = self.clock() + SILENT_FOR
        with suppress(Rejected):  # It was settled meanwhile.
            self.settlement.database.commit(
                self.settlement.store.ask_later(member_id, order_id, when)
            )
