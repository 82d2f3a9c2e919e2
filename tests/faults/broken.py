"""Shows that the rules see: breaks the code on purpose in a copy of the tree, and wants them red.

``python -m tests.faults.broken`` does it for each line below, ``... NUMBER`` for some. A break that
no rule sees, or whose line is no more in the code, ends it with 1.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.breaks import PAYMENTS, Break
from tests.faults.office_breaks import OFFICE

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("layers/common", "functions", "tests", "society.toml")
STEPS, SEED = 200_000, 5

BREAKS = (*PAYMENTS, *OFFICE)


def shown(one: Break) -> str:
    """Break a copy of the tree and return what the rules said; empty when they saw nothing."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in COPIED:
            copy(ROOT / name, root / name)
        broken = root / one.file
        broken.write_text(broken.read_text("utf-8").replace(one.old, one.new), "utf-8")
        command = [sys.executable, "-m", "tests.faults", "--steps", str(STEPS), "--first"]
        done = subprocess.run(
            [*command, "--seed", str(SEED)],
            cwd=root,
            env=os.environ | {"PYTHONPATH": "layers/common", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    said = [text.strip() for text in done.stdout.splitlines() if text.startswith("  ")]
    return next((text for text in said if one.red in text), "")


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder without what was compiled."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        return
    shutil.copy(source, target)


def main(numbers: list[str]) -> int:
    """Break what was chosen, one after the other, and tell what was seen."""
    blind = 0
    for number, one in enumerate(BREAKS, 1):
        if numbers and str(number) not in numbers:
            continue
        started = time.monotonic()
        said = shown(one) if one.count(ROOT) == 1 else ""
        blind += not said
        sys.stdout.write(
            f"{number:2} {'red ' if said else 'BLIND'} {time.monotonic() - started:4.0f} s  "
            f"{one.rule}\n            {said[:150]}\n"
        )
        sys.stdout.flush()
    return 1 if blind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
