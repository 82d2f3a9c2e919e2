"""``members``: the members of the society, as files and one by one (M6, M50, M51, E50, E53)."""

from pathlib import Path
from typing import Annotated

import typer

from ops.members_export import exported
from ops.members_file import NAMES_OF_COLUMNS
from ops.members_taken import Wanted, taken
from ops.options import By, Reason, Yes, acting, text

app = typer.Typer(help="会員（名簿のファイル・検索・変更・退会）", no_args_is_help=True)

COLUMNS = Annotated[Path, typer.Option("--columns", help="列の名前の TOML")]
LATER_REASON = Annotated[
    str, typer.Option("--reason", help="理由（監査記録に残ります。--yes のときに必要）")
]


@app.command("import", help="CSV を取り込む（UTF-8・Shift_JIS）")
def import_command(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="会員の CSV")],
    errors: Annotated[
        Path | None, typer.Option("--errors", help="取り込めない行を書くファイル")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="後からの変更もファイルの値にする")
    ] = False,
    columns: COLUMNS = NAMES_OF_COLUMNS,
    by: By = "",
    reason: LATER_REASON = "",
    yes: Yes = False,
) -> None:
    """Take a file of members."""
    why = text(reason) if yes else ""
    acting(
        ctx,
        lambda desk: taken(
            Wanted(file, columns, errors, overwrite, desk.signature(by, why) if yes else None),
            desk,
        ),
    )


@app.command("export", help="Excel で開ける CSV に書き出す")
def export_command(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="新しく作るファイル")],
    columns: COLUMNS = NAMES_OF_COLUMNS,
    reason: Reason,
    by: By = "",
) -> None:
    """Write all members into a file."""
    acting(ctx, lambda desk: exported(file, columns, desk.signature(by, reason), desk))
