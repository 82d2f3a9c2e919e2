"""Looking at a page changes nothing, whichever page it is (ASVS V3.5.3)."""

import pytest

from tests.sessions_by_route import ROWS, SIGNED_IN, Row, Sessions, name
from tests.unit.members.desk import TABLES
from tests.unit.pages.test_sessions_by_route import MINE, THEIRS, House

HINT = "/member/billing/return"
"""GMO may send the browser back by GET too; what it brings is kept as evidence and is no state."""

GETS = [row for row in ROWS if row.method == "GET" and row.path != HINT]


@pytest.mark.parametrize("row", GETS, ids=name)
def test_a_get_of_any_page_writes_nothing(row: Row) -> None:
    """Seen red by a row that the page of contact deletes."""
    house = House.of(row)
    # Both ways about, so that somebody's own invoice is looked at as well as another's.
    for mine, theirs in ((MINE, THEIRS), (THEIRS, MINE)):
        sessions = Sessions(house.database, TABLES, mine, theirs, house.clock())
        for caller in SIGNED_IN:
            for cookie in sessions.cookies(caller):
                house.database.calls.clear()
                assert house.send(row, cookie).status < 500
                assert house.database.calls["write"] == 0


def test_there_are_pages_to_look_at() -> None:
    assert len(GETS) > 15
