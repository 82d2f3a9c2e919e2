"""The office's commands about money: looked at first, written only with --yes, always signed."""

from datetime import date

import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from portal.billing.model import Invoice, InvoiceState, Payment, PaymentState
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter

TRANSFER = ("--method", "bank", "--amount", "12000", "--paid-on", "2026-11-20")


def of(invoice: Invoice) -> tuple[str, ...]:
    return (MEMBER_NO, "--invoice", invoice.invoice_id)


def recorded(counter: Counter, invoice: Invoice, *words: str) -> int:
    return counter.types("payments", "record", *of(invoice), *TRANSFER, *SIGNED, "--yes", *words)


def paid_by_card(counter: Counter, invoice: Invoice) -> Payment:
    house = counter.house
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    return house.settle(payment).payment


def surplus(counter: Counter, invoice: Invoice) -> Payment:
    """Have a slip paid whose dues were recorded as a transfer meanwhile."""
    late = counter.house.slip(invoice)
    recorded(counter, invoice, "--anyway")
    counter.house.gmo.deposit(late.order_id)
    counter.house.ask()
    return late


# What is refused


@pytest.mark.parametrize(
    "wrong",
    [
        ("record", MEMBER_NO, *TRANSFER),
        ("record", MEMBER_NO, *TRANSFER, "--by", "山田"),
        ("record", MEMBER_NO, *TRANSFER, "--by", " ", "--reason", "x"),
        ("record", MEMBER_NO, *TRANSFER, "--by", "山田", "--reason", " "),
        ("record", *TRANSFER, *SIGNED),
        ("refund", MEMBER_NO, "--reason", "x"),
        ("refund", *SIGNED),
        ("accept", *SIGNED),
    ],
    ids=["unsigned", "no reason", "blank name", "blank reason", "nobody", "no name", "neither",
         "no order"],
)  # fmt: skip
def test_what_is_not_signed_or_not_named_is_no_command(wrong: tuple[str, ...]) -> None:
    counter = Counter()
    counter.house.bill()
    before = counter.rows()
    assert counter.types("payments", *wrong, "--yes") == Status.USAGE
    assert counter.rows() == before


@pytest.mark.parametrize(
    "change",
    [
        ("--method", "card"),
        ("--method", "cvs"),
        ("--amount", "0"),
        ("--amount", "-1"),
        ("--amount", "1.5"),
        ("--amount", "１２０００"),
        ("--amount", "999999999"),
        ("--paid-on", "2026-02-30"),
        ("--paid-on", "11/20"),
    ],
    ids=" ".join,
)
def test_a_payment_that_makes_no_sense_is_no_command(change: tuple[str, ...]) -> None:
    counter = Counter()
    assert recorded(counter, counter.house.bill(), *change) == Status.USAGE


@pytest.mark.parametrize("words", [("record", "999999", *TRANSFER), ("refund", "999999")])
def test_an_unknown_member_is_told_and_nothing_is_written(words: tuple[str, ...]) -> None:
    counter = Counter()
    counter.house.bill()
    before = counter.rows()
    assert counter.types("payments", *words, *SIGNED, "--yes") == REFUSED
    assert "999999 は登録されていません" in counter.text
    assert counter.rows() == before


@pytest.mark.parametrize("words", [("record", MEMBER_NO, *TRANSFER), ("refund", MEMBER_NO)])
def test_without_an_invoice_the_members_invoices_are_listed(words: tuple[str, ...]) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    assert counter.types("payments", *words, *SIGNED, "--yes") == REFUSED
    assert invoice.invoice_id in counter.text


def test_an_invoice_and_another_year_name_nothing() -> None:
    """One of the two is mistyped, and the money would be booked to the other year."""
    counter = Counter()
    invoice = counter.house.bill(2026)
    counter.house.bill(2025)
    before = counter.rows()
    assert recorded(counter, invoice, "--year", "2025") == REFUSED
    assert "2026年度" in counter.text
    assert counter.rows() == before
    assert recorded(counter, invoice, "--year", "2026") == DONE


def test_another_amount_than_was_billed_has_to_be_said_twice() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    assert recorded(counter, invoice, "--amount", "11000") == REFUSED
    assert "12,000円" in counter.text
    assert recorded(counter, invoice, "--amount", "11000", "--differs") == DONE
    receipt = counter.house.receipt(invoice)
    assert receipt is not None
    assert receipt.amount == 11_000


def test_money_of_tomorrow_is_refused() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    assert recorded(counter, invoice, "--paid-on", "2026-11-23") == REFUSED
    assert "未来" in counter.text
    assert recorded(counter, invoice, "--paid-on", "2026-11-22") == DONE


@pytest.mark.parametrize(("paid_on", "taken"), [("2026-01-26", False), ("2026-01-27", True)])
def test_a_day_long_ago_has_to_be_said_twice(paid_on: str, *, taken: bool) -> None:
    """A year mistyped on the day after New Year would stand on the receipt."""
    counter = Counter()
    invoice = counter.house.bill()
    before = counter.rows()
    assert recorded(counter, invoice, "--paid-on", paid_on) == (DONE if taken else REFUSED)
    if not taken:
        assert "年の打ち間違いでなければ --long-ago" in counter.text
        assert counter.rows() == before
        assert recorded(counter, invoice, "--paid-on", paid_on, "--long-ago") == DONE
    assert counter.house.account().invoices[0].paid_on == date.fromisoformat(paid_on)


def test_what_is_done_already_is_refused_the_second_time() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    assert recorded(counter, invoice) == DONE
    before = counter.rows()
    assert recorded(counter, invoice) == REFUSED
    assert "支払済" in counter.text
    assert counter.rows() == before


def test_an_invoice_without_money_is_not_given_back() -> None:
    counter = Counter()
    typed = ("payments", "refund", *of(counter.house.bill()), *SIGNED, "--yes")
    assert counter.types(*typed) == REFUSED


# What may be paid at GMO at this very moment


def claimed(counter: Counter, invoice: Invoice) -> Payment:
    payment = counter.house.card(invoice)
    counter.house.come_back(payment, "PAYSUCCESS")
    return payment


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        (claimed, "「確認中」です"),
        (lambda counter, invoice: counter.house.slip(invoice), "コンビニの支払番号"),
    ],
    ids=["claimed", "slip"],
)
@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["dry", "yes"])
def test_dues_that_may_be_paid_at_gmo_are_not_recorded_without_a_second_look(
    asked: object, word: str, yes: tuple[str, ...]
) -> None:
    """Seen red by recording as before: the member's own money became a surplus without a word."""
    counter = Counter()
    invoice = counter.house.bill()
    assert callable(asked)
    asked(counter, invoice)
    before = counter.rows()
    typed = ("payments", "record", *of(invoice), *TRANSFER, *SIGNED)
    assert counter.types(*typed, *yes) == REFUSED
    assert word in counter.text
    assert "--anyway" in counter.text
    assert counter.rows() == before
    assert counter.types(*typed, *yes, "--anyway") == DONE
    assert word in counter.text


def test_a_link_that_nobody_used_is_no_reason_to_ask_twice() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    payment = counter.house.card(invoice)
    assert recorded(counter, invoice) == DONE
    assert f"手続き中の支払い {payment.order_id}" in counter.text


# Looking first


def test_without_yes_it_is_told_and_nothing_is_written() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    payment = counter.house.card(invoice)
    before = counter.rows()
    assert counter.types("payments", "record", *of(invoice), *TRANSFER, *SIGNED) == DONE
    assert "--yes" in counter.text
    assert payment.order_id in counter.text
    assert counter.rows() == before


# Acts


def test_a_transfer_is_recorded_with_the_members_name_and_workplace() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    assert recorded(counter, invoice) == DONE
    assert "2026-001234-1" in counter.text
    receipt = counter.house.receipt(invoice)
    assert receipt is not None
    assert receipt.method == "bank"
    assert receipt.name
    told = counter.house.database.rows(TABLES.audit)
    assert ("office:山田", "電話で確認") in [(row["actor"], row["note"]) for row in told]


def test_an_invoice_is_named_by_its_year_where_it_is_the_only_one() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    counter.house.bill(2025)
    typed = ("payments", "record", MEMBER_NO, "--year", "2026", *TRANSFER, *SIGNED, "--yes")
    assert counter.types(*typed) == DONE
    assert counter.house.invoice(invoice).state is InvoiceState.PAID


def test_a_program_reads_what_would_be_recorded() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    data = counter.data("payments", "record", *of(invoice), *TRANSFER, *SIGNED)
    assert (data["receipt"], data["done"]) == ("2026-001234-1", False)


def test_a_card_is_given_back_in_gmos_window_and_gmo_is_asked() -> None:
    """Seen red by marking it here: GMO's own word has to say that the money went back."""
    counter = Counter()
    house = counter.house
    invoice = house.bill()
    payment = paid_by_card(counter, invoice)
    house.clock.tick(days=50)
    house.ask()
    assert counter.types("payments", "refund", *of(invoice), *SIGNED, "--yes") == DONE
    assert "管理画面" in counter.text
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.PAID
    house.gmo.refund(payment.order_id)
    assert counter.types("payments", "refund", *of(invoice), *SIGNED, "--yes") == DONE
    house.ask()
    assert house.invoice(invoice).state is InvoiceState.REFUNDED


def test_a_card_payment_too_old_for_gmo_can_be_given_back_by_transfer() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    paid_by_card(counter, invoice)
    assert counter.types("payments", "refund", *of(invoice), "--outside", *SIGNED, "--yes") == DONE
    assert counter.house.invoice(invoice).state is InvoiceState.REFUNDED


def test_recorded_money_is_given_back() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    recorded(counter, invoice)
    assert counter.types("payments", "refund", *of(invoice), *SIGNED, "--yes") == DONE
    assert counter.house.invoice(invoice).state is InvoiceState.REFUNDED


def test_a_surplus_is_given_back_by_its_order_and_its_task_is_named() -> None:
    counter = Counter()
    house = counter.house
    invoice = house.bill()
    late = surplus(counter, invoice)
    assert counter.types("payments", "refund", "--order", late.order_id, *SIGNED, "--yes") == DONE
    assert house.payment(late).state is PaymentState.REFUNDED
    assert house.invoice(invoice).state is InvoiceState.PAID
    assert f"surplus#{late.order_id}' を確かめて閉じて" in counter.text
    assert "まだ返金済" not in counter.text


def test_a_surplus_is_carried_over_to_the_next_years_invoice() -> None:
    """Given back on paper and recorded anew, so that each yen stays on one payment."""
    counter = Counter()
    house = counter.house
    late = surplus(counter, house.bill())
    following = house.bill(2027)
    back = ("payments", "refund", "--order", late.order_id, "--outside", *SIGNED, "--yes")
    assert counter.types(*back) == DONE
    assert recorded(counter, following) == DONE
    assert house.invoice(following).state is InvoiceState.PAID
    held = [one.paid_amount for one in house.payments() if one.state is PaymentState.PAID]
    assert held == [12_000, 12_000]


# Whose money it is


def test_whose_invoice_it_is_is_told_by_name_since_a_number_is_soon_mistyped() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    for named in (of(invoice), (MEMBER_NO,)):
        counter.types("payments", "record", *named, *TRANSFER, *SIGNED)
        assert f"会員 {MEMBER_NO}  山田 花子" in counter.text


def test_the_day_that_will_stand_on_the_receipt_is_told() -> None:
    counter = Counter()
    counter.types("payments", "record", *of(counter.house.bill()), *TRANSFER, *SIGNED)
    assert "入金日 2026-11-20" in counter.text
