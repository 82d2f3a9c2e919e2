"""The terminal at which a command is typed, for what must not end in a file or a log."""

from pathlib import Path
from typing import TextIO

_SCREEN = Path("/dev/tty")


def terminal(screen: Path = _SCREEN) -> TextIO | None:
    """Open the terminal for writing, or return None where there is none (a job, a pipe)."""
    try:
        return screen.open("w", encoding="utf-8")
    except OSError:
        return None
