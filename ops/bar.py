"""The bar that stands on a terminal while a long work goes on, gone before anything else is said.

There is one terminal and hence one bar: a module remembers it, so that whoever writes a line can
take it away first.
"""

import atexit
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

_standing: list["Bar"] = []


class Bar:
    """A bar for a work of *total* steps; it swings where that is nought, for nobody knows."""

    def __init__(self, total: int, screen: TextIO) -> None:
        self._drawn = Progress(
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(file=screen),
            auto_refresh=False,
            transient=True,
            # Results go to the output, which may be a pipe, and never through the bar's terminal.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._drawn.add_task("", total=total or None)

    def show(self, done: int, text: str) -> None:
        """Draw the bar at so many steps with *text* behind it."""
        if self not in _standing:
            clear()
            _standing.append(self)
            self._drawn.start()
        self._drawn.update(self._task, completed=done, description=text, refresh=True)

    def end(self) -> None:
        """Take the bar off the screen."""
        self._drawn.stop()


def clear() -> None:
    """Take away the bar that stands on the screen, if any; its next step draws it again."""
    while _standing:
        _standing.pop().end()


# However a command ends, its terminal has a cursor again.
atexit.register(clear)
