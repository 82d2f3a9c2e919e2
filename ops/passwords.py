"""``passwords``: initial passwords of the office (L2, M6).

Each command first says what would happen; with ``--yes`` it is done and audited. A password is
shown on the terminal itself or stands in a letter: never on the output, which may be a file.
"""

import typer

from ops import password_reissue
from ops.options import By, MemberNo, Reason, Yes, acting

app = typer.Typer(help="初期パスワード", no_args_is_help=True)


@app.command("reissue", help="1人に初期パスワードを発行し直す（今のパスワードは使えなくなる）")
def reissue_command(
    ctx: typer.Context, number: MemberNo, *, reason: Reason, by: By = "", yes: Yes = False
) -> None:
    """Issue one anew."""
    acting(
        ctx,
        lambda desk: password_reissue.reissued(number, desk.signature(by, reason), desk, yes=yes),
    )
