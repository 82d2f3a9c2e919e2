"""``members anonymise`` while something else happens to the same member."""

from dataclasses import replace
from pathlib import Path

import pytest

from ops.exits import Status
from portal.database import Write
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import MEMBER_ID
from tests.unit.ops.leavers import an_office, runs
from tests.unit.ops.test_access import Office
from tests.unit.ops.test_anonymise import odd_money


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return an_office(tmp_path)


def test_money_that_comes_at_that_very_moment_keeps_its_payer(office: Office) -> None:
    """Whoever is to give it back needs the name."""

    class PaidMeanwhile(MemoryDatabase):
        writes = 0

        def commit(self, *writes: Write) -> None:
            super().commit(*writes)
            self.writes += 1
            if self.writes == 1:
                odd_money(office)

    racing = PaidMeanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    assert runs(office, "--yes") == Status.PARTLY
    assert "返金も充当もしていない" in office.text
    assert office.desk.store.account(MEMBER_ID).payments["D18-2"].payer_name == "山田 花子"
    assert office.member().record.family_name == "山田"
