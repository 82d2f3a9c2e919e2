"""Writes every lock file anew from its ``.in`` file: names, versions and hashes, no addresses.

The order matters: the development environment is held to the versions that the layers ship.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("layers/common/requirements", ()),
    ("layers/receipt/requirements", ()),
    ("layers/receipt/font", ("--no-deps",)),
    ("requirements/dev", ()),
    ("requirements/sam", ()),
    ("requirements/ministack", ()),
    ("requirements/mutation", ()),
    ("requirements/wapiti", ()),
    ("requirements/schemathesis", ()),
    ("requirements/codecheck", ()),
    ("requirements/postcodes", ("--no-deps",)),
)
OPTIONS = (
    "--quiet",
    "--upgrade",
    "--python-version=3.13",
    # One file for Linux and macOS, for x86_64 and arm64.
    "--universal",
    "--generate-hashes",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
)


def main() -> None:
    """Compile each source; raise CalledProcessError when one cannot be resolved."""
    uv = Path(sys.executable).with_name("uv")
    for name, more in SOURCES:
        command = [str(uv), "pip", "compile", *OPTIONS, *more]
        subprocess.run(
            [*command, f"{name}.in", "--output-file", f"{name}.txt"], cwd=ROOT, check=True
        )


if __name__ == "__main__":
    main()
