"""A few hundred members killed in the middle; ``make office`` plays the same with 20,000."""

import pytest

from tests.office.desk import OfficeDesk
from tests.office.scale import played

MEMBERS = 400


@pytest.mark.timeout(600)
def test_what_was_killed_is_finished_by_typing_it_again_and_nothing_is_there_twice(
    desk: OfficeDesk,
) -> None:
    runs = played(desk, MEMBERS, lambda _: None)
    assert [run.killed_at is not None for run in runs] == [True, False, True, False]
