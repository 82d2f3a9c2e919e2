"""What the function ``settlement`` does with its events.

The stream only saves time. It never fails because GMO is down (the row notes when to try again);
it fails only when DynamoDB gives no answer. The sweep is the guarantee.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from portal.billing.asking import Asking
from portal.billing.hints import Hints
from portal.billing.inbox import Delivery, InboxStore, Stored, delivery
from portal.clock import Clock, iso
from portal.database import Contended, DatabaseError
from portal.expressions import plain
from portal.log import count, logger

SWEEP = 100
"""How many deliveries the sweep takes from the list at a time."""

UNKNOWN_ORDERS = 50
"""For how many orders that we do not know one sweep has GMO asked: anybody can make one up."""

IN_LINE = "in line of unknown orders"
"""Why an unknown order waits that was too many for a run."""

EVERY = timedelta(minutes=5)
"""How often the sweep runs."""

EARLY = timedelta(minutes=1)
"""How much earlier than a run that what is put off to it is due, as no run is on the second."""

RESERVE_SECONDS = 60.0
"""No further order is begun with less than this left: three answers of GMO for one fit in, each
at most 18 seconds late."""

SHARE = 0.8
"""Schedule and sweep stop asking when this share of the function's time is used."""

SecondsLeft = Callable[[], float]


@dataclass
class _Sweep:
    """How far one run of the sweep is. *unknown* holds the orders kept for its end."""

    began: datetime
    in_time: Callable[[], bool]
    seen: set[str] = field(default_factory=set)
    unknown: list[Delivery] = field(default_factory=list)
    done: int = 0
    put_off: int = 0
    told: bool = False


@dataclass(frozen=True)
class Work:
    """The handler of the function."""

    inbox: InboxStore
    hints: Hints
    asking: Asking
    clock: Clock

    def __call__(self, event: Mapping[str, Any], seconds_left: SecondsLeft) -> dict[str, Any]:
        """Handle one event of the stream or of the schedule. Anything else is a ValueError."""
        if "Records" in event:
            return self._stream(event["Records"], seconds_left)
        if event.get("task") == "sweep":
            return self._sweep(seconds_left)
        if event.get("task") == "ask":
            return self._ask(seconds_left)
        raise ValueError("neither records of a stream nor a task of the schedule")

    def _stream(self, records: list[Mapping[str, Any]], left: SecondsLeft) -> dict[str, Any]:
        for record in records:
            if left() < RESERVE_SECONDS:
                break  # The rows are pending; the sweep takes what is left.
            image = record["dynamodb"].get("NewImage")
            if record.get("eventName") != "INSERT" or not image:
                continue
            try:
                self._guarded(delivery(plain(image)), self.hints.apply)
            except DatabaseError as error:
                logger.error("database", extra={"error": type(error).__name__})
                failed = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
        return {"batchItemFailures": []}

    def _sweep(self, left: SecondsLeft) -> dict[str, Any]:
        """Apply what is due, the orders that we know first, until the time is nearly up."""
        reserve = _reserve(left)
        run = _Sweep(self.clock(), lambda: left() > reserve)
        behind = self._known(run)
        while run.unknown and run.in_time():
            self._swept(run.unknown.pop(0), run)
        return {"done": run.done, "left": behind + run.put_off + len(run.unknown)}

    def _known(self, run: _Sweep) -> int:
        """Go through what is due, batch by batch; return how many of the last one are left."""
        while batch := self._batch(run):
            for place, inbox_id in enumerate(batch):
                if not run.in_time():
                    return len(batch) - place
                run.seen.add(inbox_id)
                self._met(inbox_id, run, len(batch))
        return 0

    def _batch(self, run: _Sweep) -> list[str]:
        # What waits for the end of the run is still first on the list.
        due = self.inbox.due(run.began, SWEEP + len(run.unknown))
        return [inbox_id for inbox_id in due if inbox_id not in run.seen]

    def _met(self, inbox_id: str, run: _Sweep, due: int) -> None:
        found = self.inbox.find(inbox_id)
        if found is None or not found.pending:  # The index may be a moment behind.
            run.done += 1
            return
        one = found.delivery
        run.told = run.told or self._oldest(found, due)
        costly = self._guarded(one, self.hints.costly)
        if costly is None:
            run.done += 1
        elif not costly:
            self._swept(one, run)
        elif len(run.unknown) < UNKNOWN_ORDERS:
            run.unknown.append(one)
        else:
            # Put off to the end of the line, as many to each of the next runs as one can ask for.
            self.hints.put_off(one, EVERY * (run.put_off // UNKNOWN_ORDERS + 1) - EARLY, IN_LINE)
            run.put_off += 1

    def _oldest(self, found: Stored, due: int) -> bool:
        """Tell how long the first delivery in line has waited for us; False when it did not.

        A claim that GMO did not confirm waits on purpose, and so does an order in the line of
        unknown ones; only what waits for us is overdue.
        """
        one = found.delivery
        if one.tries or found.waiting_for == IN_LINE:
            return False
        waited = self.clock() - one.received_at
        count("OldestPendingDelivery", int(waited.total_seconds()))
        logger.info("sweep", extra={"due": due, "oldest": iso(one.received_at)})
        return True

    def _swept(self, one: Delivery, run: _Sweep) -> None:
        try:
            self._guarded(one, self.hints.apply)
        except Contended:
            logger.warning("delivery contended", extra={"inbox_id": one.inbox_id})
        run.done += 1
        self.asking.breathe()

    def _guarded[T](self, one: Delivery, act: Callable[[Delivery], T]) -> T | None:
        """Do one thing with a delivery; a fault of ours must not keep the ones behind it waiting.

        None after a fault: the delivery is put back for a later try.
        """
        try:
            return act(one)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence, see the docstring.
            # The text of a foreign exception may hold what GMO sent, so only its type is written.
            logger.error("delivery failed", extra={"error": type(error).__name__})
            count("UnexpectedError")
            self.hints.put_back(one)
            return None

    def _ask(self, left: SecondsLeft) -> dict[str, Any]:
        reserve = _reserve(left)
        report = self.asking.run(lambda: left() - reserve)
        logger.info(
            "asked",
            extra={"asked": report.asked, "silent": report.silent, "left": report.left},
        )
        return {"asked": report.asked, "left": report.left}


def _reserve(left: SecondsLeft) -> float:
    """Return the seconds that have to be left for what is begun."""
    return max(left() * (1 - SHARE), RESERVE_SECONDS)
