"""Before money is written down the office reads whose it is: a mistyped number has a wrong name."""

import pytest

from ops.desk import DONE
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter
from tests.unit.ops.test_money import TRANSFER, mismatch, of


@pytest.mark.parametrize(
    "command", [("record-payment", *TRANSFER), ("waive",), ("cancel-invoice",)], ids=str
)
def test_whose_invoice_it_is_is_told_by_name_since_a_number_is_soon_mistyped(
    command: tuple[str, ...],
) -> None:
    counter = Counter()
    invoice = counter.house.bill()
    for named in (of(invoice), ("--member-no", MEMBER_NO)):
        counter.types(command[0], *named, *command[1:], *SIGNED)
        assert f"会員 {MEMBER_NO}  山田 花子" in counter.text


def test_whose_money_it_is_is_told_by_name() -> None:
    counter = Counter()
    payment = mismatch(counter, counter.house.bill())
    counter.types("accept-payment", payment.order_id, *SIGNED)
    assert f"会員 {MEMBER_NO}  山田 花子" in counter.text


def test_a_member_without_a_record_is_told_as_such() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    del counter.house.database.tables[TABLES.members]
    assert counter.types("waive", *of(invoice), *SIGNED) == DONE
    assert "会員情報がありません" in counter.text


def test_the_day_that_will_stand_on_the_receipt_is_told() -> None:
    counter = Counter()
    counter.types("record-payment", *of(counter.house.bill()), *TRANSFER, *SIGNED)
    assert "入金日 2026-11-20" in counter.text
