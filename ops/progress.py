"""Tells on the error output how far a long work is, so that the output holds results only.

Somebody at a terminal sees a bar; a pipe or a log gets a line now and then.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from ops.bar import Bar, clear
from ops.pipe import tell_error

EVERY = 2.0
"""Seconds between two lines; what takes less tells nothing."""
REDRAWN = 0.2
"""Seconds between two looks of the bar."""


def screen_of_errors() -> TextIO | None:
    """Return the error output where it is a terminal."""
    return sys.stderr if sys.stderr.isatty() else None


@dataclass
class Progress:
    """Counts up to *total*, or up where that is nought: nobody knows. *timer* gives seconds.

    *screen* is the terminal on which a bar is drawn; without it lines are told.
    """

    total: int
    unit: str
    timer: Callable[[], float]
    tell: Callable[[str], None] = tell_error
    screen: TextIO | None = None
    _done: int = 0
    _began: float = field(init=False)
    _told: float = field(init=False)
    _bar: Bar | None = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._told = self.timer()
        self._bar = Bar(self.total, self.screen) if self.screen is not None else None

    def step(self, done: int = 1) -> None:
        """Note that so many more are done, and tell of it now and then."""
        self._done += done
        now = self.timer()
        if self._bar is not None and self._done >= self.total > 0:
            clear()
        elif now - self._told >= (EVERY if self._bar is None else REDRAWN):
            self._told = now
            self._tell_of(now)

    def _tell_of(self, now: float) -> None:
        text = self._text(now)
        if self._bar is None:
            self.tell(f"… {text}")
        else:
            self._bar.show(self._done, text)

    def _text(self, now: float) -> str:
        if not self.total:
            return f"{self._done:,} {self.unit}"
        left = (now - self._began) / self._done * (self.total - self._done)
        share = self._done * 100 // self.total
        words = f"{share}%、残り約 {_spoken(left)}"
        return f"{self._done:,} / {self.total:,} {self.unit}（{words}）"


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} 秒" if seconds < 90 else f"{seconds / 60:.0f} 分"
