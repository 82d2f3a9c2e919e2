"""``portal-ops``: the command line put together, and what it answers when something fails.

Each group of commands is a module that makes a ``typer.Typer``; here they get their names. A
command says what it needs, and :func:`ops.options.acting` takes it to a desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated

import typer
from typer._click.exceptions import ClickException, MissingParameter

from ops import discrepancies, mail, mask, receipts, settlement
from ops.audit.commands import app as audit
from ops.desk import Desk, Unsigned
from ops.dues.commands import app as dues
from ops.exits import Status
from ops.failures import Failure, traced
from ops.help import in_japanese, wrong
from ops.members.commands import app as members
from ops.options import Invocation
from ops.output import JsonOutput, Output, for_person
from ops.passwords.commands import app as passwords
from ops.payments.commands import app as payments
from ops.pipe import tell_error
from ops.report.commands import app as report
from ops.roles import Role

GROUPS: tuple[tuple[str | None, typer.Typer], ...] = (
    ("members", members),
    ("passwords", passwords),
    ("dues", dues),
    ("payments", payments),
    ("discrepancies", discrepancies.app),
    ("mail", mail.app),
    ("report", report),
    ("audit", audit),
    ("settlement", settlement.app),
    ("receipts", receipts.app),
    # Without a name: its one command stands beside the groups.
    (None, mask.app),
)
"""The groups of commands, in the order of the help."""


class Stage(StrEnum):
    """Where a command acts: a deployment on AWS, or the stack of this machine."""

    LOCAL = "local"
    STAGING = "staging"
    PRODUCTION = "production"


STAGE = Annotated[
    Stage | None,
    typer.Option(
        "--stage",
        metavar="環境",
        help="production・staging・local（この端末）のどれで行うか。命令には必ず付ける",
    ),
]
ROLE = Annotated[
    Role | None,
    typer.Option(
        "--role",
        metavar="役割",
        help="どの役割で行うか（viewer・clerk・accountant・administrator。"
        "省略すると今の AWS の権限）",
    ),
]
JSON = Annotated[bool, typer.Option("--json", help="結果を JSON で出力する")]

BLANK = "空の値があります。命令の中の変数に値が入っているか確かめてください。何も実行していません。"
"""A variable that was never set would else be no option at all, and the act everybody's."""
STOPPED = (
    "中断しました。書き込みが済んだ分は残っています。"
    "もう一度、同じ命令を実行すると続きから行います（二重になることはありません）。"
)

UNFORESEEN = (
    "予期しない不具合で止まりました。書き込みが済んだ分は残っています。"
    "もう一度、同じ命令を実行してください（二重になることはありません）。"
    "続くときは、次の行を運用担当者に伝えてください。"
)


@dataclass(frozen=True)
class Options:
    """What was typed before the command."""

    stage: str
    role: Role | None = None


type Reach = Callable[[Options, Output], Desk]
"""Reaches a deployment. Raises Failure."""


def application(reach: Reach, person: Callable[[], Output]) -> typer.Typer:
    """Return the whole command line over what *reach* leads to."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, help="会員ポータルの運用コマンド")

    @app.callback()
    def options(
        ctx: typer.Context, stage: STAGE = None, role: ROLE = None, json: JSON = False
    ) -> None:
        out = JsonOutput() if json else person()

        @cache
        def desk() -> Desk:
            # Asked for here and not by typer, so that the help of a command needs no stage.
            if stage is None:
                raise MissingParameter(ctx=ctx, param_hint="--stage")
            return reach(Options(stage, role), out)

        ctx.obj = Invocation(desk, out)

    for name, group in GROUPS:
        app.add_typer(group, name=name)
    return in_japanese(app)


def main(arguments: Sequence[str], reach: Reach, person: Callable[[], Output] = for_person) -> int:
    """Run one command and return its exit status. A fault that nobody foresaw is raised."""
    command = typer.main.get_command(application(reach, person))
    try:
        _check_blanks(arguments)
        status = command.main(list(arguments), prog_name="portal-ops", standalone_mode=False)
    except ClickException as error:
        return _failed(wrong(error), Status.USAGE, arguments)
    except Unsigned:
        return _failed("--by（担当者名）が必要です。", Status.USAGE, arguments)
    except Failure as failure:
        return _failed(failure.text, failure.status, arguments)
    except SystemExit:
        # typer's way out when the reader of its help has left.
        return Status.DONE
    if status == Status.STOPPED:
        return _failed(STOPPED, Status.STOPPED, arguments)
    return int(status or Status.DONE)


def unforeseen(error: Exception, arguments: Sequence[str]) -> Status:
    """Tell of a fault that nobody foresaw, by kinds and places: texts may hold personal data."""
    where = [f"  {kind} {place}" for kind, place in traced(error)]
    return _failed("\n".join([UNFORESEEN, *where]), Status.UNKNOWN, arguments)


def _check_blanks(arguments: Sequence[str]) -> None:
    if "" in arguments:
        raise Failure(BLANK, Status.USAGE)


def _failed(text: str, status: Status, arguments: Sequence[str]) -> Status:
    """Tell why nothing, or not everything, was done: a person, and a program that wants JSON."""
    tell_error(text)
    if "--json" in arguments:
        # What could not be read as a command has no output yet, so the words themselves are asked.
        out = JsonOutput()
        out.say(text)
        out.close(status)
    return status
