"""Amounts, days and columns in a plain text."""

import pytest

from portal.mail.wording import column, deadline, yen


def test_yen_are_grouped_by_thousands() -> None:
    assert yen(1234567) == "1,234,567円"


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("2026-12-06T14:59:59.000000Z", "2026年12月6日（日）23時59分まで"),
        ("2026-12-06T15:00:00.000000Z", "2026年12月7日（月）0時00分まで"),
        ("2026-12-06", "2026年12月6日（日）まで"),
    ],
)
def test_a_deadline_is_told_in_japans_time(term: str, written: str) -> None:
    assert deadline(term) == written


@pytest.mark.parametrize("term", ["", "20261206235959", "2026-13-01"])
def test_a_deadline_is_never_guessed(term: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        deadline(term)


@pytest.mark.parametrize("text", ["件名", "お支払い日", "第1番号", "ABC"])
def test_a_column_is_filled_to_its_width(text: str) -> None:
    filled = column(text, 16)
    assert sum(2 if ord(one) > 255 else 1 for one in filled) == 16


def test_a_text_wider_than_its_column_is_not_cut() -> None:
    assert column("お支払い期限", 4) == "お支払い期限"
