"""What the office's commands share: the tables they act on, and how they speak."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

from ops.exits import Status
from ops.output import Output
from ops.progress import Progress, screen_of_errors
from ops.scan import Scan, Seen
from ops.terminal import terminal
from portal import audit
from portal.accounts.hashing import Hasher
from portal.accounts.member_number import NotANumber, fold
from portal.accounts.model import Credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.billing.discrepancies import Discrepancies
from portal.billing.store import BillingStore
from portal.clock import JST, Clock
from portal.config import Society, Tables
from portal.database import Database, Item, Put

type Say = Callable[[str], None]

DONE, REFUSED, PARTLY = Status.DONE, Status.REFUSED, Status.PARTLY

ONLY_LOOKED = "確認のみです。実行するには --yes を付けてください。"


class Unsigned(Exception):
    """An act without the name of who does it."""


@dataclass(frozen=True)
class Signature:
    """Who acts, and why. *by* is the name as typed, *caller* the one that AWS vouches for."""

    by: str
    reason: str
    caller: str = ""

    @property
    def actor(self) -> str:
        """The audit's word for who did it."""
        vouched = f" ({self.caller})" if self.caller and self.caller != self.by else ""
        return f"office:{self.by}{vouched}"


def no_hasher() -> Hasher:
    """Stand in the place of the hasher at a desk where no password is issued."""
    raise LookupError("this desk has no pepper")


def no_secret() -> str:
    """Stand in the place of a secret at a desk where none is needed."""
    raise LookupError("this desk has no secret")


def no_payments(table: str) -> Iterable[Item]:
    """Stand in the place of what reads all payments at a desk where nothing does."""
    raise LookupError(f"this desk does not read all of {table}")


def no_rows(table: str, key: str, begin: str) -> Iterable[Item]:
    """Stand in the place of what reads a whole table at a desk where nothing does."""
    raise LookupError(f"this desk does not read all of {table} by {key} {begin}")


def no_sweep(scan: Scan, seen: Seen) -> Iterable[Item]:  # noqa: ARG001 - as what it stands for.
    """Stand in the place of what reads parts of a whole table at a desk where nothing does."""
    raise LookupError(f"this desk does not read all of {scan.table}")


@dataclass(frozen=True)
class Desk:
    """Where a command acts. *timer* counts seconds, for telling of progress,
    and *pause* waits for some. *caller* is whom AWS knows the person at the keyboard as.

    *payments* yields all rows of payments of a billing table, which no function may read; *scan*
    those of any table whose key begins so, and *sweep* the wanted parts of a table's rows.
    *terminal* opens the screen for what must be in no file, and *hasher* fetches the pepper: both
    are asked for by one command only. *login_url* is the page at which members sign in.
    """

    database: Database
    tables: Tables
    society: Society
    clock: Clock
    out: Output
    caller: str = ""
    timer: Callable[[], float] = time.monotonic
    payments: Callable[[str], Iterable[Item]] = no_payments
    scan: Callable[[str, str, str], Iterable[Item]] = no_rows
    sweep: Callable[[Scan, Seen], Iterable[Item]] = no_sweep
    terminal: Callable[[], TextIO | None] = terminal
    hasher: Callable[[], Hasher] = no_hasher
    pause: Callable[[float], None] = time.sleep
    mask_secret: Callable[[], str] = no_secret
    login_url: str = ""

    def say(self, text: str) -> None:
        """Tell the person one thing."""
        self.out.say(text)

    def progress(self, total: int, unit: str) -> Progress:
        """Return what tells how far a long work of *total* steps is."""
        return Progress(total, unit, self.timer, screen=screen_of_errors())

    def rows(self, scan: Scan) -> Iterable[Item]:
        """Yield rows of a whole table, telling how many were read."""
        return self.sweep(scan, self.progress(0, "件を読みました").step)

    def signature(self, by: str, reason: str) -> Signature:
        """Return who acts and why; without *by* it is whom AWS knows. Raises Unsigned."""
        if not (by or self.caller):
            raise Unsigned
        return Signature(by or self.caller, reason, self.caller)

    def audited(
        self,
        action: str,
        subject: str,
        signature: Signature,
        *,
        before: Item | None = None,
        after: Item | None = None,
    ) -> Put:
        """Return the audit's row of an act of the office, with who and why."""
        return audit.entry(
            self.tables.audit,
            actor=signature.actor,
            action=action,
            subject=subject,
            at=self.clock(),
            before=before,
            after=after,
            note=signature.reason,
        )

    @property
    def policy(self) -> PasswordPolicy:
        """The rules of a password, with the life of an initial one as the society has it."""
        return PasswordPolicy(initial_days=self.society.password_initial_days)

    @property
    def store(self) -> BillingStore:
        """The billing table."""
        return BillingStore(self.database, self.tables.billing)

    @property
    def discrepancies(self) -> Discrepancies:
        """The queue of what does not add up."""
        return Discrepancies(self.database, self.store, self.tables.audit)


def named(number: str, desk: Desk) -> Credential | None:
    """Return the credential of a typed number; None, and said so, where there is none."""
    try:
        found = CredentialStore(desk.database, desk.tables.credentials).find(fold(number))
    except NotANumber:
        found = None
    if found is None:
        desk.say(
            f"会員番号 {number} は登録されていません。"
            "先頭の 0 も付けます（members find で探せます）。"
        )
    return found


def japanese(moment: datetime) -> str:
    """Return a moment as the office reads it, in Japan's time."""
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M")
