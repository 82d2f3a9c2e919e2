"""``settlement match``: GMO's 入金明細 CSV against our payments, line by line (L21).

Nothing is booked. Without ``--yes`` nothing is written; with it each difference becomes a
discrepancy, and the same file a second time writes nothing.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ops.desk import DONE, ONLY_LOOKED, PARTLY, REFUSED, Desk, Signature
from ops.disk import fault
from ops.encodings import FileRefused, check_size, encoding_of
from ops.exits import Status
from ops.options import By, Yes, acting, day
from ops.output import Column
from portal.billing.match_settlement import Finding, Outcome, Result, match, note
from portal.billing.model import Method, Payment
from portal.billing.rows import payment_of
from portal.billing.settlement_file import Columns, Line, SettlementFileError, Unreadable, read

app = typer.Typer(help="GMO の入金明細との照合", no_args_is_help=True)

COLUMNS = Path(__file__).with_name("settlement_columns.toml")
MANY = 200
"""Differences that are more likely another system's file, or a wrong period, than the truth."""

SHOWN = 50
"""Differences that are printed one by one; the rest is in the list of discrepancies."""

WORDS: Mapping[Outcome, str] = {
    Outcome.AGREED: "一致",
    Outcome.REFUND_AGREED: "返金も一致",
    Outcome.DIFFERS: "金額か決済方法が違う",
    Outcome.NOT_PAID: "明細にあるが、ポータルでは入金済でない",
    Outcome.REFUND: "明細では返金、ポータルと違う",
    Outcome.UNKNOWN: "知らない注文",
    Outcome.MISSING: "ポータルでは入金済だが、明細にない",
}
COUNTED = (Column("outcome", "種類"), Column("count", "件数"), Column("what", "照合の結果"))
DIFFERING = (
    Column("order_id", "注文番号"),
    Column("outcome", "種類"),
    Column("what", "照合の結果"),
    Column("amounts", "金額"),
)


@app.callback()
def group() -> None:
    """Keep the group's name before its only command."""


@app.command("match", help="入金明細の CSV と支払いを1行ずつ照合する（入金の記録は変わらない）")
def match_command(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="ファイル", help="入金明細の CSV")],
    columns: Annotated[Path, typer.Option(help="列の名前を書いた TOML")] = COLUMNS,
    first: Annotated[date | None, typer.Option("--from", parser=day, help="期間の初日")] = None,
    last: Annotated[date | None, typer.Option("--to", parser=day, help="期間の末日")] = None,
    by: By = "",
    reason: Annotated[
        str, typer.Option(help="理由（監査記録に残ります。省略するとファイル名）")
    ] = "",
    many: Annotated[bool, typer.Option("--many", help=f"{MANY}件より多くても書く")] = False,
    yes: Yes = False,
) -> None:
    """Compare a file."""
    wish = Wish(file, columns, first, last, many)
    why = reason.strip() or f"入金明細 {file.name} との照合"
    acting(ctx, lambda desk: matched(wish, desk.signature(by, why) if yes else None, desk))


@dataclass(frozen=True)
class Wish:
    """What was typed: the file, the names of its columns, the period, and how much is believed."""

    file: Path
    columns: Path = COLUMNS
    first: date | None = None
    last: date | None = None
    many: bool = False


def matched(wish: Wish, signature: Signature | None, desk: Desk) -> Status:
    """Compare and tell; differences are noted by whom *signature* names, by nobody without it."""
    try:
        period = _period(wish)
        lines, name = _looked_through(wish)
    except (FileRefused, SettlementFileError) as refused:
        desk.say(f"照合できません: {refused}")
        desk.say("何も変更していません。")
        return REFUSED
    desk.say(f"{len(lines):,} 行を読みました。")
    result = match(lines, _payments(desk), period)
    report(result, desk)
    if signature is None:
        desk.say(f"{ONLY_LOOKED}食い違いが一覧に書かれます。")
    elif len(result.differences) > MANY and not wish.many:
        desk.say(
            f"食い違いが {MANY} 件より多いため、書きませんでした。"
            "ファイル・列・期間を確かめてください。正しければ --many を付けてください。"
        )
        return REFUSED
    else:
        _noted(result.differences, name, signature, desk)
    return PARTLY if result.differences or result.unreadable else DONE


def _period(wish: Wish) -> tuple[date, date] | None:
    if wish.first is None and wish.last is None:
        return None
    if wish.first is None or wish.last is None:
        raise FileRefused("--from と --to は両方を指定してください。")
    if wish.first > wish.last:
        raise FileRefused("--from が --to より後の日付です。")
    return wish.first, wish.last


# The file


def _looked_through(wish: Wish) -> tuple[list[Line | Unreadable], str]:
    """Return the lines of the file and the name that the audit gives it. Raises FileRefused,
    and SettlementFileError where it is no settlement file.
    """
    columns = columns_of(wish.columns)
    with _opened(wish.file) as handle:
        check_size(handle, "入金明細のファイル")
        encoding = encoding_of(handle)
        handle.seek(0)
        name = hashlib.sha256(handle.read()).hexdigest()[:16]
        return list(read(_text(handle, encoding), columns)), name


def _text(handle: BinaryIO, encoding: str) -> Iterator[str]:
    handle.seek(0)
    for number, line in enumerate(handle):
        text = line.decode(encoding)
        # The BOM stands before the first cell only.
        yield text if number else text.removeprefix("\ufeff")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as handle:
            yield handle
    except OSError as error:
        raise FileRefused(f"ファイルを読めません（{fault(error)}）。") from None


def columns_of(path: Path) -> Columns:
    """Read the names of the columns. Raises FileRefused when the file is at fault."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        methods = {name: Method(value) for name, value in given.pop("methods", {}).items()}
        return Columns(methods=methods, **{part: tuple(names) for part, names in given.items()})
    except (OSError, tomllib.TOMLDecodeError, TypeError, ValueError, AttributeError) as error:
        raise FileRefused(f"列の名前のファイルに誤りがあります（{error}）") from error


# What is told


def report(result: Result, desk: Desk) -> None:
    """Tell counts first, then what does not agree."""
    counts = [(one.value, result.counts[one], word) for one, word in WORDS.items()]
    counts.append(("unreadable", len(result.unreadable), "読めない行"))
    desk.out.table("counts", COUNTED, counts)
    if result.period:
        desk.say(f"明細にないものを調べた期間: {result.period[0]} から {result.period[1]} まで")
    else:
        desk.say("日付の列がないため、明細にないものは調べていません（--from と --to で指定）。")
    for unreadable in result.unreadable[:SHOWN]:
        desk.say(f"  {unreadable.number}行目: {unreadable.why}")
    desk.out.table("differences", DIFFERING, [_row(one) for one in result.differences[:SHOWN]])
    if len(result.differences) > SHOWN:
        desk.say(f"  ほか {len(result.differences) - SHOWN:,} 件")


def _row(finding: Finding) -> tuple[str, str, str, str]:
    outcome = finding.outcome
    return finding.order_id, outcome.value, WORDS[outcome], _amounts(finding)


def _amounts(finding: Finding) -> str:
    given = {"明細": "file_paid", "明細の返金": "file_given_back", "ポータル": "paid_amount"}
    told = {name: finding.evidence.get(key) for name, key in given.items()}
    return " ".join(f"{name} {yen:,}円" for name, yen in told.items() if isinstance(yen, int))


def _payments(desk: Desk) -> Iterator[Payment]:
    progress = desk.progress(0, "件の支払いを読みました")
    for row in desk.payments(desk.tables.billing):
        yield payment_of(row)
        progress.step()


def _noted(differences: Sequence[Finding], name: str, signature: Signature, desk: Desk) -> None:
    now, noted = desk.clock(), 0
    told = desk.audited(
        "settlement_file.matched",
        f"settlement-file#{name}",
        signature,
        after={"differences": len(differences)},
    )
    progress = desk.progress(len(differences), "件の食い違い")
    for finding in differences:
        # With the first that is new, so that a run which is stopped in the middle is told of too.
        noted += note(desk.database, desk.store, finding, now, *(() if noted else (told,)))
        progress.step()
    desk.out.fact("noted", noted)
    desk.say(f"食い違いの一覧に {noted:,} 件を書きました。")
