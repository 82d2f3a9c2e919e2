"""Reminding and matching once each on DynamoDB with the template's own index."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ops.stack import payment_rows
from portal.billing.match_settlement import Outcome, match, note
from portal.billing.model import InvoiceState, Method
from portal.billing.remind import Reminding
from portal.billing.rows import payment_of
from portal.billing.settlement_file import Line
from portal.config import load_society
from tests.adapters.house import TABLES, Dynamo, names
from tests.adapters.test_ways_of_payments import MEMBER_ID, Desk

STEP_DAY = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)
"""30 days before the desk's invoices fall due."""


def remind(desk: Desk, now: datetime) -> dict[str, int]:
    """Run the reminders at *now* and return their counts."""
    desk.clock.now = now
    walk = Reminding(desk.aws.database, desk.store, desk.clock, load_society(), TABLES.outbox)
    return dict(walk.run(lambda: 100.0).counts)


def test_a_step_is_told_once_and_the_row_waits_for_the_next(aws: Dynamo) -> None:
    desk = Desk(aws)
    invoice = desk.bill()
    assert remind(desk, STEP_DAY) == {"dues_reminder 30": 1}
    assert remind(desk, STEP_DAY) == {}
    assert names(aws, TABLES.outbox) == [f"dues_reminder#{MEMBER_ID}#{invoice.invoice_id}#30"]
    assert remind(desk, STEP_DAY + timedelta(days=23)) == {"dues_reminder 7": 1}
    assert remind(desk, STEP_DAY + timedelta(days=300)) == {"dues_reminder -45": 1}
    assert remind(desk, STEP_DAY + timedelta(days=600)) == {}


def test_an_old_plan_written_back_is_told_before(aws: Dynamo) -> None:
    desk = Desk(aws)
    invoice = desk.bill()
    read_before = desk.now(invoice)
    remind(desk, STEP_DAY)
    aws.database.commit(desk.store.changed_invoice(read_before, read_before))
    assert remind(desk, STEP_DAY) == {"was told before": 1}


def test_a_paid_invoice_is_in_the_index_no_more(aws: Dynamo) -> None:
    desk = Desk(aws)
    invoice = desk.now(desk.bill())
    paid = replace(invoice, state=InvoiceState.PAID)
    aws.database.commit(desk.store.changed_invoice(invoice, paid))
    assert remind(desk, STEP_DAY) == {}


def test_a_slip_is_reminded_of_before_its_term(aws: Dynamo) -> None:
    desk = Desk(aws)
    payment = desk.decide(desk.bill(), Method.CVS)
    desk.gmo.issue_slip(payment.order_id)
    slip = desk.settlement.settle(payment.order_id).payment.slip
    assert slip is not None
    assert slip.term is not None
    assert remind(desk, desk.clock.now) == {"no step has come yet": 1}
    assert remind(desk, slip.term - timedelta(days=2)) == {"slip_reminder 3": 1}
    assert remind(desk, slip.term - timedelta(days=1)) == {}


def test_all_payments_are_compared_and_a_difference_is_noted_once(aws: Dynamo) -> None:
    desk = Desk(aws)
    payment = desk.decide(desk.bill(), Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    desk.settlement.settle(payment.order_id)
    ours = [payment_of(row) for row in payment_rows(TABLES.billing, aws.client)]
    (found,) = match([Line(2, payment.order_id, 1)], ours).findings
    assert found.outcome is Outcome.DIFFERS
    noted = [note(aws.database, desk.store, found, desk.clock.now) for _ in range(2)]
    assert noted == [True, False]
