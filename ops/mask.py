"""``mask``: what stands for a member in logs and audit, to look for it there."""

import re
from typing import Annotated

import typer

from ops.desk import DONE, Desk
from ops.exits import Status
from ops.options import acting
from portal.accounts.member_number import NotANumber, fold
from portal.log import Masks, mask

app = typer.Typer()

_MEMBER_ID = re.compile(r"[0-9a-z]{26}")


def identity(typed: str) -> str:
    """Return a member id as it is, or a member number as sign-in folds it. Raises BadParameter."""
    if _MEMBER_ID.fullmatch(typed):
        return typed
    try:
        return fold(typed)
    except NotANumber:
        raise typer.BadParameter("会員番号でも会員 ID でもありません") from None


IDENTITY = Annotated[
    str,
    typer.Argument(
        metavar="会員番号", parser=identity, help="先頭の 0 も。会員 ID（26桁）でもよい"
    ),
]


@app.command("mask", help="ログに書かれる伏せ字（8桁）を求める")
def mask_command(ctx: typer.Context, wanted: IDENTITY) -> None:
    """Tell a mask."""
    acting(ctx, lambda desk: masked(wanted, desk))


def masked(wanted: str, desk: Desk) -> Status:
    """Say the mask of a member id or number; the key is asked for with a number only."""
    if _MEMBER_ID.fullmatch(wanted):
        found, where = mask(wanted), "各機能のログの member"
    else:
        found = Masks(desk.mask_secret)(wanted)
        where = f"ログの number、監査記録の sign-in:{found}"
    desk.out.fact("mask", found)
    desk.say(f"{found}（{where}）")
    return DONE
