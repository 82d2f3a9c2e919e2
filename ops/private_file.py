"""A file that only its owner can read: a letter, a receipt, a picture for the office."""

import os
from contextlib import suppress
from pathlib import Path

PART = ".part"
"""What a name ends with while its file is not to be used."""


def write_private(path: Path, content: bytes) -> None:
    """Write a file, readable by its owner alone, until it is on the disk; replace an older one."""
    with suppress(FileNotFoundError):
        path.unlink()
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
