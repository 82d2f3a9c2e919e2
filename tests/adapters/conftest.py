"""DynamoDB in process, and the contract's two databases."""

from collections.abc import Iterator

import pytest

from portal.database import Database
from tests.adapters.house import Dynamo, dynamo
from tests.fakes import MemoryDatabase


@pytest.fixture
def aws() -> Iterator[Dynamo]:
    with dynamo() as made:
        yield made


@pytest.fixture(params=["memory", "dynamo"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each database in turn: whatever a test of the contract finds must hold for both."""
    if request.param == "memory":
        yield MemoryDatabase()
        return
    with dynamo() as made:
        yield made.database
