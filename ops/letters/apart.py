"""Prints each batch in a process of its own, so that thousands of letters need no more memory.

The typesetter keeps what it has laid out, about 0.7 MB a letter, for ten documents and gives it
back only with its process. Letters go there and the PDF comes back through a pipe, never a file.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context

from ops.letters.letter import Letter, LetterPrinter


@dataclass(frozen=True)
class PrinterApart:
    """Prints letters by the printer that *make* returns there; it has to be picklable."""

    make: Callable[[], LetterPrinter]

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        """Return one page for each letter, as LetterPrinter does."""
        # Spawned and not forked: this process has threads.
        with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
            return pool.submit(_printed, self.make, letters, mark, at).result()


def _printed(
    make: Callable[[], LetterPrinter], letters: Sequence[Letter], mark: str, at: datetime
) -> bytes:
    return make().pdf(letters, mark, at)
