"""``portal-ops``: the command line put together, and what it answers when something fails.

Each group of commands is a module that makes a ``typer.Typer``; here they get their names. A
command says what it needs, and :func:`ops.options.acting` takes it to a desk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated

import typer

from ops import audit, discrepancies, mail, passwords, settlement
from ops.desk import Desk, Unsigned
from ops.exits import Status
from ops.failures import Failure, failure_of
from ops.options import Invocation
from ops.output import JsonOutput, Output, for_person
from ops.progress import to_stderr

GROUPS: tuple[tuple[str, typer.Typer], ...] = (
    ("passwords", passwords.app),
    ("dues", dues.app),
    ("discrepancies", discrepancies.app),
    ("mail", mail.app),
    ("audit", audit.app),
    ("settlement", settlement.app),
)
"""The groups of commands, in the order of the help."""

STAGE = Annotated[str, typer.Option("--stage", help="local、staging または production")]
ROLE = Annotated[
    str,
    typer.Option("--role", help="viewer・clerk・accountant・administrator のどれとして行うか"),
]
JSON = Annotated[bool, typer.Option("--json", help="結果を JSON で出力する")]


@dataclass(frozen=True)
class Options:
    """What was typed before the command."""

    stage: str
    role: str = ""


type Reach = Callable[[Options, Output], Desk]
"""Reaches a deployment. Raises Failure."""


def application(reach: Reach, person: Callable[[], Output]) -> typer.Typer:
    """Return the whole command line over what *reach* leads to."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, help="会員ポータルの運用コマンド")

    @app.callback()
    def options(ctx: typer.Context, stage: STAGE, role: ROLE = "", json: JSON = False) -> None:
        out = JsonOutput(typer.echo) if json else person()
        ctx.obj = Invocation(cache(lambda: reach(Options(stage, role), out)), out)

    for name, group in GROUPS:
        app.add_typer(group, name=name)
    return app


def main(arguments: Sequence[str], reach: Reach, person: Callable[[], Output] = for_person) -> int:
    """Run one command and return its exit status. A fault that nobody foresaw is raised."""
    try:
        application(reach, person)(list(arguments), prog_name="portal-ops")
    except SystemExit as end:
        return int(end.code or 0)
    except Unsigned:
        to_stderr("--by（担当者名）が必要です。")
        return Status.USAGE
    except Exception as error:
        failure = error if isinstance(error, Failure) else failure_of(error)
        if failure is None:
            raise
        to_stderr(failure.text)
        return failure.status
    raise AssertionError("typer always ends by an exit")
