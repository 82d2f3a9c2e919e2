"""The same as test_letters_stopped.py with a process of its own and the signal itself."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops.exits import Status
from tests.unit.ops.letters_killed import journalled
from tests.unit.ops.letters_office import LetterOffice

ROOT = Path(__file__).resolve().parents[3]


# After a print, amid the passwords, before and after a batch is complete, and named.
@pytest.mark.parametrize("point", [2, 5, 7, 8, 10, 16])
def test_after_kill_9_the_next_run_leaves_one_working_letter_each(
    tmp_path: Path, point: int
) -> None:
    (tmp_path / "journal").touch()
    killed = subprocess.run(
        [sys.executable, "-m", "tests.unit.ops.letters_killed", str(tmp_path), str(point)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'layers/common'}:{ROOT}"},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    office = LetterOffice(tmp_path)
    for writes in journalled(tmp_path / "journal"):
        office.database.commit(*writes)
    assert all(office.works(*letter) for letter in office.letters())
    assert office.issue() is Status.DONE, office.text
    assert sorted(number for number, _ in office.letters()) == office.numbers
    assert all(office.works(*letter) for letter in office.letters())
    assert office.parts() == []
