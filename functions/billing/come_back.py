"""The browser's way back from GMO: a signed hint, kept like a notification.

The POST is cross-site, so no cookie of ours comes with it. It is answered by a redirect to a page
that asks for the session itself; what it says is display only and has GMO asked.
"""

import json
from dataclasses import dataclass

from portal.billing.account import Reference
from portal.billing.inbox import RETURN, InboxStore
from portal.billing.store import BillingStore
from portal.database import Contended, Database, Rejected, Value, Write
from portal.gmo.errors import BadReturn
from portal.gmo.returning import Return, read
from portal.log import count
from portal.web.errors import BadRequest
from portal.web.http import Request


@dataclass(frozen=True)
class ComeBack:
    """Takes what GMO sent along. *shop_pass* is the key of its signature."""

    database: Database
    store: BillingStore
    inbox: InboxStore
    shop_pass: str

    def take(self, request: Request) -> Reference | None:
        """Keep the hint and return whose order it is; None when it cannot be believed."""
        back = self._believed(request)
        if back is None:
            return None
        found = self.store.reference(back.order_id)
        if found is None:
            # It is signed, so it may be an order that a restored table has forgotten.
            count("ReturnOfUnknownOrder")
        self._keep(request, back, found)
        return found

    def _believed(self, request: Request) -> Return | None:
        try:
            return read(request.form.get("result", ""), self.shop_pass)
        except BadReturn as error:
            count("ReturnRefused", why=type(error).__name__)
        except BadRequest:
            count("ReturnRefused", why="BadRequest")
        return None

    def _keep(self, request: Request, back: Return, found: Reference | None) -> None:
        kept = self.inbox.received(
            RETURN,
            _told(back),
            headers=request.headers,
            source=request.source_ip,
            now=request.now,
            order_id=back.order_id,
        )
        try:
            self.database.commit(kept, *self._noted(request, back, found))
        except (Rejected, Contended):
            # The payment is being settled in this moment, or its row is gone; the evidence stays.
            self.database.commit(kept)

    def _noted(self, request: Request, back: Return, found: Reference | None) -> tuple[Write, ...]:
        if found is None:
            return ()
        result, error = back.result[:20], back.err_info[:100]
        told: dict[str, Value] = {"result": result, "error": error}
        return (
            self.store.hint(found, result, error, request.now),
            self.store.event(found.order_id, "returned", request.now, told),
        )


def _told(back: Return) -> bytes:
    """Return what is kept of a return: all it says but the AccessPass, which opens the payment."""
    return json.dumps(
        {
            "OrderID": back.order_id,
            "Result": back.result[:20],
            "Paymethod": back.pay_method[:20],
            "ErrCode": back.err_code[:100],
            "ErrInfo": back.err_info[:100],
        }
    ).encode()
