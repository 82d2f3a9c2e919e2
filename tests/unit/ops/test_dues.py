"""The office's acts about one invoice: looked at first, written only with --yes, always signed."""

from datetime import date

import pytest

from ops.exits import Status
from portal.billing.model import Invoice, InvoiceState
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter

ENDING = [("waive", InvoiceState.WAIVED), ("cancel", InvoiceState.CANCELLED)]


def of(invoice: Invoice) -> tuple[str, ...]:
    return (MEMBER_NO, "--invoice", invoice.invoice_id)


# What is refused


@pytest.mark.parametrize("command", ["waive", "cancel", "release-method", "bill-again"])
@pytest.mark.parametrize(
    "wrong",
    [
        (MEMBER_NO,),
        (MEMBER_NO, "--reason", " "),
        ("--reason", "x"),
        (MEMBER_NO, "--reason", "x", "--by", " "),
        (MEMBER_NO, "--reason", "x", "--year", "今年"),
        (MEMBER_NO, "--reason", "x", "--all-unpaid"),
    ],
    ids=str,
)
def test_what_is_not_named_or_says_no_reason_is_no_command(
    command: str, wrong: tuple[str, ...]
) -> None:
    assert Counter().types("dues", command, *wrong) == Status.USAGE


@pytest.mark.parametrize("command", ["waive", "cancel", "release-method", "bill-again"])
def test_nobody_acts_without_a_name(command: str) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    typed = ("dues", command, *of(invoice), "--reason", "x", "--yes")
    assert counter.types(*typed) == Status.USAGE
    assert counter.house.invoice(invoice) == invoice


@pytest.mark.parametrize("command", ["waive", "cancel", "release-method", "bill-again"])
@pytest.mark.parametrize("number", ["999999", "1234", "佐藤"])
def test_an_unknown_member_is_told_and_nothing_is_written(command: str, number: str) -> None:
    counter = Counter()
    counter.house.bill()
    before = counter.rows()
    typed = ("dues", command, number, "--year", "2026", *SIGNED, "--yes")
    assert counter.types(*typed) == Status.REFUSED
    assert f"{number} は登録されていません" in counter.text
    assert counter.rows() == before


@pytest.mark.parametrize("command", ["waive", "cancel", "release-method", "bill-again"])
@pytest.mark.parametrize("named", [(), ("--invoice", "0" * 16), ("--year", "2025")], ids=str)
def test_without_a_known_invoice_the_members_invoices_are_listed(
    command: str, named: tuple[str, ...]
) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    before = counter.rows()
    typed = ("dues", command, MEMBER_NO, *named, *SIGNED, "--yes")
    assert counter.types(*typed) == Status.REFUSED
    assert invoice.invoice_id in counter.text
    assert f"会員 {MEMBER_NO}  山田 花子" in counter.text
    assert counter.rows() == before


def test_a_year_with_two_invoices_does_not_say_which() -> None:
    counter = Counter()
    old = counter.house.bill()
    counter.types("dues", "cancel", *of(old), *SIGNED, "--yes")
    counter.types("dues", "bill-again", *of(old), *SIGNED, "--yes")
    before = counter.rows()
    typed = ("dues", "waive", MEMBER_NO, "--year", "2026", *SIGNED, "--yes")
    assert counter.types(*typed) == Status.REFUSED
    assert "--invoice" in counter.text
    assert counter.rows() == before


# Looking first


@pytest.mark.parametrize("command", ["waive", "cancel"])
def test_without_yes_it_is_told_and_nothing_is_written(command: str) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    payment = counter.house.card(invoice)
    before = counter.rows()
    assert counter.types("dues", command, *of(invoice), *SIGNED) == Status.DONE
    assert "--yes" in counter.text
    assert payment.order_id in counter.text
    assert f"会員 {MEMBER_NO}  山田 花子" in counter.text
    assert counter.rows() == before


def test_a_member_without_a_record_is_told_as_such() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    del counter.house.database.tables[TABLES.members]
    assert counter.types("dues", "waive", *of(invoice), *SIGNED) == Status.DONE
    assert "会員情報がありません" in counter.text


def test_where_an_invoice_stands_is_told_in_the_offices_words() -> None:
    counter = Counter()
    invoice = counter.house.card().invoice_id
    counter.types("dues", "waive", MEMBER_NO, "--invoice", invoice, *SIGNED)
    (told,) = [one for one in counter.said if invoice in one]
    assert "免除  支払方法: カード" in told


def test_a_program_is_told_what_would_happen_and_that_it_has_not() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    facts = counter.data("dues", "waive", *of(invoice), *SIGNED)
    assert facts["done"] is False
    assert facts["invoice"]["invoice"] == invoice.invoice_id
    assert facts["invoice"]["state"] == "waived"
    assert counter.data("dues", "waive", *of(invoice), *SIGNED, "--yes")["done"] is True
    assert counter.data("dues", "waive", *of(invoice), *SIGNED, "--yes")["done"] is False


# Acts


@pytest.mark.parametrize(("command", "state"), ENDING)
@pytest.mark.parametrize("by_year", [True, False])
def test_an_invoice_is_ended(command: str, state: InvoiceState, *, by_year: bool) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    named = (MEMBER_NO, "--year", "2026") if by_year else of(invoice)
    assert counter.types("dues", command, *named, *SIGNED, "--yes") == Status.DONE
    assert counter.house.invoice(invoice).state is state
    told = counter.house.database.rows(TABLES.audit)
    assert ("office:山田", "電話で確認") in [(row["actor"], row["note"]) for row in told]
    assert counter.types("dues", command, *named, *SIGNED, "--yes") == Status.REFUSED


@pytest.mark.parametrize("command", ["cancel", "waive"])
def test_an_ended_year_is_billed_again(command: str) -> None:
    counter = Counter()
    old = counter.house.bill()
    counter.types("dues", command, *of(old), *SIGNED, "--yes")
    before = counter.rows()
    typed = ("dues", "bill-again", *of(old), "--amount", "10000", "--due", "2027-01-31", *SIGNED)
    assert counter.types(*typed) == Status.DONE
    assert "10,000円" in counter.text
    assert "2027-01-31" in counter.text
    assert counter.rows() == before
    assert counter.types(*typed, "--yes") == Status.DONE
    (new,) = [one for one in counter.house.account().invoices if one.payable]
    assert (new.amount, new.due_on, new.closes_on) == (10_000, date(2027, 1, 31), old.closes_on)
    assert counter.types(*typed, "--yes") == Status.REFUSED
    assert "請求し直されています" in counter.text


def test_what_is_not_said_is_billed_as_before() -> None:
    counter = Counter()
    old = counter.house.bill()
    counter.types("dues", "cancel", *of(old), *SIGNED, "--yes")
    typed = ("dues", "bill-again", MEMBER_NO, "--year", "2026", *SIGNED, "--yes")
    assert counter.types(*typed) == Status.DONE
    (new,) = [one for one in counter.house.account().invoices if one.payable]
    assert (new.amount, new.due_on) == (old.amount, old.due_on)


@pytest.mark.parametrize(
    "wrong", [("--amount", "0"), ("--amount", "1.5"), ("--due", "1/31"), ("--closes", "2027-02-29")]
)
def test_a_bill_that_makes_no_sense_is_no_command(wrong: tuple[str, ...]) -> None:
    counter = Counter()
    typed = ("dues", "bill-again", *of(counter.house.bill()), *wrong, *SIGNED)
    assert counter.types(*typed) == Status.USAGE


def test_a_year_is_not_billed_again_for_a_day_of_another_year() -> None:
    """Seen red: the new bill was due, and reminded of, a year later."""
    counter = Counter()
    old = counter.house.bill()
    counter.types("dues", "cancel", *of(old), *SIGNED, "--yes")
    before = counter.rows()
    days = ("--due", "2028-01-31", "--closes", "2028-03-31")
    assert counter.types("dues", "bill-again", *of(old), *days, *SIGNED, "--yes") == Status.REFUSED
    assert "2026年度の終わりより後" in counter.text
    assert counter.rows() == before


def test_an_unpaid_year_is_not_billed_again() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    before = counter.rows()
    assert counter.types("dues", "bill-again", *of(invoice), *SIGNED, "--yes") == Status.REFUSED
    assert counter.rows() == before


def test_money_that_still_lies_on_the_old_invoice_is_told() -> None:
    counter = Counter()
    house = counter.house
    old = house.bill()
    late = house.slip(old)
    counter.types("dues", "cancel", *of(old), *SIGNED, "--yes")
    house.gmo.deposit(late.order_id)
    house.ask()
    assert counter.types("dues", "bill-again", *of(old), *SIGNED, "--yes") == Status.DONE
    assert "返金も充当もしていない入金 12,000円" in counter.text
