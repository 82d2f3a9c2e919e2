"""What alarms and graphs are told of payments: each count by name, number and dimensions.

docs/operations.md lists them. Seen red by make mutate, which renames each count.
"""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from portal.billing.asking import Report
from portal.billing.model import Method
from portal.billing.open_payment import LinkRefusedError
from tests.fake_gmo import SHOP_ID, Fault
from tests.unit.billing.house import TABLES, House

type Count = tuple[str, object, dict[str, object]]


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level("INFO")
    return caplog


def counted(logs: pytest.LogCaptureFixture) -> list[Count]:
    """Return what was counted: name, number, dimensions."""
    said = [vars(record) for record in logs.records if "_aws" in vars(record)]
    found: list[Count] = []
    for one in said:
        (metric,) = one["_aws"]["CloudWatchMetrics"]
        name = metric["Metrics"][0]["Name"]
        found.append((name, one[name], {key: one[key] for key in metric["Dimensions"][0]}))
    return found


def claim(order_id: str, **more: str) -> bytes:
    fields = {"ShopID": SHOP_ID, "OrderID": order_id, "Status": "CAPTURE", "PayType": "0"}
    return urlencode(fields | more).encode()


def given_up(house: House) -> None:
    """Let a claim that GMO never confirms run through all of its tries."""
    house.stream()
    for wait in (1, 10, 60):
        house.clock.tick(minutes=wait)
        house.sweep()


# Settling


def test_a_paid_card_is_counted_by_fact_and_method(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    assert counted(logs) == [("PaymentFact", 1, {"fact": "paid", "method": "card"})]


def test_an_answer_without_news_counts_nothing(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    house.settle(house.card())
    assert counted(logs) == []


def test_money_that_does_not_add_up_is_counted_for_the_alarm(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, amount=1)
    house.settle(payment)
    assert counted(logs) == [
        ("PaymentFact", 1, {"fact": "mismatch", "method": "card"}),
        ("Discrepancy", 1, {}),
    ]


def test_a_slip_that_nobody_will_ask_for_any_more_is_counted_for_the_alarm(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    slip = house.slip()
    logs.clear()
    house.clock.tick(days=28)
    house.settle(slip)
    assert counted(logs) == [("Discrepancy", 1, {})]


# Hints


def test_a_claim_that_gmo_never_confirms_is_counted_for_the_alarm(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    payment = house.card()
    house.knock(claim(payment.order_id))
    given_up(house)
    told = [one for one in counted(logs) if one[0] in ("HintUnconfirmed", "Discrepancy")]
    assert told == [("HintUnconfirmed", 1, {}), ("Discrepancy", 1, {})]


def test_a_notification_of_an_order_nobody_knows_is_counted(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    house.knock(claim("D2026-000123-1"))
    house.stream()
    assert counted(logs) == [("UnknownOrder", 1, {})]


def test_a_hint_that_gmo_gave_no_answer_to_is_counted(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    payment = house.card()
    house.knock(claim(payment.order_id))
    house.gmo.down.add("search")
    house.stream()
    assert counted(logs) == [("AskFailed", 1, {})]


# Re-attaching


def test_a_forgotten_order_that_finds_its_invoice_is_counted(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.forget(payment, invoice)
    house.reattachment.reattach(payment.order_id)
    assert counted(logs) == [("Reattached", 1, {})]


def test_an_order_at_gmo_that_leads_nowhere_is_counted_for_the_alarm(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    invoice = house.bill()
    payment = house.card(invoice)
    house.gmo.pay_card(payment.order_id)
    house.gmo.alter(payment.order_id, client_fields=("", "", ""))
    house.forget(payment, invoice)
    house.notify(payment.order_id)
    house.stream()
    assert counted(logs)[:2] == [("OrphanOrder", 1, {}), ("Discrepancy", 1, {})]


# The schedule


def test_a_run_counts_what_was_asked(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    for year in (2024, 2025, 2026):
        house.card(house.bill(year))
    house.clock.tick(minutes=3)
    house.ask()
    assert counted(logs) == [("AskRun", 3, {})]


def test_a_silent_gmo_is_counted_once_for_each_question(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    for year in (2024, 2025, 2026):
        house.card(house.bill(year))
    house.clock.tick(minutes=3)
    house.gmo.down.add("search")
    assert house.asking.run(lambda: 100.0) == Report(asked=3, silent=3, left=0)
    assert counted(logs) == [("AskFailed", 3, {}), ("AskRun", 3, {})]


def test_a_busy_gmo_is_counted_after_those_it_was_silent_about(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    for year in (2024, 2025, 2026, 2027):
        house.card(house.bill(year))
    house.clock.tick(minutes=3)
    house.gmo.fail("search", Fault.DOWN, Fault.DOWN, Fault.BUSY)
    assert house.asking.run(lambda: 100.0) == Report(asked=3, silent=3, left=1)
    assert counted(logs) == [("AskFailed", 3, {}), ("AskRun", 3, {})]


def test_what_nobody_foresaw_about_one_payment_is_counted_for_the_alarm(
    logs: pytest.LogCaptureFixture,
) -> None:
    house = House()
    payment = house.card()
    rows = house.database.tables[TABLES.billing]
    rows[payment.member_id, f"PAY#{payment.order_id}"]["state"] = "no such state"
    house.clock.tick(minutes=3)
    house.ask()
    assert counted(logs) == [("UnexpectedError", 1, {}), ("AskRun", 1, {})]


# Opening


def test_a_refused_link_is_counted_for_the_alarm(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    house.gmo.fail("issue_link", Fault.REFUSED)
    with pytest.raises(LinkRefusedError):
        house.card()
    assert counted(logs) == [("LinkRefused", 1, {})]


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TIMEOUT, Fault.BUSY])
def test_a_link_that_nobody_knows_of_is_counted(
    fault: Fault, logs: pytest.LogCaptureFixture
) -> None:
    house = House()
    house.gmo.fail("issue_link", fault)
    house.card()
    assert counted(logs) == [("LinkUnknown", 1, {})]


def test_a_link_that_came_too_late_is_counted(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    invoice = house.bill()

    def given_up_meanwhile() -> None:
        (payment,) = house.payments()
        house.clock.tick(seconds=60)
        house.settle(payment)

    house.database.before_commit = [lambda: None, given_up_meanwhile]
    house.decide(invoice, Method.CARD)
    assert ("LinkDropped", 1, {}) in counted(logs)
    assert house.last(invoice).link_url == ""


def test_a_link_that_is_kept_counts_nothing(logs: pytest.LogCaptureFixture) -> None:
    house = House()
    payment = house.card()
    assert payment.link_expires_at == house.clock() + timedelta(hours=24)
    assert counted(logs) == []
