"""How to break the payments on purpose: once for each rule of watch.py and truth.py."""

from dataclasses import dataclass
from pathlib import Path

BILLING = "layers/common/portal/billing"
MAIL = "layers/common/portal/mail"


@dataclass(frozen=True)
class Break:
    """One line of the code made wrong. *red* is a part of what the rule then says."""

    rule: str
    file: str
    old: str
    new: str
    red: str

    def count(self, root: Path) -> int:
        """Return how often the line to be broken stands in the code; once is right."""
        return (root / self.file).read_text("utf-8").count(self.old)


PAYMENTS = (
    Break(
        "the state never falls in rank",
        f"{BILLING}/model.py",
        "return RANK[then] > RANK[now]",
        "return then is not now",
        "the state fell from",
    ),
    Break(
        "of two presses at once one opens a payment",
        f"{BILLING}/store.py",
        'item = invoice_item(after) | {"version": before.version + 1}\n'
        '        return Put(self.table, item, when=(Equals("version", before.version),))',
        'item = invoice_item(after) | {"version": before.version + 1}\n'
        "        return Put(self.table, item)",
        "points at",
    ),
    Break(
        "an old answer is not applied to a payment that was changed meanwhile",
        f"{BILLING}/store.py",
        'item = payment_item(after) | {"version": before.version + 1}\n'
        '        return Put(self.table, item, when=(Equals("version", before.version),))',
        'item = payment_item(after) | {"version": before.version + 1}\n'
        "        return Put(self.table, item)",
        "",
    ),
    Break(
        "the other live payment of a paid invoice is stopped",
        f"{BILLING}/settle.py",
        "if verdict.stop_order:",
        "if verdict.stop_order == 'never':",
        "points at",
    ),
    Break(
        "money is booked only when it is what we asked for",
        f"{BILLING}/judge.py",
        "and trade.total == payment.amount",
        "and trade.total > 0",
        "UNMATCHED",
    ),
    Break(
        "an invoice is paid once",
        f"{BILLING}/judge.py",
        "if not invoice.payable:",
        "if not invoice.payable and not invoice.paid_order:",
        "the payment that had paid it was exchanged",
    ),
    Break(
        "late money of a dead payment is found",
        f"{BILLING}/model.py",
        "    if payment.state is PaymentState.REFUNDED:\n        return None",
        "    if payment.state is PaymentState.REFUNDED or payment.state in DEAD:\n"
        "        return None",
        "UNMATCHED",
    ),
    Break(
        "a refund that nobody told of is found",
        f"{BILLING}/model.py",
        "(timedelta(days=1), timedelta(days=35))",
        "(timedelta(days=1),)",
        "UNMATCHED",
    ),
    Break(
        "a payment is told by mail",
        f"{BILLING}/settle.py",
        "along: list[Write] = [mail] if mail else []",
        "along: list[Write] = []",
        "LOST mails",
    ),
    Break(
        "a mail that SES did not take goes again",
        f"{MAIL}/outbox.py",
        'Either(Equals("attempts", 0), AtMost("due_at", iso(now)))',
        'Equals("attempts", 0)',
        "never done",
    ),
    Break(
        "two workers do not send the same mail",
        f"{MAIL}/outbox.py",
        'when=(Exists("pending"), Either(Equals("attempts", 0), AtMost("due_at", iso(now)))),',
        'when=(Exists("pending"),),',
        "DOUBLED mail",
    ),
    Break(
        "SES's yes is noted even when the database hesitates",
        f"{MAIL}/deliver.py",
        "_MARK_TRIES = 3",
        "_MARK_TRIES = 1",
        "DOUBLED mail",
    ),
    Break(
        "receipt numbers are unique",
        f"{BILLING}/receipts.py",
        'f"{fiscal_year}-{member_no}-{attempt}"',
        'f"{member_no}-{attempt}"',
        "was given twice",
    ),
    Break(
        "the door says 0 only to what it kept",
        "functions/gmo_webhook/door.py",
        "return NOT_KEPT",
        "return KEPT",
        "deliveries that the door had answered with 0",
    ),
    Break(
        "every delivery ends applied or as a discrepancy",
        f"{BILLING}/inbox.py",
        'set={"due_at": iso(now + wait), "waiting_for": why},',
        'set={"due_at": iso(now + wait), "waiting_for": why}, remove=("pending",),',
        "deliveries have no outcome",
    ),
    Break(
        "what GMO denied is counted in its discrepancy",
        f"{BILLING}/hints.py",
        "                store.discrepancy(kind, order_id, now, evidence),\n",
        "",
        "denied deliveries",
    ),
    Break(
        "money that was not booked is a task of the office",
        f"{BILLING}/settle.py",
        "if not adds_up:\n            writes.append",
        "if verdict.fact == 'never':\n            writes.append",
        "the office has no discrepancy",
    ),
    Break(
        "the log of an order is append only",
        f"{BILLING}/store.py",
        '**key(f"ORDER#{order_id}", f"EVT#{iso(now)}#{crockford(6)}"),\n'
        '            "what": what,\n'
        '            "data": dict(data),\n'
        "        }\n"
        '        return Put(self.table, item, when=(Missing("pk"),))',
        '**key(f"ORDER#{order_id}", "EVT#"),\n'
        '            "what": what,\n'
        '            "data": dict(data),\n'
        "        }\n"
        "        return Put(self.table, item)",
        "the past was changed",
    ),
    Break(
        "the audit tells of every change",
        f"{BILLING}/settle.py",
        "writes.append(self._audited(payment, verdict, now))",
        "",
        "LOST audit",
    ),
    Break(
        "a delivery is never removed",
        f"{BILLING}/hints.py",
        "self.inbox.applied(one, UNKNOWN, now, matched=False, once=True)",
        '__import__("portal.database").database.Delete("inbox", {"pk": one.inbox_id})',
        "a row was removed",
    ),
    Break(
        "money that was not booked is not told as paid",
        f"{BILLING}/settle.py",
        'if verdict.fact is Fact.PAID:\n        return "card_paid"',
        'if verdict.fact in (Fact.PAID, Fact.SURPLUS):\n        return "card_paid"',
        "UNMATCHED mails",
    ),
    Break(
        "a link is asked about until it is over",
        f"{BILLING}/model.py",
        "return later if later <= payment.ask_until else None",
        "return later if age < timedelta(hours=1) else None",
        "a payment is still live",
    ),
    Break(
        "what GMO took is what we say it took",
        f"{BILLING}/judge.py",
        "paid_amount=trade.total",
        "paid_amount=payment.amount",
        "our payments say",
    ),
    Break(
        "GMO hears of no order that is not ours",
        f"{BILLING}/open_payment.py",
        "if won:  # Else",
        "if won is not None:  # Else",
        "times to us",
    ),
    Break(
        "the log tells what was booked",
        f"{BILLING}/settle.py",
        "if verdict.fact is None:\n            return writes",
        "if verdict.fact in (None, Fact.PAID):\n            return writes",
        "log tells of",
    ),
    Break(
        "an invoice whose money came is paid",
        f"{BILLING}/judge.py",
        '        state=InvoiceState.PAID,\n        live_order="",\n',
        '        live_order="",\n',
        "but GMO has the money of",
    ),
    Break(
        "a fault of ours is noticed",
        f"{BILLING}/judge.py",
        "    if trade is None:\n        raise ValueError",
        "    if trade is not None:\n        raise ValueError",
        "failed: ValueError",
    ),
)
