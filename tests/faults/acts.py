"""What the log and the audit tell in the end, and what the office was promised."""

from collections import Counter
from collections.abc import Iterator

from portal.billing.account import Account
from portal.billing.model import PaymentState
from portal.database import Item
from tests.faults.ground import Ground
from tests.faults.rows import told
from tests.unit.billing.house import TABLES

TOLD_OF = {"paid", "refunded", "ended", "slip_issued", "mismatch", "surplus"}
"""Facts that the order's log and the audit both tell of."""

ACTS = {
    "recorded": "invoice.recorded",
    "accepted": "payment.accepted",
    "set_aside": "payment.set_aside",
    "refunded_outside": "payment.refunded_outside",
    "ask_wanted": "payment.ask_wanted",
}
"""Acts of the office: the word in the order's log, and the action in the audit."""

ENDED = ("waived", "cancelled")
"""What an invoice becomes by the office alone; nothing of it stands in an order's log."""

type Move = tuple[str, str, str]


def log_and_audit(world: Ground) -> Iterator[str]:
    """Every move of a payment or an invoice, and every act of the office, is told by the audit.

    Red by "the audit tells of every change" and "the audit tells what the office did".
    """
    moved = Counter(one for one in world.watch.moves if one[1] and one[2] != "linked")
    audited = _moves(world)
    if moved != audited:
        yield f"LOST audit differs from what happened: {moved - audited} {audited - moved}"
    begun = Counter(order for order, before, _ in world.watch.moves if not before)
    opened = _opened(world)
    if begun != opened:
        yield f"LOST audit differs from what was opened: {begun - opened} {opened - begun}"
    logged = Counter(
        {(o, ACTS[what]): n for (o, what), n in world.watch.told.items() if what in ACTS}
    )
    acts = Counter(
        (str(after["order_id"]), action)
        for action, _, after in _audit(world)
        if action in ACTS.values()
    )
    if acts != logged:
        yield f"LOST audit differs from the office's acts: {logged - acts} {acts - logged}"
    ended = Counter({one[::-1]: n for one, n in world.watch.settled.items() if one[1] in ENDED})
    told_of = Counter(
        (action.removeprefix("invoice."), str(after["invoice_id"]))
        for action, _, after in _audit(world)
        if action.removeprefix("invoice.") in ENDED
    )
    if told_of != ended:
        yield f"LOST audit differs from invoices ended: {ended - told_of} {told_of - ended}"


def _audit(world: Ground) -> Iterator[tuple[str, Item, Item]]:
    """Yield (action, before, after) of all entries."""
    for row in world.database.tables[TABLES.audit].values():
        before, after = row.get("before"), row.get("after")
        yield (
            str(row["action"]),
            before if isinstance(before, dict) else {},
            after if isinstance(after, dict) else {},
        )


def _moves(world: Ground) -> Counter[Move]:
    """Count the moves of payments as the audit, and for three of them the log, tells them."""
    moves = Counter(
        (str(before["order_id"]), str(before["state"]), str(after.get("state", "")))
        for action, before, after in _audit(world)
        if action.removeprefix("payment.") in TOLD_OF and before
    )
    for (order, what), times in world.watch.told.items():
        if what == "refused":
            moves[order, "created", "cancelled"] += times
        elif what == "refunded_outside":
            moves[order, "paid", "refunded"] += times
    return moves


def _opened(world: Ground) -> Counter[str]:
    """Count how often each order was begun here."""
    opened = Counter(
        str(after["order_id"]) for action, _, after in _audit(world) if action == "payment.opened"
    )
    for (order, what), times in world.watch.told.items():
        if what in ("recorded", "reattached"):
            opened[order] += times
    return opened


def office_acts(world: Ground, accounts: dict[str, Account]) -> Iterator[str]:
    """What the office was answered with a yes stands; what it did not wish did not happen."""
    # Red by "the office's yes is a yes".
    if lost := world.promised - _stands(world, accounts):
        yield f"LOST acts of the office: {sorted(lost)}"
    acts = {(what, order) for order, what in world.watch.told if what in ACTS}
    acts |= {one[::-1] for one in world.watch.settled if one[1] in ENDED}
    # Red by "what the office cancels it did not waive".
    if unwished := {one for one in acts if one[0] != "ask_wanted"} - world.wished:
        yield f"UNMATCHED nobody wished {sorted(unwished)}"


def _stands(world: Ground, accounts: dict[str, Account]) -> set[tuple[str, str]]:
    """Return what of the office's acts is to be seen in the rows."""
    refunded = {
        payment.order_id
        for account in accounts.values()
        for payment in account.payments.values()
        if payment.state is PaymentState.REFUNDED
    }
    logged = {(what, order) for what in ACTS for order in told(world, what)}
    ended = {
        (one.state.value, one.invoice_id)
        for account in accounts.values()
        for one in account.invoices
    }
    return ended | {one for one in logged if one[0] != "refunded_outside" or one[1] in refunded}
