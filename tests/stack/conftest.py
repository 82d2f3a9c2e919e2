"""Fixtures of the tests against the deployed local stack."""

import pytest

from tests.stack.client import Client
from tests.stackfixture import LocalStack, local_stack

__all__ = ["client", "local_stack"]


@pytest.fixture
def client(local_stack: LocalStack) -> Client:
    """A visitor without a cookie."""
    return Client(local_stack.connect, local_stack.portal)
