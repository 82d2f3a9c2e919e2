"""``report``: the society in tables, files and pictures (E50, L22). Nothing is written by looking.

The tables are read whole by the rights of whoever asks; why there is no index for it:
docs/decisions/0041-how-reports-read.md.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.mail import BOUNCES, failing
from ops.options import acting
from ops.report.arrears import in_arrears
from ops.report.given import Report, give, new_file
from ops.report.never_signed_in import never_signed_in
from ops.report.overview import overview
from ops.report.paid import paid
from ops.report.slips import slips
from portal.billing.sums import By

app = typer.Typer(help="集計と一覧（画面・Excel・図）", no_args_is_help=True)

Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="ファイル", help="Excel で開ける CSV にも書く")
]
Year = Annotated[int, typer.Option("--year", min=2000, max=2999, metavar="年度", help="会費の年度")]
AnyYear = Annotated[
    int | None,
    typer.Option("--year", min=2000, max=2999, metavar="年度", help="会費の年度（省略時は全部）"),
]


@app.command("overview", help="いまの全体（請求・入金・会員・残っている仕事）")
def overview_command(ctx: typer.Context, *, year: AnyYear = None, csv: Csv = None) -> None:
    """Show everything on one screen."""
    _reported(ctx, csv, lambda desk: overview(year, csv, desk))


@app.command("paid", help="入金を日・週・月と支払方法ごとに")
def paid_command(
    ctx: typer.Context,
    *,
    year: Year,
    by: Annotated[By, typer.Option(help="day 日、week 週、month 月")] = By.DAY,
    csv: Csv = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="ファイル", help="図にも書く（.svg か .png）")
    ] = None,
) -> None:
    """Show the money of a year's dues."""
    _reported(ctx, csv, lambda desk: paid(year, by, csv, picture, desk), picture)


@app.command("slips", help="支払い待ちのコンビニ払い（期限の順）")
def slips_command(ctx: typer.Context, *, csv: Csv = None) -> None:
    """Show open slips."""
    _reported(ctx, csv, lambda desk: slips(csv, desk))


@app.command("never-signed-in", help="一度もログインしていない会員")
def never_signed_in_command(ctx: typer.Context, *, csv: Csv = None) -> None:
    """Show who was never here."""
    _reported(ctx, csv, lambda desk: never_signed_in(csv, desk))


@app.command("arrears", help="未納の年度がある会員と、資格喪失の対象")
def arrears_command(
    ctx: typer.Context,
    *,
    years: Annotated[int, typer.Option(min=1, metavar="年数", help="未納の年度数（以上）")] = 2,
    csv: Csv = None,
) -> None:
    """Show who owes."""
    _reported(ctx, csv, lambda desk: in_arrears(years, csv, desk))


@app.command("bounces", help="メールが届かない会員")
def bounces_command(ctx: typer.Context, *, csv: Csv = None) -> None:
    """Show whom mail does not reach."""
    _reported(ctx, csv, lambda desk: _bounces(csv, desk))


def _bounces(file: Path | None, desk: Desk) -> Status:
    rows = failing(desk)
    give(Report("bounces", BOUNCES, rows), file, desk)
    desk.say(f"{len(rows):,}人")
    return DONE


def _reported(
    ctx: typer.Context, csv: Path | None, act: Callable[[Desk], Status], picture: Path | None = None
) -> None:
    new_file(csv)
    new_file(picture)
    acting(ctx, act)
