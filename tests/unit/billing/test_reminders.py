"""Reminding by "due and not yet sent".

Seen red by telling the first step that has come instead of the latest, by leaving out the look at
the live slip, by moving a row without its conditions, and by keeping the plan of a paid invoice.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.billing.model import InvoiceState, Method, Payment
from portal.billing.remind import MOVED_ON, TOLD_BEFORE
from portal.billing.reminders import Why
from portal.clock import JST
from tests.unit.billing.house import MEMBER_ID, TABLES, House
from tests.unit.billing.reminder_desk import (
    AFTER_14,
    AFTER_45,
    AFTER_60,
    BEFORE_7,
    BEFORE_30,
    an_invoice,
    go_to,
    reminders,
    row,
    run,
    stands,
)

# Never to someone who has nothing to pay


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - {InvoiceState.UNPAID}))
def test_what_is_not_unpaid_leaves_the_index_with_the_write_that_says_so(
    state: InvoiceState,
) -> None:
    house = House()
    invoice = house.bill()
    assert "next_remind_at" in row(house, invoice)
    stands(house, invoice, state)
    assert not {"next_remind_at", "remind_shard"} & set(row(house, invoice))
    assert run(house, AFTER_60).counts == {}
    assert reminders(house) == []


def test_a_paid_card_ends_reminding_for_good() -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    for day in (BEFORE_30, BEFORE_7, AFTER_14, AFTER_45, AFTER_60):
        run(house, day)
    assert reminders(house) == []


def test_an_invoice_that_is_not_unpaid_from_the_start_is_never_looked_at() -> None:
    house = House()
    waived = replace(an_invoice(), state=InvoiceState.WAIVED)
    house.database.commit(*house.store.new_invoice(waived))
    assert run(house, AFTER_60).counts == {}


def test_one_that_is_paid_while_it_is_looked_at_is_not_told() -> None:
    """The mail is written only with the invoice unpaid and unchanged."""
    house = House()
    invoice = house.bill()
    go_to(house, BEFORE_30)
    house.database.before_commit = [lambda: stands(house, invoice, InvoiceState.PAID)]
    assert run(house).counts == {MOVED_ON: 1}
    assert reminders(house) == []


# Never while a slip is open, or money may be on its way


def test_while_a_slip_is_open_its_own_reminder_goes_instead() -> None:
    house = House()
    invoice = house.bill()
    go_to(house, date(2026, 12, 14))
    slip = house.slip(invoice)
    assert slip.slip is not None
    for day in range(14, 32):
        run(house, date(2026, 12, day))
    assert reminders(house) == [f"slip_reminder {slip.order_id}"]


def test_the_slip_is_reminded_of_three_days_before_its_term_and_once() -> None:
    house = House()
    go_to(house, date(2026, 11, 22))
    slip = house.slip()
    assert slip.slip is not None
    assert slip.slip.term is not None
    last = slip.slip.term.astimezone(JST).date()
    run(house, last - timedelta(days=4))
    assert "slip_reminder" not in str(reminders(house))
    run(house, last - timedelta(days=3))
    run(house, last - timedelta(days=2))
    assert [one for one in reminders(house) if "slip" in one] == [f"slip_reminder {slip.order_id}"]


def _deposited(house: House, slip: Payment) -> None:
    house.gmo.deposit(slip.order_id)
    house.settle(slip)


def _expired(house: House, slip: Payment) -> None:
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)


def _to_be_stopped(house: House, slip: Payment) -> None:
    now = house.clock()
    house.database.commit(house.store.cancel_wanted(MEMBER_ID, slip.order_id, now))


@pytest.mark.parametrize("happens", [_deposited, _expired, _to_be_stopped])
def test_a_slip_that_is_not_to_be_paid_any_more_is_not_reminded_of(
    happens: Callable[[House, Payment], None],
) -> None:
    house = House()
    slip = house.slip()
    happens(house, slip)
    assert slip.slip is not None
    assert slip.slip.term is not None
    run(house, slip.slip.term.astimezone(JST).date() - timedelta(days=1))
    assert not [one for one in reminders(house) if "slip_reminder" in one]


def test_a_slip_past_its_term_is_not_reminded_of_even_if_gmo_has_not_ended_it() -> None:
    house = House()
    slip = house.slip()
    assert slip.slip is not None
    assert slip.slip.term is not None
    run(house, slip.slip.term.astimezone(JST).date() + timedelta(days=1))
    assert not [one for one in reminders(house) if "slip_reminder" in one]
    assert "next_remind_at" not in house.row(slip)


def test_after_an_expired_slip_the_step_that_waited_is_told() -> None:
    house = House()
    invoice = house.bill()
    slip = house.slip(invoice)
    run(house, BEFORE_30)
    house.gmo.expire_slip(slip.order_id)
    house.settle(slip)
    assert slip.slip is not None
    assert slip.slip.term is not None
    run(house, slip.slip.term.astimezone(JST).date() + timedelta(days=1))
    assert "dues_reminder 30" in reminders(house)


def test_a_success_that_the_browser_claimed_makes_the_step_wait_a_day() -> None:
    house = House()
    invoice = house.bill()
    go_to(house, BEFORE_30)
    house.come_back(house.card(invoice), "PAYSUCCESS")
    assert run(house).counts == {Why.CHECKING.value: 1}
    run(house, BEFORE_30 + timedelta(days=1))
    assert reminders(house) == ["dues_reminder 30"]


def test_money_the_office_has_to_look_at_holds_reminders_back() -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=1)
    house.settle(payment)
    for day in (BEFORE_30, BEFORE_7, AFTER_45):
        run(house, day)
    assert reminders(house) == []


def test_an_open_link_alone_does_not_hold_a_reminder_back() -> None:
    house = House()
    house.card(house.bill())
    run(house, BEFORE_30)
    assert reminders(house) == ["dues_reminder 30"]


# Each step once, the latest only


def test_each_step_is_told_once_on_its_day_and_not_before() -> None:
    house = House()
    house.bill()
    for day in range(120):
        run(house, date(2026, 11, 22) + timedelta(days=day))
        run(house)
    assert reminders(house) == [
        "dues_reminder -14",
        "dues_reminder -45",
        "dues_reminder 30",
        "dues_reminder 7",
    ]


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (BEFORE_30 - timedelta(days=1), []),
        (BEFORE_30, ["dues_reminder 30"]),
        (BEFORE_7 - timedelta(days=1), ["dues_reminder 30"]),
        (AFTER_14 + timedelta(days=9), ["dues_reminder -14"]),
        (date(2028, 1, 1), ["dues_reminder -45"]),
    ],
)
def test_after_missed_runs_only_the_latest_step_is_told(day: date, told: list[str]) -> None:
    house = House()
    house.bill()
    run(house, day)
    run(house, day)
    assert reminders(house) == told


def test_the_day_of_a_step_is_japans() -> None:
    """At 23:59 in Japan the step of the next day has not come; a minute later it has."""
    house = House()
    house.bill()
    house.clock.now = datetime(2026, 11, 30, 14, 59, tzinfo=UTC)
    run(house)
    assert reminders(house) == []
    house.clock.now = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
    run(house)
    assert reminders(house) == ["dues_reminder 30"]


def test_after_the_last_step_the_invoice_is_looked_at_no_more() -> None:
    house = House()
    invoice = house.bill()
    run(house, AFTER_60)
    assert not {"next_remind_at", "remind_shard"} & set(row(house, invoice))


def test_an_old_plan_written_back_tells_nothing_twice() -> None:
    """決定 may have read the invoice before the walk and write it after: the mail's key holds."""
    house = House()
    invoice = house.bill()
    go_to(house, BEFORE_30)
    read_before = house.invoice(invoice)
    run(house)
    house.database.commit(house.store.changed_invoice(read_before, read_before))
    assert run(house).counts == {TOLD_BEFORE: 1}
    assert reminders(house) == ["dues_reminder 30"]
    assert run(house).counts == {}


def test_the_walk_makes_no_decision_of_the_member_fail() -> None:
    house = House()
    invoice = house.bill()
    go_to(house, BEFORE_30)
    house.database.before_commit = [lambda: run(house)]
    payment = house.decide(invoice, Method.CARD)
    assert house.invoice(invoice).live_order == payment.order_id


def test_two_walks_at_once_tell_one_mail() -> None:
    house = House()
    house.bill()
    go_to(house, BEFORE_30)
    house.database.before_commit = [lambda: run(house)]
    assert run(house).told == 0
    assert reminders(house) == ["dues_reminder 30"]


# 資格喪失


def test_two_unpaid_years_are_warned_of_once_with_both_invoices() -> None:
    house = House()
    older, newer = house.bill(2025), house.bill(2026)
    run(house, AFTER_60)
    (warning,) = [m for m in house.database.rows(TABLES.outbox) if "warning" in str(m["kind"])]
    assert warning["pk"] == f"qualification_warning#{MEMBER_ID}#{newer.invoice_id}#-60"
    assert warning["data"] == {
        "invoice_id": newer.invoice_id,
        "invoice_ids": [older.invoice_id, newer.invoice_id],
    }
    run(house, AFTER_60 + timedelta(days=1))
    assert [one for one in reminders(house) if "warning" in one] == ["qualification_warning -60"]


@pytest.mark.parametrize("state", [InvoiceState.PAID, InvoiceState.WAIVED])
def test_one_unpaid_year_is_no_reason_to_warn(state: InvoiceState) -> None:
    house = House()
    house.bill(2026)
    stands(house, house.bill(2025), state)
    run(house, AFTER_60)
    assert reminders(house) == ["dues_reminder -45"]


def test_a_year_that_is_not_due_yet_does_not_count_as_unpaid() -> None:
    house = House()
    house.bill(2025)
    later = replace(an_invoice(), fiscal_year=2026, due_on=date(2027, 12, 31))
    house.database.commit(*house.store.new_invoice(later))
    run(house, AFTER_60)
    assert reminders(house) == ["dues_reminder -45"]


def test_a_year_whose_slip_is_open_does_not_count_as_unpaid() -> None:
    house = House()
    older = house.bill(2025)
    house.bill(2026)
    go_to(house, AFTER_60 - timedelta(days=2))
    house.slip(older)
    run(house, AFTER_60)
    assert not [one for one in reminders(house) if "warning" in one]
