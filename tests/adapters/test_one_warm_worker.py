"""Two members who use one warm worker in turn never see a byte of each other."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.adapters.house import REGION, TABLES
from tests.adapters.test_clients import ENVIRON
from tests.unit.portal.test_config import SETTINGS

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """Let both walk through every route, in a process that is nobody else's."""
    names = {f"{name.upper()}_TABLE": name for name in TABLES.__dataclass_fields__}
    secrets = {f"{name.upper()}_SECRET_ARN": name for name in ("pepper", "mask", "gmo")}
    settings = {**SETTINGS, **names, **secrets, "GMO_API_BASE": NOBODY, "BCRYPT_COST": "4"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.adapters.warm_worker"],
        capture_output=True,
        text=True,
        check=False,
        env={**ENVIRON, **settings, "AWS_DEFAULT_REGION": REGION, "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_answer_to_one_holds_anything_of_the_other(report: dict[str, Any]) -> None:
    """Seen red by a renderer that adds the context of the page before to each page."""
    assert report["leaks"] == []


def test_each_saw_all_of_their_own(report: dict[str, Any]) -> None:
    """Otherwise there was nothing that could have leaked."""
    assert report["unseen"] == [[], []]


def test_each_receipt_is_its_members_to_the_byte(report: dict[str, Any]) -> None:
    assert report["receipts"] == [True, True]


def test_the_modules_hold_nothing_of_either_afterwards(report: dict[str, Any]) -> None:
    """Caches and constants of every module; seen red by a list of the records that were read."""
    assert report["held"] == []
