"""The queue says whose money it is and how much, in the office's words (L20)."""

import re
from datetime import date

import pytest

from ops.desk import DONE
from ops.words.evidence import LABELS, lines
from portal.billing.match_settlement import match
from portal.billing.model import Method, Payment
from portal.billing.settlement_file import Line
from portal.database import Item
from tests.unit.billing.house import MEMBER_NO
from tests.unit.billing.office_desk import mismatch as mismatched
from tests.unit.ops.counter import Counter


def mismatch(counter: Counter) -> Payment:
    return mismatched(counter.house, counter.house.bill())


def noted(counter: Counter, kind: str, subject: str, evidence: Item) -> str:
    house = counter.house
    house.database.commit(house.store.discrepancy(kind, subject, house.clock(), evidence))
    return f"{kind}#{subject}"


def listed(counter: Counter) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = counter.data("discrepancies", "list")["discrepancies"]
    return rows


def test_the_list_says_whose_money_it_is_and_how_much() -> None:
    counter = Counter()
    mismatch(counter)
    (row,) = listed(counter)
    assert (row["member_no"], row["name"], row["yen"]) == (MEMBER_NO, "山田 花子", 11_000)


def test_of_a_notification_that_nobody_confirms_the_order_says_whose_it_is() -> None:
    """Its evidence has no member, only what the notification claims."""
    counter = Counter()
    order = counter.house.card().order_id
    noted(counter, "unconfirmed", order, {"status": "CAPTURE", "amount": 99, "inbox_id": "x"})
    (row,) = listed(counter)
    assert (row["member_no"], row["yen"]) == (MEMBER_NO, 99)


@pytest.mark.parametrize("amount", [{}, {"amount": -1}], ids=["no amount", "none was read"])
def test_an_order_that_is_nobodys_has_no_member_and_no_amount(amount: Item) -> None:
    counter = Counter()
    noted(counter, "unknown_order", "2026-11-22", {"order_id": "X", **amount})
    (row,) = listed(counter)
    assert (row["member_no"], row["name"], row["yen"]) == ("", "", "")


def test_each_of_many_has_its_own_member() -> None:
    counter = Counter()
    order = counter.house.card().order_id
    for number in range(60):
        noted(counter, "unconfirmed", f"D26-{number:016}", {"amount": 1})
    noted(counter, "unconfirmed", order, {"amount": 1})
    rows = listed(counter)
    assert [row["id"] for row in rows if row["member_no"]] == [f"unconfirmed#{order}"]


@pytest.mark.parametrize("command", [("show",), ("resolve", "--by", "山田", "--reason", "x")])
def test_one_is_shown_and_closed_with_the_members_name(command: tuple[str, ...]) -> None:
    counter = Counter()
    ident = f"mismatch#{mismatch(counter).order_id}"
    assert counter.types("discrepancies", command[0], ident, *command[1:]) == DONE
    assert f"会員 {MEMBER_NO} 山田 花子" in counter.said


def test_the_evidence_is_read_in_words() -> None:
    counter = Counter()
    payment = mismatch(counter)
    counter.types("discrepancies", "show", f"mismatch#{payment.order_id}")
    for told in ("支払いの状態: 入金済", "支払方法: カード", "金額: 12,000", "入金額: 11,000",
                 "請求の状態: 未払い", "GMO の決済方法: カード", "GMO の金額: 11,000"):  # fmt: skip
        assert f"  {told}" in counter.said
    assert not re.search(r"^  [a-z_]+: ", counter.text, re.MULTILINE)


def test_a_program_gets_the_evidence_as_it_is_kept() -> None:
    counter = Counter()
    payment = mismatch(counter)
    facts = counter.data("discrepancies", "show", f"mismatch#{payment.order_id}")
    assert facts["member_no"] == MEMBER_NO
    assert facts["evidence"]["gmo_amount"] == "11000"


def test_everything_that_is_found_has_its_word() -> None:
    """Of settlement, of forged notifications, of unknown orders, and of GMO's file."""
    counter = Counter()
    house = counter.house
    payment = mismatch(counter)
    other = house.decide(house.bill(2027), Method.CVS)
    house.notify(payment.order_id, ShopID="another")
    house.notify(payment.order_id, OrderID="X-1")
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    kinds = {str(row["kind"]) for row in house.discrepancies()}
    assert kinds == {"mismatch", "other_shop", "unknown_order"}
    found = {name for row in house.discrepancies() for name in _evidence(row)}
    line = Line(1, other.order_id, 5, Method.CARD, date(2026, 11, 22))
    (finding,) = match([line], [other]).differences
    assert found | set(finding.evidence) <= set(LABELS)


def test_what_a_later_version_notes_is_told_as_it_is_written() -> None:
    told = list(lines({"tomorrows": "x", "paid_amount": 5, "chosen_method": ""}))
    assert told == [("入金額", "5"), ("tomorrows", "x")]


def test_lists_and_answers_are_told_in_words() -> None:
    told = dict(lines({"file_methods": ["cvs", "card"], "shop_matches": False, "file_days": []}))
    assert told == {"明細の決済方法": "コンビニ、カード", "ショップ ID が合う": "いいえ"}


def _evidence(row: Item) -> set[str]:
    evidence = row["evidence"]
    assert isinstance(evidence, dict)
    return set(evidence)
