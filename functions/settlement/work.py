"""What the function ``settlement`` does with its events.

The stream only saves time. It never fails because GMO is down (the row notes when to try again);
it fails only when DynamoDB gives no answer. The sweep is the guarantee.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.aws import plain
from portal.billing.asking import Asking
from portal.billing.hints import Hints
from portal.billing.inbox import Delivery, InboxStore, delivery
from portal.clock import Clock, iso
from portal.database import Contended, DatabaseError
from portal.log import count, logger

SWEEP = 100
RESERVE_SECONDS = 60.0
"""No further order is begun with less than this left: three answers of GMO for one fit in, each
at most 18 seconds late."""

SHARE = 0.8
"""The schedule stops asking when this share of the function's time is used."""

SecondsLeft = Callable[[], float]


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
                self._apply(delivery(plain(image)))
            except DatabaseError as error:
                logger.error("database", extra={"error": type(error).__name__})
                failed = record["dynamodb"]["SequenceNumber"]
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
        return {"batchItemFailures": []}

    def _sweep(self, left: SecondsLeft) -> dict[str, Any]:
        due = self.inbox.due(self.clock(), SWEEP)
        done, told = 0, False
        for inbox_id in due:
            if left() < RESERVE_SECONDS:
                break
            found = self.inbox.find(inbox_id)
            if found is not None and found.pending:  # The index may be a moment behind.
                told = told or self._oldest(found.delivery, len(due))
                self._swept(found.delivery)
            done += 1
        return {"done": done, "left": len(due) - done}

    def _oldest(self, one: Delivery, due: int) -> bool:
        """Tell how long the first delivery in line has waited for us; False when it did not.

        A claim that GMO did not confirm waits on purpose; only what waits for us is overdue.
        """
        if one.tries:
            return False
        waited = self.clock() - one.received_at
        count("OldestPendingDelivery", int(waited.total_seconds()))
        logger.info("sweep", extra={"due": due, "oldest": iso(one.received_at)})
        return True

    def _swept(self, one: Delivery) -> None:
        try:
            self._apply(one)
        except Contended:
            logger.warning("delivery contended", extra={"inbox_id": one.inbox_id})

    def _apply(self, one: Delivery) -> None:
        """Apply one delivery; a fault of ours must not keep the ones behind it waiting."""
        try:
            self.hints.apply(one)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - the last line of defence, see the docstring.
            # The text of a foreign exception may hold what GMO sent, so only its type is written.
            logger.error("delivery failed", extra={"error": type(error).__name__})
            count("UnexpectedError")
            self.hints.put_back(one)

    def _ask(self, left: SecondsLeft) -> dict[str, Any]:
        reserve = max(left() * (1 - SHARE), RESERVE_SECONDS)
        report = self.asking.run(lambda: left() - reserve)
        logger.info(
            "asked",
            extra={"asked": report.asked, "silent": report.silent, "left": report.left},
        )
        return {"asked": report.asked, "left": report.left}
