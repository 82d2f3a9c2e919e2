"""Writes to a person or a pipe whose reader may have left (``| head``).

A reader that left has read enough. The command goes on: it may be in the middle of writing rows.
"""

import os
import sys
from collections.abc import Callable
from typing import TextIO

from ops.bar import clear
from ops.harmless import harmless


def tell(text: str) -> None:
    """Write one line to the output."""
    clear()
    _quietly(sys.stdout, lambda: print(harmless(text)))


def tell_error(text: str) -> None:
    """Write one line to the error output, at once."""
    clear()
    _quietly(sys.stderr, lambda: print(harmless(text), file=sys.stderr, flush=True))


def finish() -> None:
    """Write what is still held back; without this, Python complains of a reader that left."""
    for stream in (sys.stdout, sys.stderr):
        _quietly(stream, stream.flush)


def _quietly(stream: TextIO, write: Callable[[], None]) -> None:
    try:
        write()
    except BrokenPipeError:
        # What is written from now on, and what is held back, goes nowhere.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
