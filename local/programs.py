"""The command-line tools that local/bootstrap.py installed, each in an environment of its own."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.settings import ROOT


class NotInstalled(Exception):
    """A tool is not there; the text says which and how to get it."""


@dataclass(frozen=True)
class Programs:
    """Paths of what the local stack starts."""

    python: Path
    sam: Path
    ministack: Path

    @classmethod
    def installed(cls, root: Path = ROOT) -> "Programs":
        """Return the installed tools. Raises NotInstalled naming the first that is absent."""
        found = cls(
            python=root / ".venv/bin/python",
            sam=root / ".tools/sam/bin/sam",
            ministack=root / ".tools/ministack/bin/ministack",
        )
        for program in (found.python, found.sam, found.ministack):
            if not program.exists():
                raise NotInstalled(f"{program.relative_to(root)} is missing: `make run` sets it up")
        return found

    def first_on_path(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return *environ* with our Python first, the one that the build's makefiles call."""
        path = environ.get("PATH", os.defpath)
        return {**environ, "PATH": f"{self.python.parent}{os.pathsep}{path}"}
