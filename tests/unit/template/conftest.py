"""The template, read once, and what SAM makes of it, translated once."""

import pytest

from tests.unit.template import loading


@pytest.fixture(scope="session")
def template() -> loading.Template:
    return loading.load()


@pytest.fixture(scope="session")
def translated(template: loading.Template) -> loading.Template:
    return loading.translate(template)
