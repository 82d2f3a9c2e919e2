"""``mask``: what stands for a member in logs and audit, to look for it there."""

import argparse
import re
from collections.abc import Callable

from ops.desk import DONE, Commands, Say
from portal.accounts.member_number import NotANumber, fold
from portal.log import Masks, mask

_MEMBER_ID = re.compile(r"[0-9a-z]{26}")


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    made = commands.add_parser("mask", help="ログに書かれる伏せ字（8桁）を求める")
    made.add_argument("identity", type=identity, help="会員番号（先頭の 0 も入力）または会員 ID")


def identity(typed: str) -> str:
    """Return a member id as it is, or a member number as sign-in folds it."""
    if _MEMBER_ID.fullmatch(typed):
        return typed
    try:
        return fold(typed)
    except NotANumber:
        raise argparse.ArgumentTypeError("会員番号でも会員 ID でもありません") from None


def masked(wanted: str, key: Callable[[], str], say: Say) -> int:
    """Say the mask of a member id or number; *key* is asked for with a number only."""
    if _MEMBER_ID.fullmatch(wanted):
        say(f"{mask(wanted)}（各機能のログの member）")
    else:
        masks = Masks(key)
        say(f"{masks(wanted)}（ログの number、監査記録の sign-in:{masks(wanted)}）")
    return DONE
