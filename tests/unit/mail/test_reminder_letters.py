"""Reminders at the moment of sending: what was queued is looked at once more.

Seen red by leaving out the look at the invoice's state, and the look at the live payment.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.mailer.letters import WITHDRAWN, LetterWriter
from functions.mailer.reminders import NOT_ENOUGH_YEARS, ON_ITS_WAY, SETTLED, SLIP_OVER
from portal.accounts.store import CredentialStore
from portal.billing.model import Invoice, InvoiceState, Payment
from portal.billing.remind import Reminding
from portal.mail.deliver import Courier, Nothing, Outcome
from portal.mail.outbox import Outbox, Row, State, row_of
from portal.mail.sender import Letter
from portal.members import office_store
from portal.members import store as members
from tests.unit.billing.house import TABLES, House
from tests.unit.mail.doubles import BASE_URL, FakeSes
from tests.unit.members.desk import a_member

STEP_DAY = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
LAST_STEP = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)


class Desk(House):
    """A house with the mailer: reminders are queued, then sent later."""

    def __init__(self, email: str = "hanako@example.jp") -> None:
        super().__init__()
        self.ses = FakeSes()
        self.database.commit(members.new(TABLES.members, a_member(email=email)))
        credentials = CredentialStore(self.database, TABLES.credentials)
        self.write = LetterWriter(
            self.database, credentials, TABLES, self.society, BASE_URL, self.clock
        )
        self.outbox = Outbox(self.database, TABLES.outbox)

    def remind(self, now: datetime | None = None) -> list[Row]:
        """Run the reminders and return the mails that wait."""
        self.clock.now = now or self.clock.now
        walk = Reminding(self.database, self.store, self.clock, self.society, TABLES.outbox)
        walk.run(lambda: 100.0)
        due = self.outbox.due(self.clock() + timedelta(hours=1), 100)
        found = [self.database.get(TABLES.outbox, {"pk": mail_id}) for mail_id in due]
        waiting = [row_of(item) for item in found if item is not None]
        return [one for one in waiting if "reminder" in one.kind or "warning" in one.kind]

    def send(self, row: Row) -> Outcome:
        """Send one mail as the mailer does."""
        return Courier(self.outbox, self.write, self.ses, self.clock).deliver(row.mail_id)

    def becomes(self, invoice: Invoice, state: InvoiceState) -> None:
        """Have somebody change an invoice."""
        now = self.invoice(invoice)
        self.database.commit(self.store.changed_invoice(now, replace(now, state=state)))

    def slip_reminder(self) -> tuple[Payment, Row]:
        """Return an open slip with its reminder queued."""
        slip = self.slip()
        assert slip.slip is not None
        assert slip.slip.term is not None
        (row,) = [
            r for r in self.remind(slip.slip.term - timedelta(days=2)) if r.kind == "slip_reminder"
        ]
        return slip, row


@pytest.mark.parametrize("state", sorted(set(InvoiceState) - {InvoiceState.UNPAID}))
def test_who_has_nothing_to_pay_any_more_gets_no_reminder(state: InvoiceState) -> None:
    desk = Desk()
    invoice = desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.becomes(invoice, state)
    assert desk.send(row) is Outcome.SKIPPED
    assert desk.ses.tries == 0


def test_who_pays_between_queueing_and_sending_gets_the_completion_mail_alone() -> None:
    desk = Desk()
    invoice = desk.bill()
    (row,) = desk.remind(STEP_DAY)
    payment = desk.card(invoice)
    desk.gmo.pay_card(payment.order_id)
    desk.settle(payment)
    assert desk.write(row) == SETTLED


def test_a_slip_that_was_issued_meanwhile_stops_the_reminder() -> None:
    desk = Desk()
    invoice = desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.slip(invoice)
    assert desk.write(row) == ON_ITS_WAY


def test_a_success_that_was_claimed_meanwhile_stops_the_reminder() -> None:
    desk = Desk()
    invoice = desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.come_back(desk.card(invoice), "PAYSUCCESS")
    assert desk.write(row) == ON_ITS_WAY


@pytest.mark.parametrize("data", [{}, {"invoice_id": "gone"}, {"invoice_id": 3}])
def test_a_reminder_of_an_unknown_invoice_is_not_sent(data: dict[str, int | str]) -> None:
    desk = Desk()
    desk.bill()
    (row,) = desk.remind(STEP_DAY)
    assert desk.write(replace(row, data=dict(data))) == SETTLED


def test_a_member_without_an_address_is_skipped_and_rings_no_alarm() -> None:
    desk = Desk(email="")
    desk.bill()
    (row,) = desk.remind(STEP_DAY)
    assert desk.write(row) == Nothing("no address")
    assert desk.send(row) is Outcome.SKIPPED


def _left(desk: Desk) -> None:
    """Let the member leave the society."""
    row = desk.database.get(TABLES.members, members.key(a_member().member_id))
    assert row is not None
    change = office_store.withdrawal(TABLES.members, members.parse(row), date(2026, 11, 30))
    desk.database.commit(change)


def test_who_left_before_the_sending_is_not_reminded() -> None:
    """Seen red without the look at where the member stands."""
    desk = Desk()
    desk.bill()
    (row,) = desk.remind(STEP_DAY)
    _left(desk)
    assert desk.write(row) == WITHDRAWN
    assert desk.send(row) is Outcome.SKIPPED
    assert desk.ses.tries == 0


def test_who_left_is_warned_of_no_lost_qualification_and_no_slip_that_runs_out() -> None:
    desk = Desk()
    for year in (2025, 2026):
        desk.bill(year)
    rows = desk.remind(LAST_STEP)
    assert "qualification_warning" in {row.kind for row in rows}
    _left(desk)
    assert {desk.write(row) for row in rows} == {WITHDRAWN}
    slip = Desk()
    _, reminder = slip.slip_reminder()
    _left(slip)
    assert slip.write(reminder) == WITHDRAWN


def test_an_unpaid_invoice_is_reminded_of_with_what_is_true_at_the_sending() -> None:
    """Queued before the due date, sent after it: the text speaks of a missed date."""
    desk = Desk()
    desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.clock.now = datetime(2027, 1, 1, 1, 0, tzinfo=UTC)
    letter = desk.write(row)
    assert isinstance(letter, Letter)
    assert letter.to == "hanako@example.jp"
    assert "期限を過ぎて" in letter.text
    assert "2026年12月31日（木）" in letter.text


def test_a_warning_whose_year_was_paid_meanwhile_is_not_sent() -> None:
    desk = Desk()
    older = desk.bill(2025)
    desk.bill(2026)
    (row,) = [one for one in desk.remind(LAST_STEP) if one.kind == "qualification_warning"]
    desk.becomes(older, InvoiceState.PAID)
    assert desk.write(row) == NOT_ENOUGH_YEARS


def test_a_warning_tells_years_amounts_and_dates() -> None:
    desk = Desk()
    desk.bill(2025)
    desk.bill(2026)
    (row,) = [one for one in desk.remind(LAST_STEP) if one.kind == "qualification_warning"]
    letter = desk.write(row)
    assert isinstance(letter, Letter)
    assert letter.text.index("2025年度 年会費") < letter.text.index("2026年度 年会費")
    assert letter.text.count("2026年12月31日（木）") == 2
    assert "2027年3月1日（月）" in letter.text


def _deposited(desk: Desk, slip: Payment) -> None:
    desk.gmo.deposit(slip.order_id)
    desk.settle(slip)


def _expired(desk: Desk, slip: Payment) -> None:
    desk.gmo.expire_slip(slip.order_id)
    desk.settle(slip)


def _to_be_stopped(desk: Desk, slip: Payment) -> None:
    now = desk.clock()
    desk.database.commit(desk.store.cancel_wanted(slip.member_id, slip.order_id, now))


def _past(desk: Desk, _: Payment) -> None:
    desk.clock.tick(days=5)


@pytest.mark.parametrize("happens", [_deposited, _expired, _to_be_stopped, _past])
def test_a_slip_that_is_over_when_the_mail_is_sent_is_not_reminded_of(
    happens: Callable[[Desk, Payment], None],
) -> None:
    desk = Desk()
    slip, row = desk.slip_reminder()
    happens(desk, slip)
    assert desk.write(row) == SLIP_OVER


def test_an_open_slip_is_reminded_of_with_its_numbers() -> None:
    desk = Desk()
    _, row = desk.slip_reminder()
    letter = desk.write(row)
    assert isinstance(letter, Letter)
    assert "ファミリーマート" in letter.text
    assert "123456789012" in letter.text


def test_a_reminder_reads_single_rows_only() -> None:
    """The mailer's role allows GetItem on the billing table and nothing else."""
    desk = Desk()
    invoice = desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.card(invoice)
    desk.database.calls.clear()
    desk.write(replace(row, state=State.SENDING))
    assert desk.database.calls == {"read": 3}


def test_the_due_date_itself_is_not_yet_missed() -> None:
    desk = Desk()
    desk.bill()
    (row,) = desk.remind(STEP_DAY)
    desk.clock.now = datetime(2026, 12, 31, 14, 0, tzinfo=UTC)
    letter = desk.write(row)
    assert isinstance(letter, Letter)
    assert date(2026, 12, 31).isoformat() not in letter.text
    assert "期限が近づいて" in letter.text
