"""``payments show``: all that is known of a member's money, or of one order, and no secret."""

from typing import Any

import pytest

from ops.desk import DONE, REFUSED
from ops.words import payments as words
from portal.billing.judge import Fact
from tests.unit.billing.house import MEMBER_NO
from tests.unit.billing.office_desk import mismatch
from tests.unit.ops.counter import SIGNED, Counter
from tests.unit.ops.test_payments import of, paid_by_card, recorded


def shown(counter: Counter, *words: str) -> dict[str, Any]:
    return counter.data("payments", "show", *words)


@pytest.mark.parametrize("name", ["999999", "x", "D26-0000000000000000", "OFF-0000000000000000"])
def test_what_nobody_knows_is_told(name: str) -> None:
    counter = Counter()
    counter.house.card()
    assert counter.types("payments", "show", name) == REFUSED
    assert name in counter.text


def test_looking_changes_nothing() -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    before = counter.rows()
    assert counter.types("payments", "show", MEMBER_NO) == DONE
    assert counter.types("payments", "show", payment.order_id, "--notices") == DONE
    assert counter.rows() == before


def test_no_link_and_no_password_of_gmo_is_shown() -> None:
    """Whoever has the link can pay with it; seen red by showing the whole payment."""
    counter = Counter()
    payment = counter.house.card()
    assert payment.link_url
    for name in (MEMBER_NO, payment.order_id):
        counter.types("payments", "show", name)
        assert payment.link_url not in counter.text
        assert payment.link_url not in str(shown(counter, name))


def test_a_member_without_invoices_is_told_as_such() -> None:
    counter = Counter()
    assert counter.types("payments", "show", MEMBER_NO) == DONE
    assert "請求はありません" in counter.text


def test_a_members_invoices_and_payments_are_shown_with_their_receipts() -> None:
    counter = Counter()
    first, second = counter.house.bill(2025), counter.house.bill(2026)
    paid_by_card(counter, first)
    recorded(counter, second)
    data = shown(counter, MEMBER_NO)
    invoices = {row["invoice"]: row for row in data["invoices"]}
    assert invoices[first.invoice_id]["receipt"] == "2025-001234-1"
    assert invoices[second.invoice_id]["paid_on"] == "2026-11-20"
    assert sorted(
        (row["method"], row["state"], row["paid_amount"]) for row in data["payments"]
    ) == [
        ("bank", "paid", 12_000),
        ("card", "paid", 12_000),
    ]


def test_a_person_reads_japanese_where_a_program_gets_our_words() -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    counter.types("payments", "show", payment.order_id)
    for word in ("入金済", "カード", "請求と合わない", "未払い", "未処理"):
        assert word in counter.text
    (row,) = shown(counter, payment.order_id)["payments"]
    assert (row["state"], row["method"], row["flag"]) == ("paid", "card", "mismatch")


@pytest.mark.parametrize(
    "what",
    [
        *Fact, "declined", "refused", "reattached", "recorded", "refunded_outside", "ask_wanted",
        "accepted", "set_aside", "cancel_wanted", "discrepancy_closed", "receipt_replaced",
    ],
)  # fmt: skip
def test_every_line_of_a_log_has_its_words(what: str) -> None:
    assert words.event(what).shown != what


def test_a_line_of_another_version_stays_as_it_is_written() -> None:
    assert words.event("unheard_of").shown == "unheard_of"


def test_a_receipt_of_money_that_went_back_is_not_shown() -> None:
    counter = Counter()
    invoice = counter.house.bill()
    recorded(counter, invoice)
    counter.types("payments", "refund", *of(invoice), *SIGNED, "--yes")
    (row,) = shown(counter, MEMBER_NO)["invoices"]
    assert (row["state"], row["receipt"]) == ("refunded", "")


def test_an_order_is_shown_with_its_log_and_what_does_not_add_up() -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    data = shown(counter, payment.order_id)
    assert [row["what"] for row in data["events"]] == ["mismatch"]
    assert [row["id"] for row in data["discrepancies"]] == [f"mismatch#{payment.order_id}"]
    (row,) = data["payments"]
    assert (row["flag"], row["amount"], row["paid_amount"]) == ("mismatch", 12_000, 11_000)


def test_the_numbers_of_a_slip_are_shown_for_whoever_calls() -> None:
    counter = Counter()
    slip = counter.house.slip().slip
    (payment,) = counter.house.payments()
    counter.types("payments", "show", payment.order_id)
    assert slip is not None
    assert f"コンビニの番号: {slip.conf_no}" in counter.text
    assert shown(counter, payment.order_id)["details"]["conf_no"] == slip.conf_no


def test_who_of_the_office_did_what_is_in_the_log() -> None:
    counter = Counter()
    payment = mismatch(counter.house, counter.house.bill())
    counter.house.clock.tick(minutes=1)
    counter.types("payments", "accept", payment.order_id, *SIGNED, "--yes")
    events = shown(counter, payment.order_id)["events"]
    assert [(row["what"], row["by"]) for row in events] == [
        ("mismatch", ""),
        ("accepted", "山田"),
    ]


def test_all_notifications_of_an_order_are_found_on_wish() -> None:
    counter = Counter()
    house = counter.house
    payment, other = house.card(house.bill(2025)), house.card(house.bill(2026))
    house.clock.tick(minutes=1)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.gmo.decline_card(other.order_id)
    house.notify(other.order_id)
    house.come_back(payment, "PAYSUCCESS")
    assert shown(counter, payment.order_id)["notices"] == []
    found = shown(counter, payment.order_id, "--notices")["notices"]
    assert sorted(row["kind"] for row in found) == ["notification", "return"]


def test_a_claim_that_a_discrepancy_names_is_shown_without_a_search() -> None:
    counter = Counter()
    house = counter.house
    payment = house.card()
    house.gmo.decline_card(payment.order_id)
    house.notify(payment.order_id, Status="CAPTURE", ErrCode="", ErrInfo="")
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()
    (notice,) = shown(counter, payment.order_id)["notices"]
    assert counter.types("payments", "replay", notice["id"], *SIGNED) == DONE
