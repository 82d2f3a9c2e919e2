"""``members``: the members of the society, as files and one by one (M6, M50, M51, E50, E53)."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ops.members import access, anonymise, edit, find, leaving, show
from ops.members.csv_file import NAMES_OF_COLUMNS
from ops.members.export import exported
from ops.members.find import Filters
from ops.members.taken import Wanted, taken
from ops.options import By, MemberNo, Reason, Yes, acting, day, text

app = typer.Typer(help="会員（名簿のファイル・検索・変更・退会）", no_args_is_help=True)

COLUMNS = Annotated[Path, typer.Option("--columns", help="列の名前の TOML")]
LATER_REASON = Annotated[
    str, typer.Option("--reason", help="理由（監査記録に残ります。--yes のときに必要）")
]


@app.command("import", help="CSV を取り込む（UTF-8・Shift_JIS）")
def import_command(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Argument(metavar="ファイル", help="会員の CSV")],
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
    if yes and not reason.strip():
        raise typer.BadParameter("--yes には --reason（理由）も必要です")
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
    file: Annotated[Path, typer.Argument(metavar="ファイル", help="新しく作るファイル")],
    columns: COLUMNS = NAMES_OF_COLUMNS,
    reason: Reason,
    by: By = "",
) -> None:
    """Write all members into a file."""
    acting(ctx, lambda desk: exported(file, columns, desk.signature(by, reason), desk))


@app.command("find", help="会員を探す（番号・氏名・フリガナ・メールアドレス・勤務先の一部）")
def find_command(
    ctx: typer.Context,
    *,
    typed: Annotated[str, typer.Argument(metavar="文字", help="省略すると全員から探す")] = "",
    unpaid: Annotated[bool, typer.Option("--unpaid", help="未払いの請求がある")] = False,
    bounced: Annotated[bool, typer.Option("--bounced", help="メールが届かない")] = False,
    never: Annotated[
        bool, typer.Option("--never-signed-in", help="一度もログインしていない")
    ] = False,
    locked: Annotated[bool, typer.Option("--locked", help="失敗が続きログインが停止")] = False,
    no_mail: Annotated[bool, typer.Option("--no-mail", help="メールアドレスがない")] = False,
    on_leave: Annotated[bool, typer.Option("--on-leave", help="休会")] = False,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="退会")] = False,
    kind: Annotated[str, typer.Option("--kind", metavar="種別", help="会員種別")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="表示する人数")] = 50,
) -> None:
    """List members."""
    filters = Filters(
        text=typed,
        unpaid=unpaid,
        bounced=bounced,
        never_signed_in=never,
        locked=locked,
        no_mail=no_mail,
        on_leave=on_leave,
        withdrawn=withdrawn,
        kind=kind,
    )
    acting(ctx, lambda desk: find.found(filters, limit, desk))


@app.command("show", help="1人のすべて（記録・会員状態・メール・ログイン・請求）を表示する")
def show_command(ctx: typer.Context, number: MemberNo) -> None:
    """Show one member."""
    acting(ctx, lambda desk: show.shown(number, desk))


@app.command("edit", help="1人の項目を直す（会員編集・取り込みと同じ決まりで確かめる）")
def edit_command(
    ctx: typer.Context,
    number: MemberNo,
    *,
    change: Annotated[
        list[str], typer.Option("--set", metavar="項目=値", help="直す項目（何度でも）")
    ],
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Change texts of one member."""
    acting(
        ctx,
        lambda desk: edit.edited(number, change, desk.signature(by, reason), desk, yes=yes),
    )


@app.command("unlock", help="ログインの待ち時間と停止を解除する")
def unlock_command(
    ctx: typer.Context, number: MemberNo, *, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Let a member try again."""
    acting(ctx, lambda desk: access.unlocked(number, desk.signature(by, reason), desk, yes=yes))


@app.command("end-sessions", help="ログイン中の端末をログアウトさせる")
def end_sessions_command(
    ctx: typer.Context,
    *,
    number: Annotated[str, typer.Argument(metavar="会員番号", help="先頭の 0 も")] = "",
    everybody: Annotated[bool, typer.Option("--all", help="全会員のすべての端末")] = False,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """End sessions."""
    if bool(number) == everybody:
        raise typer.BadParameter("会員番号か --all の、どちらか一方を指定してください")
    if everybody:
        acting(
            ctx,
            lambda desk: access.everybodys_ended(desk.signature(by, reason), desk, yes=yes),
            "--all",
        )
    acting(
        ctx,
        lambda desk: access.sessions_ended(number, desk.signature(by, reason), desk, yes=yes),
    )


@app.command("withdraw", help="退会を記録し、利用を止める")
def withdraw_command(
    ctx: typer.Context,
    number: MemberNo,
    *,
    on: Annotated[
        date | None, typer.Option("--on", parser=day, metavar="日付", help="退会日（省略: 今日）")
    ] = None,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Let a member leave."""
    acting(
        ctx,
        lambda desk: leaving.withdrawn(number, on, desk.signature(by, reason), desk, yes=yes),
    )


@app.command("return", help="退会を取り消し、利用を再開する")
def return_command(
    ctx: typer.Context, number: MemberNo, *, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Let somebody who left belong again."""
    acting(
        ctx,
        lambda desk: leaving.returned(number, desk.signature(by, reason), desk, yes=yes),
    )


@app.command("anonymise", help="退会から年数のたった会員の個人情報を消す（元に戻せません）")
def anonymise_command(
    ctx: typer.Context,
    *,
    years: Annotated[
        int | None,
        typer.Option("--years", min=0, max=200, help="退会からの年数（省略: society.toml）"),
    ] = None,
    reason: Reason,
    by: By = "",
    yes: Yes = False,
) -> None:
    """Empty the records of who left long ago."""
    acting(
        ctx,
        lambda desk: anonymise.anonymised(years, desk.signature(by, reason), desk, yes=yes),
    )
