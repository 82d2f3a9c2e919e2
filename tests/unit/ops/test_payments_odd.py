"""Money that is not what was asked for, or came twice: accepted, set aside, given back."""

import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from portal.billing.model import Flag, InvoiceState
from tests.unit.billing.house import MEMBER_NO
from tests.unit.billing.office_desk import mismatch
from tests.unit.ops.counter import SIGNED, Counter
from tests.unit.ops.test_payments import recorded


@pytest.mark.parametrize("command", ["accept", "set-aside"])
def test_an_order_that_is_none_of_ours_is_refused(command: str) -> None:
    counter = Counter()
    assert counter.types("payments", command, "D26-0000000000000000", *SIGNED, "--yes") == REFUSED
    assert "記録にありません" in counter.text


@pytest.mark.parametrize("more", [("999999",), ("--year", "2026"), ("--invoice", "x")])
def test_an_order_and_a_member_are_not_named_together(more: tuple[str, ...]) -> None:
    """Which of the two was mistyped nobody knows; the money of the order may be somebody else's."""
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    before = counter.rows()
    typed = ("payments", "refund", *more, "--order", payment.order_id, "--outside")
    assert counter.types(*typed, *SIGNED, "--yes") == Status.USAGE
    assert counter.rows() == before


def test_money_that_waits_for_the_office_is_not_recorded_past_even_so() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    mismatch(counter.house, invoice)
    before = counter.rows()
    assert recorded(counter, invoice, "--anyway") == REFUSED
    assert "payments accept" in counter.text
    assert counter.rows() == before


@pytest.mark.parametrize("command", ["accept", "set-aside"])
def test_odd_money_is_looked_at_first(command: str) -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    before = counter.rows()
    assert counter.types("payments", command, payment.order_id, *SIGNED) == DONE
    assert "11,000円" in counter.text
    assert counter.rows() == before


def test_odd_money_is_accepted_and_its_task_is_named() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    payment = mismatch(counter.house, invoice)
    assert counter.types("payments", "accept", payment.order_id, *SIGNED, "--yes") == DONE
    assert counter.house.invoice(invoice).state is InvoiceState.PAID
    ident = f"mismatch#{payment.order_id}"
    assert ident in counter.text
    assert "discrepancies resolve" in counter.text
    resolve = ("discrepancies", "resolve", ident, "--times", "1", *SIGNED, "--yes")
    assert counter.types(*resolve) == DONE


def test_odd_money_is_set_aside() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    payment = mismatch(counter.house, invoice)
    assert counter.types("payments", "set-aside", payment.order_id, *SIGNED, "--yes") == DONE
    assert counter.house.invoice(invoice).live_order == ""
    assert counter.house.payment(payment).flag is Flag.MISMATCH
    assert "まだ返金済になっていません" in counter.text
    assert f"mismatch#{payment.order_id}' を返金が済んでから閉じて" in counter.text


def test_a_surplus_that_gmo_is_only_asked_about_is_not_to_be_closed_yet() -> None:
    """A refund that was typed before it was made at GMO must not end as a closed task."""
    counter = Counter()
    house = counter.house
    invoice = house.bill()
    late = house.card(invoice)
    recorded(counter, invoice)
    house.gmo.pay_card(late.order_id)
    house.ask()
    assert counter.types("payments", "refund", "--order", late.order_id, *SIGNED, "--yes") == DONE
    assert f"surplus#{late.order_id}' を返金が済んでから閉じて" in counter.text


def test_whose_money_it_is_is_told_by_name() -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    counter.types("payments", "accept", payment.order_id, *SIGNED)
    assert f"会員 {MEMBER_NO}  山田 花子" in counter.text
