"""``discrepancies``: the queue of what does not add up is listed, shown and closed (L20)."""

from collections.abc import Sequence
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese
from ops.exits import Status
from ops.options import By, Reason, Yes, acting
from ops.output import Column
from portal.billing.discrepancies import LIMIT, Discrepancy, NotClosableError
from portal.billing.model import PaymentState
from portal.clock import iso, parse_iso

app = typer.Typer(help="食い違い（合わないお金など）", no_args_is_help=True)

IDENT = Annotated[str, typer.Argument(metavar="ID", help="一覧の左の列（引用符で囲む）")]
COLUMNS = (
    Column("id", "ID"),
    Column("state", "状態"),
    Column("what", "内容"),
    Column("since", "最初"),
    Column("times", "回数"),
)


@app.command("list", help="一覧を表示する（古い順）")
def list_command(
    ctx: typer.Context,
    *,
    everything: Annotated[bool, typer.Option("--all", help="完了したものも表示する")] = False,
) -> None:
    """List the queue."""
    acting(ctx, lambda desk: listed(desk, done_too=everything))


@app.command("show", help="1件の証拠と処理のしかたを表示する")
def show_command(ctx: typer.Context, ident: IDENT) -> None:
    """Show one."""
    acting(ctx, lambda desk: shown(ident, desk))


@app.command("resolve", help="処理が終わったものを閉じる")
def resolve_command(
    ctx: typer.Context,
    *,
    ident: IDENT,
    reason: Reason,
    by: By = "",
    times: Annotated[int | None, typer.Option(help="見たときの回数（--yes のときに必要）")] = None,
    yes: Yes = False,
) -> None:
    """Close one."""
    acting(ctx, lambda desk: closed(ident, times, desk.signature(by, reason), desk, yes=yes))


def listed(desk: Desk, *, done_too: bool) -> Status:
    """List what is open, the oldest first, and what is done after it."""
    found = desk.discrepancies.listed()
    done = desk.discrepancies.listed(done=True) if done_too else []
    desk.out.table("discrepancies", COLUMNS, [_row(one) for one in (*found, *done)])
    desk.say(f"未処理 {_number(found)}" + (f"、完了 {_number(done)}" if done_too else ""))
    return DONE


def _row(one: Discrepancy) -> tuple[str, str, str, str, int]:
    return one.ident, _state(one), one.explained.name, japanese(one.found_at), one.times


def _number(found: Sequence[Discrepancy]) -> str:
    return (
        f"{len(found)}件" if len(found) < LIMIT else f"{LIMIT}件以上（古い順に {LIMIT}件だけ表示）"
    )


def shown(ident: str, desk: Desk) -> Status:
    """Show one with its evidence, its order's log and the suggested way out."""
    one = desk.discrepancies.find(ident)
    if one is None:
        return _missing(ident, desk)
    for told in (line(one), *_history(one), "", "証拠（最後に見つかったとき）"):
        desk.say(told)
    for name in sorted(one.evidence):
        desk.say(f"  {name}: {one.evidence[name]!s}")
    evidence = {name: str(value) for name, value in one.evidence.items()}
    desk.out.fact("id", one.ident)
    desk.out.fact("times", one.times)
    desk.out.fact("found_at", iso(one.found_at))
    desk.out.fact("evidence", evidence)
    _log(one, desk)
    desk.say(f"\n処理のしかた: {one.explained.way_out}")
    return DONE


def closed(ident: str, times: int | None, signature: Signature, desk: Desk, *, yes: bool) -> Status:
    """Close one, saying who and why. *times* is what the office saw when it looked."""
    one = desk.discrepancies.find(ident)
    if one is None:
        return _missing(ident, desk)
    desk.say(line(one))
    _held(one, desk)
    if not yes:
        desk.say(f"{ONLY_LOOKED}回数も --times {one.times} のように付けます。")
        return DONE
    if times != one.times:
        # What the office has looked at is what it may close, however long ago that was.
        desk.say(
            f"閉じられません: 見たときの回数を --times で指定してください（いま {one.times}回）。"
        )
        return REFUSED
    try:
        desk.discrepancies.close(
            one, actor=signature.actor, reason=signature.reason, now=desk.clock()
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
    since = japanese(one.found_at)
    return f"{one.ident}  {_state(one)}  {one.explained.name}  {since}から {one.times}回"


def _state(one: Discrepancy) -> str:
    return "完了" if not one.open else "再発" if one.reopened else "未処理"


def _history(one: Discrepancy) -> list[str]:
    told = [f"最初 {japanese(one.found_at)}  最後 {japanese(one.last_found_at)}  {one.times}回"]
    if one.closed_at is not None:
        closing = f"{japanese(one.closed_at)} {one.closed_by}: {one.closed_why}"
        told.append(f"完了（{one.closings}回） {closing}")
    if one.reopened:
        told.append("完了のあとに、もう一度見つかりました。")
    return told


def _log(one: Discrepancy, desk: Desk) -> None:
    events = desk.discrepancies.log(one.subject)
    if events:
        desk.say("\n注文の経過")
    for event in events:
        desk.say(f"  {japanese(parse_iso(event.at))}  {event.what}")
    deliveries = desk.discrepancies.deliveries(one)
    if deliveries:
        desk.say("\n通知（payments replay で取り込み直せます）")
    for inbox_id in deliveries:
        desk.say(f"  {inbox_id}")


def _missing(ident: str, desk: Desk) -> Status:
    desk.say(f"{ident} という食い違いはありません。一覧の左の列を引用符で囲んでください。")
    return REFUSED
