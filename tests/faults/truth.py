"""What must be true in the end: all faults off, and time moved on until nothing is due.

Each rule is held against GMO's own truth and SES's, never against another part of the portal only.
"""

from collections import Counter
from collections.abc import Iterator

from portal.billing.account import Account
from portal.billing.model import DEAD, LIVE, Flag, Invoice, InvoiceState, Payment, PaymentState
from portal.database import Item
from portal.gmo.notification import parse
from portal.mail.outbox import MAX_ATTEMPTS
from tests.fake_gmo import Order
from tests.faults.deployment import PlentyOfTime
from tests.faults.ground import Ground
from tests.faults.machine import Process
from tests.unit.billing.house import PLENTY, TABLES
from tests.unit.billing.house import STAGE as OUR_STAGE

MOST_ROUNDS = 500
TOLD_OF = {"paid", "refunded", "ended", "slip_issued", "mismatch", "surplus"}
"""Facts that the order's log and the audit both tell of."""


def reconcile(world: Ground) -> None:
    """End all faults and let the schedules run until nothing is due any more."""
    world.gmo.down, world.gmo.lagging, world.ses.down = set(), False, False
    world.gmo.faults.clear()
    world.machine.process = Process()
    for stream in world.watch.streams.values():
        stream.clear()
    for _ in range(MOST_ROUNDS):
        world.night()
        work(world)
        if not any(waiting(world)):
            return
        world.clock.tick(hours=12)
    world.watch.broken.append(f"never done: {list(waiting(world))[:3]}")


def work(world: Ground) -> None:
    """Run each schedule once."""
    world.portal.work({"task": "sweep"}, lambda: PLENTY)
    world.portal.work({"task": "ask"}, lambda: PLENTY)
    world.portal.mailer({"task": "sweep"}, PlentyOfTime())


def waiting(world: Ground) -> Iterator[str]:
    """Yield what some schedule has still to look at."""
    tables = world.database.tables
    for row in tables[TABLES.billing].values():
        if "next_ask_at" in row and str(row["sk"]).startswith("PAY#"):
            yield f"{row['sk']!s} is to be asked at {row['next_ask_at']!s}"
    for name in (TABLES.inbox, TABLES.outbox):
        yield from (f"{row['pk']!s} waits" for row in tables[name].values() if "pending" in row)


def wrong(world: Ground) -> Iterator[str]:
    """Yield everything that is not as it must be."""
    yield from world.watch.broken
    accounts = {one.member_id: world.portal.store.account(one.member_id) for one in world.invoices}
    paid = _told(world, "paid")
    orders: dict[str, list[str]] = {}
    for order_id, order in world.gmo.orders.items():
        orders.setdefault(order.request.client_fields[0], []).append(order_id)
    for account in accounts.values():
        for payment in account.payments.values():
            yield from _payment(world, account, payment)
        for invoice in account.invoices:
            yield from _invoice(account, invoice, paid)
            yield from _money(world, account, invoice, orders.get(invoice.invoice_id, []))
    yield from _orders(world, accounts)
    yield from _mails(world)
    yield from _deliveries(world)
    yield from _log_and_audit(world)


# The portal's state is GMO's truth


def _payment(world: Ground, account: Account, payment: Payment) -> Iterator[str]:
    order = world.gmo.orders.get(payment.order_id)
    name, state = payment.order_id, payment.state
    expected = _expected(order)
    if state not in expected:
        yield f"UNMATCHED {name} is {state} here, at GMO {order and order.trade}"
    if state is PaymentState.PAID and order and order.trade:
        if payment.paid_amount != order.trade.total:
            yield f"UNMATCHED {name}: {payment.paid_amount} yen here, {order.trade.total} at GMO"
        flag = _flag(world, account, payment, order)
        if payment.flag is not flag:
            yield f"UNMATCHED {name} is flagged {payment.flag}, not {flag}"
    if payment.flag and not _discrepancy(world, payment.flag.value, name):
        yield f"LOST {name} is flagged {payment.flag}, but the office has no discrepancy"


def _expected(order: Order | None) -> frozenset[PaymentState]:
    trade = order.trade if order else None
    if trade and trade.paid:
        return frozenset({PaymentState.PAID})
    if trade and trade.refunded:
        return frozenset({PaymentState.REFUNDED})
    return DEAD


def _flag(world: Ground, account: Account, payment: Payment, order: Order) -> Flag | None:
    """Return the flag that GMO's money deserves, from what was asked for."""
    trade, invoice = order.trade, account.invoice(payment.invoice_id)
    assert trade is not None
    assert invoice is not None
    asked = (invoice.amount, order.request.pay_type, (invoice.invoice_id, invoice.member_id))
    got = (trade.total, trade.pay_type, trade.client_fields[:2])
    clean = asked == got and trade.currency == "JPN" and trade.client_fields[2] == OUR_STAGE
    assert clean == (payment.order_id not in world.odd)
    if not clean:
        return Flag.MISMATCH
    return None if invoice.paid_order == payment.order_id else Flag.SURPLUS


def _name(invoice: Invoice) -> str:
    return f"invoice {invoice.fiscal_year} of {invoice.member_no}"


def _invoice(account: Account, invoice: Invoice, paid: Counter[str]) -> Iterator[str]:
    name = _name(invoice)
    mine = [o for o, one in account.payments.items() if one.invoice_id == invoice.invoice_id]
    booked = [order for order in mine if order == invoice.paid_order]
    told = [order for order in mine for _ in range(paid[order])]
    if len(told) > 1:
        yield f"DOUBLED {name} was paid by {told}"
    if told != booked:
        yield f"UNMATCHED {name}: log tells of {told}, booked is {booked}"
    if (invoice.state in (InvoiceState.PAID, InvoiceState.REFUNDED)) != bool(booked):
        yield f"UNMATCHED {name} is {invoice.state}, paid by {booked}"


def _money(world: Ground, account: Account, invoice: Invoice, orders: list[str]) -> Iterator[str]:
    name = _name(invoice)
    good = [order for order in orders if world.gmo.paid(order) and order not in world.odd]
    if good and invoice.state is InvoiceState.UNPAID:
        yield f"LOST {name} is unpaid, but GMO has the money of {good}"
    paid = invoice.state is InvoiceState.PAID
    if paid and invoice.paid_order not in good:
        yield f"UNMATCHED {name} is paid, but GMO has no money of {invoice.paid_order}"
    receipt = account.receipts.get(invoice.invoice_id)
    if (str(receipt["order_id"]) if receipt else "") != invoice.paid_order:
        yield f"LOST {name}: its receipt is of {receipt and receipt['order_id']!s}"
    if receipt and world.watch.receipts.get(str(receipt["number"])) != invoice.paid_order:
        yield f"DOUBLED receipt number {receipt['number']!s}"


def _orders(world: Ground, accounts: dict[str, Account]) -> Iterator[str]:
    """Each yen that GMO has lies on exactly one payment of ours."""
    ours = Counter(order for account in accounts.values() for order in account.payments)
    for order_id in world.gmo.orders:
        if ours[order_id] != 1:
            yield f"LOST {order_id} is known to GMO and {ours[order_id]} times to us"
    if any(payment.state in LIVE for one in accounts.values() for payment in one.payments.values()):
        yield "UNMATCHED a payment is still live"
    got = sum(o.trade.total for o in world.gmo.orders.values() if o.trade and o.trade.paid)
    have = sum(
        payment.paid_amount
        for account in accounts.values()
        for payment in account.payments.values()
        if payment.state is PaymentState.PAID
    )
    if got != have:
        yield f"LOST GMO has {got} yen, our payments say {have}"


# Mails


def _mails(world: Ground) -> Iterator[str]:
    rows = {str(row["pk"]): row for row in world.database.tables[TABLES.outbox].values()}
    completed = {one for one in rows if one.startswith(("card_paid#", "deposit_paid#"))}
    for mail_id, row in rows.items():
        yield from _mail(world, mail_id, row)
    paid = _told(world, "paid")
    if Counter(one.partition("#")[2] for one in completed) != Counter(paid):
        yield f"LOST mails {sorted(completed)} tell of {sorted(paid)}"
    if issued := set(_told(world, "slip_issued")) ^ {
        one.partition("#")[2] for one in rows if one.startswith("slip_issued#")
    }:
        yield f"LOST mails of slips and slips differ by {sorted(issued)}"


def _mail(world: Ground, mail_id: str, row: Item) -> Iterator[str]:
    taken, excused = world.ses.taken[mail_id], world.ses.excused[mail_id]
    tried = row.get("attempts")
    if row["state"] == "failed" and isinstance(tried, int) and tried >= MAX_ATTEMPTS:
        return  # Ten tries met ten faults of a day; the office has it on its list.
    if row["state"] != "sent" or taken == 0:
        yield f"LOST mail {mail_id} is {row['state']!s}, SES has taken it {taken} times"
    if taken > 1 + excused:
        yield f"DOUBLED mail {mail_id} went {taken} times, {excused} of them after a crash"


# Nothing vanishes


def _deliveries(world: Ground) -> Iterator[str]:
    rows = list(world.database.tables[TABLES.inbox].values())
    lost = Counter(world.kept) - Counter(r["body"] for r in rows if isinstance(r["body"], bytes))
    if lost:
        yield f"LOST {lost.total()} deliveries that the door had answered with 0"
    if unsettled := [row["pk"] for row in rows if not row.get("outcome")]:
        yield f"LOST {len(unsettled)} deliveries have no outcome"
    denied: Counter[str] = Counter()
    for row in rows:
        if row.get("outcome") == "not confirmed by GMO":
            denied[parse(bytes(row["body"]), str(row["content_type"])).order_id] += 1  # type: ignore[arg-type]
    for order, times in denied.items():
        found = sum(_times(world, kind, order) for kind in ("unconfirmed", "other_shop"))
        if found != times:
            yield f"LOST {times} denied deliveries of {order}, {found} in the discrepancy"
    strange = sum(row.get("outcome") == "unknown order" for row in rows)
    if strange != (counted := _all_times(world, "unknown_order")):
        yield f"LOST {strange} deliveries of unknown orders, {counted} in discrepancies"


def _discrepancy(world: Ground, kind: str, subject: str) -> Item | None:
    return world.database.tables[TABLES.billing].get((f"DISC#{kind}#{subject}", "DISC"))


def _times(world: Ground, kind: str, subject: str) -> int:
    row = _discrepancy(world, kind, subject)
    times = row["times"] if row else 0
    return times if isinstance(times, int) else 0


def _all_times(world: Ground, kind: str) -> int:
    rows = world.database.tables[TABLES.billing].values()
    return sum(_times(world, kind, str(r["subject"])) for r in rows if r.get("kind") == kind)


# The log and the audit


def _log_and_audit(world: Ground) -> Iterator[str]:
    """Every move of a payment is told in its log, and by the audit with what it was and became."""
    moved = Counter(one for one in world.watch.moves if one[1] and one[2] != "linked")
    audited: Counter[tuple[str, str, str]] = Counter()
    opened: Counter[str] = Counter()
    for row in world.database.tables[TABLES.audit].values():
        before, after = row.get("before"), row.get("after")
        if row["action"] == "payment.opened" and isinstance(after, dict):
            opened[str(after["order_id"])] += 1
        elif str(row["action"]).removeprefix("payment.") in TOLD_OF and isinstance(before, dict):
            became = after["state"] if isinstance(after, dict) else ""
            audited[str(before["order_id"]), str(before["state"]), str(became)] += 1
    refused = Counter(
        {(order, "created", "cancelled"): times for order, times in _told(world, "refused").items()}
    )
    if moved != audited + refused:
        yield f"LOST audit differs from what happened: {(moved - audited - refused)}"
    begun = Counter(order for order, before, _ in world.watch.moves if not before)
    if begun != opened:
        yield f"LOST audit differs from what was opened: {begun - opened} {opened - begun}"


def _told(world: Ground, what: str) -> Counter[str]:
    """Count what the orders' logs tell, by order."""
    return Counter(
        str(row["pk"]).removeprefix("ORDER#")
        for row in world.database.tables[TABLES.billing].values()
        if row.get("what") == what and str(row["sk"]).startswith("EVT#")
    )
