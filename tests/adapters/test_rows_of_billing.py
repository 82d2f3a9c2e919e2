"""Rows of billing and of the inbox survive DynamoDB, and their conditions do what they promise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.billing import receipts
from portal.billing.account import Reference
from portal.billing.inbox import GRACE, NOTIFICATION, Delivery, InboxStore
from portal.billing.model import (
    Flag,
    Invoice,
    InvoiceState,
    Method,
    Payment,
    PaymentState,
    Slip,
)
from portal.billing.receipts import Addressee
from portal.billing.rows import ASK_SHARDS
from portal.billing.store import BillingStore
from portal.database import Query, Rejected
from tests.adapters.house import TABLES, Dynamo
from tests.unit.receipts.samples import SNAPSHOT

NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
ORDER = "D26-0123456789ABCDEF"

INVOICE = Invoice(
    member_id=MEMBER_ID,
    member_no="001234",
    invoice_id="abc",
    title="2026年度 年会費",
    fiscal_year=2026,
    amount=12_000,
    due_on=date(2026, 12, 31),
    closes_on=date(2027, 3, 31),
)
PAYMENT = Payment(
    member_id=MEMBER_ID,
    order_id=ORDER,
    invoice_id="abc",
    method=Method.CVS,
    amount=12_000,
    attempt=1,
    created_at=NOW,
    link_expires_at=NOW + timedelta(days=3),
    term_days=14,
    next_ask_at=NOW,
)
FULL_INVOICE = replace(
    INVOICE,
    state=InvoiceState.PAID,
    method=Method.CARD,
    live_order="D26-X",
    attempts=2,
    paid_order=ORDER,
    paid_on=date(2026, 11, 22),
    version=9,
)
FULL_PAYMENT = replace(
    PAYMENT,
    state=PaymentState.PAID,
    version=5,
    link_url="https://link.example.com/x",
    slip=Slip("10002", "20020", "123456789012", "https://example.com/slip", NOW),
    access_id="0" * 32,
    paid_amount=11_000,
    paid_at=NOW,
    flag=Flag.MISMATCH,
    cancel_wanted=True,
    asks=4,
    last_result="PAYSUCCESS",
    last_error="42G020000",
    last_result_at=NOW,
    payer_name="山田 花子",
    payer_workplace="中野病院",
)


@pytest.fixture
def store(aws: Dynamo) -> BillingStore:
    return BillingStore(aws.database, TABLES.billing)


@pytest.mark.parametrize("invoice", [INVOICE, FULL_INVOICE], ids=["bare", "full"])
def test_an_invoice_comes_back_as_it_was(
    aws: Dynamo, store: BillingStore, invoice: Invoice
) -> None:
    aws.database.commit(*store.new_invoice(invoice))
    assert store.invoice(MEMBER_ID, "abc") == invoice
    assert store.account(MEMBER_ID).invoices == (invoice,)


@pytest.mark.parametrize(
    "payment",
    [PAYMENT, FULL_PAYMENT, replace(FULL_PAYMENT, next_ask_at=None, slip=None)],
    ids=["bare", "full", "done"],
)
def test_a_payment_comes_back_as_it_was(aws: Dynamo, store: BillingStore, payment: Payment) -> None:
    aws.database.commit(*store.new_payment(payment), *store.new_invoice(INVOICE))
    reference = store.reference(ORDER)
    assert reference == Reference(ORDER, MEMBER_ID, "abc")
    assert store.payment_and_invoice(reference) == (payment, INVOICE)
    assert store.account(MEMBER_ID).payments == {ORDER: payment}


def test_a_year_is_billed_once(aws: Dynamo, store: BillingStore) -> None:
    aws.database.commit(*store.new_invoice(INVOICE))
    with pytest.raises(Rejected) as rejected:
        aws.database.commit(*store.new_invoice(replace(INVOICE, invoice_id="other")))
    assert rejected.value.failed == {1}
    assert store.invoice(MEMBER_ID, "other") is None


def test_an_order_id_is_used_once(aws: Dynamo, store: BillingStore) -> None:
    aws.database.commit(*store.new_payment(PAYMENT))
    with pytest.raises(Rejected) as rejected:
        aws.database.commit(*store.new_payment(PAYMENT))
    assert rejected.value.failed == {0, 1}


def test_of_two_changes_of_one_version_the_second_is_rejected(
    aws: Dynamo, store: BillingStore
) -> None:
    aws.database.commit(*store.new_payment(PAYMENT), *store.new_invoice(INVOICE))
    payment = store.changed_payment(PAYMENT, replace(PAYMENT, state=PaymentState.LINKED))
    invoice = store.changed_invoice(INVOICE, replace(INVOICE, live_order=ORDER))
    aws.database.commit(payment, invoice)
    with pytest.raises(Rejected) as rejected:
        aws.database.commit(payment, invoice)
    assert rejected.value.failed == {0, 1}


def test_a_browsers_hint_moves_the_version_on(aws: Dynamo, store: BillingStore) -> None:
    found = Reference(ORDER, MEMBER_ID, "abc")
    hint = store.hint(found, "PAYSUCCESS", "", NOW)
    with pytest.raises(Rejected):
        aws.database.commit(hint)
    aws.database.commit(*store.new_payment(PAYMENT))
    aws.database.commit(hint)
    assert store.account(MEMBER_ID).payments[ORDER] == replace(
        PAYMENT, last_result="PAYSUCCESS", last_result_at=NOW, version=2
    )


@pytest.mark.parametrize("state", list(PaymentState))
def test_only_a_live_payment_is_marked_to_be_stopped(
    aws: Dynamo, store: BillingStore, state: PaymentState
) -> None:
    payment = replace(PAYMENT, state=state, next_ask_at=None)
    aws.database.commit(*store.new_payment(payment))
    mark = store.cancel_wanted(MEMBER_ID, ORDER, NOW)
    if payment.live:
        aws.database.commit(mark)
        assert due(store) == [(MEMBER_ID, ORDER)]
    else:
        with pytest.raises(Rejected):
            aws.database.commit(mark)
        assert due(store) == []


def due(store: BillingStore, now: datetime = NOW) -> list[tuple[str, str]]:
    return [one for shard in range(ASK_SHARDS) for one in store.to_be_asked(shard, now, 10)]


def test_a_payment_is_due_until_its_answer_is_final(aws: Dynamo, store: BillingStore) -> None:
    """With `next_ask_at` the payment leaves the index."""
    aws.database.commit(*store.new_payment(PAYMENT))
    assert due(store, NOW - timedelta(seconds=1)) == []
    assert due(store) == [(MEMBER_ID, ORDER)]
    aws.database.commit(store.ask_later(MEMBER_ID, ORDER, NOW + timedelta(minutes=5)))
    assert due(store) == []
    (payment,) = store.account(MEMBER_ID).payments.values()
    final = replace(payment, state=PaymentState.EXPIRED, next_ask_at=None)
    aws.database.commit(store.changed_payment(payment, final))
    assert due(store, NOW + timedelta(days=999)) == []
    with pytest.raises(Rejected):
        aws.database.commit(store.ask_later(MEMBER_ID, ORDER, NOW))


def test_an_orders_log_keeps_its_events_in_order(aws: Dynamo, store: BillingStore) -> None:
    for what, at in (("paid", NOW), ("slip", NOW - timedelta(days=1)), ("paid", NOW)):
        aws.database.commit(store.event(ORDER, what, at, {"amount": 1, "codes": ["a"]}))
    rows = aws.database.query(Query(TABLES.billing, f"ORDER#{ORDER}", prefix="EVT#"))
    assert [row["what"] for row in rows] == ["slip", "paid", "paid"]
    assert rows[0]["data"] == {"amount": 1, "codes": ["a"]}


def test_what_does_not_add_up_is_counted_and_stands_in_its_index(
    aws: Dynamo, store: BillingStore
) -> None:
    for _ in range(2):
        aws.database.commit(store.discrepancy("surplus", ORDER, NOW, {"paid_amount": 1}))
    (row,) = aws.database.due(
        TABLES.billing, "discrepancies", {"open": "open"}, {"found_at": "9"}, 10
    )
    assert (row["times"], row["kind"], row["evidence"]) == (2, "surplus", {"paid_amount": 1})


# Receipts


def test_a_receipt_comes_back_before_and_after_its_addressee(aws: Dynamo) -> None:
    made = SNAPSHOT
    get = receipts.read(TABLES.billing, made.member_id, made.invoice_id)
    aws.database.commit(receipts.written(TABLES.billing, made))
    row = aws.database.get(get.table, get.key)
    assert row is not None
    assert receipts.parse(row) == made
    choice = receipts.addressed(TABLES.billing, made, Addressee.WORKPLACE, date(2026, 11, 23))
    aws.database.commit(choice)
    with pytest.raises(Rejected):
        aws.database.commit(choice)
    row = aws.database.get(get.table, get.key)
    assert row is not None
    assert receipts.parse(row).addressee_kind is Addressee.WORKPLACE


def test_a_receipts_number_is_written_once_and_a_new_one_replaces_it(aws: Dynamo) -> None:
    made = SNAPSHOT
    aws.database.commit(receipts.written(TABLES.billing, made))
    with pytest.raises(Rejected):
        aws.database.commit(receipts.written(TABLES.billing, made))
    aws.database.commit(receipts.written(TABLES.billing, replace(made, number="2026-001234-9")))


def test_an_addressee_makes_no_receipt(aws: Dynamo) -> None:
    with pytest.raises(Rejected):
        aws.database.commit(
            receipts.addressed(TABLES.billing, SNAPSHOT, Addressee.SELF, date(2026, 11, 23))
        )


# The inbox


@pytest.fixture
def inbox(aws: Dynamo) -> InboxStore:
    return InboxStore(aws.database, TABLES.inbox)


def received(aws: Dynamo, inbox: InboxStore, body: bytes, now: datetime = NOW) -> None:
    aws.database.commit(
        inbox.received(
            NOTIFICATION,
            body,
            headers={"content-type": "text/x", "cookie": "secret", "x": ""},
            source="192.0.2.1",
            now=now,
        )
    )


def waiting(inbox: InboxStore, until: datetime, limit: int = 10) -> list[Delivery]:
    """Return the deliveries the index tells of, each read by its key."""
    found = [inbox.find(inbox_id) for inbox_id in inbox.due(until, limit)]
    return [one.delivery for one in found if one is not None]


@pytest.mark.parametrize("body", [b"", b"\x82\x60\x00\xff", bytes(range(256)) * 128])
def test_a_delivery_keeps_its_very_bytes(aws: Dynamo, inbox: InboxStore, body: bytes) -> None:
    received(aws, inbox, body)
    (one,) = waiting(inbox, NOW + GRACE)
    assert (one.body, one.content_type, one.received_at, one.tries) == (body, "text/x", NOW, 0)


def test_deliveries_wait_their_grace_and_come_oldest_first(aws: Dynamo, inbox: InboxStore) -> None:
    for n, minutes in enumerate((3, 1, 2)):
        received(aws, inbox, b"%d" % n, NOW + timedelta(minutes=minutes))
    assert waiting(inbox, NOW + GRACE) == []
    later = NOW + GRACE + timedelta(minutes=3)
    assert [one.body for one in waiting(inbox, later)] == [b"1", b"2", b"0"]
    assert [one.body for one in waiting(inbox, later, 2)] == [b"1", b"2"]


def test_a_delivery_that_was_applied_leaves_the_list(aws: Dynamo, inbox: InboxStore) -> None:
    received(aws, inbox, b"x")
    (one,) = waiting(inbox, NOW + GRACE)
    once = inbox.applied(one, "applied", NOW, once=True)
    aws.database.commit(once)
    assert waiting(inbox, NOW + timedelta(days=99)) == []
    with pytest.raises(Rejected):
        aws.database.commit(once)
    aws.database.commit(inbox.applied(one, "applied", NOW))


def test_a_delivery_put_off_comes_back_with_its_tries(aws: Dynamo, inbox: InboxStore) -> None:
    received(aws, inbox, b"x")
    (one,) = waiting(inbox, NOW + GRACE)
    aws.database.commit(inbox.later(one, timedelta(minutes=10), "silent", NOW, counted=True))
    assert waiting(inbox, NOW + GRACE) == []
    (again,) = waiting(inbox, NOW + timedelta(minutes=10))
    assert again.tries == 1
