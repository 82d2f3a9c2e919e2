"""``payments replay``: counted first, put back only with --yes."""

from dataclasses import replace

import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from tests.unit.billing.house import TABLES
from tests.unit.ops.counter import SIGNED, Counter


def given_up(counter: Counter, times: int = 1) -> None:
    """Have claims denied by GMO until they are closed as unconfirmed."""
    house = counter.house
    order = house.card().order_id
    for _ in range(times):
        house.knock(f"ShopID=tshop00000000&OrderID={order}&Status=CAPTURE&PayType=0".encode())
    house.stream()
    for minutes in (1, 10, 60):
        house.clock.tick(minutes=minutes)
        house.sweep()


def ids(counter: Counter) -> list[str]:
    return [str(row["pk"]) for row in counter.house.database.rows(TABLES.inbox)]


def pending(counter: Counter) -> int:
    return len(counter.house.pending())


@pytest.mark.parametrize("typed", [(), ("x", "--failed")], ids=["neither", "both"])
def test_either_one_or_all_failed_are_named(typed: tuple[str, ...]) -> None:
    assert Counter().types("payments", "replay", *typed, *SIGNED) == Status.USAGE


def test_an_unknown_delivery_is_told_and_nothing_is_written() -> None:
    counter = Counter()
    given_up(counter)
    before = counter.rows()
    assert (
        counter.types("payments", "replay", "2026-11-22T03:00:00.000000Z#X", *SIGNED, "--yes")
        == REFUSED
    )
    assert counter.rows() == before


def test_nothing_failed_is_told_as_such() -> None:
    counter = Counter()
    assert counter.types("payments", "replay", "--failed", *SIGNED, "--yes") == DONE
    assert "ありません" in counter.text


@pytest.mark.parametrize("all_failed", [True, False])
def test_without_yes_it_is_counted_and_nothing_is_written(*, all_failed: bool) -> None:
    counter = Counter()
    given_up(counter)
    before = counter.rows()
    assert (
        counter.types("payments", "replay", "--failed" if all_failed else ids(counter)[0], *SIGNED)
        == DONE
    )
    assert "1件" in counter.text
    assert "--yes" in counter.text
    assert counter.rows() == before


def test_one_is_put_back_and_settled_by_the_next_sweep() -> None:
    counter = Counter()
    given_up(counter)
    house = counter.house
    (payment,) = house.payments()
    house.gmo.pay_card(payment.order_id)
    assert counter.types("payments", "replay", ids(counter)[0], *SIGNED, "--yes") == DONE
    assert pending(counter) == 1
    house.sweep()
    assert house.account().invoices[0].paid_order == payment.order_id


def test_all_failed_are_put_back() -> None:
    counter = Counter()
    given_up(counter, times=3)
    assert counter.types("payments", "replay", "--failed", *SIGNED, "--yes") == DONE
    assert pending(counter) == 3
    assert "3件を取り込み待ちに戻しました" in counter.text


def test_nothing_is_replayed_unsigned() -> None:
    counter = Counter()
    given_up(counter)
    before = counter.rows()
    assert counter.types("payments", "replay", "--failed", "--by", "山田", "--yes") == Status.USAGE
    assert counter.types("payments", "replay", "--failed", "--reason", "x", "--yes") == Status.USAGE
    assert counter.rows() == before


def test_who_replayed_is_whom_aws_knows_without_being_typed() -> None:
    """The name of the account on the laptop, as it was before, says nothing about a person."""
    counter = Counter()
    counter.desk = replace(counter.desk, caller="clerk/hanako")
    given_up(counter)
    assert counter.types("payments", "replay", "--failed", "--reason", "x", "--yes") == DONE
    told = counter.house.database.rows(TABLES.audit)
    actors = [row["actor"] for row in told if row["action"] == "delivery.replayed"]
    assert actors == ["office:clerk/hanako"]


def test_progress_is_told_only_when_it_takes_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    counter = Counter()
    given_up(counter, times=3)
    counter.types("payments", "replay", "--failed", *SIGNED)
    assert "…" not in capsys.readouterr().err
    counter.slow = 1.5
    counter.types("payments", "replay", "--failed", *SIGNED)
    assert "… 2 件の通知を確かめました" in capsys.readouterr().err


def test_the_first_of_each_kind_are_shown() -> None:
    counter = Counter()
    given_up(counter, times=7)
    data = counter.data("payments", "replay", "--failed", *SIGNED)
    assert [row["count"] for row in data["kinds"]] == [7]
    assert [row["id"] for row in data["first"]] == ids(counter)[:5]


def test_what_is_gone_meanwhile_is_left_out_and_told() -> None:
    counter = Counter()
    given_up(counter, times=2)
    house = counter.house

    def gone() -> None:
        rows = house.database.tables[TABLES.inbox]
        del rows[next(iter(sorted(rows)))]

    house.database.before_commit.append(gone)
    typed = ("payments", "replay", "--failed", *SIGNED, "--yes")
    assert counter.types(*typed) == Status.PARTLY
    assert "1件は、消えているか" in counter.text
    assert pending(counter) == 1


def test_after_a_restore_all_deliveries_since_the_moment_are_put_back() -> None:
    """What was applied to rows that are lost leads forgotten orders back to their invoices."""
    counter = Counter()
    house = counter.house
    invoice = house.bill()
    house.knock(b"ShopID=tshop00000000&OrderID=D2026-1&Status=CAPTURE")
    house.stream()
    house.clock.tick(minutes=60)
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.notify(payment.order_id)
    house.stream()
    house.forget(payment, invoice)
    rows = house.database.tables[TABLES.billing]
    del rows[invoice.member_id, f"RCPT#{invoice.invoice_id}"]
    row = rows[invoice.member_id, f"INV#{invoice.invoice_id}"]
    row.update(state="unpaid")
    del row["paid_order"], row["paid_on"]

    status = counter.types("payments", "replay", "--since", "2026-11-22T12:30", "--yes", *SIGNED)
    house.clock.tick(minutes=3)
    house.sweep()

    assert status == DONE
    assert "1件を取り込み待ちに戻しました" in counter.text
    assert house.account().invoices[0].paid_order == payment.order_id


def test_a_moment_that_is_none_is_refused() -> None:
    assert Counter().types("payments", "replay", "--since", "昨日", *SIGNED) == Status.USAGE


def test_since_counts_first_and_writes_nothing_without_yes() -> None:
    counter = Counter()
    given_up(counter)
    before = counter.rows()
    assert counter.types("payments", "replay", "--since", "2026-11-22T03:00+00:00", *SIGNED) == DONE
    assert "1件" in counter.text
    assert counter.rows() == before
