"""``python -m layers.build layer common DIR`` and ``python -m layers.build function login DIR``.

BUILD_ARCHITECTURE says for which machine packages are fetched: ``arm64`` (the default, as
template.yaml's) or ``x86_64`` for AWS, ``host`` for this machine.
"""

import os
import re
import sys
from pathlib import Path

from layers.build import functions, layers
from layers.build.packages import Target


def snake(name: str) -> str:
    """Return the folder of a function or layer from its logical id: GmoWebhook is gmo_webhook."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def main(kind: str, name: str, artifacts: Path) -> None:
    """Build one artifact into *artifacts*. Raises KeyError for an unknown layer."""
    if sys.version_info[:2] != (3, 13):
        raise SystemExit("bytecode must come from Python 3.13, the functions' runtime")
    if kind == "function":
        functions.build(snake(name), artifacts)
        return
    target = Target.named(os.environ.get("BUILD_ARCHITECTURE", "arm64"))
    layers.BUILDERS[snake(name)](artifacts / "python", target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
