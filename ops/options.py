"""The words that several commands take, and the one way from a typed command to its act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import typer

from ops.desk import Desk
from ops.exits import Status
from ops.failures import failure_of
from ops.output import Output

type Act = Callable[[Desk], Status]


@dataclass(frozen=True)
class Invocation:
    """What was typed before the command: where it acts and how it speaks.

    *desk* reaches the deployment, which takes a second, and only a command that is complete does.
    """

    desk: Callable[[], Desk]
    out: Output


def acting(ctx: typer.Context, act: Act, option: str = "") -> None:
    """Perform *act* at the desk and end with its status. Raises typer.Exit and Failure.

    *option* is the one that was typed and needs another role than its command (ops/roles.py).
    """
    invocation = ctx.find_object(Invocation)
    if invocation is None:
        raise LookupError("a command was called past ops.cli.main")
    try:
        status = act(invocation.desk())
    except Exception as error:
        failure = failure_of(error, _command(ctx, option))
        if failure is None:
            raise
        raise failure from error
    invocation.out.close(status)
    raise typer.Exit(status)


def _command(ctx: typer.Context, option: str) -> str:
    """Return the command as the table of roles names it: without the program."""
    _, _, words = ctx.command_path.partition(" ")
    return f"{words} {option}".rstrip()


# Readers of what was typed. Each raises BadParameter.

_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def text(typed: str) -> str:
    """Return what was typed without the blanks around it; nothing at all is an error."""
    if not typed.strip():
        raise typer.BadParameter("空では記録できません")
    return typed.strip()


def name(typed: str) -> str:
    """Return who acts; nothing typed, the default, stays empty, and blanks are an error."""
    return text(typed) if typed else ""


def yen(typed: str) -> int:
    """Return an amount in whole yen."""
    plain = typed.replace(",", "")
    if not (plain.isascii() and plain.isdigit()) or not 0 < int(plain) < 10_000_000:
        raise typer.BadParameter("1以上の整数（円）で入力してください")
    return int(plain)


def day(typed: str) -> date:
    """Return a JST date."""
    wrong = typer.BadParameter("2026-11-22 のように入力してください")
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        raise wrong from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise wrong
    return found


MemberNo = Annotated[str, typer.Argument(metavar="会員番号", help="先頭の 0 も")]
InvoiceId = Annotated[str, typer.Option("--invoice", help="請求番号（省略すると一覧を表示）")]
OrderId = Annotated[str, typer.Argument(metavar="注文番号", help="D26-…")]
By = Annotated[
    str,
    typer.Option("--by", parser=name, help="担当者名（監査記録に残ります。省略すると AWS の名前）"),
]
Reason = Annotated[str, typer.Option("--reason", parser=text, help="理由（監査記録に残ります）")]
Yes = Annotated[bool, typer.Option("--yes/--dry-run", help="実行する / 確認のみ（省略時）")]
Yen = Annotated[int, typer.Option(parser=yen, metavar="円")]
