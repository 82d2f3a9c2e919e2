"""Keeping a delivery and answering GMO's one letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.billing.inbox import NOTIFICATION, InboxStore
from portal.clock import Clock
from portal.database import Database, DatabaseError
from portal.log import count, logger
from portal.web.errors import BadRequest
from portal.web.headers import BARE_POLICY, security_headers
from portal.web.http import Request, parse_event

KEPT, NOT_KEPT = "0", "1"


@dataclass(frozen=True)
class Door:
    """Answers deliveries with ``0`` once they are kept, else with ``1``."""

    database: Database
    inbox_table: str
    clock: Clock

    def __call__(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Keep one delivery, whatever it holds."""
        try:
            request = parse_event(event, self.clock())
        except BadRequest:
            return _answer(KEPT)  # The gateway always sends base64; this cannot be GMO's.
        return _answer(self._kept(request))

    def _kept(self, request: Request) -> str:
        row = InboxStore(self.database, self.inbox_table).received(
            NOTIFICATION,
            request.body,
            headers=request.headers,
            source=request.source_ip,
            now=request.now,
        )
        try:
            self.database.commit(row)
        except DatabaseError as error:
            logger.error("delivery not kept", extra={"error": type(error).__name__})
            count("DeliveryNotKept")
            return NOT_KEPT
        logger.info(
            "delivery kept",
            extra={"request_id": request.request_id, "length": len(request.body)},
        )
        return KEPT


def _answer(letter: str) -> dict[str, Any]:
    return {
        "statusCode": 200,
        "multiValueHeaders": {
            "Content-Type": ["text/plain; charset=us-ascii"],
            **{name: [value] for name, value in security_headers(BARE_POLICY)},
        },
        "body": letter,
        "isBase64Encoded": False,
    }
