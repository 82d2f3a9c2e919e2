"""GMO's settlement file, read and compared. The files are made here; GMO's own is not known to us.

Seen red by taking unreadable amounts for 0, by leaving refund words out, by overwriting orders
that come twice, and by looking for missing payments without a period.
"""

from datetime import date, datetime, timedelta
from io import StringIO

import pytest

from ops.settlement import COLUMNS, columns_of
from portal.billing.match_settlement import DIFFERENCES, Finding, Outcome, Result, match, note
from portal.billing.model import Method, Payment
from portal.billing.settlement_file import (
    Line,
    SettlementFileError,
    Unreadable,
    read,
    yen,
)
from tests.unit.billing.house import AMOUNT, NOON, House

HEADER = "オーダーID,決済方法,処理区分,取引金額,入金日"
DAY = "2026/11/22"


def a_file(*lines: str, header: str = HEADER, encoding: str = "cp932") -> bytes:
    """Return a file as a spreadsheet writes it."""
    return "".join(f"{line}\r\n" for line in (header, *lines)).encode(encoding)


def lines_of(content: bytes) -> list[Line | Unreadable]:
    return list(read(StringIO(content.decode("cp932"), newline=""), columns_of(COLUMNS)))


def sale(payment: Payment, amount: str = str(AMOUNT), kind: str = "売上", day: str = DAY) -> str:
    method = "クレジットカード" if payment.method is Method.CARD else "コンビニ"
    return f'{payment.order_id},{method},{kind},"{amount}",{day}'


def paid(house: House, year: int = 2026) -> Payment:
    payment = house.card(house.bill(year))
    house.gmo.pay_card(payment.order_id)
    return house.settle(payment).payment


def compared(house: House, *lines: str, period: tuple[date, date] | None = None) -> Result:
    return match(lines_of(a_file(*lines)), house.payments(), period)


def outcomes(result: Result) -> dict[str, str]:
    return {one.order_id: one.outcome.value for one in result.findings}


# Files that cannot be read, or only in part


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "見出し"),
        (a_file(header="注文,金額"), "見出し"),
        (a_file(header="オーダーID,備考"), "見出し"),
        (b"x\n" * 50 + a_file(), "見出し"),
        (a_file("D26-1," + "x" * 200_000), "CSV"),
    ],
    ids=["empty", "no order", "no amount", "far below", "a huge cell"],
)
def test_a_file_that_is_no_settlement_file_is_refused_as_a_whole(content: bytes, why: str) -> None:
    with pytest.raises(SettlementFileError, match=why):
        lines_of(content)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",カード,売上,12000,2026/11/22", "オーダーID"),
        ("D26-1,カード,売上,,2026/11/22", "金額"),
        ("D26-1,カード,売上,12.5,2026/11/22", "金額"),
        ('D26-1,カード,売上,"1,20,00",2026/11/22', "金額"),
        ("D26-1,カード,売上,abc,2026/11/22", "金額"),
        ("D26-1,カード,売上,12000,2026/13/22", "日付"),
        ("D26-1,カード,売上,12000,きのう", "日付"),
        ("D26-1", "金額"),
    ],
)
def test_a_line_that_does_not_say_what_it_must_is_told_and_ends_nothing(
    line: str, why: str
) -> None:
    broken, good = lines_of(a_file(line, "D26-2,カード,売上,1,2026/11/22"))
    assert isinstance(broken, Unreadable)
    assert (broken.number, why in broken.why) == (2, True)
    assert isinstance(good, Line)


def test_a_line_is_read_with_its_day_amount_and_way_of_paying() -> None:
    (line,) = lines_of(a_file("D26-1,クレジットカード,売上,12000,2026/11/22"))
    assert line == Line(2, "D26-1", 12_000, Method.CARD, date(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12000", 12_000), ("12,000", 12_000), ("¥12,000", 12_000), ("12,000円", 12_000),
        ("-12,000", -12_000), ("▲12,000", -12_000), ("△500", -500), ("(12,000)", -12_000),
        ("−500", -500), ("0", 0), ("", None), ("1 2", None), ("12,00", None), ("--1", None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(text: str, expected: int | None) -> None:
    assert yen(text) == expected


@pytest.mark.parametrize(
    "day", ["2026/11/22", "2026-11-22", "20261122", "2026/11/22 12:34:56", "2026年11月22日",
            "20261122123456", "２０２６/１１/２２"]
)  # fmt: skip
def test_days_are_read_in_every_usual_form(day: str) -> None:
    (line,) = lines_of(a_file(f"D26-1,カード,売上,1,{day}"))
    assert isinstance(line, Line)
    assert line.day == date(2026, 11, 22)


def test_lines_above_the_header_empty_lines_and_other_orders_of_columns_are_fine() -> None:
    text = '入金明細\r\n\r\n金額,オーダーID\r\n,\r\n"12,000",="D26-1"\r\n'
    assert lines_of(text.encode("cp932")) == [Line(5, "D26-1", 12_000)]


# Comparing


def test_a_payment_that_the_file_has_as_we_do_agrees() -> None:
    house = House()
    payment = paid(house)
    result = compared(house, sale(payment, "12,000"))
    assert outcomes(result) == {payment.order_id: "agreed"}
    assert result.differences == ()


@pytest.mark.parametrize("amount", ["11,999", "24000", "1", "0"])
def test_another_amount_differs(amount: str) -> None:
    house = House()
    payment = paid(house)
    assert outcomes(compared(house, sale(payment, amount))) == {payment.order_id: "file_differs"}


def test_an_order_that_is_in_the_file_twice_differs() -> None:
    house = House()
    payment = paid(house)
    assert outcomes(compared(house, sale(payment), sale(payment))) == {
        payment.order_id: "file_differs"
    }


def test_another_way_of_paying_differs_and_an_unknown_word_does_not() -> None:
    house = House()
    payment = paid(house)
    as_slip = sale(payment).replace("クレジットカード", "コンビニ")
    assert outcomes(compared(house, as_slip)) == {payment.order_id: "file_differs"}
    unknown = sale(payment).replace("クレジットカード", "電子マネー")
    assert outcomes(compared(house, unknown)) == {payment.order_id: "agreed"}


def test_money_in_the_file_for_what_is_not_paid_with_us_is_found() -> None:
    house = House()
    payment = house.slip()
    assert outcomes(compared(house, sale(payment))) == {payment.order_id: "file_not_paid"}


def test_an_order_that_we_do_not_know_is_found() -> None:
    assert outcomes(compared(House(), "D26-X,コンビニ,売上,1,2026/11/22")) == {
        "D26-X": "file_unknown_order"
    }


def test_a_paid_payment_of_the_period_that_the_file_lacks_is_found() -> None:
    house = House()
    first, second = paid(house, 2025), paid(house, 2026)
    result = compared(house, sale(first))
    assert outcomes(result)[second.order_id] == "file_missing"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_payment_of_another_day_than_the_period_is_not_missing(days: int) -> None:
    house = House()
    paid(house)
    day = date(2026, 11, 22) + timedelta(days=days)
    assert outcomes(compared(house, period=(day, day))) == {}
    assert len(compared(house, period=(date(2026, 11, 1), date(2026, 11, 30))).differences) == 1


def test_the_day_of_a_payment_is_japans() -> None:
    """Paid at 00:30 in Japan, which is the day before in UTC."""
    house = House()
    house.clock.now = datetime.fromisoformat("2026-11-21T15:30:00+00:00")
    paid(house)
    day = date(2026, 11, 22)
    assert len(compared(house, period=(day, day)).differences) == 1


def test_without_any_day_nothing_is_called_missing() -> None:
    house = House()
    paid(house)
    result = compared(house, "D26-X,コンビニ,売上,1,")
    assert (outcomes(result), result.period) == ({"D26-X": "file_unknown_order"}, None)


def _refunded(house: House) -> Payment:
    payment = paid(house)
    house.gmo.refund(payment.order_id)
    return house.settle(payment).payment


@pytest.mark.parametrize("back", [("-12,000", "売上"), ("12,000", "返品")])
def test_a_refund_that_both_know_agrees(back: tuple[str, str]) -> None:
    house = House()
    payment = _refunded(house)
    result = compared(house, sale(payment), sale(payment, *back))
    assert outcomes(result) == {payment.order_id: "refund_agreed"}


@pytest.mark.parametrize("amount", ["12,000", "5,000"])
def test_a_refund_that_we_do_not_know_is_found(amount: str) -> None:
    house = House()
    payment = paid(house)
    result = compared(house, sale(payment), sale(payment, amount, "返金"))
    assert outcomes(result) == {payment.order_id: "file_refund"}


def test_a_refund_of_a_part_never_agrees() -> None:
    house = House()
    payment = _refunded(house)
    result = compared(house, sale(payment, "5,000", "返金"))
    assert outcomes(result) == {payment.order_id: "file_refund"}


# Noting


def test_a_difference_is_noted_once_and_stays_closed() -> None:
    house = House()
    finding = Finding(Outcome.DIFFERS, "D26-1", {"order_id": "D26-1", "file_paid": 1})
    assert note(house.database, house.store, finding, NOON)
    before = house.discrepancies()
    assert not note(house.database, house.store, finding, NOON + timedelta(days=1))
    assert house.discrepancies() == before


def test_new_evidence_of_a_known_difference_is_noted_again() -> None:
    house = House()
    for amount in (1, 2):
        finding = Finding(Outcome.DIFFERS, "D26-1", {"file_paid": amount})
        assert note(house.database, house.store, finding, NOON)
    (row,) = house.discrepancies()
    assert row["times"] == 2


def test_every_difference_is_a_kind_the_office_can_read() -> None:
    from portal.billing.discrepancies import KINDS

    assert {one.value for one in DIFFERENCES} <= set(KINDS)
