"""``payments reconcile``: GMO is asked about payments now instead of at their time.

It only plans the questions; the deployed function settlement asks them at its next run, so nobody
at a command line needs a secret of GMO, and nothing is booked that GMO does not say.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature, named
from ops.exits import Status
from ops.invoices import order_of
from ops.options import By, Reason, Yes, acting
from ops.output import Column, Worded
from ops.preview import First
from ops.words.payments import STATES, state
from portal.billing.model import LIVE, Payment, PaymentState
from portal.billing.office import OfficeError, Word
from portal.billing.reconcile import (
    PACE,
    Reconciling,
    answerable,
    planned,
    settled_long_ago,
    soonest,
)
from portal.billing.rows import payment_of

COUNTED = (Column("state", "状態"), Column("count", "件数"))
FIRST = (Column("order_id", "注文番号"), Column("state", "状態"), Column("amount", "金額"))


def reconcile_command(
    ctx: typer.Context,
    *,
    whose: Annotated[
        list[str] | None,
        typer.Argument(metavar="会員番号|注文番号", help="会員番号か注文番号（D26-…）"),
    ] = None,
    all_open: Annotated[
        bool, typer.Option("--all-open", help="終わっていない支払い全部（間をあけて確かめる）")
    ] = False,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Have GMO asked."""
    names = whose or []
    if bool(names) == all_open:
        raise typer.BadParameter("会員番号か注文番号、または --all-open を指定してください")
    acting(ctx, lambda desk: reconciled(names, desk.signature(by, reason), desk, yes=yes))


def reconciled(names: Sequence[str], signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Plan a question to GMO about each payment named; about all that are open without a name."""
    try:
        found = _named(names, desk) if names else _open(desk)
    except OfficeError as error:
        desk.say(f"できません: {error.reason}")
        return REFUSED
    asked = [one for one in found if answerable(one)]
    _told(asked, desk)
    left_out = len(found) - len(asked)
    if left_out:
        desk.say(f"GMO に確かめるものでない支払い（返金済・銀行振込・現金）: {left_out}件")
    if not asked:
        desk.say("GMO に確かめる支払いはありません。")
        return DONE
    if not yes:
        desk.say(f"合わせて {len(asked):,}件。{ONLY_LOOKED}")
        return DONE
    return _planned(asked, signature, desk, paced=not names)


def _named(names: Sequence[str], desk: Desk) -> list[Payment]:
    """Return the payments that are named, each once. Raises OfficeError."""
    return list({one.order_id: one for name in names for one in _of(name, desk)}.values())


def _of(name: str, desk: Desk) -> list[Payment]:
    """Return one order's payment, or a member's, without money of years ago. Raises OfficeError."""
    if "-" in name:
        return [order_of(name, desk)[1]]
    credential = named(name, desk)
    if credential is None:
        raise OfficeError("会員番号を確かめてください")
    payments, now = desk.store.account(credential.member_id).payments.values(), desk.clock()
    young = [one for one in payments if not settled_long_ago(one, now)]
    if len(young) < len(payments):
        number = len(payments) - len(young)
        desk.say(
            f"1年より前の入金 {number}件は確かめません（必要なら注文番号を指定してください）。"
        )
    return sorted(young, key=lambda one: one.created_at)


def _open(desk: Desk) -> list[Payment]:
    return sorted(_live(desk), key=lambda one: one.created_at)


def _live(desk: Desk) -> Iterator[Payment]:
    progress = desk.progress(0, "件の支払いを読みました")
    for row in desk.payments(desk.tables.billing):
        progress.step()
        if row.get("state") in LIVE:
            yield payment_of(row)


def _told(asked: Sequence[Payment], desk: Desk) -> None:
    counts, first = Counter[PaymentState](), First[PaymentState, Payment]()
    for one in asked:
        counts[one.state] += 1
        first.add(one.state, one)
    states = [each for each in STATES if counts[each]]
    desk.out.table(
        "states", COUNTED, [(Worded(one.value, STATES[one]), counts[one]) for one in states]
    )
    shown = [one for each in states for one in first.of(each)]
    desk.out.table("first", FIRST, [(one.order_id, state(one), one.amount) for one in shown])


def _planned(asked: Sequence[Payment], signature: Signature, desk: Desk, *, paced: bool) -> Status:
    reconciling = Reconciling(desk.database, desk.store, desk.tables.audit)
    now = desk.clock()
    word = Word(signature.actor, signature.reason, now)
    counts: Counter[str] = Counter()
    progress = desk.progress(len(asked), "件の支払い")
    last: datetime = now
    for place, payment in enumerate(asked):
        when = soonest(payment, now + PACE * place if paced else now)
        if planned(payment, when):
            counts["waiting"] += 1
        elif reconciling.ask(payment, when, word):
            counts["planned"] += 1
            last = when
        else:
            counts["changed"] += 1
        progress.step()
    for name in ("planned", "waiting", "changed"):
        desk.out.fact(name, counts[name])
    _ended(counts, int((last - now).total_seconds() // 60) + 1, desk)
    return PARTLY if counts["changed"] else DONE


def _ended(counts: Counter[str], minutes: int, desk: Desk) -> None:
    if counts["planned"]:
        desk.say(f"{counts['planned']:,}件を、{minutes}分ほどのうちに定期処理が GMO に確かめます。")
    if counts["waiting"]:
        desk.say(f"{counts['waiting']:,}件は、もともとそれまでに確かめる予定です。")
    if counts["changed"]:
        desk.say(f"{counts['changed']:,}件は、その間に状態が変わったので確かめません。")
    desk.say("結果は payments show と discrepancies list で確かめられます。")
