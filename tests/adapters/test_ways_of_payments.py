"""What payers, GMO and schedules do, once each from end to end on DynamoDB.

This proves that no transaction has two actions on one item and that DynamoDB takes every
expression; what the use cases decide is tested in memory.
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from functions.gmo_webhook.door import Door
from functions.settlement.payers import Payers
from functions.settlement.work import Work
from portal.billing.asking import Asking
from portal.billing.hints import Hints
from portal.billing.inbox import InboxStore
from portal.billing.issue_invoice import Dues, issue_invoice
from portal.billing.model import Invoice, InvoiceState, Method, Payment, PaymentState
from portal.billing.open_payment import LinkRefusedError, PaymentOpening
from portal.billing.reattach import Reattachment
from portal.billing.release_method import MethodRelease
from portal.billing.settle import Settlement
from portal.billing.store import BillingStore
from portal.config import load_society
from portal.database import Delete
from portal.gmo.link import Payer
from tests.adapters.house import TABLES, Dynamo, names
from tests.fake_gmo import SHOP_ID, FakeGmo, Fault
from tests.fakes import FixedClock

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NUMBER = "001234"
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
PAYER = Payer(name="山田 花子", kana="ヤマダハナコ", phone="09012345678", mail="h@example.jp")


@dataclass
class Desk:
    """Billing on DynamoDB with a GMO of its own truth."""

    aws: Dynamo

    def __post_init__(self) -> None:
        database, society = self.aws.database, load_society()
        self.clock = FixedClock(NOON)
        self.gmo = FakeGmo(self.clock)
        self.store = BillingStore(database, TABLES.billing)
        self.inbox = InboxStore(database, TABLES.inbox)
        self.settlement = Settlement(
            database=database,
            store=self.store,
            gmo=self.gmo,
            clock=self.clock,
            society=society,
            stage="test",
            outbox=TABLES.outbox,
            audit_table=TABLES.audit,
        )
        self.opening = PaymentOpening(
            database=database,
            store=self.store,
            gmo=self.gmo,
            settlement=self.settlement,
            clock=self.clock,
            society=society,
            stage="test",
            return_url="https://jgets-member.net/member/billing/return",
            audit_table=TABLES.audit,
        )
        payers = Payers(database, TABLES.members)
        reattachment = Reattachment(
            database, self.store, self.gmo, self.clock, society, "test", payers
        )
        hints = Hints(database, self.inbox, self.settlement, reattachment, self.clock, SHOP_ID)
        asking = Asking(self.settlement, self.clock, lambda _: None)
        self.work = Work(self.inbox, hints, asking, self.clock)
        self.door = Door(database, TABLES.inbox, self.clock)

    def bill(self, year: int = 2026) -> Invoice:
        day = date(2027, 3, 31)
        invoice = issue_invoice(
            self.aws.database,
            self.store,
            TABLES.audit,
            member_id=MEMBER_ID,
            member_no=NUMBER,
            dues=Dues(year, f"{year}年度 年会費", 12_000, day, day),
            actor="office:test",
            now=self.clock(),
        )
        assert invoice is not None
        return invoice

    def decide(self, invoice: Invoice, method: Method) -> Payment:
        account = self.store.account(MEMBER_ID)
        self.opening.decide(account, self.now(invoice), method, PAYER, "中野病院")
        return self.last(invoice)

    def again(self, invoice: Invoice) -> Payment:
        account = self.store.account(MEMBER_ID)
        self.opening.again(account, self.now(invoice), PAYER, "中野病院")
        return self.last(invoice)

    def now(self, invoice: Invoice) -> Invoice:
        found = self.store.invoice(MEMBER_ID, invoice.invoice_id)
        assert found is not None
        return found

    def last(self, invoice: Invoice) -> Payment:
        found = self.store.account(MEMBER_ID).last(invoice)
        assert found is not None
        return found

    def notify(self, order_id: str, **changes: str) -> None:
        body = self.gmo.notification(order_id, **changes)
        answer = self.door(
            {
                "httpMethod": "POST",
                "resource": "/gmo/notification",
                "multiValueHeaders": {"Content-Type": ["application/x-www-form-urlencoded"]},
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
                "requestContext": {"requestId": "r", "identity": {"sourceIp": "192.0.2.1"}},
            }
        )
        assert answer["body"] == "0"

    def stream(self) -> None:
        """Hand what the stream of the inbox holds to the function, as Lambda does."""
        answer = self.work({"Records": records(self.aws)}, lambda: 1000.0)
        assert answer == {"batchItemFailures": []}

    def task(self, task: str) -> None:
        self.work({"task": task}, lambda: 1000.0)

    def mails(self) -> list[str]:
        return sorted(name.split("#")[0] for name in names(self.aws, TABLES.outbox))

    def pending(self) -> int:
        rows = self.aws.client.scan(TableName=TABLES.inbox)["Items"]
        return len([row for row in rows if "pending" in row])

    def discrepancies(self) -> list[str]:
        found = names(self.aws, TABLES.billing)
        return [name.split("#")[1] for name in found if name.startswith("DISC#")]


def records(aws: Dynamo) -> list[dict[str, Any]]:
    """Return the inbox's new rows as the records of a stream's event, which is JSON."""
    rows = aws.client.scan(TableName=TABLES.inbox)["Items"]
    images = [
        {name: _as_json(typed) for name, typed in row.items()} for row in rows if "pending" in row
    ]
    return json.loads(  # type: ignore[no-any-return]
        json.dumps(
            [
                {
                    "eventName": "INSERT",
                    "dynamodb": {"SequenceNumber": str(n), "NewImage": image},
                }
                for n, image in enumerate(images)
            ]
        )
    )


def _as_json(typed: dict[str, Any]) -> dict[str, Any]:
    ((kind, value),) = typed.items()
    return {kind: base64.b64encode(value).decode()} if kind == "B" else typed


@pytest.fixture
def desk(aws: Dynamo) -> Desk:
    return Desk(aws)


def test_by_card_from_the_press_to_the_receipt(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CARD)
    assert payment.state is PaymentState.LINKED
    assert desk.decide(invoice, Method.CARD) == payment
    desk.gmo.decline_card(payment.order_id)
    desk.notify(payment.order_id)
    desk.stream()
    desk.gmo.pay_card(payment.order_id)
    desk.notify(payment.order_id)
    desk.notify(payment.order_id)
    desk.stream()
    account = desk.store.account(MEMBER_ID)
    assert desk.now(invoice).state is InvoiceState.PAID
    assert set(account.receipts) == {invoice.invoice_id}
    assert (desk.mails(), desk.pending(), desk.discrepancies()) == (["card_paid"], 0, [])


def test_by_slip_from_the_press_to_the_deposit(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CVS)
    desk.gmo.issue_slip(payment.order_id)
    desk.notify(payment.order_id)
    desk.stream()
    assert desk.last(invoice).state is PaymentState.SLIP
    desk.gmo.deposit(payment.order_id)
    desk.clock.tick(minutes=3)
    desk.task("ask")
    assert desk.now(invoice).state is InvoiceState.PAID
    assert desk.mails() == ["deposit_paid", "slip_issued"]


def test_a_slip_that_ran_out_leads_to_a_new_one(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CVS)
    desk.gmo.issue_slip(payment.order_id)
    desk.settlement.settle(payment.order_id)
    desk.gmo.expire_slip(payment.order_id)
    desk.notify(payment.order_id)
    desk.clock.tick(minutes=3)
    desk.task("sweep")
    assert desk.last(invoice).state is PaymentState.EXPIRED
    fresh = desk.again(invoice)
    assert (fresh.attempt, fresh.method, fresh.live) == (2, Method.CVS, True)
    assert desk.mails() == ["slip_expired", "slip_issued"]


def test_money_of_a_slip_that_had_run_out_stops_the_new_one(desk: Desk) -> None:
    invoice = desk.bill()
    first = desk.decide(invoice, Method.CVS)
    desk.gmo.issue_slip(first.order_id)
    desk.settlement.settle(first.order_id)
    desk.gmo.expire_slip(first.order_id)
    desk.settlement.settle(first.order_id)
    second = desk.again(invoice)
    desk.gmo.deposit(first.order_id, late=True)
    desk.settlement.settle(first.order_id)
    assert desk.now(invoice).paid_order == first.order_id
    assert desk.store.account(MEMBER_ID).payments[second.order_id].cancel_wanted
    desk.task("ask")
    stopped = desk.store.account(MEMBER_ID).payments[second.order_id]
    assert stopped.state is PaymentState.CANCELLED


def test_a_refund_is_seen_and_money_that_does_not_add_up_is_kept_apart(desk: Desk) -> None:
    paid, odd = desk.bill(2025), desk.bill(2026)
    payment = desk.decide(paid, Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    desk.settlement.settle(payment.order_id)
    desk.gmo.refund(payment.order_id)
    desk.notify(payment.order_id)
    desk.stream()
    assert desk.now(paid).state is InvoiceState.REFUNDED
    payment = desk.decide(odd, Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    desk.gmo.alter(payment.order_id, amount=1)
    desk.settlement.settle(payment.order_id)
    assert desk.now(odd).state is InvoiceState.UNPAID
    assert desk.discrepancies() == ["mismatch"]


def test_a_refusal_frees_the_method_and_silence_is_closed_by_schedule(desk: Desk) -> None:
    refused, silent = desk.bill(2025), desk.bill(2026)
    desk.gmo.fail("issue_link", Fault.REFUSED)
    with pytest.raises(LinkRefusedError):
        desk.decide(refused, Method.CARD)
    assert (desk.now(refused).method, desk.now(refused).live_order) == (None, "")
    desk.gmo.fail("issue_link", Fault.DOWN)
    desk.decide(silent, Method.CARD)
    desk.clock.tick(minutes=2)
    desk.task("ask")
    assert desk.last(silent).state is PaymentState.ABANDONED
    assert desk.now(silent).method is Method.CARD


def test_forged_and_unknown_deliveries_end_as_discrepancies(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CARD)
    desk.gmo.decline_card(payment.order_id)
    desk.notify(payment.order_id, Status="CAPTURE", ErrCode="", ErrInfo="")
    desk.notify(payment.order_id, OrderID="D26-NOBODYS000000000")
    for _ in range(5):
        desk.clock.tick(hours=1, minutes=1)
        desk.task("sweep")
    assert sorted(desk.discrepancies()) == ["unconfirmed", "unknown_order"]
    assert desk.pending() == 0
    assert desk.now(invoice).state is InvoiceState.UNPAID


def test_gmo_down_keeps_deliveries_waiting(desk: Desk) -> None:
    payment = desk.decide(desk.bill(), Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    desk.notify(payment.order_id)
    desk.gmo.down.add("search")
    desk.stream()
    desk.clock.tick(minutes=3)
    desk.task("ask")
    assert desk.pending() == 1
    desk.gmo.down.clear()
    desk.clock.tick(hours=2)
    desk.task("sweep")
    assert desk.pending() == 0
    assert desk.last(desk.store.account(MEMBER_ID).invoices[0]).state is PaymentState.PAID


def test_the_office_releases_a_method(desk: Desk) -> None:
    invoice = desk.bill()
    desk.decide(invoice, Method.CARD)
    desk.clock.tick(days=3)
    desk.task("ask")
    assert desk.last(invoice).state is PaymentState.EXPIRED
    releasing = MethodRelease(desk.aws.database, desk.store, TABLES.audit)
    releasing.release(
        MEMBER_ID, invoice.invoice_id, actor="office:test", reason="test", now=desk.clock()
    )
    assert desk.decide(invoice, Method.CVS).method is Method.CVS


def test_an_order_that_a_restore_forgot_is_attached_again(desk: Desk) -> None:
    invoice = desk.bill()
    payment = desk.decide(invoice, Method.CARD)
    desk.gmo.pay_card(payment.order_id)
    table = desk.store.table
    desk.aws.database.commit(
        Delete(table, {"pk": MEMBER_ID, "sk": f"PAY#{payment.order_id}"}),
        Delete(table, {"pk": f"ORDER#{payment.order_id}", "sk": "REF"}),
        desk.store.changed_invoice(desk.now(invoice), invoice),
    )
    desk.notify(payment.order_id)
    desk.stream()
    assert desk.now(invoice).paid_order == payment.order_id
    assert desk.pending() == 0
