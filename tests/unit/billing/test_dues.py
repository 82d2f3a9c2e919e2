"""Who is billed a year's dues by society.toml's rules, and who is not."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from portal.billing.account import Account
from portal.billing.dues import (
    Facts,
    Left,
    Why,
    check_year,
    decide,
    forfeits,
    unpaid_years,
    year_of,
)
from portal.billing.issue_invoice import Dues
from portal.billing.model import Invoice, InvoiceState
from portal.billing.office import OfficeError
from portal.config import MemberKind, load_society
from tests.unit.billing.house import MEMBER_ID, House

SOCIETY = replace(
    load_society(),
    dues_kinds=(
        MemberKind("正会員", 12_000, 0),
        MemberKind("賛助会員", 5_000, 2_500),
        MemberKind("名誉会員", 0, 0),
    ),
)
YEAR = 2027
DUES = year_of(SOCIETY, YEAR, None, None)
NOW = datetime(2027, 4, 1, 3, 0, tzinfo=UTC)
NOBODY = Account((), {}, {})


def invoice(
    year: int, state: InvoiceState = InvoiceState.UNPAID, due: date | None = None
) -> Invoice:
    return Invoice(
        member_id=MEMBER_ID,
        member_no="001234",
        invoice_id=f"{year:016}",
        title="会費",
        fiscal_year=year,
        amount=12_000,
        due_on=due or date(year, 6, 30),
        closes_on=date(year + 1, 3, 31),
        state=state,
    )


def account(*invoices: Invoice) -> Account:
    return Account(invoices, {}, {})


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        (Facts(), 12_000),
        (Facts(kind="正会員"), 12_000),
        (Facts(kind="賛助会員"), 5_000),
        (Facts(kind="賛助会員", on_leave=True), 2_500),
        (Facts(on_leave=True), Why.ON_LEAVE),
        (Facts(kind="名誉会員"), Why.FREE),
        (Facts(kind="名誉会員", on_leave=True), Why.ON_LEAVE),
        (Facts(exempt=True), Why.EXEMPT),
        (Facts(kind="特別会員", exempt=True), Why.EXEMPT),
        (Facts(withdrawn=True), Why.WITHDRAWN),
        (Facts(withdrawn=True, exempt=True, on_leave=True), Why.WITHDRAWN),
        (Facts(kind="特別会員"), Why.UNKNOWN_KIND),
        (Facts(kind="特別会員", on_leave=True), Why.UNKNOWN_KIND),
        (Facts(kind="正会員 "), Why.UNKNOWN_KIND),
    ],
    ids=str,
)
def test_what_a_member_owes_follows_from_where_they_stand(facts: Facts, owed: int | Why) -> None:
    decided = decide(facts, NOBODY, DUES, SOCIETY, NOW)
    if isinstance(owed, Why):
        assert decided == Left(owed)
    else:
        assert decided == replace(DUES, amount=owed)


@pytest.mark.parametrize("state", list(InvoiceState))
@pytest.mark.parametrize("facts", [Facts(), Facts(withdrawn=True), Facts(kind="特別会員")], ids=str)
def test_a_year_is_never_billed_a_second_time_whatever_became_of_it(
    state: InvoiceState, facts: Facts
) -> None:
    decided = decide(facts, account(invoice(YEAR, state)), DUES, SOCIETY, NOW)
    assert decided == Left(Why.BILLED)


@pytest.mark.parametrize(
    ("unpaid", "billed"),
    [
        ((), True),
        ((2026,), True),
        ((2025, 2026), False),
        ((2023, 2026), False),
        ((2024, 2025, 2026), False),
    ],
    ids=str,
)
def test_whoever_owes_two_years_is_billed_no_third(unpaid: tuple[int, ...], billed: bool) -> None:
    owed = account(*(invoice(year) for year in unpaid))
    decided = decide(Facts(), owed, DUES, SOCIETY, NOW)
    if billed:
        assert decided == replace(DUES, amount=12_000)
    else:
        assert decided == Left(Why.FORFEITING, owed.invoices)


def test_how_many_unpaid_years_end_billing_is_the_societys() -> None:
    patient = replace(SOCIETY, dues_stop_after_unpaid_years=3)
    owed = account(invoice(2025), invoice(2026))
    assert decide(Facts(), owed, DUES, patient, NOW) == replace(DUES, amount=12_000)


@pytest.mark.parametrize("ended", [one for one in InvoiceState if one is not InvoiceState.UNPAID])
def test_a_year_that_is_not_owed_any_more_does_not_count(ended: InvoiceState) -> None:
    owed = account(invoice(2025, ended), invoice(2026))
    assert not forfeits(unpaid_years(owed, NOW), SOCIETY)


def test_a_year_counts_as_unpaid_from_the_day_after_its_due_day() -> None:
    today = date(2027, 4, 1)
    for due, counts in ((today, False), (date(2027, 3, 31), True)):
        owed = account(invoice(2025), invoice(2026, due=due))
        assert forfeits(unpaid_years(owed, NOW), SOCIETY) is counts


def test_the_due_day_ends_at_midnight_in_japan() -> None:
    owed = account(invoice(2025), invoice(2026, due=date(2027, 3, 31)))
    last = datetime(2027, 3, 31, 14, 59, 59, tzinfo=UTC)
    assert not forfeits(unpaid_years(owed, last), SOCIETY)
    assert forfeits(unpaid_years(owed, last.replace(hour=15, minute=0)), SOCIETY)


def test_two_invoices_of_one_year_are_one_year() -> None:
    owed = account(invoice(2026), replace(invoice(2026), invoice_id="another"))
    assert decide(Facts(), owed, DUES, SOCIETY, NOW) == replace(DUES, amount=12_000)


def test_a_year_whose_slip_is_open_is_not_unpaid_yet() -> None:
    house = House()
    house.slip(house.bill(2026))
    now = house.clock.tick(days=45)
    assert unpaid_years(house.account(), now) == ()


# The year and its days


@pytest.mark.parametrize(
    ("due", "closes", "expected"),
    [
        (None, None, (date(2027, 6, 30), date(2028, 3, 31))),
        (date(2028, 1, 31), None, (date(2028, 1, 31), date(2028, 3, 31))),
        (date(2028, 3, 31), None, (date(2028, 3, 31), date(2028, 3, 31))),
        (date(2028, 4, 1), None, (date(2028, 4, 1), date(2029, 3, 31))),
        (None, date(2027, 12, 31), (date(2027, 6, 30), date(2027, 12, 31))),
    ],
    ids=str,
)
def test_the_days_of_a_year_are_the_societys_unless_given(
    due: date | None, closes: date | None, expected: tuple[date, date]
) -> None:
    dues = year_of(SOCIETY, YEAR, due, closes)
    assert (dues.due_on, dues.closes_on) == expected
    assert (dues.fiscal_year, dues.title) == (2027, "2027年度 年会費")


def test_another_society_has_the_calendar_year_and_a_title_of_its_own() -> None:
    other = replace(
        SOCIETY,
        dues_title="Membership {year}",
        dues_year_begins="01-01",
        dues_due="01-31",
        dues_closes="12-31",
    )
    dues = year_of(other, 2027, None, None)
    assert dues == Dues(2027, "Membership 2027", 0, date(2027, 1, 31), date(2027, 12, 31))


def test_a_due_day_before_the_years_first_is_in_the_next_calendar_year() -> None:
    late = replace(SOCIETY, dues_due="02-28", dues_closes="02-28")
    dues = year_of(late, 2027, None, None)
    assert (dues.due_on, dues.closes_on) == (date(2028, 2, 28), date(2028, 2, 28))


@pytest.mark.parametrize(
    ("year", "due", "closes", "said"),
    [
        (2027, date(2027, 4, 1), None, ""),
        (2027, date(2027, 3, 31), None, "支払期日が過ぎています"),
        (2026, None, None, "支払期日が過ぎています"),
        (2026, date(2027, 5, 31), None, ""),
        (2027, date(2027, 7, 31), date(2027, 7, 30), "最終日が支払期日より前"),
        (2027, date(2037, 6, 30), None, "遠すぎます"),
        (2027, date(2028, 3, 31), None, ""),
        (2027, date(2028, 4, 1), None, "2027年度の終わりより後"),
        (2027, date(2028, 6, 30), None, "2027年度の終わりより後"),
        (2028, date(2029, 3, 31), None, ""),
        (2028, date(2029, 6, 30), None, "2028年度の終わりより後"),
        (2026, date(2028, 3, 31), None, ""),
        (2026, date(2028, 6, 30), None, "2026年度の終わりより後"),
        (2027, None, date(2030, 4, 3), ""),
        (2027, None, date(2030, 4, 4), "遠すぎます"),
        (2028, None, None, ""),
        (2029, None, None, "早すぎます"),
        (2072, None, None, "早すぎます"),
    ],
)
def test_a_year_that_cannot_be_meant_is_refused(
    year: int, due: date | None, closes: date | None, said: str
) -> None:
    dues = year_of(SOCIETY, year, due, closes)
    if not said:
        check_year(dues, SOCIETY, NOW)
        return
    with pytest.raises(OfficeError) as refused:
        check_year(dues, SOCIETY, NOW)
    assert said in refused.value.reason


def test_before_april_the_year_after_next_is_too_early() -> None:
    march = datetime(2027, 3, 31, 14, 59, tzinfo=UTC)
    check_year(year_of(SOCIETY, 2027, None, None), SOCIETY, march)
    with pytest.raises(OfficeError):
        check_year(year_of(SOCIETY, 2028, None, None), SOCIETY, march)
