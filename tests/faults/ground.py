"""The ground a world stands on: one deployment with ports that fail, members and their dues."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache

from portal.billing.discrepancies import NotClosableError
from portal.billing.issue_invoice import Dues, issue_invoice
from portal.billing.model import Invoice
from portal.billing.office import OfficeError
from portal.billing.open_payment import PaymentError
from portal.billing.release_method import NotReleasableError
from portal.billing.replay import NotReplayableError
from portal.config import Society, load_society
from portal.database import DatabaseError, Item, Put
from portal.gmo.errors import GmoError
from portal.members import store as members
from tests.fake_gmo import CannotPay
from tests.fakes import FixedClock
from tests.faults.deployment import deployed
from tests.faults.machine import Crash, Machine, Process
from tests.faults.ports import FaultyDatabase, FaultyGmo, FaultySes
from tests.faults.reread import Reread
from tests.faults.watch import Watch
from tests.unit.billing.house import TABLES, event

ANSWERED = (
    *(PaymentError, GmoError, DatabaseError, CannotPay),
    *(NotReleasableError, OfficeError, NotClosableError, NotReplayableError),
)
"""What a page, a function or a command of the office answers in its own way."""

FORM = "application/x-www-form-urlencoded"
SERVICE = "member-portal"
"""The name of the log."""


@cache
def society() -> Society:
    """Return the society of society.toml, read once."""
    return load_society()


class Ground:
    """A deployment in memory that begins at *start*."""

    def __init__(self, start: datetime) -> None:
        self.clock = FixedClock(start)
        self.machine = Machine()
        self.watch = Watch()
        self.database = FaultyDatabase(self.machine, self.watch)
        self.gmo = FaultyGmo(self.machine, self.clock)
        self.ses = FaultySes(self.machine)
        look = Reread(self.database, self.watch)
        self.portal = deployed(self.database, self.gmo, self.ses, self.clock, society(), look)
        self.invoices: list[Invoice] = []
        self.kept: list[bytes] = []
        """Bodies that the door has answered with 0."""
        self.odd: set[str] = set()
        """Orders of which GMO tells something else than we asked for."""
        self.wished: set[tuple[str, str]] = set()
        """(what, of what) of every act that the office began."""
        self.promised: set[tuple[str, str]] = set()
        """The same of those that were answered with a yes, and that no restore has undone."""
        self.asked_late: set[str] = set()
        """Orders given back at GMO that the office has to ask about until it hears of it."""
        self.restored = False
        """Whether the billing table was put back to an earlier moment."""

    def join(self, member_id: str, number: str) -> None:
        """Write the record of a member."""
        mail: Item = {"email": f"m{number}@example.jp", "member_no": number, "version": 1}
        self.database.commit(Put(TABLES.members, {**members.key(member_id), **mail}))

    def bill(self, member_id: str, number: str, dues: Dues) -> None:
        """Bill a year's dues to a member."""
        invoice = issue_invoice(
            self.database,
            self.portal.store,
            TABLES.audit,
            member_id=member_id,
            member_no=number,
            dues=dues,
            actor="office:test",
            now=self.clock(),
        )
        assert invoice is not None
        self.invoices.append(invoice)

    def live(self, process: Process, work: Callable[[], object]) -> None:
        """Run one process to its end or its death."""
        with contextlib.suppress(Crash, *ANSWERED):
            work()
        row = self.database.tables[TABLES.outbox].get((process.unmarked, ""))
        unmarked = row is not None and row["state"] == "sending"
        if unmarked and (process.crashed or process.hits >= 3):
            # SES took the mail, and faults kept this process from marking it so.
            self.ses.excused[process.unmarked] += 1

    def knock(self, body: bytes) -> str:
        """Post to the door and return its letter."""
        letter = str(self.portal.door(event(body, FORM))["body"])
        if letter == "0":
            self.kept.append(body)
        return letter

    def night(self) -> None:
        """GMO's nightly run, if the world has any."""

    def ask_about(self, order: str) -> None:
        """Have GMO asked about an order that the office gave back there, if there is an office."""

    def match_settlement_file(self) -> None:
        """Compare GMO's settlement file with our payments, if the world has one."""


class Wishes(logging.Handler):
    """Notes what the code under test calls a fault of its own; a silent database is none.

    Red by "a fault of ours is noticed".
    """

    OWN = frozenset({"ask failed", "delivery failed", "reminder failed"})

    def __init__(self, broken: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._broken = broken

    def emit(self, record: logging.LogRecord) -> None:
        why = str(getattr(record, "error", ""))
        if record.getMessage() in self.OWN and why != "Unreachable":
            self._broken.append(f"{record.getMessage()}: {why}")


@contextlib.contextmanager
def noticed[G: Ground](ground: G) -> Iterator[G]:
    """Notice what the code logs as a fault of its own, and silence its log."""
    log, handler = logging.getLogger(SERVICE), Wishes(ground.watch.broken)
    handlers, level = list(log.handlers), log.level
    log.handlers[:] = [handler]
    log.setLevel(logging.ERROR)
    try:
        yield ground
    finally:
        log.handlers[:] = handlers
        log.setLevel(level)
