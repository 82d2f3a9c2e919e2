"""Fixtures of the tests against the deployed local stack."""

from collections.abc import Iterator

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import Client
from tests.stack.paying import Gmo
from tests.stack.world import World
from tests.stackfixture import LocalStack, local_stack

__all__ = ["backstage", "client", "gmo", "local_stack"]

_LAST = "test_secrets"
"""Looks at what all the others have left in the logs."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the look at the logs for the end, however the others are shuffled."""
    items.sort(key=lambda item: item.path.stem == _LAST)


@pytest.fixture
def client(local_stack: LocalStack) -> Client:
    """A visitor without a cookie."""
    return Client(local_stack.connect, local_stack.portal)


@pytest.fixture
def gmo(local_stack: LocalStack) -> Iterator[Gmo]:
    """The stand-in, well-behaved again afterwards and with nothing held back."""
    standin = Gmo(local_stack)
    yield standin
    standin.well()


@pytest.fixture
def backstage(local_stack: LocalStack) -> Backstage:
    """What is behind the pages."""
    return Backstage(local_stack)


@pytest.fixture(scope="module")
def world(local_stack: LocalStack) -> World:
    """Two members and a visitor for all cases of a file, none of which may change them."""
    return World.made(local_stack, Backstage(local_stack))
