"""The mask of a member at the command line, as it stands in the logs."""

from dataclasses import replace

import pytest

from ops.exits import Status
from portal.log import Masks, mask
from tests.unit.ops.counter import Counter

MEMBER_ID = "0123456789abcdefghjkmnpqrs"


def key() -> str:
    return "an invented key"


@pytest.mark.parametrize("wrong", ["", "abc", "001234x", MEMBER_ID.upper(), "1" * 21])
def test_what_is_neither_number_nor_id_is_refused(wrong: str) -> None:
    assert Counter().types("mask", wrong) == Status.USAGE


def test_the_key_is_not_asked_for_an_id() -> None:
    """The counter's desk has no secret and fails when it is asked for."""
    counter = Counter()

    assert counter.types("mask", MEMBER_ID) == Status.DONE
    assert mask(MEMBER_ID) in counter.text


@pytest.mark.parametrize("number", ["001234", "００１２３４", " 001-234 "])
def test_a_number_is_masked_as_sign_in_masks_it(number: str) -> None:
    counter = Counter()
    counter.desk = replace(counter.desk, mask_secret=key)

    assert counter.types("mask", number) == Status.DONE
    assert Masks(key)("001234") in counter.text
