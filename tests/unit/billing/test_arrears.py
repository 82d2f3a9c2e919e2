"""Who owes what, and from which day the qualification is at stake (L22)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.billing.account import Account
from portal.billing.arrears import Arrears, arrears
from portal.billing.model import Flag, Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.reminders import Why
from portal.config import load_society
from tests.unit.billing.test_sums import invoice as an_invoice
from tests.unit.billing.test_sums import payment as a_payment

SOCIETY = replace(load_society(), dues_stop_after_unpaid_years=2)
NOW = datetime(2027, 7, 1, 3, 0, tzinfo=UTC)


def year(number: int, state: InvoiceState = InvoiceState.UNPAID) -> Invoice:
    return an_invoice(f"y{number}", number, 12_000, state)


def owed(*invoices: Invoice, now: datetime = NOW, payments: tuple[Payment, ...] = ()) -> Arrears:
    found = arrears(Account(invoices, {one.order_id: one for one in payments}, {}), SOCIETY, now)
    assert found is not None
    return found


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - {InvoiceState.UNPAID}))
def test_who_owes_nothing_is_in_no_arrears(state: InvoiceState) -> None:
    assert arrears(Account((year(2026, state),), {}, {}), SOCIETY, NOW) is None


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (datetime(2027, 6, 30, 14, 59, tzinfo=UTC), False),
        (datetime(2027, 6, 30, 15, 0, tzinfo=UTC), True),
    ],
)
def test_a_year_is_owed_from_the_day_after_its_due_day_in_japan(now: datetime, late: bool) -> None:
    assert (arrears(Account((year(2027),), {}, {}), SOCIETY, now) is not None) is late


def test_two_years_are_summed_and_the_qualification_is_at_stake() -> None:
    found = owed(year(2027), year(2026))
    assert (found.years, found.yen) == ((2026, 2027), 24_000)
    assert (found.forfeits_on, found.ahead) == (date(2027, 6, 30), False)


def test_one_year_alone_puts_nothing_at_stake() -> None:
    found = owed(year(2026))
    assert (found.forfeits_on, found.ahead) == (None, False)


def test_with_the_next_due_day_it_will_be_at_stake() -> None:
    found = owed(year(2026), year(2027), now=datetime(2027, 6, 1, tzinfo=UTC))
    assert found.years == (2026,)
    assert (found.forfeits_on, found.ahead) == (date(2027, 6, 30), True)


def test_a_past_year_that_was_billed_late_puts_it_at_stake_with_its_own_due_day() -> None:
    late = replace(year(2025), due_on=date(2027, 6, 25))
    assert owed(late, year(2026)).forfeits_on == date(2027, 6, 25)


def test_of_two_due_days_ahead_the_nearer_counts() -> None:
    late = replace(year(2025), due_on=date(2027, 8, 31))
    near = replace(year(2027), due_on=date(2027, 7, 31))
    assert owed(late, year(2026), near).forfeits_on == date(2027, 7, 31)


def test_a_year_that_was_billed_twice_counts_once() -> None:
    again = replace(year(2026), invoice_id="again")
    assert owed(year(2026), again).forfeits_on is None


def test_while_money_may_be_on_its_way_that_year_does_not_count() -> None:
    slip = replace(a_payment("y2027", at=None, method=Method.CVS, state=PaymentState.SLIP))
    held = replace(year(2027), live_order=slip.order_id)
    found = owed(year(2026), held, payments=(slip,))
    assert found.years == (2026, 2027)
    assert (found.waits, found.forfeits_on) == (Why.SLIP, None)


def test_money_that_the_office_looks_into_holds_its_year_back() -> None:
    odd = replace(a_payment("y2027"), flag=Flag.MISMATCH)
    found = owed(year(2026), year(2027), payments=(odd,))
    assert (found.waits, found.forfeits_on) == (Why.CHECKING, None)
