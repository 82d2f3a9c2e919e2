"""Use case: a year's dues are billed to all members, or to one, by society.toml's rules (M52).

Each member is a transaction of its own, on condition that the year was not billed and that the
member still stands where the rules saw them. So a run that was killed is finished by running it
again, and two people who run it at once bill nobody twice. What the year costs is noted before the
first of them is billed, and is the same for whoever is billed later (docs/decisions/0044).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import batched

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature
from ops.dues.targets import Target, targets
from ops.dues.told import MOVED_ON, Told, report
from ops.exits import Status
from ops.output import Column
from ops.patience import Stopped, patiently, told_stopped
from portal.billing.account import Account, account
from portal.billing.bill_again import ENDED
from portal.billing.dues import Left, Why, check_year, decide, year_of
from portal.billing.issue_invoice import Dues, invoice_of, issued
from portal.billing.model import Invoice
from portal.billing.office import OfficeError
from portal.billing.rates import Difference, Rates, as_noted, differences
from portal.config import Society
from portal.database import Rejected
from portal.members import office_store

AT_ONCE = 100
"""Members whose accounts are read together."""

DIFFERENT = (
    Column("kind", "種別"),
    Column("noted", "この年度（円）"),
    Column("noted_on_leave", "同 休会"),
    Column("file", "society.toml（円）"),
    Column("file_on_leave", "同 休会"),
)


CHOOSE = (
    "この年度の金額のまま請求するなら --amounts year、"
    "society.toml の金額に改めるなら --amounts file を付けてください"
)


class Amounts(StrEnum):
    """Which amounts are meant where those of the year's first billing are not the file's."""

    YEAR = "year"
    FILE = "file"


@dataclass(frozen=True)
class Wanted:
    """What was typed: the year, whom it is billed to where that is not all, and other days."""

    year: int
    kind: str = ""
    member_no: str = ""
    due_on: date | None = None
    closes_on: date | None = None
    amounts: Amounts | None = None


def issue(wanted: Wanted, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Say whom a year is billed to and how much, and bill it with *yes*."""
    dues = year_of(desk.society, wanted.year, wanted.due_on, wanted.closes_on)
    desk.out.fact("done", value=False)
    told, stopped = Told(), False
    try:
        check_year(dues, desk.society, desk.clock())
        desk = replace(desk, society=_with_amounts(wanted, desk))
        whom = targets(wanted.kind, wanted.member_no, desk)
        if yes:
            _note(wanted.year, signature, desk)
    except OfficeError as error:
        desk.say(f"請求できません: {error.reason}")
        return REFUSED
    except Stopped:
        return told_stopped(desk.say)
    desk.say(f"{dues.title}  支払期日 {dues.due_on}  受付の最終日 {dues.closes_on}")
    try:
        _Issuing(dues, signature if yes else None, told, desk).all(whom)
    except Stopped:
        stopped = True
    report(told, desk, yes=yes)
    desk.out.fact("dues", {"year": dues.fiscal_year, "title": dues.title, **_days(dues)})
    desk.out.fact("done", yes and not stopped)
    if stopped:
        return told_stopped(desk.say)
    billed = "請求しました。" if told.amounts else "請求する会員はいませんでした。"
    desk.say(billed if yes else ONLY_LOOKED)
    return PARTLY if told.partly else DONE


def _days(dues: Dues) -> dict[str, str]:
    return {"due_on": dues.due_on.isoformat(), "closes_on": dues.closes_on.isoformat()}


# How much


def _with_amounts(wanted: Wanted, desk: Desk) -> Society:
    """Return the society with the amounts that are meant. Raises OfficeError where that is open."""
    noted = _rates(desk).of(wanted.year)
    differing = differences(noted, desk.society)
    if differing:
        desk.say(f"{wanted.year}年度は、今の society.toml と違う金額で請求を始めています。")
        desk.out.table("amounts", DIFFERENT, [_row(one) for one in differing])
        if wanted.amounts is None:
            raise OfficeError(CHOOSE)
    return desk.society if wanted.amounts is Amounts.FILE else as_noted(noted, desk.society)


def _note(year: int, signature: Signature, desk: Desk) -> None:
    """Note what the year costs, so that everybody is billed the same. Raises OfficeError, Stopped.

    Noting it twice is noting it once, so it may be tried again after no answer.
    """

    def note() -> None:
        _rates(desk).note(
            year,
            desk.society,
            actor=signature.actor,
            reason=signature.reason,
            now=desk.clock(),
        )

    patiently(note, desk.pause)


def _rates(desk: Desk) -> Rates:
    return Rates(desk.database, desk.tables.billing, desk.tables.audit)


def _row(one: Difference) -> tuple[str | int, ...]:
    noted, file = one.noted, one.file
    return noted.name, noted.amount, noted.on_leave, file.amount, file.on_leave


# Billing


@dataclass(frozen=True)
class _Issuing:
    """One run. *signature* is None where nothing is to be written."""

    dues: Dues
    signature: Signature | None
    told: Told
    desk: Desk

    def all(self, targets: Sequence[Target]) -> None:
        """Bill all of them. Raises Stopped."""
        progress = self.desk.progress(len(targets), "人")
        for some in batched(targets, AT_ONCE, strict=False):
            for target, found in zip(some, self._accounts(some), strict=True):
                self._one(target, found)
                progress.step()

    def _accounts(self, targets: Sequence[Target]) -> list[Account]:
        store, database = self.desk.store, self.desk.database
        queries = [store.account_query(one.member_id) for one in targets]
        found = patiently(lambda: database.read(queries), self.desk.pause)
        return [account(rows) if isinstance(rows, list) else account(()) for rows in found]

    def _one(self, target: Target, found: Account) -> None:
        desk = self.desk
        decided = decide(target.facts, found, self.dues, desk.society, desk.clock())
        if isinstance(decided, Left):
            self.told.left(target, decided.why, decided.unpaid)
            self.told.before.update(_standing_of(self.dues.fiscal_year, found))
        elif self.signature is None:
            self.told.billed(target, decided.amount)
        else:
            self._bill(target, decided, self.signature)

    def _bill(self, target: Target, dues: Dues, signature: Signature) -> None:
        desk = self.desk
        invoice = invoice_of(dues, member_id=target.member_id, member_no=target.member_no)
        writes = issued(
            desk.store,
            desk.tables.audit,
            invoice,
            actor=signature.actor,
            now=desk.clock(),
            reason=signature.reason,
        )
        stands = office_store.same_standing(desk.tables.members, invoice.member_id, target.standing)
        try:
            patiently(lambda: desk.database.commit(*writes, stands), desk.pause)
        except Rejected:
            self._refused(target, invoice)
        else:
            self.told.billed(target, invoice.amount)

    def _refused(self, target: Target, invoice: Invoice) -> None:
        """Find out who was first: we, in a try that had no answer, or somebody else."""
        store, year = self.desk.store, invoice.fiscal_year
        by = patiently(lambda: store.billed_by(invoice.member_id, year), self.desk.pause)
        if by == invoice.invoice_id:
            self.told.billed(target, invoice.amount)
        else:
            self.told.left(target, Why.BILLED if by else MOVED_ON)


def _standing_of(fiscal_year: int, found: Account) -> Iterable[tuple[int, date]]:
    mine = (one for one in found.invoices if one.fiscal_year == fiscal_year)
    return [(one.amount, one.due_on) for one in mine if one.state not in ENDED]
