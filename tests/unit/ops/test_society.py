"""A deployment to members needs the society's real facts."""

import pytest

from ops.deploy import Refused, check_society

PLACEHOLDER = 'address = "東京都（事務局の所在地を記入）"'


def test_production_refuses_what_was_not_filled_in() -> None:
    with pytest.raises(Refused, match="所在地を記入"):
        check_society("production", PLACEHOLDER)


def test_staging_may_be_deployed_before_the_facts_are_known() -> None:
    check_society("staging", PLACEHOLDER)


def test_production_takes_a_society_that_is_filled_in() -> None:
    check_society("production", 'phone = "03-1234-5678"')
