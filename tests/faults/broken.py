"""Shows that the rules see: breaks the code on purpose in a copy of the tree, and wants them red.

``python -m tests.faults.broken`` does it for each line below, ``... NUMBER`` for some. A break that
no rule sees, or whose line is no more in the code, ends it with 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("layers/common", "functions", "tests", "society.toml")
BILLING = "layers/common/portal/billing"
MAIL = "layers/common/portal/mail"
STEPS, SEED = 60_000, 5


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


BREAKS = (
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
        'item = _invoice_item(after) | {"version": before.version + 1}\n'
        '        return Put(self.table, item, when=(Equals("version", before.version),))',
        'item = _invoice_item(after) | {"version": before.version + 1}\n'
        "        return Put(self.table, item)",
        "points at",
    ),
    Break(
        "an old answer is not applied to a payment that was changed meanwhile",
        f"{BILLING}/store.py",
        'item = _payment_item(after) | {"version": before.version + 1}\n'
        '        return Put(self.table, item, when=(Equals("version", before.version),))',
        'item = _payment_item(after) | {"version": before.version + 1}\n'
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
        "if invoice.title == '':",
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
        "what GMO denied is counted once in its discrepancy",
        f"{BILLING}/hints.py",
        "self.inbox.applied(one, NOT_CONFIRMED, now, once=True)",
        "self.inbox.applied(one, NOT_CONFIRMED, now)",
        "denied deliveries",
    ),
    Break(
        "money that was not booked is a task of the office",
        f"{BILLING}/settle.py",
        "if verdict.fact in ODD:\n            writes.append",
        "if verdict.fact == 'never':\n            writes.append",
        "the office has no discrepancy",
    ),
    Break(
        "the log of an order is append only",
        f"{BILLING}/store.py",
        '**_key(f"ORDER#{order_id}", f"EVT#{iso(now)}#{crockford(6)}"),\n'
        '            "what": what,\n'
        '            "data": dict(data),\n'
        "        }\n"
        '        return Put(self.table, item, when=(Missing("pk"),))',
        '**_key(f"ORDER#{order_id}", "EVT#"),\n'
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
)


def shown(one: Break) -> str:
    """Break a copy of the tree and return what the rules said; empty when they saw nothing."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in COPIED:
            copy(ROOT / name, root / name)
        broken = root / one.file
        broken.write_text(broken.read_text("utf-8").replace(one.old, one.new), "utf-8")
        command = [sys.executable, "-m", "tests.faults", "--steps", str(STEPS), "--first"]
        done = subprocess.run(
            [*command, "--seed", str(SEED)],
            cwd=root,
            env=os.environ | {"PYTHONPATH": "layers/common", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    said = [text.strip() for text in done.stdout.splitlines() if text.startswith("  ")]
    return next((text for text in said if one.red in text), "")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder without what was compiled."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    shutil.copy(source, target)


def main(numbers: list[str]) -> int:
    """Break what was chosen, one after the other, and tell what was seen."""
    blind = 0
    for number, one in enumerate(BREAKS, 1):
        if numbers and str(number) not in numbers:
            continue
        started = time.monotonic()
        said = shown(one) if one.count(ROOT) == 1 else ""
        blind += not said
        sys.stdout.write(
            f"{number:2} {'red ' if said else 'BLIND'} {time.monotonic() - started:4.0f} s  "
            f"{one.rule}\n            {said[:150]}\n"
        )
        sys.stdout.flush()
    return 1 if blind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
