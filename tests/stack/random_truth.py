"""What must be true of the random payments in the end: the stand-in's truth, each yen once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.stack.backstage import Account
from tests.stack.paying import WITHOUT_FAULTS, Payer
from tests.stack.random_payments import RandomPayments

MONEY = {"CAPTURE", "PAYSUCCESS"}
DEAD = {"expired", "cancelled", "abandoned"}
STANDS: Mapping[str, set[str]] = {
    "CAPTURE": {"paid"},
    "PAYSUCCESS": {"paid"},
    "RETURN": {"refunded"},
    "REQSUCCESS": {"slip"},
    "CANCEL": {"cancelled"},
    "INVALID": {"cancelled", "abandoned"},
    # A slip that ran out, or a link that did: of that GMO tells nobody before its date.
    "EXPIRED": {"expired", "linked", *DEAD},
}
"""GMO's word, and what we may say then; any other word is of a link that may still be used."""
OPEN = {"linked", *DEAD}
PAID_MAILS = ("会費のお支払いが完了しました", "会費のご入金を確認しました")
STATEMENT = {"paid": "支払済", "refunded": "返金済"}
ROUNDS = 5
"""A claim that GMO denies is asked about four times before it becomes a task."""


def reconcile(world: RandomPayments) -> None:
    """End all faults and let the schedule run; what was dropped stays lost."""
    world.gmo.told("faults", WITHOUT_FAULTS)
    for _ in range(ROUNDS):
        world.backstage.quiet()
        for order in world.ours():
            if world.backstage.state_of(order) == "created":
                world.backstage.long_ago(order)
            world.backstage.due(order)
        world.backstage.task("ask")
        world.backstage.sweep()
    world.backstage.quiet()


def wrong(world: RandomPayments) -> Iterator[str]:
    """Yield everything that is not as it must be."""
    orders = {str(one["order_id"]): one for one in world.orders()}
    tasks = world.backstage.discrepancies()
    for payer in world.payers:
        account = world.backstage.account(payer.person.member_no)
        yield from _payments(account, orders)
        yield from _invoice(payer, account, orders)
        yield from _tasks(world, account, tasks)
        yield from _mails(world, payer, account)


def _payments(account: Account, orders: Mapping[str, Any]) -> Iterator[str]:
    """The portal's state of each order is the stand-in's.

    Red on a stack that took no money for money (judge.target_state), with the rule below.
    """
    for order, row in account.payments.items():
        status = orders[order]["status"] if order in orders else "never came to GMO"
        may = STANDS.get(status, DEAD if order not in orders else OPEN)
        if row["state"] not in may:
            yield f"UNMATCHED {order} is {row['state']} here and {status} at GMO"
        if row["state"] == "paid" and row["paid_amount"] != orders[order]["amount"]:
            yield f"UNMATCHED {order}: {row['paid_amount']} yen here, another sum at GMO"


def _invoice(payer: Payer, account: Account, orders: Mapping[str, Any]) -> Iterator[str]:
    """Each paid yen once: one payment pays the invoice, further money is a surplus."""
    invoice = account.invoices[payer.invoice_id]
    money = [one for one in account.payments if orders.get(one, {}).get("status") in MONEY]
    flagged = [one for one in money if account.payments[one].get("flag") == "surplus"]
    booked = str(invoice.get("paid_order", ""))
    live = [one for one, row in account.payments.items() if row["state"] in ("linked", "slip")]
    if [one for one in money if one != booked] != flagged:
        yield f"DOUBLED invoice of {payer.person.member_no}: {money}, booked {booked}, {flagged}"
    if money and invoice["state"] == "unpaid":
        yield f"LOST invoice of {payer.person.member_no} is unpaid, GMO has {money}"
    if (invoice["state"] in STATEMENT) != bool(booked):
        yield f"UNMATCHED invoice is {invoice['state']}, booked {booked!r}"
    if len(live) > 1 or (live and live != [invoice.get("live_order")]):
        yield f"DOUBLED live payments {live}, the invoice points at {invoice.get('live_order')}"
    shown = payer.statement()
    if any((word in shown) != (state == invoice["state"]) for state, word in STATEMENT.items()):
        yield f"UNMATCHED the statement of a {invoice['state']} invoice says {shown[:300]}"
    if (payer.receipt().status == 200) != (invoice["state"] == "paid"):
        yield f"LOST the receipt of a {invoice['state']} invoice"


def _tasks(
    world: RandomPayments, account: Account, tasks: Mapping[tuple[str, str], Any]
) -> Iterator[str]:
    """Discrepancies are there where they are expected, and nowhere else."""
    surplus = {one for one, row in account.payments.items() if row.get("flag") == "surplus"}
    told = {subject for kind, subject in tasks if kind == "surplus"} & account.payments.keys()
    if surplus != told:
        yield f"LOST surplus of {surplus}, the office knows of {told}"
    for kind, subject in tasks:
        if subject in account.payments and kind != "surplus" and subject not in world.doubted:
            yield f"UNMATCHED nobody had a reason for {kind} of {subject}"


def _mails(world: RandomPayments, payer: Payer, account: Account) -> Iterator[str]:
    """One completion mail for a booked payment, and none else.

    Red on a stack whose bookings left the mail out (settle._along).
    """
    subjects = Counter(world.backstage.subjects(payer.address))
    sent = sum(n for text, n in subjects.items() if text.endswith(PAID_MAILS))
    booked = bool(account.invoices[payer.invoice_id].get("paid_order"))
    if sent != booked:
        yield f"DOUBLED {sent} mails of completion, booked: {booked}"
