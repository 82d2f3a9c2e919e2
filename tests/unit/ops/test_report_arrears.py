"""``report arrears``: who owes how many years, and whose qualification is at stake (L22)."""

from dataclasses import replace
from datetime import date

import pytest

from portal.billing.model import InvoiceState
from portal.members.standing import Membership
from tests.unit.billing.house import MEMBER_NO, OTHER_ID
from tests.unit.billing.test_sums import invoice as an_invoice
from tests.unit.ops.test_reports import Office


@pytest.fixture
def office() -> Office:
    return Office()


def test_who_owes_two_years_stands_with_amount_and_day(office: Office) -> None:
    office.writes(
        *(an_invoice(f"i{year}", year, state=InvoiceState.UNPAID) for year in (2024, 2025, 2026))
    )
    (one,) = office.report("arrears")
    assert (one["member_no"], one["number"], one["years"]) == (MEMBER_NO, 3, "2024・2025・2026")
    assert (one["yen"], one["oldest_due"]) == (36_000, "2024-06-30")
    assert (one["forfeit"], one["forfeit_on"]) == ("対象", "2025-07-01")


def test_one_year_is_listed_on_wish_with_the_day_that_is_ahead(office: Office) -> None:
    office.writes(
        an_invoice("i1", 2026, state=InvoiceState.UNPAID),
        replace(an_invoice("i2", 2027, state=InvoiceState.UNPAID), due_on=date(2027, 6, 30)),
    )
    assert office.report("arrears") == []
    (one,) = office.report("arrears", "--years", "1")
    assert (one["forfeit"], one["forfeit_on"]) == ("次の期日を過ぎると対象", "2027-07-01")


def test_who_left_owes_and_has_no_qualification_to_lose(office: Office) -> None:
    """As dues are billed: 退会 is told before 資格喪失, and nobody who left is warned."""
    office.joins(Membership.WITHDRAWN)
    office.writes(
        *(
            replace(an_invoice(f"i{year}", year, state=InvoiceState.UNPAID), member_id=OTHER_ID)
            for year in (2024, 2025)
        )
    )
    (one,) = office.report("arrears")
    assert (one["membership"], one["yen"]) == ("退会", 24_000)
    assert (one["forfeit"], one["forfeit_on"]) == ("", "")
    office.types("report", "arrears")
    assert "資格喪失の対象 0人" in office.text


def test_whose_slip_is_open_is_told_so(office: Office) -> None:
    office.house.slip()
    office.clock.tick(days=45)
    (one,) = office.report("arrears", "--years", "1")
    assert one["waits"] == "コンビニ支払い待ち"
    assert one["forfeit"] == ""
