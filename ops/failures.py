"""What goes wrong between a command and AWS, as the person at the keyboard reads it.

botocore is loaded by what reached AWS, so it is asked for here only when something failed.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path

from ops.exits import Status
from ops.roles import NEEDED, named
from portal.database import Contended, Unreachable

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_NOBODY = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
)
DENIED = "この操作の権限がありません。--role を確かめるか、管理者に頼んでください。"
NOBODY = "AWS にサインインしていません（または期限が切れました）。サインインし直してください。"
UNKNOWN = (
    "AWS から返事がなく、実行されたかどうか分かりません。もう一度、同じ命令を実行してください"
    "（二重になることはありません）。"
)


class Failure(Exception):
    """A command could not be performed; *text* is for the person, *status* for a program."""

    def __init__(self, text: str, status: Status) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def failure_of(error: Exception, command: str = "") -> Failure | None:
    """Return what to say of *error*; None when it is a fault of this program.

    *command* is what was typed, as the table of roles names it.
    """
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
    )

    if isinstance(error, ClientError):
        return _of_code(str(error.response.get("Error", {}).get("Code", "")), command)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | NoRegionError):
        return Failure(NOBODY, Status.DENIED)
    if isinstance(error, Unreachable):
        # Its text is DynamoDB's code, or the operation and the kind of fault.
        return _of_code(str(error), command)
    if isinstance(error, BotoCoreError | Contended):
        return Failure(UNKNOWN, Status.UNKNOWN)
    return None


def traced(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield the kind of a fault, and of each that led to it, with where it was; never a text."""
    present: BaseException | None = error
    while present is not None:
        frames = traceback.extract_tb(present.__traceback__)
        yield (
            type(present).__name__,
            " ".join(f"{_short(one.filename)}:{one.lineno}" for one in frames),
        )
        present = present.__cause__ or present.__context__


def _short(file: str) -> str:
    """Return the end of a path, which names no person's folder."""
    return "/".join(Path(file).parts[-2:])


def _of_code(code: str, command: str) -> Failure:
    if code in _DENIED:
        return Failure(DENIED + _needed(command), Status.DENIED)
    if code in _NOBODY:
        return Failure(NOBODY, Status.DENIED)
    return Failure(UNKNOWN, Status.UNKNOWN)


def _needed(command: str) -> str:
    return f"{command} に必要な役割: {named(command)}" if command in NEEDED else ""
