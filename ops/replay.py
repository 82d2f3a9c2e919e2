"""``replay``: a stored delivery is applied anew, all that failed, or all since a moment (E51).

The last is for a restored billing table: what was applied to the rows that are lost is applied
once more, and leads forgotten orders back to their invoices.

It only puts them back on the list; the deployed function settlement applies them at its next
sweep and asks GMO, so a replay books nothing that GMO does not confirm.
"""

import argparse
import getpass
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Commands, Desk
from portal.billing.inbox import InboxStore, Stored
from portal.billing.replay import NotReplayableError, Replay
from portal.clock import JST, iso

QUIET = 2.0
"""Seconds after which progress is told, and again each time."""


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    made = commands.add_parser("replay", help="届いている通知を取り込み直す")
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("inbox_id", metavar="ID", nargs="?", help="通知の番号（引用符で囲む）")
    which.add_argument("--failed", action="store_true", help="取り込めなかったもの全部")
    which.add_argument(
        "--since",
        type=_moment,
        metavar="日時",
        help="この日時（日本時間）から届いたもの全部。billing を復元したあとに使う"
        "（例 2026-11-22T09:30）",
    )
    made.add_argument("--by", default=getpass.getuser(), help="担当者名（監査記録に残ります）")
    made.add_argument("--reason", default="", help="理由（監査記録に残ります）")
    made.add_argument("--yes", action="store_true", help="確認ではなく実行する")
    made.set_defaults(act=replayed)


def replayed(typed: argparse.Namespace, desk: Desk) -> int:
    """Count what would be replayed, and with ``--yes`` put it back on the list."""
    inbox = InboxStore(desk.database, desk.tables.inbox)
    replay = Replay(desk.database, inbox, desk.discrepancies, desk.tables.audit)
    if typed.failed or typed.since:
        several = _since(typed.since, inbox, desk) if typed.since else replay.failed()
        found = list(_telling(several, "確認中", desk))
    else:
        one = inbox.find(typed.inbox_id)
        found = [one] if one else []
    for why, number in sorted(Counter(map(_why, found)).items()):
        desk.say(f"{why}: {number}件")
    if not found:
        desk.say("取り込み直すものはありません。")
        return DONE if typed.failed or typed.since else REFUSED
    if not typed.yes:
        desk.say(f"合わせて {len(found)}件。{ONLY_LOOKED}")
        return DONE
    return _put_back(found, typed, replay, desk)


def _since(moment: datetime, inbox: InboxStore, desk: Desk) -> Iterator[Stored]:
    """Yield every delivery since a moment, the oldest first."""
    since = iso(moment)
    # The key begins with the moment of arrival, so all of a century begin alike.
    rows = desk.scan(desk.tables.inbox, "pk", since[:2])
    for inbox_id in sorted(str(row["pk"]) for row in rows if str(row["received_at"]) >= since):
        found = inbox.find(inbox_id)
        if found is not None:
            yield found


def _moment(typed: str) -> datetime:
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise argparse.ArgumentTypeError("2026-11-22T09:30 のように入力してください") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=JST)


def _put_back(found: list[Stored], typed: argparse.Namespace, replay: Replay, desk: Desk) -> int:
    missed = 0
    for one in _telling(found, "取り込み待ちに戻し中", desk):
        try:
            replay.again(one, actor=f"office:{typed.by}", reason=typed.reason, now=desk.clock())
        except NotReplayableError:
            missed += 1
    desk.say(
        f"{len(found) - missed}件を取り込み待ちに戻しました。5分以内の定期処理が取り込みます。"
    )
    if missed:
        desk.say(f"{missed}件は、消えているか処理中のため戻せませんでした。")
    return REFUSED if missed else DONE


def _why(one: Stored) -> str:
    if one.pending:
        return f"取り込み待ち（{one.waiting_for or '新着'}、{one.delivery.tries}回試行）"
    return f"取り込み済み（{one.outcome or '結果なし'}）"


def _telling(work: Iterable[Stored], doing: str, desk: Desk) -> Iterator[Stored]:
    """Pass *work* on, and say how far it is whenever that has taken a while."""
    told = desk.timer()
    for number, one in enumerate(work, 1):
        if desk.timer() - told > QUIET:
            told = desk.timer()
            desk.say(f"{doing}… {number}件目")
        yield one
