"""One line per step, with a dot every two seconds: nobody wonders whether it still works."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

TICK_SECONDS = 2.0


class Progress:
    """Writes steps to *out* as they go on."""

    def __init__(self, out: TextIO = sys.stdout, tick: float = TICK_SECONDS) -> None:
        self._out = out
        self._tick = tick
        self._lock = threading.Lock()

    def say(self, text: str = "") -> None:
        """Write one line."""
        self._write(text + "\n")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show *name* while the body runs, then the seconds it took or that it failed."""
        done = threading.Event()
        started = time.monotonic()
        self._write(f"  {name} ")
        ticker = threading.Thread(target=self._ticks, args=(done,), daemon=True)
        ticker.start()
        outcome = "failed after "
        try:
            yield
            outcome = ""
        except KeyboardInterrupt:
            outcome = "stopped after "
            raise
        finally:
            done.set()
            ticker.join()
            self._write(f" {outcome}{time.monotonic() - started:.1f} s\n")

    def _ticks(self, done: threading.Event) -> None:
        while not done.wait(self._tick):
            self._write(".")

    def _write(self, text: str) -> None:
        with self._lock:
            self._out.write(text)
            self._out.flush()
