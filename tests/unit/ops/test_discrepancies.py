"""The queue at the command line."""

import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from portal.billing.discrepancies import KINDS, LIMIT
from portal.billing.model import Payment
from portal.database import Item
from tests.unit.billing.office_desk import mismatch as mismatched
from tests.unit.ops.counter import SIGNED, Counter

SEEN = ("--times", "1")
NOBODYS = "surplus#D26-0000000000000000"


def found(counter: Counter, kind: str = "surplus", subject: str = "2026-11-22") -> str:
    house = counter.house
    evidence: Item = {"paid_amount": 12_000, "gmo_status": "PAYSUCCESS"}
    house.database.commit(house.store.discrepancy(kind, subject, house.clock(), evidence))
    return f"{kind}#{subject}"


def mismatch(counter: Counter) -> Payment:
    return mismatched(counter.house, counter.house.bill(), amount=1)


@pytest.mark.parametrize(
    "part", [("show",), ("resolve", *SEEN, *SIGNED, "--yes")], ids=["show", "resolve"]
)
def test_one_that_does_not_exist_is_told(part: tuple[str, ...]) -> None:
    counter = Counter()
    found(counter)
    assert counter.types("discrepancies", part[0], NOBODYS, *part[1:]) == REFUSED
    assert NOBODYS in counter.text


@pytest.mark.parametrize("missing", ["--by", "--reason"])
def test_nothing_is_closed_unsigned(missing: str) -> None:
    counter = Counter()
    ident = found(counter)
    signed = {"--by": "山田", "--reason": "電話"}
    del signed[missing]
    pairs = [word for pair in signed.items() for word in pair]
    assert counter.types("discrepancies", "resolve", ident, *SEEN, *pairs, "--yes") == Status.USAGE


def test_without_yes_nothing_is_closed() -> None:
    counter = Counter()
    ident = found(counter)
    before = counter.rows()
    assert counter.types("discrepancies", "resolve", ident, *SIGNED) == DONE
    assert "--yes" in counter.text
    assert counter.rows() == before


def test_a_mismatch_in_the_way_of_its_invoice_is_not_closed() -> None:
    counter = Counter()
    payment = mismatch(counter)
    ident = f"mismatch#{payment.order_id}"
    assert counter.types("discrepancies", "resolve", ident, *SEEN, *SIGNED, "--yes") == REFUSED
    assert "閉じられません" in counter.text


@pytest.mark.parametrize("seen", [(), ("--times", "1")], ids=["not said", "once"])
def test_what_was_found_again_since_it_was_looked_at_is_not_closed(seen: tuple[str, ...]) -> None:
    """Between looking at four and closing at five more may have come, also with other evidence."""
    counter = Counter()
    found(counter)
    ident = found(counter)
    before = counter.rows()
    assert counter.types("discrepancies", "resolve", ident, *seen, *SIGNED, "--yes") == REFUSED
    assert "いま 2回" in counter.text
    assert counter.rows() == before


def test_before_closing_money_that_nobody_gave_back_is_told() -> None:
    counter = Counter()
    payment = mismatch(counter)
    counter.types("payments", "set-aside", payment.order_id, *SIGNED, "--yes")
    ident = f"mismatch#{payment.order_id}"
    counter.types("discrepancies", "resolve", ident, *SIGNED)
    assert "1円は、返金も充当も記録されていません" in counter.text
    back = ("payments", "refund", "--order", payment.order_id, "--outside", *SIGNED, "--yes")
    counter.types(*back)
    counter.types("discrepancies", "resolve", ident, *SIGNED)
    assert "記録されていません" not in counter.text


def test_a_list_that_is_cut_off_says_so() -> None:
    counter = Counter()
    for number in range(LIMIT):
        found(counter, "surplus", f"D26-{number}")
    counter.types("discrepancies", "list")
    assert counter.said[-1].startswith("未処理 1000件以上")


def test_the_list_has_the_open_ones_the_oldest_first() -> None:
    counter = Counter()
    first = found(counter, "unknown_order", "2026-11-22")
    counter.house.clock.tick(days=1)
    second = found(counter)
    assert counter.types("discrepancies", "list") == DONE
    assert [line.split()[0] for line in counter.said] == ["ID", first, second, "未処理"]


def test_an_empty_queue_says_so() -> None:
    counter = Counter()
    assert counter.types("discrepancies", "list") == DONE
    assert counter.text == "未処理 0件"


def test_what_is_done_is_listed_on_wish_only() -> None:
    counter = Counter()
    ident = found(counter)
    assert counter.types("discrepancies", "resolve", ident, *SEEN, *SIGNED, "--yes") == DONE
    counter.types("discrepancies", "list")
    assert ident not in counter.text
    counter.types("discrepancies", "list", "--all")
    assert ident in counter.text
    assert "完了" in counter.said[1]


def test_what_came_again_is_marked_and_tells_how_it_was_closed() -> None:
    counter = Counter()
    ident = found(counter)
    counter.types("discrepancies", "resolve", ident, *SEEN, *SIGNED, "--yes")
    found(counter)
    counter.types("discrepancies", "list")
    assert "再発" in counter.said[1]
    counter.types("discrepancies", "show", ident)
    assert "office:山田: 電話で確認" in counter.text
    assert "もう一度見つかりました" in counter.text


@pytest.mark.parametrize("kind", [*KINDS, "of_a_later_version"])
def test_each_kind_is_shown_with_its_evidence_and_a_way_out(kind: str) -> None:
    counter = Counter()
    ident = found(counter, kind)
    assert counter.types("discrepancies", "show", ident) == DONE
    assert "GMO の状態: PAYSUCCESS" in counter.text
    assert "処理のしかた: " in counter.text


def test_the_orders_log_is_shown() -> None:
    counter = Counter()
    payment = mismatch(counter)
    counter.types("discrepancies", "show", f"mismatch#{payment.order_id}")
    assert "2026-11-22 12:00  請求と合わない入金" in counter.text
