"""What the tests of billing share: every collaborator of the payment core, in memory.

Time stands still unless told; GMO is a fake with a truth of its own; the database can let somebody
else commit just before our own write.
"""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from functions.gmo_webhook.door import Door
from functions.settlement.payers import Payers
from functions.settlement.work import Work
from portal.billing import receipts
from portal.billing.account import Account
from portal.billing.asking import Asking
from portal.billing.hints import Hints
from portal.billing.inbox import RETURN, InboxStore, delivery
from portal.billing.issue_invoice import Dues, issue_invoice
from portal.billing.model import Invoice, Method, Payment
from portal.billing.open_payment import PaymentOpening
from portal.billing.reattach import Reattachment
from portal.billing.release_method import MethodRelease
from portal.billing.settle import Settled, Settlement
from portal.billing.store import BillingStore
from portal.config import Society, Tables, load_society
from portal.database import Item, Key, Write
from portal.gmo.link import Payer
from tests.fake_gmo import SHOP_ID, FakeGmo
from tests.fakes import FixedClock, MemoryDatabase

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
STAGE = "test"
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
MEMBER_NO = "001234"
OTHER_ID = "zyxwvtsrqpnmkjhgfedcba9876"
AMOUNT = 12_000
CLOSES = date(2027, 3, 31)
RETURN_URL = "https://jgets-member.net/member/billing/return"
PAYER = Payer(name="山田 花子", kana="ヤマダハナコ", phone="09012345678", mail="h@example.jp")
WORKPLACE = "中野病院"
PLENTY = 1000.0

TABLES = Tables(
    credentials="credentials",
    sessions="sessions",
    throttle="throttle",
    members="members",
    billing="billing",
    inbox="inbox",
    outbox="outbox",
    audit="audit",
)


class InterleavedDatabase(MemoryDatabase):
    """A database in which others may commit between our read and our write.

    Each entry of ``before_commit`` runs once, just before the next commit is applied.
    ``commits`` keeps what was written together.
    """

    def __init__(self) -> None:
        super().__init__()
        self.before_commit: list[Callable[[], object]] = []
        self.commits: list[tuple[Write, ...]] = []

    def commit(self, *writes: Write) -> None:
        if self.before_commit:
            self.before_commit.pop(0)()
        super().commit(*writes)
        self.commits.append(writes)


class House:
    """One deployment in memory. *society* may differ from society.toml."""

    def __init__(self, society: Society | None = None) -> None:
        self.database = InterleavedDatabase()
        self.clock = FixedClock(NOON)
        self.gmo = FakeGmo(self.clock)
        self.society = society or load_society()
        self.paused: list[float] = []
        self.store = BillingStore(self.database, TABLES.billing)
        self.inbox = InboxStore(self.database, TABLES.inbox)
        self.settlement = Settlement(
            database=self.database,
            store=self.store,
            gmo=self.gmo,
            clock=self.clock,
            society=self.society,
            stage=STAGE,
            outbox=TABLES.outbox,
            audit_table=TABLES.audit,
        )
        self.opening = PaymentOpening(
            database=self.database,
            store=self.store,
            gmo=self.gmo,
            settlement=self.settlement,
            clock=self.clock,
            society=self.society,
            stage=STAGE,
            return_url=RETURN_URL,
            audit_table=TABLES.audit,
        )
        payers = Payers(self.database, TABLES.members)
        self.reattachment = Reattachment(
            self.database, self.store, self.gmo, self.clock, self.society, STAGE, payers
        )
        self.hints = Hints(
            self.database, self.inbox, self.settlement, self.reattachment, self.clock, SHOP_ID
        )
        self.asking = Asking(self.settlement, self.clock, self.paused.append)
        self.work = Work(self.inbox, self.hints, self.asking, self.clock)
        self.door = Door(self.database, TABLES.inbox, self.clock)
        self.releasing = MethodRelease(self.database, self.store, TABLES.audit)

    # What members and the office do

    def bill(
        self,
        fiscal_year: int = 2026,
        *,
        amount: int = AMOUNT,
        closes_on: date = CLOSES,
        member_id: str = MEMBER_ID,
    ) -> Invoice:
        """Bill one year's dues."""
        invoice = issue_invoice(
            self.database,
            self.store,
            TABLES.audit,
            member_id=member_id,
            member_no=MEMBER_NO,
            dues=Dues(
                fiscal_year, f"{fiscal_year}年度 年会費", amount, date(2026, 12, 31), closes_on
            ),
            actor="office:test",
            now=self.clock(),
        )
        assert invoice is not None
        return invoice

    def decide(self, invoice: Invoice, method: Method = Method.CARD) -> Payment:
        """Press 決定 and return the latest payment of the invoice."""
        account = self.account()
        now = account.invoice(invoice.invoice_id)
        assert now is not None
        self.opening.decide(account, now, method, PAYER, WORKPLACE)
        return self.last(invoice)

    def again(self, invoice: Invoice) -> Payment:
        """Press お支払い手続きをやり直す and return the latest payment of the invoice."""
        account = self.account()
        now = account.invoice(invoice.invoice_id)
        assert now is not None
        self.opening.again(account, now, PAYER, WORKPLACE)
        return self.last(invoice)

    def card(self, invoice: Invoice | None = None) -> Payment:
        """Return a payment with a link to pay by card."""
        return self.decide(invoice or self.bill(), Method.CARD)

    def slip(self, invoice: Invoice | None = None, cvs_code: str = "10002") -> Payment:
        """Return a payment whose slip was issued and settled."""
        payment = self.decide(invoice or self.bill(), Method.CVS)
        self.gmo.issue_slip(payment.order_id, cvs_code)
        return self.settle(payment).payment

    # What GMO, browsers and schedules do

    def settle(self, payment: Payment) -> Settled:
        """Ask GMO about a payment and write what follows."""
        return self.settlement.settle(payment.order_id)

    def knock(self, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> str:
        """POST to the notification's door and return the letter it answers."""
        answer = self.door(event(body, content_type))
        assert answer["statusCode"] == 200
        return str(answer["body"])

    def notify(self, order_id: str, **changes: str) -> str:
        """Have GMO notify of an order as it stands, or somebody forge that."""
        return self.knock(self.gmo.notification(order_id, **changes))

    def come_back(self, payment: Payment, result: str, error: str = "") -> None:
        """Have the browser come back from GMO with a verified result."""
        found = self.store.reference(payment.order_id)
        assert found is not None
        now = self.clock()
        kept = self.inbox.received(
            RETURN, b"result=x", headers={}, source="", now=now, order_id=payment.order_id
        )
        self.database.commit(kept, self.store.hint(found, result, error, now))

    def stream(self) -> None:
        """Apply what is pending as the stream does at once."""
        for row in self.pending():
            self.hints.apply(delivery(row))

    def sweep(self) -> dict[str, Any]:
        """Run the five-minute sweep."""
        return self.work({"task": "sweep"}, lambda: PLENTY)

    def ask(self, seconds: float = PLENTY) -> dict[str, Any]:
        """Run the one-minute schedule."""
        return self.work({"task": "ask"}, lambda: seconds)

    # What is stored

    def account(self, member_id: str = MEMBER_ID) -> Account:
        """Read everything billed to a member."""
        return self.store.account(member_id)

    def invoice(self, invoice: Invoice) -> Invoice:
        """Read an invoice again."""
        found = self.store.invoice(invoice.member_id, invoice.invoice_id)
        assert found is not None
        return found

    def payment(self, payment: Payment) -> Payment:
        """Read a payment again."""
        return self.account(payment.member_id).payments[payment.order_id]

    def last(self, invoice: Invoice) -> Payment:
        """Return the latest payment of an invoice."""
        found = self.account(invoice.member_id).last(invoice)
        assert found is not None
        return found

    def payments(self) -> list[Payment]:
        """Return all payments of the member."""
        return list(self.account().payments.values())

    def pending(self) -> list[Item]:
        """Return the deliveries nobody has applied yet."""
        return [row for row in self.database.rows(TABLES.inbox) if "pending" in row]

    def mails(self) -> list[str]:
        """Return the ids of the mails that were ever queued."""
        return [str(row["pk"]) for row in self.database.rows(TABLES.outbox)]

    def events(self, payment: Payment) -> list[str]:
        """Return what the order's log says, oldest first."""
        rows = self.database.rows(TABLES.billing, "EVT#")
        return [str(r["what"]) for r in rows if r["pk"] == f"ORDER#{payment.order_id}"]

    def discrepancies(self) -> list[Item]:
        """Return what does not add up."""
        return self.database.rows(TABLES.billing, "DISC")

    def receipt(self, invoice: Invoice) -> receipts.ReceiptSnapshot | None:
        """Return the receipt of an invoice."""
        found = self.account(invoice.member_id).receipts.get(invoice.invoice_id)
        return receipts.parse(found) if found else None

    def row(self, payment: Payment) -> Item:
        """Return the row of a payment as it is kept."""
        key: Key = {"pk": payment.member_id, "sk": f"PAY#{payment.order_id}"}
        row = self.database.get(TABLES.billing, key)
        assert row is not None
        return row

    def forget(self, payment: Payment, invoice: Invoice) -> None:
        """Make the billing table what a restore from before *payment* would leave of it."""
        rows = self.database.tables[TABLES.billing]
        order = f"ORDER#{payment.order_id}"
        gone = [key for key in rows if key[0] == order or key[1] == f"PAY#{payment.order_id}"]
        for key in gone:
            del rows[key]
        row = rows[invoice.member_id, f"INV#{invoice.invoice_id}"]
        row.pop("live_order", None)
        row.pop("method", None)
        row["attempts"] = invoice.attempts


def event(body: bytes, content_type: str) -> dict[str, Any]:
    """Return API Gateway's event of a POST to the door."""
    return {
        "httpMethod": "POST",
        "resource": "/gmo/notification",
        "path": "/gmo/notification",
        "pathParameters": None,
        "queryStringParameters": None,
        "multiValueHeaders": {
            "Content-Type": [content_type],
            "Cookie": ["__Host-session=secret"],
            "X-Odd": ["x" * 900],
        },
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
        "requestContext": {
            "requestId": "0f1e2d3c-0000-4000-8000-000000000000",
            "identity": {"sourceIp": "210.197.108.196"},
        },
    }
