"""The folder of the letters: each file for its owner alone, and whole or not there.

A PDF of letters holds passwords in clear, which stand nowhere else. It is written beside its name
as ``….part``, and gets its name only when every password in it is good (docs/decisions/0038).
"""

import os
from contextlib import suppress
from pathlib import Path

from ops.disk import fault
from ops.private_file import PART, write_private

_OTHERS = 0o077


class FolderRefused(Exception):
    """Letters cannot be put there; the text says why and what to do."""


class LetterFolder:
    """A folder that only its owner can read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> None:
        """Make the folder where there is none. Raises FolderRefused."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FolderRefused(f"フォルダ {self.path} を作れません（{fault(error)}）。") from None
        if self.path.stat().st_mode & _OTHERS:
            raise FolderRefused(
                f"フォルダ {self.path} はほかの人も読めます。新しいフォルダを指定してください。"
            )

    def file(self, name: str) -> Path:
        """Return where the letters of a batch are."""
        return self.path / f"{name}.pdf"

    def write_part(self, name: str, pdf: bytes) -> None:
        """Put the letters on the disk under the name that says that they are not to be posted."""
        write_private(self._part(name), pdf)
        self._sync()

    def finish(self, name: str) -> None:
        """Give the letters their name. Raises FileNotFoundError where there are none."""
        try:
            self._part(name).replace(self.file(name))
        except FileNotFoundError:
            # Another run may have found it complete and named it first.
            if not self.file(name).exists():
                raise
        self._sync()

    def discard(self, name: str) -> None:
        """Take letters away whose passwords are not good."""
        with suppress(FileNotFoundError):
            self._part(name).unlink()
        self._sync()

    def parts(self) -> list[str]:
        """Return the names of the batches whose letters have not got their name."""
        found = self.path.glob(f"*.pdf{PART}")
        return sorted(one.name.removesuffix(f".pdf{PART}") for one in found)

    def _part(self, name: str) -> Path:
        return self.path / f"{name}.pdf{PART}"

    def _sync(self) -> None:
        # A new name is on the disk only when its folder is.
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
