"""``payments replay``: a stored delivery is applied anew, all that failed, or all since a moment.

The last is for a restored billing table (E51): what was applied to the rows that are lost is
applied once more, and leads forgotten orders back to their invoices.

It only puts them back on the list; the deployed function settlement applies them at its next
sweep and asks GMO, so a replay books nothing that GMO does not confirm.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature, japanese
from ops.exits import Status
from ops.options import By, Reason, Yes, acting
from ops.output import Column
from ops.preview import First
from portal.billing.inbox import InboxStore, Stored
from portal.billing.replay import NotReplayableError, Replay
from portal.clock import JST, iso

KINDS = (Column("kind", "種類"), Column("count", "件数"))
FIRST = (
    Column("kind", "種類"),
    Column("received_at", "届いた日時"),
    Column("order_id", "注文番号"),
    Column("id", "番号"),
)


@dataclass(frozen=True)
class Wanted:
    """Which deliveries: one by its id, all that failed, or all *since* a moment."""

    inbox_id: str = ""
    failed: bool = False
    since: datetime | None = None

    @property
    def several(self) -> bool:
        """Whether there may rightly be none of them."""
        return not self.inbox_id


def moment(typed: str) -> datetime:
    """Return an aware moment; without a zone it is Japan's. Raises BadParameter."""
    try:
        read = datetime.fromisoformat(typed)
    except ValueError:
        raise typer.BadParameter("2026-11-22T09:30 のように入力してください") from None
    return read if read.tzinfo else read.replace(tzinfo=JST)


def replay_command(
    ctx: typer.Context,
    *,
    inbox_id: Annotated[str, typer.Argument(metavar="ID", help="通知の番号（引用符で囲む）")] = "",
    failed: Annotated[bool, typer.Option("--failed", help="取り込めなかったもの全部")] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            parser=moment,
            metavar="日時",
            help="この日時（日本時間）から届いたもの全部。billing を復元したあとに使う"
            "（例 2026-11-22T09:30）",
        ),
    ] = None,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Put deliveries back on the list."""
    if sum((bool(inbox_id), failed, since is not None)) != 1:
        raise typer.BadParameter("通知の番号、--failed、--since のどれか一つを指定してください")
    wanted = Wanted(inbox_id, failed, since)
    acting(ctx, lambda desk: replayed(wanted, desk.signature(by, reason), desk, yes=yes))


def replayed(wanted: Wanted, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Count what would be replayed, and with *yes* put it back on the list."""
    inbox = InboxStore(desk.database, desk.tables.inbox)
    replay = Replay(desk.database, inbox, desk.discrepancies, desk.tables.audit)
    found = list(_found(wanted, inbox, replay, desk))
    if not found:
        desk.say("取り込み直すものはありません。")
        return DONE if wanted.several else REFUSED
    _told(found, desk)
    if not yes:
        desk.say(f"合わせて {len(found)}件。{ONLY_LOOKED}")
        return DONE
    return _put_back(found, signature, replay, desk)


def _found(wanted: Wanted, inbox: InboxStore, replay: Replay, desk: Desk) -> Iterator[Stored]:
    if wanted.inbox_id:
        one = inbox.find(wanted.inbox_id)
        return iter((one,) if one else ())
    several = _since(wanted.since, inbox, desk) if wanted.since else replay.failed()
    return _telling(several, desk)


def _since(since: datetime, inbox: InboxStore, desk: Desk) -> Iterator[Stored]:
    """Yield every delivery since a moment, the oldest first."""
    first = iso(since)
    # The key begins with the moment of arrival, so all of a century begin alike.
    rows = desk.scan(desk.tables.inbox, "pk", first[:2])
    for inbox_id in sorted(str(row["pk"]) for row in rows if str(row["received_at"]) >= first):
        found = inbox.find(inbox_id)
        if found is not None:
            yield found


def _telling(work: Iterator[Stored], desk: Desk) -> Iterator[Stored]:
    progress = desk.progress(0, "件の通知を確かめました")
    for one in work:
        yield one
        progress.step()


def _told(found: list[Stored], desk: Desk) -> None:
    """Count by kind, and show the first of each."""
    counts, first = Counter[str](), First[str, Stored]()
    for one in found:
        counts[_why(one)] += 1
        first.add(_why(one), one)
    desk.out.table("kinds", KINDS, sorted(counts.items()))
    shown = [one for kind in sorted(counts) for one in first.of(kind)]
    desk.out.table("first", FIRST, [_row(one) for one in shown])


def _row(one: Stored) -> tuple[str, str, str, str]:
    delivery = one.delivery
    return _why(one), japanese(delivery.received_at), delivery.order_id, delivery.inbox_id


def _put_back(found: list[Stored], signature: Signature, replay: Replay, desk: Desk) -> Status:
    missed = 0
    progress = desk.progress(len(found), "件を取り込み待ちに戻し中")
    for one in found:
        try:
            replay.again(one, actor=signature.actor, reason=signature.reason, now=desk.clock())
        except NotReplayableError:
            missed += 1
        progress.step()
    desk.out.fact("put_back", len(found) - missed)
    desk.out.fact("missed", missed)
    desk.say(
        f"{len(found) - missed}件を取り込み待ちに戻しました。5分以内の定期処理が取り込みます。"
    )
    if missed:
        desk.say(f"{missed}件は、消えているか処理中のため戻せませんでした。")
    return PARTLY if missed else DONE


def _why(one: Stored) -> str:
    if one.pending:
        return f"取り込み待ち（{one.waiting_for or '新着'}、{one.delivery.tries}回試行）"
    return f"取り込み済み（{one.outcome or '結果なし'}）"
