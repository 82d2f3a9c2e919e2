"""What billing needs from outside, so that tests can hand it fakes."""

from typing import Protocol

from portal.gmo.link import Link, LinkRequest, RejectOutcome
from portal.gmo.model import PayType, Trade


class Gateway(Protocol):
    """GMO as billing sees it; portal.gmo.client.Gmo is the real one.

    Every call may raise portal.gmo.errors.UnknownOutcome, Busy or Refused.
    """

    def issue_link(self, request: LinkRequest) -> Link:
        """Get a payment link for a new order."""

    def reject_link(self, order_id: str) -> RejectOutcome:
        """Stop a payment link."""

    def search(self, order_id: str, pay_type: PayType) -> Trade:
        """Ask for an order's state; raises NotFound."""

    def cancel_slip(self, order_id: str, access_id: str, access_pass: str) -> None:
        """Stop an unpaid slip."""
