"""What a walk of reminding leaves behind, word for word: the mail's row, the report, the counts.

The mailer makes its letters of the row and nothing else; alarms read the counts, and the office's
command tells what the report and the listener were told. Seen red by make mutate.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.billing.model import Invoice, InvoiceState
from portal.billing.remind import FAILED, MOVED_ON, TOLD_BEFORE, Each, Report
from portal.billing.reminder_rows import Due
from portal.billing.reminders import Why
from portal.clock import iso
from portal.database import Contended, Item, Unreachable, Value
from tests.metrics import Metric, counted
from tests.unit.billing.house import MEMBER_ID, OTHER_ID, PLENTY, TABLES, House
from tests.unit.billing.reminder_desk import (
    AFTER_60,
    BEFORE_30,
    DUE,
    an_invoice,
    bill_many,
    go_to,
    reminding,
    row,
    run,
    stands,
)


def broken(house: House) -> Invoice:
    """Return an invoice whose row nobody can read."""
    invoice = house.bill()
    rows = house.database.tables[TABLES.billing]
    rows[MEMBER_ID, f"INV#{invoice.invoice_id}"]["due_on"] = "soon"
    return invoice


def told_before(house: House) -> Invoice:
    """Return an invoice whose step was told, and whose old plan was written back."""
    invoice = house.bill()
    read_before = house.invoice(invoice)
    run(house, BEFORE_30)
    house.database.commit(house.store.changed_invoice(read_before, read_before))
    return house.invoice(invoice)


def metrics_of(house: House, act: Callable[[House], object]) -> list[tuple[str, float]]:
    """Return name and value of what was counted, none of which has dimensions."""
    with counted(house.clock) as metrics:
        act(house)
    assert metrics.told == [Metric(one.name, {}, one.value, one.at) for one in metrics.told]
    return [(one.name, one.value) for one in metrics.told]


# Rows that moved on between the look at the index and their turn

type Stage = Callable[[House], str]
"""Makes two rows, of which the second in the walk is the sort key that it returns."""


def _an_invoice(house: House) -> str:
    first = replace(an_invoice(OTHER_ID), due_on=DUE - timedelta(days=1))
    house.database.commit(*house.store.new_invoice(first))
    return f"INV#{house.bill().invoice_id}"


def _a_slip(house: House) -> str:
    return f"PAY#{house.slip(house.bill()).order_id}"


def _paid(house: House, sk: str) -> None:
    (invoice,) = house.account().invoices
    if sk.startswith("INV#"):
        stands(house, invoice, InvoiceState.PAID)
        return
    slip = house.last(invoice)
    house.gmo.deposit(slip.order_id)
    house.settle(slip)


def _looked_at(house: House, sk: str) -> None:  # noqa: ARG001 - as the others have it.
    run(house)


def _gone(house: House, sk: str) -> None:
    """Take the row away, as a table that was restored from before it."""
    del house.database.tables[TABLES.billing][MEMBER_ID, sk]


def after_the_first(act: Callable[[], object], heard: list[tuple[str, Due]]) -> Each:
    """Return a listener that keeps what it hears and acts once, after the first row."""

    def hear(outcome: str, due: Due) -> None:
        heard.append((outcome, due))
        if len(heard) == 1:
            act()

    return hear


moved_on = pytest.mark.parametrize(
    ("stage", "happens"),
    [
        (stage, happens)
        for stage in (_an_invoice, _a_slip)
        for happens in (_paid, _looked_at, _gone)
    ],
)


@moved_on
def test_a_row_that_moved_on_before_its_turn_is_passed_over_and_no_fault(
    stage: Stage, happens: Callable[[House, str], None]
) -> None:
    house, heard = House(), list[tuple[str, Due]]()
    sk = stage(house)
    go_to(house, BEFORE_30)
    listener = after_the_first(lambda: happens(house, sk), heard)
    with counted(house.clock) as metrics:
        reminding(house).run(lambda: PLENTY, each=listener)
    assert [(outcome, due.sk) for outcome, due in heard[1:]] == [(MOVED_ON, sk)]
    assert metrics.values("UnexpectedError") == []


@moved_on
def test_a_dry_run_passes_over_a_row_that_moved_on_before_its_turn(
    stage: Stage, happens: Callable[[House, str], None]
) -> None:
    house, heard = House(), list[tuple[str, Due]]()
    sk = stage(house)
    go_to(house, BEFORE_30)
    reminding(house).dry_run(after_the_first(lambda: happens(house, sk), heard))
    assert [(outcome, due.sk) for outcome, due in heard[1:]] == [(MOVED_ON, sk)]


def test_a_row_that_moved_on_before_its_turn_counts_as_no_mail() -> None:
    house = House()
    sk = _an_invoice(house)
    go_to(house, BEFORE_30)
    listener = after_the_first(lambda: _paid(house, sk), [])
    report = reminding(house).run(lambda: PLENTY, each=listener)
    assert report == Report({"dues_reminder 30": 1, MOVED_ON: 1}, told=1, finished=True)


# What is not told


def test_a_contended_row_counts_as_no_mail() -> None:
    house = House()
    house.bill()
    house.database.fail_next = [("write", Contended("busy"))]
    assert run(house, BEFORE_30) == Report({MOVED_ON: 1}, told=0, finished=True)


def test_a_row_that_changes_while_it_is_written_counts_as_no_mail() -> None:
    house = House()
    invoice = house.bill()
    house.database.before_commit = [lambda: stands(house, invoice, InvoiceState.PAID)]
    assert run(house, BEFORE_30) == Report({MOVED_ON: 1}, told=0, finished=True)


def test_a_row_that_could_not_be_looked_at_counts_as_no_mail() -> None:
    house = House()
    broken(house)
    bill_many(house, 3)
    assert run(house, BEFORE_30) == Report(
        {FAILED: 1, "dues_reminder 30": 3}, told=3, finished=True
    )


def test_a_row_that_could_not_be_looked_at_waits_a_day_to_the_moment() -> None:
    house = House()
    invoice = broken(house)
    run(house, BEFORE_30)
    assert row(house, invoice)["next_remind_at"] == iso(house.clock() + timedelta(days=1))


def test_of_two_walks_that_fail_at_one_row_the_later_leaves_it_where_the_first_put_it() -> None:
    house = House()
    broken(house)
    go_to(house, BEFORE_30)
    house.database.before_commit = [lambda: run(house)]
    assert run(house) == Report({MOVED_ON: 1}, told=0, finished=True)


def test_a_busy_database_at_a_faulty_row_does_not_starve_the_others() -> None:
    house = House()
    broken(house)
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    house.database.fail_next = [("write", Contended())]
    report = run(house)
    assert (report.told, report.finished) == (3, True)
    # The faulty row stays due for the next run.
    assert report.counts == {MOVED_ON: 1, "dues_reminder 30": 3}


def test_a_dry_run_counts_a_row_that_cannot_be_looked_at_and_goes_on() -> None:
    house = House()
    invoice = broken(house)
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    due = row(house, invoice)["next_remind_at"]
    assert reminding(house).dry_run() == Report(
        {FAILED: 1, "dues_reminder 30": 3}, told=3, finished=True
    )
    assert row(house, invoice)["next_remind_at"] == due


def test_a_dry_run_without_an_answer_is_no_count() -> None:
    house = House()
    house.bill()
    go_to(house, BEFORE_30)
    house.database.fail_next = [("read", Unreachable("down"))] * 9
    with pytest.raises(Unreachable):
        reminding(house).dry_run()


def test_a_step_that_was_told_before_counts_as_no_mail() -> None:
    house = House()
    told_before(house)
    assert run(house) == Report({TOLD_BEFORE: 1}, told=0, finished=True)


def test_a_step_that_was_told_before_of_a_row_that_then_changes_counts_as_moved_on() -> None:
    house = House()
    invoice = told_before(house)
    house.database.before_commit = [
        lambda: None,
        lambda: stands(house, invoice, InvoiceState.PAID),
    ]
    assert run(house) == Report({MOVED_ON: 1}, told=0, finished=True)


# The report


def test_a_run_that_reached_its_limit_reports_what_it_did_and_that_it_is_not_finished() -> None:
    house = House()
    bill_many(house, 3)
    assert run(house, BEFORE_30, most=2) == Report({"dues_reminder 30": 2}, told=2, finished=False)


def test_a_run_that_told_all_reports_that_it_is_finished() -> None:
    house = House()
    bill_many(house, 3)
    assert run(house, BEFORE_30) == Report({"dues_reminder 30": 3}, told=3, finished=True)


def test_a_dry_run_is_always_finished() -> None:
    house = House()
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    assert reminding(house).dry_run() == Report({"dues_reminder 30": 3}, told=3, finished=True)


def heard_of_two(walk: Callable[[House, Each], object]) -> None:
    """Assert that the listener of a walk hears of each row what became of it."""
    house = House()
    slip = house.slip(house.bill())
    (invoice,) = house.account().invoices
    dues = [
        Due(MEMBER_ID, f"INV#{invoice.invoice_id}", str(row(house, invoice)["next_remind_at"])),
        Due(MEMBER_ID, f"PAY#{slip.order_id}", str(house.row(slip)["next_remind_at"])),
    ]
    heard: list[tuple[str, Due]] = []
    walk(house, lambda outcome, due: heard.append((outcome, due)))
    assert heard == [(Why.SLIP.value, dues[0]), (Why.EARLY.value, dues[1])]


def test_who_listens_to_a_run_hears_each_row_and_what_became_of_it() -> None:
    heard_of_two(lambda house, each: reminding(house).run(lambda: PLENTY, each=each))


def test_who_listens_to_a_dry_run_hears_each_row_and_what_would_become_of_it() -> None:
    heard_of_two(lambda house, each: reminding(house).dry_run(each))


# The counts that alarms and graphs read


def test_a_run_that_finds_nothing_counts_no_reminder() -> None:
    assert metrics_of(House(), run) == [("Reminded", 0)]


def test_a_row_that_could_not_be_looked_at_is_counted_for_the_alarm() -> None:
    house = House()
    broken(house)
    go_to(house, BEFORE_30)
    assert metrics_of(house, run) == [("UnexpectedError", 1), ("Reminded", 0)]


def test_a_run_that_leaves_rows_counts_its_mails_and_that_some_are_left() -> None:
    house = House()
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    assert metrics_of(house, lambda it: run(it, most=2)) == [("Reminded", 2), ("RemindLeft", 1)]


def test_a_finished_run_counts_its_mails_and_nothing_left() -> None:
    house = House()
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    assert metrics_of(house, run) == [("Reminded", 3)]


def test_a_dry_run_counts_nothing_for_alarms() -> None:
    house = House()
    bill_many(house, 3)
    go_to(house, BEFORE_30)
    assert metrics_of(house, lambda it: reminding(it).dry_run()) == []


# The mail's row


def queued(house: House, kind: str) -> Item:
    """Return the one mail of a kind."""
    (found,) = [mail for mail in house.database.rows(TABLES.outbox) if mail["kind"] == kind]
    return found


def mail(house: House, kind: str, about: str, data: dict[str, Value]) -> Item:
    """Return what the row of a mail holds that is queued now."""
    return {
        "pk": f"{kind}#{MEMBER_ID}#{about}",
        "kind": kind,
        "member_id": MEMBER_ID,
        "data": data,
        "state": "queued",
        "pending": "P",
        "attempts": 0,
        "created_at": iso(house.clock()),
        "due_at": iso(house.clock() + timedelta(minutes=2)),
    }


def test_a_reminder_of_dues_names_member_invoice_and_step_and_no_other_year() -> None:
    house = House()
    ident = house.bill().invoice_id
    run(house, BEFORE_30)
    assert queued(house, "dues_reminder") == mail(
        house, "dues_reminder", f"{ident}#30", {"invoice_id": ident}
    )


def test_a_warning_names_the_unpaid_years_too_the_oldest_first() -> None:
    house = House()
    newer, older = house.bill(2026).invoice_id, house.bill(2025).invoice_id
    run(house, AFTER_60)
    data: dict[str, Value] = {"invoice_id": newer, "invoice_ids": [older, newer]}
    assert queued(house, "qualification_warning") == mail(
        house, "qualification_warning", f"{newer}#-60", data
    )


def test_a_reminder_of_a_slip_names_member_invoice_and_order() -> None:
    house = House()
    slip = house.slip()
    assert slip.slip is not None
    assert slip.slip.term is not None
    house.clock.now = slip.slip.term - timedelta(days=2)
    run(house)
    data: dict[str, Value] = {"invoice_id": slip.invoice_id, "order_id": slip.order_id}
    assert queued(house, "slip_reminder") == mail(house, "slip_reminder", slip.order_id, data)
