"""The rules of reminding by themselves: what one look at an invoice or a slip decides."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from portal.billing.model import Flag, Invoice, InvoiceState, Method, Payment, PaymentState, Slip
from portal.billing.reminders import (
    Decision,
    Step,
    Told,
    Why,
    decide,
    decide_slip,
    first_look,
    first_slip_look,
    held_back,
    slip_open,
)
from portal.clock import JST
from portal.config import load_society
from tests.unit.billing.reminder_desk import (
    AFTER_14,
    AFTER_60,
    BEFORE_7,
    BEFORE_30,
    DUE,
    an_invoice,
)

SOCIETY = replace(
    load_society(),
    reminders_days_before_due=(30, 7, -14, -45),
    reminders_warning_days_before_due=(-60,),
    reminders_warning_years=2,
    reminders_slip_days_before_term=3,
)
INVOICE = an_invoice()
TERM = datetime(2026, 12, 20, 23, 59, 59, tzinfo=JST)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=JST)


def midnight(day: date) -> datetime:
    return at(day, 0)


def a_payment(**changes: object) -> Payment:
    made = Payment(
        member_id=INVOICE.member_id,
        order_id="D26-1",
        invoice_id=INVOICE.invoice_id,
        method=Method.CVS,
        amount=12_000,
        attempt=1,
        created_at=at(date(2026, 11, 22)),
        link_expires_at=at(date(2026, 11, 23)),
        term_days=14,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # Named by each test.


def a_slip(term: datetime | None = TERM, **changes: object) -> Payment:
    slip = Slip("10002", "1", "2", "", term)
    return a_payment(state=PaymentState.SLIP, slip=slip, **changes)


def decided(
    day: date,
    payments: Collection[Payment] = (),
    invoice: Invoice = INVOICE,
    others: tuple[Invoice, ...] = (),
) -> Decision:
    return decide(invoice, (invoice, *others), payments, SOCIETY, at(day))


# Nothing is to be paid, or money may be on its way


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - {InvoiceState.UNPAID}))
def test_what_is_not_unpaid_is_never_looked_at_again(state: InvoiceState) -> None:
    ended = replace(INVOICE, state=state)
    assert decided(BEFORE_30, invoice=ended) == Decision(None, why=Why.OVER)
    assert first_look(ended) is None


@pytest.mark.parametrize("flag", list(Flag))
def test_money_that_is_neither_booked_nor_given_back_makes_the_step_wait_for_a_day(
    flag: Flag,
) -> None:
    kept = a_payment(state=PaymentState.PAID, flag=flag)
    assert decided(BEFORE_30, (kept,)) == Decision(
        midnight(BEFORE_30 + timedelta(days=1)), why=Why.CHECKING
    )
    assert held_back(INVOICE, (kept,), at(BEFORE_30)) is Why.CHECKING


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(state=PaymentState.PAID),
        a_payment(state=PaymentState.REFUNDED, flag=Flag.MISMATCH),
        a_payment(state=PaymentState.REFUNDED, flag=Flag.SURPLUS),
        a_payment(state=PaymentState.PAID, flag=Flag.MISMATCH, invoice_id="another"),
    ],
    ids=["booked", "a mismatch given back", "a surplus given back", "of another invoice"],
)
def test_money_that_is_dealt_with_or_of_another_year_is_no_reason_to_wait(
    payment: Payment,
) -> None:
    another = replace(INVOICE, invoice_id="another", fiscal_year=INVOICE.fiscal_year + 1)
    assert held_back(INVOICE, (payment,), at(BEFORE_30), (INVOICE, another)) is None


def test_money_on_an_old_invoice_of_the_same_year_makes_it_wait() -> None:
    old = replace(INVOICE, invoice_id="old", state=InvoiceState.CANCELLED)
    kept = a_payment(state=PaymentState.PAID, flag=Flag.SURPLUS, invoice_id="old")
    assert held_back(INVOICE, (kept,), at(BEFORE_30), (INVOICE, old)) is Why.CHECKING


# While a slip is open


@pytest.mark.parametrize("live", ["", "D26-1"], ids=["left", "live"])
def test_while_a_slip_is_open_the_step_waits_until_the_day_after_its_term(live: str) -> None:
    invoice = replace(INVOICE, live_order=live)
    assert decided(BEFORE_30, (a_slip(),), invoice) == Decision(
        midnight(date(2026, 12, 21)), why=Why.SLIP
    )


def test_of_two_slips_the_later_term_counts() -> None:
    later = a_slip(TERM + timedelta(days=3), order_id="D26-2")
    assert decided(BEFORE_30, (later, a_slip())).next_at == midnight(date(2026, 12, 24))


def test_a_slip_whose_term_is_over_or_unknown_is_looked_at_tomorrow() -> None:
    tomorrow = midnight(BEFORE_7 + timedelta(days=1))
    assert decided(BEFORE_7, (a_slip(),)) == Decision(tomorrow, why=Why.SLIP)
    assert decided(BEFORE_7, (a_slip(None),)) == Decision(tomorrow, why=Why.SLIP)


def test_a_slip_of_another_invoice_does_not_prolong_the_wait() -> None:
    other = a_slip(TERM + timedelta(days=30), order_id="D26-2", invoice_id="another")
    assert decided(BEFORE_30, (a_slip(), other)).next_at == midnight(date(2026, 12, 21))
    assert held_back(INVOICE, (other,), at(BEFORE_30)) is None


def test_the_term_of_a_slip_that_has_ended_does_not_prolong_the_wait() -> None:
    ended = replace(a_slip(TERM + timedelta(days=30), order_id="D26-2"), state=PaymentState.EXPIRED)
    assert decided(BEFORE_30, (a_slip(), ended)).next_at == midnight(date(2026, 12, 21))


# The steps


def test_before_the_first_step_it_is_early_and_looked_at_when_that_falls() -> None:
    assert decided(BEFORE_30 - timedelta(days=1)) == Decision(midnight(BEFORE_30), why=Why.EARLY)


def test_a_step_is_told_and_the_next_is_looked_for_and_no_year_is_named() -> None:
    assert decided(BEFORE_30) == Decision(midnight(BEFORE_7), Step(Told.DUES, 30))
    assert decided(AFTER_14).years == ()


def test_a_warning_names_the_unpaid_years_and_is_told_of_the_newest_alone() -> None:
    years = tuple(
        replace(
            INVOICE,
            invoice_id=f"year{back}",
            fiscal_year=INVOICE.fiscal_year - back,
            due_on=DUE - timedelta(days=365 * back),
        )
        for back in (2, 1)
    )
    warned = decided(AFTER_60, others=years)
    assert warned.step == Step(Told.WARNING, -60)
    assert warned.years == (*years, INVOICE)
    older = decided(AFTER_60, invoice=years[1], others=(years[0], INVOICE))
    assert older.step == Step(Told.DUES, -45)


# The slip's own reminder


def test_a_new_slip_is_looked_at_at_once() -> None:
    slip = a_slip()
    assert first_slip_look(slip) == slip.created_at


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(state=PaymentState.SLIP),
        a_slip(None),
        replace(a_slip(), state=PaymentState.PAID),
    ],
    ids=["without its numbers", "without a term", "paid"],
)
def test_what_has_no_term_to_remind_of_is_not_looked_at(payment: Payment) -> None:
    assert first_slip_look(payment) is None
    assert decide_slip(payment, INVOICE, SOCIETY, at(BEFORE_30)) == Decision(None, why=Why.OVER)


def test_a_slip_is_reminded_of_on_the_third_day_before_its_term() -> None:
    day = date(2026, 12, 17)
    early = decide_slip(a_slip(), INVOICE, SOCIETY, at(day - timedelta(days=1)))
    assert early == Decision(midnight(day), why=Why.EARLY)
    assert decide_slip(a_slip(), INVOICE, SOCIETY, midnight(day)) == Decision(
        None, Step(Told.SLIP, 3)
    )


def test_a_slip_is_open_until_the_last_moment_of_its_term() -> None:
    assert slip_open(a_slip(), INVOICE, TERM)
    assert not slip_open(a_slip(), INVOICE, TERM + timedelta(seconds=1))
