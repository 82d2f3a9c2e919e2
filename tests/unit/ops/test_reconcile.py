"""``payments reconcile`` plans questions to GMO; the schedule asks, and books by the answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ops.desk import DONE, REFUSED
from ops.exits import Status
from portal.billing.model import Payment, PaymentState
from portal.billing.reconcile import PACE
from tests.unit.billing.house import MEMBER_NO, NOON, TABLES
from tests.unit.ops.counter import SIGNED, Counter


class Reconciler(Counter):
    """A counter whose desk may read all payments."""

    def __init__(self) -> None:
        super().__init__()
        database = self.house.database
        self.desk = replace(self.desk, payments=lambda table: database.rows(table, "PAY#"))

    def reconciles(self, *words: str) -> int:
        """Type the command, signed."""
        return self.types("payments", "reconcile", *words, *SIGNED)


def asks(counter: Counter, payment: Payment) -> object:
    return counter.house.payment(payment).next_ask_at


def unsettled(counter: Counter) -> Payment:
    """Return a payment that was made at GMO hours ago, and of which nothing was heard."""
    house = counter.house
    payment = house.card()
    house.clock.tick(hours=2)
    house.ask()
    house.gmo.pay_card(payment.order_id)
    return payment


@pytest.mark.parametrize("words", [(), (MEMBER_NO, "--all-open")], ids=["neither", "both"])
def test_either_names_or_all_are_asked_about(words: tuple[str, ...]) -> None:
    assert Reconciler().reconciles(*words) == Status.USAGE


@pytest.mark.parametrize("name", ["999999", "D26-0000000000000000", "x"])
def test_what_nobody_knows_is_told_and_nothing_of_the_rest_is_planned(name: str) -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    before = counter.rows()
    assert counter.reconciles(payment.order_id, name, "--yes") == REFUSED
    assert counter.rows() == before


def test_nothing_is_asked_unsigned() -> None:
    counter = Reconciler()
    unsettled(counter)
    typed = ("payments", "reconcile", MEMBER_NO, "--by", "山田", "--yes")
    assert counter.types(*typed) == Status.USAGE


def test_without_yes_it_is_counted_by_state_and_nothing_is_written() -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    before = counter.rows()
    data = counter.data("payments", "reconcile", MEMBER_NO, *SIGNED)
    assert [(row["state"], row["count"]) for row in data["states"]] == [("linked", 1)]
    assert [row["order_id"] for row in data["first"]] == [payment.order_id]
    assert counter.rows() == before


@pytest.mark.parametrize("by", ["number", "order", "all"])
def test_the_deployed_settlement_asks_at_its_next_run_and_books_by_gmos_answer(by: str) -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    counter.house.ask()
    assert counter.house.payment(payment).state is PaymentState.LINKED
    words = {"number": MEMBER_NO, "order": payment.order_id, "all": "--all-open"}
    assert counter.reconciles(words[by], "--yes") == DONE
    assert counter.house.payment(payment).state is PaymentState.LINKED
    counter.house.ask()
    assert counter.house.payment(payment).state is PaymentState.PAID


def test_who_had_gmo_asked_and_why_is_in_the_audit_and_in_the_orders_log() -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    counter.reconciles(payment.order_id, "--yes")
    rows = counter.house.database.rows(TABLES.audit)
    told = [(row["actor"], row["note"]) for row in rows if row["action"] == "payment.ask_wanted"]
    assert told == [("office:山田", "電話で確認")]
    assert counter.house.events(payment)[-1] == "ask_wanted"


def test_typed_again_nothing_is_written_twice() -> None:
    counter = Reconciler()
    unsettled(counter)
    counter.reconciles(MEMBER_NO, "--yes")
    before = counter.rows()
    assert counter.reconciles(MEMBER_NO, "--yes") == DONE
    assert "1件は、もともと" in counter.text
    assert counter.rows() == before


def test_a_payment_that_is_named_twice_is_asked_about_once() -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    assert counter.reconciles(MEMBER_NO, payment.order_id, "--yes") == DONE
    assert counter.house.events(payment).count("ask_wanted") == 1


def test_all_that_are_open_are_asked_about_one_after_the_other() -> None:
    """Seen red by asking all at once: GMO answers that it is busy, and others have to wait."""
    counter = Reconciler()
    house = counter.house
    payments = [house.card(house.bill(year)) for year in range(2020, 2026)]
    house.clock.tick(hours=30)
    house.ask()
    now = house.clock()
    assert counter.reconciles("--all-open", "--yes") == DONE
    assert sorted(str(asks(counter, one)) for one in payments) == [
        str(now + PACE * place) for place in range(6)
    ]


def test_a_question_that_comes_sooner_anyway_is_left_where_it_is() -> None:
    counter = Reconciler()
    house = counter.house
    first, second = (house.card(house.bill(year)) for year in (2025, 2026))
    house.clock.tick(minutes=2)
    counter.reconciles("--all-open", "--yes")
    assert asks(counter, first) == asks(counter, second) == NOON + timedelta(minutes=2)


def test_what_gmo_has_nothing_to_say_of_is_left_out() -> None:
    counter = Reconciler()
    house = counter.house
    invoice = house.bill()
    cash = ("--method", "cash", "--amount", "12000", "--paid-on", "2026-11-20", *SIGNED, "--yes")
    counter.types("payments", "record", MEMBER_NO, "--invoice", invoice.invoice_id, *cash)
    before = counter.rows()
    assert counter.reconciles(MEMBER_NO, "--yes") == DONE
    assert "GMO に確かめる支払いはありません" in counter.text
    assert counter.rows() == before


def test_money_of_years_ago_is_asked_about_only_by_its_own_order() -> None:
    """GMO may have forgotten it, and would seem to deny what was booked rightly."""
    counter = Reconciler()
    house = counter.house
    payment = house.card()
    house.gmo.pay_card(payment.order_id)
    house.settle(payment)
    house.clock.tick(days=366)
    house.ask()
    assert counter.reconciles(MEMBER_NO) == DONE
    assert "合わせて 1件" in counter.text
    house.clock.tick(days=1)
    before = counter.rows()
    assert counter.reconciles(MEMBER_NO, "--yes") == DONE
    assert "1年より前の入金" in counter.text
    assert counter.rows() == before
    assert counter.reconciles(payment.order_id, "--yes") == DONE
    assert asks(counter, payment) == house.clock()


def test_an_expired_payment_may_be_asked_about_too() -> None:
    """A member says that the money was paid at the store on the last day."""
    counter = Reconciler()
    house = counter.house
    payment = house.slip()
    house.gmo.expire_slip(payment.order_id)
    house.settle(payment)
    house.gmo.deposit(payment.order_id, late=True)
    counter.reconciles(payment.order_id, "--yes")
    house.ask()
    assert house.payment(payment).state is PaymentState.PAID


def test_what_was_settled_meanwhile_is_not_asked_about_again() -> None:
    counter = Reconciler()
    payment = unsettled(counter)
    house = counter.house
    house.database.before_commit.append(lambda: house.settle(payment))
    assert counter.reconciles(payment.order_id, "--yes") == Status.PARTLY
    assert "その間に状態が変わった" in counter.text


def test_what_is_to_be_stopped_meanwhile_is_not_stopped_later() -> None:
    """Of thousands the last is written minutes after it was read, for a moment hours ahead."""
    counter = Reconciler()
    house = counter.house
    payments = [house.card(house.bill(year)) for year in (2024, 2025, 2026)]
    house.clock.tick(hours=30)
    house.ask()
    last = payments[-1]
    stopped = house.store.cancel_wanted(last.member_id, last.order_id, house.clock())
    house.database.before_commit.append(lambda: house.database.commit(stopped))
    assert counter.reconciles("--all-open", "--yes") == Status.PARTLY
    assert asks(counter, last) == house.clock()


def test_a_link_that_is_just_being_issued_is_not_lost_by_a_question() -> None:
    """The answer with the link wants the payment's version as it was."""
    counter = Reconciler()
    payment = unsettled(counter)
    before = counter.house.payment(payment).version
    counter.reconciles(payment.order_id, "--yes")
    assert counter.house.payment(payment).version == before


@pytest.mark.parametrize("name", [MEMBER_NO, "--all-open"])
def test_who_presses_in_this_moment_gets_the_link_although_gmo_is_asked(name: str) -> None:
    """Seen red: the question raised the version, and the link that came after it was dropped."""
    counter = Reconciler()
    house = counter.house
    invoice = house.bill()

    def asked_meanwhile() -> None:
        counter.reconciles(name, "--yes")
        house.clock.tick(seconds=5)
        house.ask()

    house.database.before_commit = [lambda: None, asked_meanwhile]
    payment = house.decide(invoice)
    assert payment.state is PaymentState.LINKED
    assert payment.link_url


def test_long_work_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    counter = Reconciler()
    unsettled(counter)
    counter.slow = 3.0
    counter.reconciles("--all-open", "--yes")
    assert "1 / 1 件の支払い" in capsys.readouterr().err
