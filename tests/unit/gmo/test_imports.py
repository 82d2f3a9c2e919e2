"""What a page that only reads may import stays light."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import portal

LAYER = str(Path(portal.__file__).parents[1])
HEAVY = {"pydantic", "pydantic_core", "requests", "urllib3", "botocore", "boto3"}


def loaded_by(module: str) -> set[str]:
    """Top-level names in sys.modules of a fresh interpreter after importing *module*."""
    program = (
        f"import sys, json; sys.path.insert(0, {LAYER!r}); import {module}; "
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    names: list[str] = json.loads(done.stdout)
    return set(names)


@pytest.mark.parametrize("name", ["model", "errors", "link", "notification", "returning"])
def test_reading_modules_import_neither_pydantic_nor_requests(name: str) -> None:
    assert not loaded_by(f"portal.gmo.{name}") & HEAVY


def test_the_transport_imports_requests_only_when_it_sends() -> None:
    assert not loaded_by("portal.gmo.transport") & HEAVY


def test_the_client_checks_with_pydantic_and_leaves_http_to_the_transport() -> None:
    assert loaded_by("portal.gmo.client") & HEAVY == {"pydantic", "pydantic_core"}
