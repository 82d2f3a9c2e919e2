"""``passwords``: initial passwords of the office, as letters or one at a time (L2, M6).

Each command first says what would happen; with ``--yes`` it is done and audited. A password is
shown on the terminal itself or stands in a letter: never on the output, which may be a file.
"""

from pathlib import Path
from typing import Annotated

import typer

from ops.options import By, MemberNo, Reason, Yes, acting
from ops.passwords import issue, labels, reissue

app = typer.Typer(help="初期パスワード", no_args_is_help=True)

Numbers = Annotated[list[str] | None, typer.Argument(metavar="会員番号", help="先頭の 0 も")]
OneWay = "会員番号、--all-new、--again のどれか一つを指定してください"


@app.command("issue", help="初期パスワードを発行し、手紙の PDF を作る")
def issue_command(
    ctx: typer.Context,
    numbers: Numbers = None,
    *,
    reason: Reason,
    all_new: Annotated[bool, typer.Option("--all-new", help="まだ発行していない人全員")] = False,
    again: Annotated[
        str,
        typer.Option(metavar="まとまり", help="無くした PDF を作り直す（手紙の右下の番号）"),
    ] = "",
    out: Annotated[
        Path,
        typer.Option(metavar="フォルダ", help="PDF を置くところ（省略時は「初期パスワード」）"),
    ] = Path("初期パスワード"),
    batch: Annotated[
        int, typer.Option(min=1, max=1000, help="1つの PDF の通数（省略時は 200）")
    ] = 200,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Issue to many."""
    if bool(numbers) + all_new + bool(again) != 1:
        raise typer.BadParameter(OneWay)
    request = issue.Request(out, numbers or (), again, batch)
    acting(
        ctx,
        lambda desk: issue.issued(request, desk.signature(by, reason), desk, yes=yes),
    )


@app.command("reissue", help="1人に初期パスワードを発行し直す（今のパスワードは使えなくなる）")
def reissue_command(
    ctx: typer.Context,
    number: MemberNo,
    *,
    reason: Reason,
    letter: Annotated[
        Path | None, typer.Option(metavar="PDF", help="画面に表示せず、手紙の PDF を作る")
    ] = None,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Issue one anew."""
    acting(
        ctx,
        lambda desk: reissue.reissued(
            number, desk.signature(by, reason), desk, yes=yes, letter=letter
        ),
    )


@app.command("labels", help="宛名ラベルの PDF を作る（省略時はメールが届かない会員）")
def labels_command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="PDF", help="新しく作るファイル")],
    numbers: Numbers = None,
    *,
    reason: Reason,
    letters: Annotated[
        str, typer.Option(metavar="まとまり", help="この手紙を送る人（手紙の右下の番号）")
    ] = "",
    no_mail: Annotated[
        bool, typer.Option("--no-mail", help="そのうち、メールが届かない人だけ")
    ] = False,
    by: By = "",
) -> None:
    """Print labels."""
    if numbers and letters:
        raise typer.BadParameter("会員番号と --letters は、どちらか一つを指定してください")
    request = labels.Request(file, numbers or (), letters, no_mail=no_mail)
    acting(ctx, lambda desk: labels.printed(request, desk.signature(by, reason), desk))
