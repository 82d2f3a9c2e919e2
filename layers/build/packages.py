"""Fetches pinned packages for a machine that may be another, and cuts what no function uses."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local.bootstrap import TOOLS, cleaned


@dataclass(frozen=True)
class Target:
    """The machine that will import the packages; no platforms means this one."""

    platforms: tuple[str, ...]

    @classmethod
    def named(cls, architecture: str) -> "Target":
        """Return the target called ``arm64``, ``x86_64`` or ``host``. Raises KeyError."""
        return cls(_PLATFORMS[architecture])


# Lambda's Python 3.13 runs on Amazon Linux 2023, whose glibc is 2.34.
_PLATFORMS = {
    "arm64": ("manylinux_2_28_aarch64", "manylinux2014_aarch64"),
    "x86_64": ("manylinux_2_28_x86_64", "manylinux2014_x86_64"),
    "host": (),
}
KEPT = TOOLS / "packages"
"""Fetched packages, so that a build after a change of our own code needs no network."""
_UNUSED_FOLDERS = frozenset({"bin", "__pycache__", "tests", "test"})


def install(lock: Path, folder: Path, target: Target) -> None:
    """Put exactly what *lock* says into *folder*, fetching it when the lock file has changed.

    Raises CalledProcessError when a package cannot be had or its hash is wrong.
    """
    kept = KEPT / f"{lock.parent.name}-{'-'.join(target.platforms) or 'host'}"
    stamp = kept / ".made-from"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        shutil.rmtree(kept, ignore_errors=True)
        _fetch(lock, kept, target)
        stamp.write_text(wanted)
    shutil.copytree(kept, folder, ignore=shutil.ignore_patterns(stamp.name))


def _fetch(lock: Path, folder: Path, target: Target) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "--no-warn-conflicts"]
    for platform in target.platforms:
        command += ["--platform", platform]
    if target.platforms:
        command += ["--python-version", "3.13", "--implementation", "cp"]
    command += ["--requirement", str(lock), "--target", str(folder)]
    subprocess.run(command, check=True, env=cleaned(os.environ))


def strip(folder: Path) -> None:
    """Remove command-line scripts, tests and package metadata, which nothing reads at run time."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and (path.name in _UNUSED_FOLDERS or path.suffix == ".dist-info"):
            shutil.rmtree(path)


def compile_bytecode(folder: Path) -> None:
    """Write bytecode that Python uses without looking at dates.

    ``sam`` gives every file in its archives the same date, which makes ordinary bytecode stale.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-j", "2"]
    command += ["--invalidation-mode", "unchecked-hash", "."]
    subprocess.run(command, check=True, cwd=folder)


def settle_modes(folder: Path) -> None:
    """Give files and folders fixed modes, so that the builder's umask does not show."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
