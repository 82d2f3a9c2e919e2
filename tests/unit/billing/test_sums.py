"""Money adds up: nothing of an invoice or a payment is counted twice or not at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.billing.model import Flag, Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.reported import Entry
from portal.billing.sums import CAME, Billed, By, Received, Sum
from tests.unit.billing.house import MEMBER_ID

MIDNIGHT = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
"""The first moment of April in Japan."""


def invoice(
    ident: str = "i1", year: int = 2026, yen: int = 12_000, state: InvoiceState = InvoiceState.PAID
) -> Invoice:
    return Invoice(
        member_id=MEMBER_ID,
        member_no="001234",
        invoice_id=ident,
        title="会費",
        fiscal_year=year,
        amount=yen,
        due_on=date(year, 6, 30),
        closes_on=date(year + 1, 3, 31),
        state=state,
    )


def payment(
    ident: str = "i1",
    yen: int = 12_000,
    at: datetime | None = MIDNIGHT,
    method: Method = Method.CARD,
    state: PaymentState = PaymentState.PAID,
) -> Payment:
    return Payment(
        member_id=MEMBER_ID,
        order_id=f"D26-{ident}",
        invoice_id=ident,
        method=method,
        amount=yen,
        attempt=1,
        created_at=MIDNIGHT,
        link_expires_at=MIDNIGHT,
        term_days=0,
        state=state,
        paid_amount=yen if state in CAME else 0,
        paid_at=at,
    )


def received(*entries: Entry, year: int | None = 2026, by: By = By.DAY) -> Received:
    made = Received(year, by)
    for one in entries:
        made.add(one)
    made.end()
    return made


# What was billed


@given(st.lists(st.tuples(st.sampled_from(InvoiceState), st.integers(1, 99_999))))
def test_what_was_billed_is_paid_open_waived_cancelled_or_given_back(
    invoices: list[tuple[InvoiceState, int]],
) -> None:
    billed = Billed()
    for state, yen in invoices:
        billed.add(invoice(yen=yen, state=state))
    assert billed.total == Sum(len(invoices), sum(yen for _, yen in invoices))
    for state in InvoiceState:
        mine = [yen for one, yen in invoices if one is state]
        assert billed.by_state[state] == Sum(len(mine), sum(mine))


def test_one_year_has_its_own_invoices_only() -> None:
    billed = Billed(2026)
    billed.add(invoice())
    billed.add(invoice("i2", year=2025))
    billed.add(payment())
    assert billed.total == Sum(1, 12_000)


def test_nothing_billed_is_nothing() -> None:
    assert Billed().total == Sum()


# What came in


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Method),
            st.integers(0, 99_999),
            st.integers(0, 500 * 24),
            st.sampled_from(sorted(CAME)),
        )
    ),
    st.sampled_from(By),
)
def test_by_day_week_and_month_the_whole_is_the_same(
    money: list[tuple[Method, int, int, PaymentState]], by: By
) -> None:
    entries: list[Entry] = []
    for place, (method, yen, hours, state) in enumerate(money):
        at = MIDNIGHT + timedelta(hours=hours)
        entries += [invoice(f"i{place}"), payment(f"i{place}", yen, at, method, state)]
    found = received(*entries, by=by)
    assert found.total.total == Sum(len(money), sum(yen for _, yen, _, _ in money))
    assert sum(line.total.yen for _, line in found.in_order()) == found.total.total.yen
    gone = sum(yen for _, yen, _, state in money if state is PaymentState.REFUNDED)
    assert found.total.kept == found.total.total.yen - gone


@pytest.mark.parametrize(
    ("moment", "by", "begins"),
    [
        (MIDNIGHT - timedelta(microseconds=1), By.DAY, date(2026, 3, 31)),
        (MIDNIGHT, By.DAY, date(2026, 4, 1)),
        (MIDNIGHT - timedelta(microseconds=1), By.MONTH, date(2026, 3, 1)),
        (MIDNIGHT, By.MONTH, date(2026, 4, 1)),
        (datetime(2026, 12, 31, 14, 59, tzinfo=UTC), By.DAY, date(2026, 12, 31)),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), By.MONTH, date(2027, 1, 1)),
        # A Friday; its week begins in the year before.
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), By.WEEK, date(2026, 12, 28)),
    ],
)
def test_days_end_at_midnight_in_japan(moment: datetime, by: By, begins: date) -> None:
    assert list(received(invoice(), payment(at=moment), by=by).lines) == [begins]


@pytest.mark.parametrize("by", By)
@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_time_after_is_the_next_and_holds_no_day_of_this(by: By, day: date) -> None:
    begins = by.begins(day)
    assert begins <= day < by.after(begins)
    assert by.begins(by.after(begins)) == by.after(begins)
    assert by.begins(by.after(begins) - timedelta(days=1)) == begins


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_rows_come_a_year_has_its_own_money(order: tuple[int, ...]) -> None:
    entries: list[Entry] = [
        invoice("i1"),
        payment("i1", 1),
        invoice("i2", year=2025),
        payment("i2", 10),
    ]
    assert received(*(entries[place] for place in order)).total.total == Sum(1, 1)


def test_of_all_years_each_payment_counts_once() -> None:
    found = received(payment("i1", 1), payment("i2", 10), year=None)
    assert found.total.total == Sum(2, 11)


@pytest.mark.parametrize("state", sorted(set(PaymentState) - CAME))
def test_what_did_not_come_is_not_counted(state: PaymentState) -> None:
    assert received(invoice(), payment(state=state)).lines == {}


def test_what_fits_no_invoice_stands_apart_until_it_is_given_back() -> None:
    odd = replace(payment("i2", 1), flag=Flag.MISMATCH)
    gone = replace(odd, state=PaymentState.REFUNDED)
    found = received(invoice(), payment(), invoice("i2"), odd)
    assert found.total.total == Sum(1, 12_000)
    assert found.astray == Sum(1, 1)
    assert received(invoice("i2"), gone).astray == Sum()


def test_money_given_back_came_on_its_day_all_the_same() -> None:
    found = received(invoice(), payment(state=PaymentState.REFUNDED))
    (line,) = found.lines.values()
    assert (line.total.yen, line.gone, line.kept) == (12_000, Sum(1, 12_000), 0)
