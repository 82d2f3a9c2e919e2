"""Import budgets: what a cold start loads, function by function, in a fresh interpreter.

Each further module costs every first page of a process. The numbers are what is loaded today and
a little room; whoever needs more should know that they do.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import portal
from tests.unit.portal.test_config import SETTINGS
from tests.unit.portal.web import event

LAYER = Path(portal.__file__).parents[1]
ROOT = LAYER.parents[1]

HEAVY = {
    "pydantic",
    "pydantic_core",
    "requests",
    "urllib3",
    "boto3",
    "botocore.session",
    "botocore.client",
    "botocore.loaders",
    "typst",
    "bcrypt",
    "fontTools",
    "asyncio",
    "ssl",
    "concurrent.futures.thread",
}
PAGES = ("login", "password", "member", "billing", "receipt")
MOST = {
    "login": 235,
    "password": 240,
    "member": 240,
    "billing": 255,
    "receipt": 235,
    "gmo_webhook": 185,
    "mailer": 245,
    "mail_events": 290,
    "settlement": 295,
}


@cache
def loaded(name: str, then: str = "") -> frozenset[str]:
    """Return what importing a function's app.py loads, and running *then* in it."""
    program = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        f"from functions.{name}.app import handler\n"
        f"{then}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    environ = {
        **SETTINGS,
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{LAYER}{os.pathsep}{ROOT}",
        "LOG_LEVEL": "CRITICAL",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environ
    )
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout.splitlines()[-1]))


def test_every_function_has_its_budget() -> None:
    assert {path.parent.name for path in ROOT.glob("functions/*/app.py")} == set(MOST)


@pytest.mark.parametrize("name", [*PAGES, "gmo_webhook"])
def test_a_page_that_only_reads_starts_without_what_is_heavy(name: str) -> None:
    assert not loaded(name) & HEAVY


@pytest.mark.parametrize("name", ["mailer", "settlement"])
def test_what_runs_behind_starts_without_clients_fonts_and_hashes(name: str) -> None:
    assert not loaded(name) & (HEAVY - {"pydantic", "pydantic_core"})


@pytest.mark.parametrize("name", sorted(MOST))
def test_a_function_loads_no_more_than_its_budget(name: str) -> None:
    assert len(loaded(name)) <= MOST[name]


def test_the_door_for_notifications_needs_no_pages() -> None:
    assert not loaded("gmo_webhook") & {"jinja2", "portal.web.render", "portal.billing.settle"}


@pytest.mark.parametrize("resource", ["/member/login", "/member/help", "/{proxy+}"])
def test_a_page_without_data_is_served_without_a_client_of_aws(resource: str) -> None:
    then = f"assert handler({event(resource=resource)!r}, None)['body']"
    assert not loaded("login", then) & HEAVY
