"""Times sort as texts, days are Japan's, ids are random and of one shape."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.clock import JST, epoch, iso, jst_date, parse_iso, utc_now
from portal.ids import CROCKFORD, crockford, digest, new_member_id, new_token

Y2K = datetime(2000, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=36500)).map(lambda passed: Y2K + passed)


def test_now_is_aware_and_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@given(moments)
def test_a_moment_comes_back_whole(moment: datetime) -> None:
    assert parse_iso(iso(moment)) == moment


@given(moments, moments)
def test_texts_sort_as_moments_do(one: datetime, other: datetime) -> None:
    assert (iso(one) < iso(other)) == (one < other)


def test_a_full_second_is_written_with_six_decimals() -> None:
    """Without them "…05Z" would sort behind "…05.5Z"."""
    assert iso(datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)) == "2026-11-22T03:04:05.000000Z"


def test_a_moment_of_japan_is_written_in_utc() -> None:
    assert iso(datetime(2026, 11, 22, 0, 0, tzinfo=JST)) == "2026-11-21T15:00:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-11-22", "2026-11-22T03:04:05Z", "2026-11-22T03:04"),
        *("2026-W01-1T03:04:05.123456Z", "2026-11-22 03:04:05.123456Z"),
        *("2026-11-22T03:04:05,123456Z", "2026-11-22T03:04:05.12+00:0"),
    ],
)
def test_other_texts_are_no_moments(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not match|Invalid isoformat"):
        parse_iso(text)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, 999999, UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_begins_at_japans_midnight(moment: datetime, day: date) -> None:
    assert jst_date(moment) == day


def test_the_end_of_life_is_in_whole_seconds() -> None:
    assert epoch(datetime(1970, 1, 1, 0, 0, 1, 999999, UTC)) == 1


def test_a_token_has_256_bits_and_fits_a_cookie_and_a_path() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_a_member_id_is_26_lower_case_digits_of_crockford() -> None:
    ids = {new_member_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(set(one) <= set(CROCKFORD.lower()) and len(one) == 26 for one in ids)


def test_crockfords_digits_have_none_that_is_read_for_another() -> None:
    assert len(set(CROCKFORD)) == 32
    assert not set(CROCKFORD) & set("ILOU")
    assert set(crockford(5000)) == set(CROCKFORD)


def test_a_digest_is_sha256_in_hex() -> None:
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
