"""The walk over what is due: limits, order, faults, and the dry run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.billing.remind import FAILED, MOVED_ON, TOLD_BEFORE
from portal.billing.reminder_rows import ReminderRows
from portal.billing.reminders import LOOK_AHEAD, Why, steps
from portal.config import load_society
from portal.database import Contended, Unreachable
from tests.unit.billing.house import MEMBER_ID, OTHER_ID, TABLES, House
from tests.unit.billing.reminder_desk import (
    BEFORE_30,
    DUE,
    an_invoice,
    bill_many,
    go_to,
    reminding,
    run,
)


def test_a_run_ends_in_time_and_the_next_goes_on() -> None:
    house = House()
    bill_many(house, 30)
    go_to(house, BEFORE_30)
    left = iter([1.0] * 10 + [0.0] * 100)
    report = reminding(house).run(lambda: next(left))
    assert (report.told, report.finished) == (10, False)
    assert run(house).told == 20


def test_a_run_queues_no_more_mails_than_it_may() -> None:
    house = House()
    bill_many(house, 12)
    assert run(house, BEFORE_30, most=5).told == 5
    assert run(house, most=5).told == 5
    assert (run(house, most=5).told, run(house).told) == (2, 0)


def test_more_rows_than_one_look_finds_are_all_told_in_one_run() -> None:
    house = House()
    bill_many(house, 150, member_id=MEMBER_ID)
    assert run(house, BEFORE_30).told == 150


def test_the_most_overdue_is_told_first() -> None:
    house = House()
    early, late = an_invoice(OTHER_ID), replace(an_invoice(), due_on=DUE + timedelta(days=1))
    house.database.commit(*house.store.new_invoice(late))
    house.database.commit(*house.store.new_invoice(early))
    run(house, BEFORE_30 - timedelta(days=1))
    run(house, BEFORE_30 + timedelta(days=1), most=1)
    assert [mail.split("#")[1] for mail in house.mails()] == [OTHER_ID]


def test_a_row_that_cannot_be_read_starves_no_other_and_comes_back_a_day_later() -> None:
    house = House()
    broken = house.bill()
    bill_many(house, 3)
    house.database.tables[TABLES.billing][MEMBER_ID, f"INV#{broken.invoice_id}"]["due_on"] = "soon"
    report = run(house, BEFORE_30)
    assert report.counts == {"dues_reminder 30": 3, FAILED: 1}
    assert run(house).counts == {}
    assert run(house, BEFORE_30 + timedelta(days=1)).counts == {FAILED: 1}


def test_a_contended_row_is_left_to_the_next_run() -> None:
    house = House()
    house.bill()
    go_to(house, BEFORE_30)
    house.database.fail_next = [("write", Contended("busy"))]
    assert run(house).counts == {MOVED_ON: 1}
    assert run(house).told == 1


def test_a_silent_database_ends_the_run_and_loses_no_step() -> None:
    house = House()
    house.bill()
    go_to(house, BEFORE_30)
    house.database.fail_next = [("write", Unreachable("silence"))]
    with pytest.raises(Unreachable):
        run(house)
    assert run(house).told == 1


def test_a_dry_run_counts_by_step_and_writes_nothing() -> None:
    house = House()
    bill_many(house, 3)
    house.slip(house.bill())
    go_to(house, BEFORE_30)
    before = str(house.database.tables)
    report = reminding(house).dry_run()
    assert report.counts == {"dues_reminder 30": 3, Why.SLIP.value: 1, Why.EARLY.value: 1}
    assert report.told == 3
    assert str(house.database.tables) == before
    assert run(house).counts == report.counts


def test_a_dry_run_does_not_count_what_was_told_before() -> None:
    house = House()
    invoice = house.bill()
    go_to(house, BEFORE_30)
    read_before = house.invoice(invoice)
    run(house)
    house.database.commit(house.store.changed_invoice(read_before, read_before))
    assert reminding(house).dry_run().counts == {TOLD_BEFORE: 1}


def test_the_index_holds_only_what_is_to_be_looked_at() -> None:
    house = House()
    invoice = house.bill()
    rows = ReminderRows(house.database, TABLES.billing)
    (due,) = rows.due(house.clock() + timedelta(days=365), 10)
    assert (due.invoice_id, due.order_id) == (invoice.invoice_id, "")
    assert rows.due(datetime(2026, 10, 1, tzinfo=UTC), 10) == []


def test_the_societys_steps_all_lie_where_invoices_are_looked_at() -> None:
    society = load_society()
    earliest = max(one.days_before_due for one in steps(society))
    assert timedelta(days=earliest) <= LOOK_AHEAD
    assert society.reminders_warning_years == 2
