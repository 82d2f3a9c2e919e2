"""``receipts reissue``: a copy for the post, or another name under another number."""

import io
from pathlib import Path

import pikepdf
import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from portal.billing import receipts
from portal.billing.model import Invoice, InvoiceState
from portal.billing.receipts import Addressee
from portal.clock import jst_date
from portal.database import Item
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, OTHER_ID, TABLES
from tests.unit.billing.office_desk import mismatch
from tests.unit.ops.counter import SIGNED, Counter
from tests.unit.ops.test_payments import of, paid_by_card, recorded
from tests.unit.receipts.test_receipt_pdf import printed


class Printing(Counter):
    """A counter with a paid year and a folder for what is printed."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.file = folder / "領収書.pdf"
        self.invoice: Invoice = self.house.bill()

    def reissues(self, *words: str, year: str = "2026") -> int:
        """Type the command for a year."""
        return self.types("receipts", "reissue", MEMBER_NO, str(self.file), "--year", year, *words)

    def renames(self, name: str, *words: str) -> int:
        """Type it with another name, and with --yes."""
        return self.reissues("--name", name, *SIGNED, "--yes", *words)

    def stands(self) -> receipts.ReceiptSnapshot:
        """Return the receipt that the member can download."""
        found = self.house.receipt(self.invoice)
        assert found is not None
        return found

    def page(self) -> str:
        """Return what stands on the printed page."""
        return printed(pikepdf.open(io.BytesIO(self.file.read_bytes())))

    def past(self) -> list[Item]:
        """Return the receipts that were replaced."""
        return self.house.database.rows(TABLES.billing, receipts.REPLACED)

    def edited(self, **changes: str) -> None:
        """Change the member's record past every check, as an old import might have."""
        row = self.house.database.tables[TABLES.members][MEMBER_ID, "PROFILE"]
        row.update(changes)


@pytest.fixture
def office(tmp_path: Path) -> Printing:
    return Printing(tmp_path)


@pytest.fixture
def paid(office: Printing) -> Printing:
    paid_by_card(office, office.invoice)
    return office


BOTH = pytest.mark.parametrize(
    "words", [(), ("--name", "中野病院", *SIGNED, "--yes")], ids=["copy", "rename"]
)


def refused(office: Printing, words: tuple[str, ...], why: str, **more: str) -> None:
    """See that nothing was written, neither a row nor a file."""
    before = office.rows()
    assert office.reissues(*words, **more) == REFUSED
    assert why in office.text
    assert office.rows() == before
    assert list(office.folder.iterdir()) == []


# What has no receipt


@BOTH
def test_unpaid_dues_have_none(office: Printing, words: tuple[str, ...]) -> None:
    refused(office, words, "未払い")


@BOTH
def test_money_that_went_back_has_none(paid: Printing, words: tuple[str, ...]) -> None:
    paid.types("payments", "refund", *of(paid.invoice), "--outside", *SIGNED, "--yes")
    assert paid.house.invoice(paid.invoice).state is InvoiceState.REFUNDED
    refused(paid, words, "返金済")


@BOTH
def test_money_that_is_not_what_was_asked_for_has_none(
    office: Printing, words: tuple[str, ...]
) -> None:
    mismatch(office.house, office.invoice)
    refused(office, words, "未払い")


@BOTH
def test_money_that_is_in_doubt_gets_none_before_the_doubt_is_resolved(
    paid: Printing, words: tuple[str, ...]
) -> None:
    (payment,) = paid.house.payments()
    paid.house.gmo.alter(payment.order_id, amount=1)
    paid.house.settle(payment)
    refused(paid, words, f"amount_changed#{payment.order_id}")


@pytest.mark.parametrize("typed", [" ", "　"], ids=["blank", "wide blank"])
def test_a_blank_is_no_name_also_where_no_workplace_is_noted(paid: Printing, typed: str) -> None:
    """Seen red: the receipt was issued to nobody, 御中."""
    paid.edited(workplace="")
    refused(paid, ("--name", typed, *SIGNED, "--yes"), "（未登録）")


@BOTH
def test_another_members_invoice_is_not_found(paid: Printing, words: tuple[str, ...]) -> None:
    other = paid.house.bill(member_id=OTHER_ID)
    before = paid.rows()
    typed = ("receipts", "reissue", MEMBER_NO, str(paid.file), "--invoice", other.invoice_id)
    assert paid.types(*typed, *words) == REFUSED
    assert paid.rows() == before
    assert not paid.file.exists()


@BOTH
def test_a_year_without_an_invoice_is_told(paid: Printing, words: tuple[str, ...]) -> None:
    refused(paid, words, "--invoice", year="2025")


# Files


@BOTH
def test_a_file_that_is_there_is_not_written_over(paid: Printing, words: tuple[str, ...]) -> None:
    paid.file.write_bytes(b"mine")
    assert paid.reissues(*words) == REFUSED
    assert "すでにあります" in paid.text
    assert paid.file.read_bytes() == b"mine"


def test_no_number_ends_for_a_file_that_cannot_be_written(paid: Printing) -> None:
    """Seen red by writing the file after the rows: the number had ended without a paper."""
    paid.file = paid.folder / "nowhere" / "x.pdf"
    before = paid.rows()
    assert paid.renames("中野病院") == REFUSED
    assert "書けません" in paid.text
    assert paid.rows() == before


# A copy


def test_a_copy_carries_the_mark_and_changes_nothing(paid: Printing) -> None:
    before = paid.rows()
    assert paid.reissues() == DONE
    assert "再発行" in paid.page()
    assert "2026-001234-1" in paid.page()
    assert paid.rows() == before
    assert paid.file.stat().st_mode & 0o077 == 0


def test_a_copy_needs_no_name_of_who_prints_it_as_nothing_is_done(paid: Printing) -> None:
    assert paid.reissues("--dry-run") == DONE
    assert paid.file.exists()


def test_before_a_choice_the_office_is_told_that_the_member_may_still_choose(
    paid: Printing,
) -> None:
    paid.reissues()
    assert "まだ宛名を選んでいません" in paid.text


def test_a_copy_has_the_name_that_the_member_chose(paid: Printing) -> None:
    house = paid.house
    today = jst_date(house.clock())
    receipt = paid.stands()
    house.database.commit(receipts.addressed(TABLES.billing, receipt, Addressee.WORKPLACE, today))
    paid.reissues()
    assert "中野病院御中" in paid.page().replace(" ", "")
    assert "まだ宛名を選んでいません" not in paid.text


def test_a_program_reads_number_and_file(paid: Printing) -> None:
    data = paid.data("receipts", "reissue", MEMBER_NO, str(paid.file), "--year", "2026")
    assert (data["receipt"], data["file"]) == ("2026-001234-1", str(paid.file))


# Another name


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_no_number_ends_unsigned(paid: Printing, missing: str) -> None:
    signed = {"--by": "山田", "--reason": "電話"}
    del signed[missing]
    pairs = [word for pair in signed.items() for word in pair]
    before = paid.rows()
    assert paid.reissues("--name", "中野病院", *pairs, "--yes") == Status.USAGE
    assert paid.rows() == before


@pytest.mark.parametrize("name", ["佐藤 太郎", "中野病院 御中", "山田", "上様", " "])
def test_a_name_that_is_not_in_the_record_is_refused(paid: Printing, name: str) -> None:
    """A free text could name anybody."""
    refused(paid, ("--name", name, *SIGNED, "--yes"), "会員情報の氏名「山田 花子」")


def test_a_workplace_that_the_record_has_not_is_refused(paid: Printing) -> None:
    paid.edited(workplace="")
    refused(paid, ("--name", "中野病院", *SIGNED, "--yes"), "（未登録）")


def test_the_name_that_stands_already_ends_no_number(paid: Printing) -> None:
    refused(paid, ("--name", "山田花子", *SIGNED, "--yes"), "すでにその通り")


@pytest.mark.parametrize(
    ("changes", "name"),
    [({"family_name": "髙橋"}, "髙橋 花子"), ({"workplace": "𠮷田病院"}, "𠮷田病院")],
    ids=["not of the set", "no glyph"],
)
def test_a_name_that_the_members_own_page_would_refuse_is_refused(
    paid: Printing, changes: dict[str, str], name: str
) -> None:
    paid.edited(**changes)
    refused(paid, ("--name", name, *SIGNED, "--yes"), "先に直してください")


def test_without_yes_both_numbers_are_told_and_nothing_is_written(paid: Printing) -> None:
    before = paid.rows()
    assert paid.reissues("--name", "中野病院", *SIGNED) == DONE
    assert "今の領収書: 2026-001234-1  山田 花子 様" in paid.text
    assert "新しい領収書: 2026-001234-2  中野病院 御中" in paid.text
    assert paid.rows() == before
    assert not paid.file.exists()


@pytest.mark.parametrize(
    ("typed", "kind", "shown"),
    [
        ("中野病院", Addressee.WORKPLACE, "中野病院"),
        ("鈴木花子", Addressee.SELF, "鈴木 花子"),
        ("鈴木　花子", Addressee.SELF, "鈴木 花子"),
    ],
)
def test_the_old_number_ends_and_the_new_one_is_the_members(
    paid: Printing, typed: str, kind: Addressee, shown: str
) -> None:
    paid.edited(family_name="鈴木")
    old = paid.stands()
    assert paid.renames(typed) == DONE
    new = paid.stands()
    assert (new.number, new.replaces) == ("2026-001234-2", "2026-001234-1")
    assert (new.addressee_kind, new.shown_addressee) == (kind, shown)
    assert (new.amount, new.received_on, new.order_id) == (
        old.amount, old.received_on, old.order_id,
    )  # fmt: skip
    assert new.reissued(jst_date(paid.house.clock()))
    page = paid.page()
    assert "再発行" in page
    assert "2026-001234-1の領収書は無効" in page.replace(" ", "")


def test_what_was_replaced_is_kept_as_it_was(paid: Printing) -> None:
    old = paid.stands()
    paid.renames("中野病院")
    (row,) = paid.past()
    assert (row["number"], row["replaced_by"]) == (old.number, "2026-001234-2")
    assert row["name"] == old.name
    assert list(paid.house.account().receipts) == [paid.invoice.invoice_id]


def test_who_replaced_it_and_why_is_in_the_audit_and_in_the_orders_log(paid: Printing) -> None:
    paid.house.clock.tick(minutes=1)
    paid.renames("中野病院")
    rows = paid.house.database.rows(TABLES.audit)
    (told,) = [row for row in rows if row["action"] == "receipt.replaced"]
    assert (told["actor"], told["note"]) == ("office:山田", "電話で確認")
    before, after = told["before"], told["after"]
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (before["receipt"], after["receipt"]) == ("2026-001234-1", "2026-001234-2")
    (payment,) = paid.house.payments()
    assert paid.house.events(payment)[-1] == "receipt_replaced"


def test_of_two_at_once_one_is_refused_and_leaves_no_file(paid: Printing) -> None:
    first, second = paid.file, paid.folder / "other.pdf"

    def other() -> None:
        paid.file = second
        paid.renames("中野病院")
        paid.file = first

    paid.house.database.before_commit.append(other)
    assert paid.renames("中野病院") == REFUSED
    assert "もう一度確かめてください" in paid.text
    assert list(paid.folder.iterdir()) == [second]
    assert (paid.stands().number, len(paid.past())) == ("2026-001234-2", 1)


def test_a_member_who_chooses_in_the_same_moment_is_not_overruled(paid: Printing) -> None:
    house = paid.house
    chosen = receipts.addressed(
        TABLES.billing, paid.stands(), Addressee.WORKPLACE, jst_date(house.clock())
    )
    house.database.before_commit.append(lambda: house.database.commit(chosen))
    assert paid.renames("中野病院") == REFUSED
    assert paid.stands().number == "2026-001234-1"
    assert not paid.file.exists()


def test_no_number_comes_twice_in_a_year_that_is_billed_again(paid: Printing) -> None:
    paid.renames("中野病院")
    paid.edited(workplace="東野病院")
    paid.file = paid.folder / "2.pdf"
    paid.renames("東野病院")
    assert paid.stands().number == "2026-001234-3"
    paid.types("payments", "refund", *of(paid.invoice), "--outside", *SIGNED, "--yes")
    paid.types(
        "dues", "bill-again", MEMBER_NO, "--invoice", paid.invoice.invoice_id, *SIGNED, "--yes"
    )
    (again,) = [one for one in paid.house.account().invoices if one.payable]
    assert recorded(paid, again) == DONE
    receipt = paid.house.receipt(again)
    assert receipt is not None
    assert receipt.number == "2026-001234-4"


def test_recorded_money_has_its_receipt_renamed_too(office: Printing) -> None:
    recorded(office, office.invoice)
    assert office.renames("中野病院") == DONE
    assert office.stands().method == "bank"
