"""Fixtures of the office's tests: a stack of their own, with nobody in it at the start."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.office.desk import OfficeDesk
from tests.stackfixture import fresh_stack, opened

OFFICE_FILE = "PORTAL_OFFICE_STACK"
"""Names the variable with the demo.json of a running stack to use instead of a new one."""


_FIRST = "test_year"
"""Begins with an empty stack; the others add members of their own."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Play the year first, however the others are shuffled."""
    items.sort(key=lambda item: item.path.stem != _FIRST)


@pytest.fixture(scope="session")
def empty_stack() -> Iterator[Path]:
    """The demo.json of a stack that began without members."""
    told = os.environ.get(OFFICE_FILE)
    if told:
        yield Path(told)
        return
    with fresh_stack(os.environ, demo=False) as demo_file:
        yield demo_file


@pytest.fixture
def desk(empty_stack: Path, tmp_path: Path) -> OfficeDesk:
    """A desk of the office, with a folder of its own for files."""
    return OfficeDesk(opened(empty_stack), empty_stack.parent, tmp_path)
