"""Folding of the member number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.member_number import LONGEST, NotANumber, fold


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "　",
        "-",
        "ー",
        "O01234",
        "00l234",
        "１２a",
        "12.3",
        "１２，３",
        "😀",
        "<b>1</b>",
        "٣٤",
        "①②",
        "²",
        "1\x00",
        "1\x07",
        "+81",
        "1" * (LONGEST + 1),
    ],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(NotANumber):
        fold(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "001234",
        "００１２３４",
        " 001234 ",
        "　001234　",
        "00-1234",
        "00－1234",
        "00ー1234",
        "00−1234",
        "00‐12–34",
        "0 0 1 2 3 4",
        "001234\r\n",
        "\ufeff001234\u200b",
    ],
)
def test_the_ways_to_type_one_number_are_one(typed: str) -> None:
    assert fold(typed) == "001234"


def test_leading_zeros_are_kept_and_never_added() -> None:
    assert fold("1234") == "1234"
    assert fold("0001234") == "0001234"


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(typed: str) -> None:
    """Nothing but digits ever comes out, so a key of a table is always harmless."""
    try:
        number = fold(typed)
    except NotANumber:
        return
    assert set(number) <= set("0123456789")
    assert 0 < len(number) <= LONGEST


@given(st.from_regex("[0-9]{1,20}", fullmatch=True))
def test_a_canonical_number_stays_as_it_is(number: str) -> None:
    assert fold(number) == number
