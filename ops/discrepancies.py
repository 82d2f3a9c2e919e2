"""``discrepancies``: the queue of what does not add up is listed, shown and closed (L20)."""

from collections.abc import Sequence
from itertools import batched
from typing import Annotated

import typer

from ops.desk import DONE, ONLY_LOOKED, REFUSED, Desk, Signature, japanese
from ops.exits import Status
from ops.options import By, Reason, Yes, acting
from ops.output import Cell, Column
from ops.people import AT_ONCE, name_of, named_line, people
from ops.words import payments as words
from ops.words.evidence import lines
from portal.billing.discrepancies import LIMIT, Discrepancy, NotClosableError
from portal.billing.model import PaymentState
from portal.clock import iso, parse_iso
from portal.members.model import Member

app = typer.Typer(help="食い違い（合わないお金など）", no_args_is_help=True)

IDENT = Annotated[str, typer.Argument(metavar="ID", help="一覧の左の列（引用符で囲む）")]
COLUMNS = (
    Column("id", "ID"),
    Column("state", "状態"),
    Column("what", "内容"),
    Column("member_no", "会員番号"),
    Column("name", "氏名"),
    Column("yen", "金額"),
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
    members = _members((*found, *done), desk)
    rows = [_row(one, members.get(one.ident)) for one in (*found, *done)]
    desk.out.table("discrepancies", COLUMNS, rows)
    desk.say(f"未処理 {_number(found)}" + (f"、完了 {_number(done)}" if done_too else ""))
    return DONE


def _row(one: Discrepancy, member: Member | None) -> tuple[Cell, ...]:
    return (
        one.ident,
        _state(one),
        one.explained.name,
        member.member_no if member else "",
        name_of(member.record) if member else "",
        _yen(one),
        japanese(one.found_at),
        one.times,
    )


def _yen(one: Discrepancy) -> int | str:
    """Return the money that it is about, as far as anybody knows."""
    amounts = (one.evidence.get(name) for name in ("paid_amount", "file_paid", "amount"))
    return next((yen for yen in amounts if isinstance(yen, int) and yen > 0), "")


def _members(found: Sequence[Discrepancy], desk: Desk) -> dict[str, Member]:
    """Return whose each is, by its id: of most the evidence says it, else the order's reference."""
    whose = {one.ident: str(one.evidence.get("member_id", "")) for one in found}
    for some in batched([one for one in found if not whose[one.ident]], AT_ONCE, strict=False):
        orders = desk.store.references([one.subject for one in some])
        whose |= {one.ident: orders[one.subject].member_id for one in some if one.subject in orders}
    members = people((member_id for member_id in whose.values() if member_id), desk)
    return {ident: members[one] for ident, one in whose.items() if one in members}


def _number(found: Sequence[Discrepancy]) -> str:
    return (
        f"{len(found)}件" if len(found) < LIMIT else f"{LIMIT}件以上（古い順に {LIMIT}件だけ表示）"
    )


def shown(ident: str, desk: Desk) -> Status:
    """Show one with its evidence, its order's log and the suggested way out."""
    one = desk.discrepancies.find(ident)
    if one is None:
        return _missing(ident, desk)
    member = _headed(one, desk)
    for told in (*_history(one), "", "証拠（最後に見つかったとき）"):
        desk.say(told)
    for label, text in lines(one.evidence):
        desk.say(f"  {label}: {text}")
    evidence = {name: str(value) for name, value in one.evidence.items()}
    desk.out.fact("id", one.ident)
    desk.out.fact("member_no", member.member_no if member else "")
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
    _headed(one, desk)
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


def _headed(one: Discrepancy, desk: Desk) -> Member | None:
    """Say which one it is and whose; return the member, where there is one."""
    desk.say(line(one))
    member = _members([one], desk).get(one.ident)
    if member is not None:
        desk.say(f"会員 {named_line(member)}")
    return member


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
        desk.say(f"  {japanese(parse_iso(event.at))}  {words.event(event.what).shown}")
    deliveries = desk.discrepancies.deliveries(one)
    if deliveries:
        desk.say("\n通知（payments replay で取り込み直せます）")
    for inbox_id in deliveries:
        desk.say(f"  {inbox_id}")


def _missing(ident: str, desk: Desk) -> Status:
    desk.say(f"{ident} という食い違いはありません。一覧の左の列を引用符で囲んでください。")
    return REFUSED
