"""A sample of the Big List of Naughty Strings through every form of the deployed stack.

All of them go through all fields in tests/unit/pages/test_naughty_strings.py; here the gateway, the
functions as they are packed and the tables take part.
"""

from collections.abc import Iterator

import pytest

from tests.naughty import NAUGHTY, spread
from tests.stack.forms import ROWS, Row
from tests.stack.inputs import sent
from tests.stack.world import World
from tests.stackfixture import LocalStack

WITH_FIELDS = [row for row in ROWS if row.fields]
SAMPLE = spread(10)
LONG = [text for text in SAMPLE if len(text) >= 10]
"""Texts that stand in no log for reasons of their own."""


@pytest.mark.parametrize("row", WITH_FIELDS, ids=lambda row: row.path)
def test_no_text_is_an_error_and_none_reaches_a_log(world: World, row: Row) -> None:
    for text in SAMPLE:
        for answer in sent(world, row, text):
            assert 200 <= answer.status < 500, (text, answer.status)
            assert answer.header("x-content-type-options") == "nosniff"
    told = "\n".join(_logs(world.stack))
    assert [text for text in LONG if text in told] == []


def test_the_sample_is_of_the_list_and_has_texts_to_look_for() -> None:
    assert set(SAMPLE) <= set(NAUGHTY)
    assert len(LONG) >= 4


def _logs(stack: LocalStack) -> Iterator[str]:
    client = stack.aws.client("logs")
    for logical, group in stack.resources.items():
        if logical.endswith("LogGroup") and logical != "ApiLogGroup":
            pages = client.get_paginator("filter_log_events").paginate(logGroupName=group)
            yield from (event["message"] for page in pages for event in page["events"])
