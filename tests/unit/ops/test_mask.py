"""The mask of a member at the command line, as it stands in the logs."""

import pytest

from ops.__main__ import parser
from ops.desk import DONE
from ops.mask import masked
from portal.log import Masks, mask

MEMBER_ID = "0123456789abcdefghjkmnpqrs"


def key() -> str:
    return "an invented key"


def typed(identity: str) -> str:
    wanted: str = parser().parse_args(["--stage", "production", "mask", identity]).identity
    return wanted


@pytest.mark.parametrize("wrong", ["", "abc", "001234x", MEMBER_ID.upper(), "1" * 21])
def test_what_is_neither_number_nor_id_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit):
        typed(wrong)


def test_the_key_is_not_asked_for_an_id() -> None:
    said: list[str] = []

    def never() -> str:
        raise AssertionError

    assert masked(typed(MEMBER_ID), never, said.append) == DONE
    assert mask(MEMBER_ID) in said[0]


@pytest.mark.parametrize("number", ["001234", "００１２３４", " 001-234 "])
def test_a_number_is_masked_as_sign_in_masks_it(number: str) -> None:
    said: list[str] = []
    assert masked(typed(number), key, said.append) == DONE
    assert Masks(key)("001234") in said[0]
