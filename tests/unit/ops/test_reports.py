"""The society in tables: what the office reads at 5 pm, and whom it writes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.exits import Status
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import first_credential
from portal.accounts.no_password import no_password
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.billing.model import Invoice, InvoiceState, Method, PaymentState
from portal.billing.rows import invoice_item, payment_item
from portal.database import Put
from portal.members import store
from portal.members.model import MailFault
from portal.members.standing import Membership, Standing
from tests.unit.billing.house import AMOUNT, MEMBER_ID, MEMBER_NO, NOON, OTHER_ID, TABLES
from tests.unit.billing.test_sums import MIDNIGHT
from tests.unit.billing.test_sums import invoice as an_invoice
from tests.unit.billing.test_sums import payment as a_payment
from tests.unit.members.desk import TEXTS, a_member
from tests.unit.ops.reading import Reader

OTHER_NO = "000777"
REPORTS = ("overview", "paid", "slips", "never-signed-in", "arrears", "bounces")


class Office(Reader):
    """A reader over a society of one member, to whom others may be added."""

    def __init__(self) -> None:
        super().__init__()
        peppers = Peppers("p1", {"p1": b"an invented pepper"})
        self.hasher = Hasher(lambda: peppers, 4)
        self.credentials = CredentialStore(self.database, TABLES.credentials)

    def joins(
        self, membership: Membership = Membership.ACTIVE, *, issued: bool = True, email: str = ""
    ) -> None:
        """Let somebody else be a member too."""
        member = a_member()
        member = replace(
            member,
            member_id=OTHER_ID,
            member_no=OTHER_NO,
            record=replace(member.record, email=email, family_name="佐藤"),
            standing=Standing(membership=membership),
        )
        password = self.hasher.hash("Abcdefg1", NOON) if issued else no_password(self.hasher, NOON)
        credential = first_credential(OTHER_NO, OTHER_ID, password, PasswordPolicy())
        self.database.commit(store.new(TABLES.members, member), self.credentials.create(credential))

    def signs_in(self) -> None:
        """Let the first member sign in."""
        credential = self.credentials.find(MEMBER_NO)
        assert credential is not None
        self.database.commit(self.credentials.signed_in(credential, "net", self.clock()))

    def bounces(self) -> None:
        """Let mail to the first member come back."""
        fault = MailFault(TEXTS["email"], "Permanent/NoEmail", self.clock())
        self.database.commit(store.mail_failed(TABLES.members, MEMBER_ID, fault))

    def writes(self, *invoices: Invoice) -> None:
        """Put invoices into the table as they are."""
        for one in invoices:
            self.database.commit(Put(TABLES.billing, invoice_item(one)))

    def paid(self, ident: str, at: datetime = MIDNIGHT, yen: int = 12_000) -> None:
        """Let an invoice be paid by card at a moment."""
        self.writes(an_invoice(ident, yen=yen))
        self.database.commit(Put(TABLES.billing, payment_item(a_payment(ident, yen, at))))

    def report(self, name: str, *words: str) -> Any:
        """Return a report as a program gets it."""
        return self.data("report", name, *words)[name.replace("-", "_")]


@pytest.fixture
def office() -> Office:
    return Office()


# All of them


@pytest.mark.parametrize("name", REPORTS)
def test_of_an_empty_stack_each_report_is_empty(name: str) -> None:
    office = Office()
    office.database.tables.clear()
    words = ("--year", "2026") if name == "paid" else ()
    assert office.types("report", name, *words) == Status.DONE
    assert office.text


@pytest.mark.parametrize("name", REPORTS)
def test_looking_writes_nothing(office: Office, name: str) -> None:
    office.house.slip()
    before = {name: dict(rows) for name, rows in office.database.tables.items()}
    words = ("--year", "2026") if name == "paid" else ()
    assert office.types("report", name, *words) == Status.DONE
    assert {name: dict(rows) for name, rows in office.database.tables.items()} == before


@pytest.mark.parametrize("name", ["overview", "never-signed-in"])
def test_a_long_reading_tells_how_far_it_is(
    office: Office, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    office.slow = 3.0
    office.types("report", name)
    assert "件を読みました" in capsys.readouterr().err


def test_no_password_nor_link_is_ever_asked_for(office: Office) -> None:
    """What is not brought here can neither be shown nor lost."""
    office.house.card()
    brought: set[str] = set()
    sweep = office.desk.sweep

    def watched(scan: Any, seen: Any) -> Any:
        for row in sweep(scan, seen):
            brought.update(row)
            yield row

    office.desk = replace(office.desk, sweep=watched)
    for name in ("overview", "slips", "never-signed-in", "arrears"):
        office.types("report", name)
    secret = {"password", "history", "networks", "link_url", "access_id", "payer_name"}
    assert not brought & (secret | {"street", "phone", "mobile"})
    assert {"amount", "email", "must_change"} <= brought


# overview


def test_what_was_billed_is_told_by_what_became_of_it(office: Office) -> None:
    office.writes(
        *(an_invoice(f"i{place}", 2026, 10**place, one) for place, one in enumerate(InvoiceState)),
        an_invoice("older", 2025, 500_000),
    )
    found = office.report("overview", "--year", "2026")
    parts = [found[f"invoices_{state.value}"] for state in InvoiceState]
    assert [one["yen"] for one in parts] == [1, 10, 100, 1_000, 10_000]
    assert found["invoices"] == {"number": 5, "yen": 11_111}
    assert office.report("overview")["invoices"]["yen"] == 511_111


def test_the_money_of_a_year_is_what_came_for_its_dues(office: Office) -> None:
    payment = office.house.card()
    office.house.gmo.pay_card(payment.order_id)
    office.house.settle(payment)
    for year, yen in (("2026", AMOUNT), ("2025", 0)):
        assert office.report("overview", "--year", year)["received"]["yen"] == yen


def test_money_that_fits_no_invoice_and_an_open_discrepancy_are_told(office: Office) -> None:
    payment = office.house.card()
    office.house.gmo.pay_card(payment.order_id)
    office.house.gmo.alter(payment.order_id, amount=1)
    office.house.settle(payment)
    found = office.report("overview")
    assert found["astray"] == {"number": 1, "yen": 1}
    assert found["received"]["yen"] == 0
    assert found["discrepancies"]["number"] == 1


def test_members_are_told_by_where_they_stand_and_how_they_are_reached(office: Office) -> None:
    office.joins(Membership.ON_LEAVE)
    office.bounces()
    office.database.commit(office.credentials.disable(OTHER_NO))
    office.signs_in()
    office.house.slip()
    found = {key: one["number"] for key, one in office.report("overview").items()}
    assert (found["active"], found["on_leave"], found["withdrawn"]) == (1, 1, 0)
    assert (found["without_mail"], found["bouncing"]) == (1, 1)
    assert (found["never_signed_in"], found["locked"], found["closed"]) == (1, 1, 0)
    assert found["slips"] == 1


def test_who_left_is_nobodys_task(office: Office) -> None:
    office.joins(Membership.WITHDRAWN)
    found = {key: one["number"] for key, one in office.report("overview").items()}
    assert (found["withdrawn"], found["without_mail"], found["never_signed_in"]) == (1, 0, 1)


def test_the_screen_has_one_line_for_each(office: Office) -> None:
    office.types("report", "overview", "--year", "2026")
    assert len(office.said) < 24
    assert "2026年度" in office.said[0]


# paid


def test_money_is_told_by_the_day_in_japan_and_by_how_it_was_paid(office: Office) -> None:
    office.paid("i1", MIDNIGHT - timedelta(seconds=1), 1)
    office.paid("i2", MIDNIGHT, 10)
    office.paid("i3", MIDNIGHT + timedelta(hours=1), 100)
    first, second = office.report("paid", "--year", "2026")
    assert (first["begins"], first["card"], first["yen"]) == ("2026-03-31", 1, 1)
    assert (second["begins"], second["number"], second["yen"]) == ("2026-04-01", 2, 110)


def test_the_total_is_no_row_that_who_adds_up_would_add_too(office: Office) -> None:
    office.paid("i1", MIDNIGHT, 10)
    office.paid("i2", MIDNIGHT + timedelta(days=1), 1_000)
    data = office.data("report", "paid", "--year", "2026")
    assert sum(row["yen"] for row in data["paid"]) == 1_010
    total = {"number": 2, "card": 1_010, "cvs": 0, "bank": 0, "cash": 0, "yen": 1_010}
    assert data["total"] == {**total, "given_back": 0, "kept": 1_010}
    office.types("report", "paid", "--year", "2026")
    assert "合計 2件 1,010円（カード 1,010円、" in office.text
    assert "うち返金 0円、差引 1,010円" in office.text


@pytest.mark.parametrize(("by", "lines"), [("day", 3), ("week", 2), ("month", 2)])
def test_by_week_and_by_month_days_are_put_together(office: Office, by: str, lines: int) -> None:
    for place, day in enumerate((30, 31, 39)):
        at = datetime(2026, 3, 1, 3, tzinfo=UTC) + timedelta(days=day - 1)
        office.paid(f"i{place}", at)
    assert len(office.report("paid", "--year", "2026", "--by", by)) == lines


def test_what_was_given_back_is_taken_off(office: Office) -> None:
    office.paid("i1")
    gone = a_payment("i2", 500, MIDNIGHT, Method.BANK, PaymentState.REFUNDED)
    office.writes(an_invoice("i2", state=InvoiceState.REFUNDED))
    office.database.commit(Put(TABLES.billing, payment_item(gone)))
    (line,) = office.report("paid", "--year", "2026")
    assert (line["bank"], line["given_back"], line["kept"]) == (500, 500, 12_000)


def test_bars_are_as_long_as_their_share(office: Office) -> None:
    office.paid("i1", yen=10_000)
    office.paid("i2", MIDNIGHT + timedelta(days=1), 5_000)
    office.types("report", "paid", "--year", "2026")
    long, short = office.said[-2:]
    assert long.count("█") == 2 * short.count("█") > 20
    assert long.startswith("2026-04-01")
    assert short.endswith(" 5,000")


@pytest.mark.parametrize("words", [(), ("--year", "26"), ("--year", "2026", "--by", "hour")])
def test_without_a_year_or_by_what_nobody_knows_is_no_command(
    office: Office, words: tuple[str, ...]
) -> None:
    assert office.types("report", "paid", *words) == Status.USAGE


# slips


def test_slips_stand_by_their_deadline_with_whose_they_are(office: Office) -> None:
    office.house.slip()
    (slip,) = office.report("slips")
    assert (slip["member_no"], slip["name"], slip["yen"]) == (MEMBER_NO, "山田 花子", AMOUNT)
    assert slip["state"] == "支払い待ち"
    assert slip["store"]
    office.clock.tick(days=60)
    assert "期限切れ" in office.report("slips")[0]["state"]


def test_a_slip_that_was_paid_is_none_any_more(office: Office) -> None:
    payment = office.house.slip()
    office.house.gmo.deposit(payment.order_id)
    office.house.settle(payment)
    assert office.report("slips") == []


# never signed in


def test_who_never_signed_in_stands_with_the_life_of_the_letter(office: Office) -> None:
    office.joins(email="sato@example.jp")
    office.signs_in()
    (one,) = office.report("never-signed-in")
    assert one == {
        "member_no": OTHER_NO,
        "name": "佐藤 花子",
        "password": "発行済み",
        "until": "2027-05-21",
        "mail": "あり",
        "membership": "在籍",
    }
    office.clock.tick(days=180)
    assert office.report("never-signed-in")[0]["password"] == "期限切れ"


def test_who_got_no_letter_yet_is_told(office: Office) -> None:
    office.joins(issued=False)
    office.signs_in()
    (one,) = office.report("never-signed-in")
    assert (one["password"], one["until"], one["mail"]) == ("未発行", "", "なし")


def test_who_left_needs_no_letter(office: Office) -> None:
    office.joins(Membership.WITHDRAWN)
    office.signs_in()
    assert office.report("never-signed-in") == []


# bounces


def test_whom_mail_does_not_reach_stands_with_the_reason(office: Office) -> None:
    assert office.report("bounces") == []
    office.bounces()
    (one,) = office.report("bounces")
    assert (one["member_no"], one["why"]) == (MEMBER_NO, "宛先不明")
    assert one["address"] == TEXTS["email"]
