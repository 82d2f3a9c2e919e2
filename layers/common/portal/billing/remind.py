"""Reminding by "due and not yet sent": walks the index ``reminders``, most overdue first.

For each row one transaction: the mail, whose key is member, invoice and step, and the row's next
look on condition that the row is unchanged. A run that ends early loses nothing; the next goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from portal.billing.account import Account
from portal.billing.model import Invoice, Payment
from portal.billing.reminder_rows import Due, ReminderRows
from portal.billing.reminders import Decision, Step, Why, decide, decide_slip
from portal.billing.store import BillingStore
from portal.clock import Clock, iso
from portal.config import Society
from portal.database import Contended, Database, DatabaseError, Put, Rejected, Value
from portal.log import count, logger
from portal.mail.outbox import queued

SHARD_LIMIT = 100
"""Rows of one shard in one look at the index."""

PER_RUN = 500
"""Mails of one run, so that the mails of payments never wait behind thousands of reminders."""

PUT_BACK_FOR = timedelta(days=1)
EVERYTHING = 1_000_000

TOLD_BEFORE = "was told before"
MOVED_ON = "was changed meanwhile"
FAILED = "could not be looked at"


@dataclass(frozen=True)
class Report:
    """What one run did: counts by step (``dues_reminder 7``) or by why nothing was told."""

    counts: Mapping[str, int]
    told: int
    finished: bool


type Each = Callable[[str, Due], None]
"""Is called with what became of each row, as it is counted, and the row."""


def unheard(outcome: str, due: Due) -> None:
    """Stand in the place of an :data:`Each` where nobody listens."""


@dataclass(frozen=True)
class Looked:
    """One row of the index with what is to be done about it."""

    due: Due
    state: str
    version: int
    decision: Decision
    mail: Put | None


@dataclass(frozen=True)
class Reminding:
    """Reminds. *outbox* is the table's name."""

    database: Database
    store: BillingStore
    clock: Clock
    society: Society
    outbox: str

    def run(
        self,
        seconds_left: Callable[[], float],
        *,
        most: int = PER_RUN,
        each: Each = unheard,
    ) -> Report:
        """Tell what is due until the time is up or *most* mails are queued."""
        counts: Counter[str] = Counter()
        told = 0
        for due in self._waiting(SHARD_LIMIT):
            if seconds_left() <= 0 or told >= most:
                return _counted(Report(counts, told, finished=False))
            outcome, sent = self._handled(due)
            counts[outcome] += 1
            told += sent
            each(outcome, due)
        return _counted(Report(counts, told, finished=True))

    def dry_run(self, each: Each = unheard) -> Report:
        """Count what a run without limits would do now. Writes nothing."""
        counts: Counter[str] = Counter()
        told = 0
        for due in self._rows().due(self.clock(), EVERYTHING):
            outcome, new = self._foreseen(due)
            counts[outcome] += 1
            told += new
            each(outcome, due)
        return Report(counts, told, finished=True)

    def _waiting(self, limit: int) -> Iterator[Due]:
        """Yield due rows, look by look; ends when a look brings nothing that was not seen."""
        seen = set[Due]()
        while True:
            fresh = [one for one in self._rows().due(self.clock(), limit) if one not in seen]
            if not fresh:
                return
            seen.update(fresh)
            yield from fresh

    def _handled(self, due: Due) -> tuple[str, bool]:
        try:
            looked = self._look(due)
            return self._written(looked) if looked else (MOVED_ON, False)
        except Contended:
            return MOVED_ON, False
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - one row's fault must not starve the others.
            # Only the type is written: the text of a foreign exception may hold a row's facts.
            logger.error("reminder failed", extra={"error": type(error).__name__})
            count("UnexpectedError")
            return self._put_back(due)

    def _foreseen(self, due: Due) -> tuple[str, bool]:
        """Say what a run would do with a row; a faulty one is counted as a run counts it."""
        try:
            looked = self._look(due)
        except DatabaseError:
            raise
        except Exception:  # noqa: BLE001 - one row's fault must not hide all the others.
            return FAILED, False
        new = looked is not None and self._is_new(looked)
        return _label(looked, new=new), new

    def _put_back(self, due: Due) -> tuple[str, bool]:
        when = self.clock() + PUT_BACK_FOR
        try:
            self.database.commit(self._rows().put_back(due, when))
        except (Contended, Rejected):
            return MOVED_ON, False
        return FAILED, False

    def _written(self, looked: Looked) -> tuple[str, bool]:
        """Queue the mail and move the row; a mail queued before is left as it is."""
        move = self._rows().moved(
            looked.due, looked.decision.next_at, state=looked.state, version=looked.version
        )
        try:
            self.database.commit(*([move, looked.mail] if looked.mail else [move]))
        except Rejected as rejected:
            if rejected.failed != {1}:  # Not only the mail was there before us.
                return MOVED_ON, False
        else:
            return _label(looked, new=looked.mail is not None), looked.mail is not None
        try:
            self.database.commit(move)
        except Rejected:
            return MOVED_ON, False
        return TOLD_BEFORE, False

    def _rows(self) -> ReminderRows:
        return ReminderRows(self.database, self.store.table)

    def _is_new(self, looked: Looked) -> bool:
        if looked.mail is None:
            return False
        return self.database.get(self.outbox, looked.mail.key) is None

    def _look(self, due: Due) -> Looked | None:
        """Decide about one row as it is now; None when it is not the one that was due."""
        account = self.store.account(due.member_id)
        if due.invoice_id:
            return self._invoice(due, account)
        return self._slip(due, account)

    def _invoice(self, due: Due, account: Account) -> Looked | None:
        invoice = account.invoice(due.invoice_id)
        if invoice is None or not _is_still(invoice, due):
            return None
        payments = account.payments.values()
        decision = decide(invoice, account.invoices, payments, self.society, self.clock())
        step, data = decision.step, _dues_data(invoice, decision)
        mail = self._mail(step, invoice, _about(invoice, step), data) if step else None
        return Looked(due, invoice.state.value, invoice.version, decision, mail)

    def _slip(self, due: Due, account: Account) -> Looked | None:
        payment = account.payments.get(due.order_id)
        if payment is None or not _is_still(payment, due):
            return None
        invoice = account.invoice(payment.invoice_id)
        if invoice is None:
            raise ValueError("a payment without an invoice")
        decision = decide_slip(payment, invoice, self.society, self.clock())
        step, data = decision.step, _slip_data(payment)
        mail = self._mail(step, invoice, payment.order_id, data) if step else None
        return Looked(due, payment.state.value, payment.version, decision, mail)

    def _mail(self, step: Step, invoice: Invoice, about: str, data: dict[str, Value]) -> Put:
        return queued(
            self.outbox,
            mail_id=f"{step.told}#{invoice.member_id}#{about}",
            kind=step.told.value,
            member_id=invoice.member_id,
            data=data,
            now=self.clock(),
        )


def _dues_data(invoice: Invoice, decision: Decision) -> dict[str, Value]:
    """Return what the mailer needs; amounts and dates are read when the mail is sent."""
    data: dict[str, Value] = {"invoice_id": invoice.invoice_id}
    if decision.years:
        data["invoice_ids"] = [one.invoice_id for one in decision.years]
    return data


def _slip_data(payment: Payment) -> dict[str, Value]:
    return {"invoice_id": payment.invoice_id, "order_id": payment.order_id}


def _about(invoice: Invoice, step: Step) -> str:
    return f"{invoice.invoice_id}#{step.days_before_due}"


def _is_still(row: Invoice | Payment, due: Due) -> bool:
    """Tell whether the row waits for the very moment that the index gave."""
    return row.next_remind_at is not None and iso(row.next_remind_at) == due.at


def _label(looked: Looked | None, *, new: bool) -> str:
    if looked is None:
        return MOVED_ON
    step = looked.decision.step
    if step is None:
        return (looked.decision.why or Why.EARLY).value
    return f"{step.told} {step.days_before_due}" if new else TOLD_BEFORE


def _counted(report: Report) -> Report:
    count("Reminded", report.told)
    if not report.finished:
        count("RemindLeft")
    return report
