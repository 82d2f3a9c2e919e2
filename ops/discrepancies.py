"""``discrepancies``: the queue of what does not add up is listed, shown and closed (L20)."""

import argparse
from collections.abc import Sequence

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Commands, Desk, japanese, signed
from portal.billing.discrepancies import LIMIT, Discrepancy, NotClosableError
from portal.billing.model import PaymentState
from portal.clock import parse_iso


def add(commands: Commands) -> None:
    """Add the command and its parts to the command line."""
    made = commands.add_parser("discrepancies", help="食い違い（合わないお金など）の一覧")
    made.add_argument("--all", action="store_true", help="完了したものも表示する")
    made.set_defaults(act=listed)
    parts = made.add_subparsers(dest="part")
    show = parts.add_parser("show", help="1件の証拠と処理のしかたを表示する")
    show.add_argument("ident", metavar="ID", help="一覧の左の列（引用符で囲む）")
    show.set_defaults(act=shown)
    close = parts.add_parser("close", help="処理が終わったものを閉じる")
    close.add_argument("ident", metavar="ID", help="一覧の左の列（引用符で囲む）")
    close.add_argument("--times", type=int, help="一覧に出ていた回数（--yes のときに必要）")
    signed(close)
    close.set_defaults(act=closed)


def listed(typed: argparse.Namespace, desk: Desk) -> int:
    """List what is open, the oldest first, and with ``--all`` what is done after it."""
    found = desk.discrepancies.listed()
    done = desk.discrepancies.listed(done=True) if typed.all else []
    for one in (*found, *done):
        desk.say(line(one))
    desk.say(f"未処理 {_number(found)}" + (f"、完了 {_number(done)}" if typed.all else ""))
    return DONE


def _number(found: Sequence[Discrepancy]) -> str:
    return (
        f"{len(found)}件" if len(found) < LIMIT else f"{LIMIT}件以上（古い順に {LIMIT}件だけ表示）"
    )


def shown(typed: argparse.Namespace, desk: Desk) -> int:
    """Show one with its evidence, its order's log and the suggested way out."""
    one = desk.discrepancies.find(typed.ident)
    if one is None:
        return _missing(typed, desk)
    for told in (line(one), *_history(one), "", "証拠（最後に見つかったとき）"):
        desk.say(told)
    for name in sorted(one.evidence):
        desk.say(f"  {name}: {one.evidence[name]!s}")
    _log(one, desk)
    desk.say(f"\n処理のしかた: {one.explained.way_out}")
    return DONE


def closed(typed: argparse.Namespace, desk: Desk) -> int:
    """Close one, saying who and why."""
    one = desk.discrepancies.find(typed.ident)
    if one is None:
        return _missing(typed, desk)
    desk.say(line(one))
    _held(one, desk)
    if not typed.yes:
        desk.say(f"{ONLY_LOOKED}回数も --times {one.times} のように付けます。")
        return DONE
    if typed.times != one.times:
        # What the office has looked at is what it may close, however long ago that was.
        desk.say(
            f"閉じられません: 見たときの回数を --times で指定してください（いま {one.times}回）。"
        )
        return REFUSED
    try:
        desk.discrepancies.close(
            one, actor=f"office:{typed.by}", reason=typed.reason, now=desk.clock()
        )
    except NotClosableError as error:
        desk.say(f"閉じられません: {error.reason}")
        return REFUSED
    desk.say("閉じました。もう一度見つかったときは、ふたたび一覧に出ます。")
    return DONE


def _held(one: Discrepancy, desk: Desk) -> None:
    """Say when money was neither booked nor given back: nobody sees it once this is closed."""
    order = desk.store.reference(one.subject)
    payment = desk.store.payment(order.member_id, order.order_id) if order else None
    if payment is not None and payment.flag and payment.state is PaymentState.PAID:
        desk.say(f"この入金 {payment.paid_amount:,}円は、返金も充当も記録されていません。")


def line(one: Discrepancy) -> str:
    """Return one discrepancy in one line, as the office reads it."""
    state = "完了" if not one.open else "再発" if one.reopened else "未処理"
    return f"{one.ident}  {state}  {one.explained.name}  {japanese(one.found_at)}から {one.times}回"


def _history(one: Discrepancy) -> list[str]:
    told = [f"最初 {japanese(one.found_at)}  最後 {japanese(one.last_found_at)}  {one.times}回"]
    if one.closed_at is not None:
        closing = f"{japanese(one.closed_at)} {one.closed_by}: {one.closed_why}"
        told.append(f"完了（{one.closings}回） {closing}")
    if one.reopened:
        told.append("完了のあとに、もう一度見つかりました。")
    return told


def _log(one: Discrepancy, desk: Desk) -> None:
    events = desk.discrepancies.log(one)
    if events:
        desk.say("\n注文の経過")
    for event in events:
        desk.say(f"  {japanese(parse_iso(event.at))}  {event.what}")
    deliveries = desk.discrepancies.deliveries(one)
    if deliveries:
        desk.say("\n通知（replay で取り込み直せます）")
    for inbox_id in deliveries:
        desk.say(f"  {inbox_id}")


def _missing(typed: argparse.Namespace, desk: Desk) -> int:
    desk.say(f"{typed.ident} という食い違いはありません。一覧の左の列を引用符で囲んでください。")
    return REFUSED
