"""The snapshot, its row, and the two things that may be written."""

from datetime import date, timedelta

import pytest

from portal.billing import receipts
from portal.billing.receipts import Addressee
from portal.config import load_society
from portal.database import Rejected
from tests.fakes import MemoryDatabase
from tests.unit.receipts.samples import MEMBER, PAID_DAY, SNAPSHOT, a_receipt

TABLE = "billing"


def stored(database: MemoryDatabase) -> receipts.ReceiptSnapshot:
    item = database.get(TABLE, receipts.key(MEMBER, SNAPSHOT.invoice_id))
    assert item is not None
    return receipts.parse(item)


@pytest.mark.parametrize(
    "snapshot",
    [
        SNAPSHOT,
        a_receipt(addressee_kind=Addressee.WORKPLACE, addressed_on=date(2026, 12, 1)),
        a_receipt(workplace="", method="cvs"),
        a_receipt(replaces="2026-001234-1"),
    ],
)
def test_a_snapshot_comes_back_from_its_row_unchanged(
    snapshot: receipts.ReceiptSnapshot,
) -> None:
    assert receipts.parse(receipts.to_item(snapshot)) == snapshot


def test_a_receipt_lies_under_its_member_and_invoice() -> None:
    assert receipts.written(TABLE, SNAPSHOT).key == {"pk": MEMBER, "sk": "RCPT#2026-annual"}


def test_the_number_is_made_of_year_member_and_attempt() -> None:
    assert receipts.number(2026, "001234", 2) == "2026-001234-2"


def test_numbers_of_different_payments_never_meet() -> None:
    """Member numbers hold no hyphen, so no two triples give one number."""
    triples = [(y, m, a) for y in (2025, 2026) for m in ("1", "11", "001") for a in (1, 11)]
    assert len({receipts.number(*triple) for triple in triples}) == len(triples)


def test_the_same_receipt_is_not_written_twice() -> None:
    """A settlement applied again must not forget the addressee that was chosen."""
    database = MemoryDatabase()
    database.commit(receipts.written(TABLE, SNAPSHOT))
    with pytest.raises(Rejected):
        database.commit(receipts.written(TABLE, SNAPSHOT))


def test_a_later_payment_after_a_refund_has_a_receipt_of_its_own() -> None:
    database = MemoryDatabase()
    database.commit(receipts.written(TABLE, SNAPSHOT))
    database.commit(receipts.written(TABLE, a_receipt(number="2026-001234-2")))
    assert stored(database).number == "2026-001234-2"


def test_the_addressee_is_settled_once() -> None:
    database = MemoryDatabase()
    database.commit(receipts.written(TABLE, SNAPSHOT))
    database.commit(receipts.addressed(TABLE, SNAPSHOT, Addressee.WORKPLACE, PAID_DAY))
    with pytest.raises(Rejected):
        database.commit(receipts.addressed(TABLE, SNAPSHOT, Addressee.SELF, PAID_DAY))
    assert stored(database).shown_addressee == "中野病院"


def test_no_addressee_is_settled_for_a_receipt_that_was_replaced() -> None:
    database = MemoryDatabase()
    database.commit(receipts.written(TABLE, a_receipt(number="2026-001234-2")))
    with pytest.raises(Rejected):
        database.commit(receipts.addressed(TABLE, SNAPSHOT, Addressee.SELF, PAID_DAY))


def test_settling_the_addressee_leaves_everything_else_as_it_was() -> None:
    database = MemoryDatabase()
    database.commit(receipts.written(TABLE, SNAPSHOT))
    database.commit(receipts.addressed(TABLE, SNAPSHOT, Addressee.SELF, PAID_DAY))
    expected = a_receipt(addressee_kind=Addressee.SELF, addressed_on=PAID_DAY)
    assert stored(database) == expected


def test_without_a_choice_the_receipt_names_the_member() -> None:
    assert (SNAPSHOT.shown_addressee, SNAPSHOT.honorific) == ("山田 花子", "様")


def test_an_institution_is_addressed_with_onchu() -> None:
    chosen = a_receipt(addressee_kind=Addressee.WORKPLACE, addressed_on=PAID_DAY)
    assert (chosen.shown_addressee, chosen.honorific) == ("中野病院", "御中")


@pytest.mark.parametrize(("days", "reissued"), [(0, False), (1, True), (400, True)])
def test_the_mark_comes_with_the_second_day(days: int, reissued: bool) -> None:
    chosen = a_receipt(addressee_kind=Addressee.SELF, addressed_on=PAID_DAY)
    assert chosen.reissued(PAID_DAY + timedelta(days=days)) is reissued


def test_without_a_choice_there_was_no_first_copy_and_so_no_mark() -> None:
    assert not SNAPSHOT.reissued(PAID_DAY + timedelta(days=400))


def test_a_receipt_that_replaces_another_carries_the_mark_from_the_first_copy_on() -> None:
    """Of the one that it replaces copies may be anywhere."""
    renamed = a_receipt(
        replaces="2026-001234-1", addressee_kind=Addressee.SELF, addressed_on=PAID_DAY
    )
    assert renamed.reissued(PAID_DAY)


@pytest.mark.parametrize("chosen", [None, Addressee.SELF])
def test_a_receipt_is_replaced_as_it_was_seen_or_not_at_all(chosen: Addressee | None) -> None:
    database = MemoryDatabase()
    day = PAID_DAY if chosen else None
    seen = a_receipt(addressee_kind=chosen, addressed_on=day)
    other = a_receipt(addressee_kind=Addressee.WORKPLACE, addressed_on=PAID_DAY)
    new = a_receipt(number="2026-001234-2", replaces=SNAPSHOT.number)
    writes = receipts.replaced(TABLE, seen, new, PAID_DAY)
    for there in (other, a_receipt(number="2026-001234-9")):
        database.tables.clear()
        database.commit(receipts.written(TABLE, there))
        with pytest.raises(Rejected):
            database.commit(*writes)
    database.tables.clear()
    database.commit(receipts.written(TABLE, seen))
    database.commit(*writes)
    assert stored(database) == new


def test_the_issuer_is_taken_from_the_society() -> None:
    society = load_society()
    issuer = receipts.issuer_of(society)
    assert (issuer.name, issuer.mail) == (society.receipt_issuer, society.contact_mail)
