"""What a build or a deploy was made from, as a digest: an unchanged one is not repeated."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

_LEFT_OUT = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})


def digest(paths: Iterable[Path], extra: str = "") -> str:
    """Return the SHA-256 over the names and bytes of all files under *paths*, and *extra*."""
    total = hashlib.sha256(extra.encode())
    for file in sorted(_files(paths)):
        total.update(f"\0{file}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
        for file in path.rglob("*"):
            if file.is_file() and _LEFT_OUT.isdisjoint(file.parts):
                yield file


class Stamp:
    """Remembers in a file which digest a piece of work was last done for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def matches(self, digest: str) -> bool:
        """Tell whether the work was last finished for *digest*."""
        if not self._file.exists():
            return False
        saved = json.loads(self._file.read_text(encoding="utf-8"))
        return bool(saved["digest"] == digest)

    def set(self, digest: str) -> None:
        """Remember that the work is finished for *digest*."""
        self._file.write_text(json.dumps({"digest": digest}), encoding="utf-8")

    def clear(self) -> None:
        """Forget, before work begins that may fail half way."""
        self._file.unlink(missing_ok=True)
