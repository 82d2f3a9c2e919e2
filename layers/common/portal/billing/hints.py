"""Applying what came to the door: a hint never books anything, it only has GMO asked at once."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.billing.found import heard
from portal.billing.inbox import NOT_CONFIRMED, NOTIFICATION, UNKNOWN, Delivery, InboxStore
from portal.billing.model import RANK, PaymentState
from portal.billing.reattach import Reattachment, UnknownToGmoError, ours
from portal.billing.settle import Settlement, UnknownOrderError
from portal.clock import Clock, jst_date
from portal.database import Contended, Database, Rejected, Value, Write
from portal.gmo.errors import GmoError, told
from portal.gmo.model import PayType
from portal.gmo.notification import Notification, parse
from portal.log import count, logger

UNCONFIRMED = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60))
"""When GMO is asked again about a claim that its answer did not confirm."""

SILENT = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30))
"""When GMO is asked again after it gave no answer; the last one repeats."""

FAULTY = (timedelta(minutes=30),)
"""When a delivery is tried again that met a fault of ours; operators are told by the count."""

_CLAIMS = {
    "CAPTURE": PaymentState.PAID,
    "SALES": PaymentState.PAID,
    "PAYSUCCESS": PaymentState.PAID,
    "REQSUCCESS": PaymentState.SLIP,
    "EXPIRED": PaymentState.EXPIRED,
    "CANCEL": PaymentState.EXPIRED,
    "VOID": PaymentState.REFUNDED,
    "RETURN": PaymentState.REFUNDED,
    "RETURNX": PaymentState.REFUNDED,
}
"""The least state that a notification's Status speaks of; other words claim nothing."""


@dataclass(frozen=True)
class Hints:
    """Applies deliveries of the inbox."""

    database: Database
    inbox: InboxStore
    settlement: Settlement
    reattachment: Reattachment
    clock: Clock
    shop_id: str

    def apply(self, one: Delivery) -> None:
        """Have GMO asked about the delivery's order and take it off the list, or note when again.

        Raises only portal.database errors.
        """
        notice = parse(one.body, one.content_type) if one.kind == NOTIFICATION else None
        order_id = notice.order_id if notice else one.order_id
        if notice is not None and notice.is_ping:
            ping = self.inbox.applied(one, "connectivity test", self.clock(), matched=False)
            with suppress(Rejected):  # Kept long enough, it is there no more.
                self.database.commit(ping)
            return
        try:
            self._settled(one, order_id, notice)
        except UnknownToGmoError:
            # GMO's search may be behind its own notification; a forgotten order has nothing else.
            if one.tries < len(UNCONFIRMED):
                self._wait(one, UNCONFIRMED, "unknown to GMO", counted=True)
            else:
                self._unknown(one, order_id)
        except UnknownOrderError:
            self._unknown(one, order_id)
        except GmoError as error:
            logger.warning("no answer of GMO", extra={"order": order_id[:27], "why": str(error)})
            count("AskFailed")
            self._wait(one, SILENT, "no answer of GMO", counted=False)
        except Contended:
            self._wait(one, SILENT, "contended", counted=False)

    def put_back(self, one: Delivery) -> None:
        """Note that a delivery could not be applied for a reason of our own, for a later try."""
        self._wait(one, FAULTY, "fault of ours", counted=True)

    def costly(self, one: Delivery) -> bool:
        """Tell whether it only claims an order that we do not know, but GMO has to be asked for.

        After a restore that is money; at any other time anybody can make up as many as he likes.
        A browser's return is signed, and what names another shop or form is no question to GMO.
        """
        notice = parse(one.body, one.content_type) if one.kind == NOTIFICATION else None
        if notice is None or notice.is_ping or notice.shop_id != self.shop_id:
            return False
        order_id = notice.order_id
        return ours(order_id) and self.settlement.store.reference(order_id) is None

    def put_off(self, one: Delivery, wait: timedelta, why: str) -> None:
        """Note that a delivery has to wait though its time has come; no try is counted."""
        # Somebody else has it in hand, and it stays where it is; or it is there no more.
        with suppress(Contended, Rejected):
            self.database.commit(self.inbox.later(one, wait, why, self.clock(), counted=False))

    def _settled(self, one: Delivery, order_id: str, notice: Notification | None) -> None:
        now = self.clock()
        self._known(order_id, notice)
        applied = self.inbox.applied(one, "applied", now)

        def confirmed(state: PaymentState) -> bool:
            return notice is None or _confirmed(notice, state, self.shop_id)

        def also(state: PaymentState) -> tuple[Write, ...]:
            return (applied, *self._declined(order_id, notice, now)) if confirmed(state) else ()

        settled = self.settlement.settle(order_id, also=also)
        if notice is None or confirmed(settled.payment.state):
            return
        if one.tries < len(UNCONFIRMED):
            self._wait(one, UNCONFIRMED, NOT_CONFIRMED, counted=True)
        else:
            self._unconfirmed(one, order_id, notice)

    def _declined(
        self, order_id: str, notice: Notification | None, now: datetime
    ) -> tuple[Write, ...]:
        """A decline or an abort changes no state, as the link lives on; the log tells of it."""
        if notice is None or not notice.codes:
            return ()
        data: dict[str, Value] = {"status": notice.status[:20], "codes": told(notice.codes)}
        return (self.settlement.store.event(order_id, "declined", now, data),)

    def _known(self, order_id: str, notice: Notification | None) -> None:
        """Make sure that the order is ours, after a restore by GMO's own word.

        A notification that names another shop is not worth a question to GMO.
        """
        if self.settlement.store.reference(order_id) is not None:
            return
        if notice is not None and notice.shop_id != self.shop_id:
            raise UnknownOrderError
        self.reattachment.reattach(order_id)

    def _unconfirmed(self, one: Delivery, order_id: str, notice: Notification) -> None:
        now = self.clock()
        evidence: dict[str, Value] = {
            "inbox_id": one.inbox_id,
            "status": notice.status[:20],
            "amount": notice.total if notice.total is not None else -1,
            "shop_matches": notice.shop_id == self.shop_id,
        }
        kind = "unconfirmed" if notice.shop_id == self.shop_id else "other_shop"
        store = self.settlement.store
        with suppress(Rejected):  # Stream and sweep met; it was counted once.
            self.database.commit(
                store.discrepancy(kind, order_id, now, evidence),
                self.inbox.applied(one, NOT_CONFIRMED, now, once=True),
                heard(store.table, kind, order_id, one.inbox_id),
            )
        count("HintUnconfirmed")
        count("Discrepancy")

    def _unknown(self, one: Delivery, order_id: str) -> None:
        now = self.clock()
        evidence: dict[str, Value] = {"inbox_id": one.inbox_id, "order_id": order_id[:27]}
        day = jst_date(now).isoformat()
        store = self.settlement.store
        # GMO may have been behind for longer than it is asked; other forms are not worth a replay.
        replayed = (
            [heard(store.table, "unknown_order", day, one.inbox_id)] if ours(order_id) else []
        )
        with suppress(Rejected):  # Stream and sweep met; it was counted once.
            self.database.commit(
                store.discrepancy("unknown_order", day, now, evidence),
                self.inbox.applied(one, UNKNOWN, now, matched=False, once=True),
                *replayed,
            )
        count("UnknownOrder")

    def _wait(
        self, one: Delivery, waits: tuple[timedelta, ...], why: str, *, counted: bool
    ) -> None:
        now: datetime = self.clock()
        wait = waits[min(one.tries, len(waits) - 1)] if counted else _backoff(one, waits, now)
        with suppress(Rejected):  # Kept long enough, it is there no more; the schedule asks on.
            self.database.commit(self.inbox.later(one, wait, why, now, counted=counted))


def _backoff(one: Delivery, waits: tuple[timedelta, ...], now: datetime) -> timedelta:
    """Wait about as long as the delivery has waited already, within the given steps."""
    waited = now - one.received_at
    return next((wait for wait in waits if wait >= waited), waits[-1])


def _claim(notice: Notification) -> PaymentState | None:
    """Return the least state it speaks of. CANCEL ends a slip, but gives a card's money back."""
    if notice.status == "CANCEL" and notice.way is PayType.CARD:
        return PaymentState.REFUNDED
    return _CLAIMS.get(notice.status)


def _confirmed(notice: Notification, state: PaymentState, shop_id: str) -> bool:
    """Tell whether GMO's own answer is at least what the notification claims."""
    claim = _claim(notice)
    if notice.shop_id != shop_id:
        return False
    return claim is None or RANK[state] >= RANK[claim]
