"""Tells on the error output how far a long work is, so that the output holds results only."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ops.pipe import tell_error

EVERY = 2.0
"""Seconds; what takes less tells nothing."""


@dataclass
class Progress:
    """Counts up to *total*, or up where that is nought: nobody knows. *timer* gives seconds."""

    total: int
    unit: str
    timer: Callable[[], float]
    tell: Callable[[str], None] = tell_error
    _done: int = 0
    _began: float = field(init=False)
    _told: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._told = self.timer()

    def step(self, done: int = 1) -> None:
        """Note that so many more are done, and tell of it now and then."""
        self._done += done
        now = self.timer()
        if now - self._told < EVERY:
            return
        self._told = now
        if not self.total:
            self.tell(f"… {self._done:,} {self.unit}")
            return
        left = (now - self._began) / self._done * (self.total - self._done)
        share = self._done * 100 // self.total
        self.tell(
            f"… {self._done:,} / {self.total:,} {self.unit}（{share}%、残り約 {_spoken(left)}）"
        )


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} 秒" if seconds < 90 else f"{seconds / 60:.0f} 分"
