"""``members anonymise``: who may be forgotten, what of them goes; a crash loses nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ops.exits import Status
from ops.members.anonymise import years_before
from portal.accounts.no_password import has_no_password
from portal.accounts.sign_in import Refused
from portal.billing import receipts
from portal.billing.found import found
from portal.billing.model import Flag, InvoiceState, PaymentState
from portal.billing.rows import invoice_item, key, payment_item
from portal.database import Write
from portal.mail.outbox import queued
from portal.members import office_store, store
from portal.members.anonymising import PLACEHOLDER
from portal.members.standing import Membership, Standing
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import AWAY, MEMBER_ID, NUMBER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops.leavers import (
    LEFT,
    LONG_AGO,
    PERSONAL,
    a_payment,
    a_receipt,
    an_invoice,
    an_office,
    leaves,
    left_of,
    puts,
    runs,
)
from tests.unit.ops.members_office import a_row
from tests.unit.ops.test_access import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return an_office(tmp_path)


# Never


def unpaid(office: Office) -> None:
    puts(office, invoice_item(an_invoice(invoice_id="open", state=InvoiceState.UNPAID)))


def under_way(office: Office) -> None:
    puts(office, payment_item(a_payment(order_id="D18-2", state=PaymentState.LINKED)))


def odd_money(office: Office) -> None:
    puts(office, payment_item(a_payment(order_id="D18-2", flag=Flag.SURPLUS)))


def disputed(office: Office) -> None:
    office.database.commit(found(TABLES.billing, "amount_changed", "D18-1", LONG_AGO, {}))


def paid_later(office: Office) -> None:
    puts(office, payment_item(a_payment(order_id="D20", paid_at=datetime(2020, 1, 1, tzinfo=UTC))))


def late_receipt(office: Office) -> None:
    row = receipts.to_item(a_receipt(office))
    puts(office, {**row, **key(MEMBER_ID, "RCPT#late"), "issued_on": "2019-11-23"})


def waiting_mail(office: Office) -> None:
    office.database.commit(
        queued(TABLES.outbox, mail_id="new", kind="x", member_id=MEMBER_ID, data={}, now=LONG_AGO)
    )


HELD: dict[str, tuple[Callable[[Office], None], str]] = {
    "an open invoice": (unpaid, "未払いの請求"),
    "a payment under way": (under_way, "手続き中"),
    "surplus money": (odd_money, "返金も充当もしていない"),
    "an open discrepancy": (disputed, "未処理の食い違い"),
    "money that came later": (paid_later, "保存期間内"),
    "a receipt that was issued later": (late_receipt, "保存期間内"),
    "a mail that waits": (waiting_mail, "送信待ちのメール"),
}


@pytest.mark.parametrize("name", HELD)
def test_whose_money_or_mail_is_not_done_with_stays_as_is(office: Office, name: str) -> None:
    arrange, told = HELD[name]
    arrange(office)
    before = office.stored()
    assert runs(office, "--yes") == Status.PARTLY
    assert told in office.text
    assert "0 人  匿名化する会員" in office.text
    assert office.stored() == before


@pytest.mark.parametrize("day", [date(2019, 11, 23), date(2026, 11, 1)])
def test_who_left_later_is_not_looked_at(day: date) -> None:
    office = Office()
    leaves(office, day)
    before = office.stored()
    assert runs(office, "--yes") == 0
    assert office.stored() == before


def test_who_belongs_to_the_society_is_never_looked_at() -> None:
    office = Office()
    row = office.database.tables[TABLES.members][MEMBER_ID, store.PROFILE]
    row["membership_since"] = "2001-04-01"
    before = office.stored()
    assert runs(office, "--yes") == 0
    assert office.stored() == before


def test_fewer_years_than_accounting_asks_for_are_refused(office: Office) -> None:
    before = office.stored()
    assert runs(office, "--years", "6", "--yes") == 1
    assert "7年より短くはできません" in office.text
    assert office.stored() == before


@pytest.mark.parametrize("years", ["5000", "-1"])
def test_years_before_all_calendars_are_none(office: Office, years: str) -> None:
    assert runs(office, "--years", years) == Status.USAGE


def test_more_years_may_be_asked_for(office: Office) -> None:
    assert runs(office, "--years", "8", "--yes") == 0
    assert not office.member().anonymised


def test_without_yes_only_the_numbers_are_told(office: Office) -> None:
    before = office.stored()
    assert runs(office) == 0
    assert "1 人  匿名化する会員" in office.text
    assert f"{NUMBER}  退会 2019-11-22" in office.text
    assert "--yes" in office.text
    assert office.stored() == before
    assert runs(office, "--dry-run") == 0


def test_who_came_back_at_that_very_moment_is_left_alone(office: Office) -> None:
    class Meanwhile(MemoryDatabase):
        back = False

        def commit(self, *writes: Write) -> None:
            if not self.back:
                self.back = True
                day = date(2026, 11, 22)
                back = office_store.return_of(TABLES.members, office.member(), day)
                super().commit(back)
            super().commit(*writes)

    racing = Meanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    assert runs(office, "--yes") == Status.PARTLY
    assert "その間に会員状態が変わった" in office.text
    assert office.member().record.family_name == "山田"


# What goes and what stays


def test_nothing_personal_is_left_but_in_the_audit(office: Office) -> None:
    assert all(one in left_of(office) for one in PERSONAL)
    assert runs(office, "--yes") == 0, office.text
    left = left_of(office)
    assert [one for one in PERSONAL if one in left] == []
    assert office.portal.rows(TABLES.sessions) == []
    assert office.portal.rows(TABLES.outbox) == []
    assert office.changes() == []
    assert [row for row in office.portal.rows(TABLES.throttle) if NUMBER in str(row["pk"])] == []


def test_the_record_is_a_number_with_a_placeholder(office: Office) -> None:
    runs(office, "--yes")
    member = office.member()
    assert member.anonymised
    assert not member.anonymising
    assert member.member_no == NUMBER
    assert set(member.record.values().values()) == {PLACEHOLDER, ""}
    assert (member.standing.withdrawn, member.standing.since) == (True, LEFT)
    assert (member.qualification, member.confirmed_email, member.mail_fault) == ("", "", None)


def test_amounts_days_and_numbers_of_money_stay(office: Office) -> None:
    runs(office, "--yes")
    account = office.desk.store.account(MEMBER_ID)
    assert account.invoices == (an_invoice(),)
    payment = account.payments["D18-1"]
    assert payment == a_payment(payer_name="", payer_workplace="", version=2)
    receipt = receipts.parse(account.receipts["invoice2018"])
    expected = replace(a_receipt(office), name=PLACEHOLDER, workplace=PLACEHOLDER)
    assert receipt == expected
    assert receipt.shown_addressee == PLACEHOLDER


def test_the_number_opens_nothing_any_more(office: Office) -> None:
    runs(office, "--yes")
    credential = office.portal.credential
    assert credential.closed
    assert has_no_password(credential.password)
    assert len(credential.history) == 1
    assert dict(credential.networks) == {}
    assert office.portal.try_in(PASSWORD, AWAY) == Refused()


def test_who_and_why_is_in_the_audit_without_a_name(office: Office) -> None:
    before = len(office.audited())
    runs(office, "--yes")
    entries = [row for row in office.audited() if "anonymis" in str(row["action"])]
    assert len(office.audited()) == before + 2
    assert {row["action"] for row in entries} == {"member_anonymising", "member_anonymised"}
    assert {(row["actor"], row["note"]) for row in entries} == {("office:山田", "本人から電話")}
    assert not [one for one in ("花子", "hanako") if one in repr(entries)]


def test_others_stay_as_they_are(office: Office) -> None:
    office.imports(a_row("0012345"), a_row("00123"))
    office.portal.fail(3, number="0012345")
    others = [row for row in office.members() if row["member_no"] != NUMBER]
    counters = [row for row in office.portal.rows(TABLES.throttle) if "#0012345" in str(row["pk"])]
    assert runs(office, "--yes") == 0
    assert [row for row in office.members() if row["member_no"] != NUMBER] == others
    kept = [row for row in office.portal.rows(TABLES.throttle) if "#0012345" in str(row["pk"])]
    assert kept == counters


def test_nobody_finds_exports_edits_or_brings_back_who_is_forgotten(office: Office) -> None:
    runs(office, "--yes")
    before = office.stored()
    assert office.types_bare("find", NUMBER) == 0
    assert "0 人" in office.text
    assert office.types("return", NUMBER, "--yes") == 1
    assert office.types("withdraw", NUMBER, "--yes") == 1
    assert office.types("edit", NUMBER, "--set", "姓=山田", "--yes") == 1
    assert "匿名化した会員" in office.text
    assert office.stored() == before


def test_a_file_does_not_bring_anybody_back(office: Office) -> None:
    runs(office, "--yes")
    assert office.imports(a_row(NUMBER)) == 3
    assert "匿名化した会員" in office.text
    (header,) = office.exports().read_text("utf-8-sig").splitlines()
    assert header.startswith("会員番号")


def test_a_second_run_finds_nobody(office: Office) -> None:
    runs(office, "--yes")
    before = office.stored()
    assert runs(office, "--yes") == 0
    assert "0 人  匿名化する会員" in office.text
    assert office.stored() == before


# Killed


class Dying(MemoryDatabase):
    """The same rows, until the process dies at a write: before it, or after it without knowing."""

    def __init__(self, office: Office, after: int, *, done: bool) -> None:
        super().__init__()
        self.tables = office.database.tables
        self.left = after
        self.done = done

    def commit(self, *writes: Write) -> None:
        if self.left or self.done:
            super().commit(*writes)
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1


WRITES = 7
"""The mark, tokens, counters, mails, money, changes, the record."""


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("after", range(WRITES))
def test_a_run_that_dies_at_any_write_is_found_and_finished(
    office: Office, after: int, done: bool
) -> None:
    """Seen red by emptying the record first, and by marking it at the end alone."""
    whole = office.desk
    office.desk = replace(whole, database=Dying(office, after, done=done))
    assert runs(office, "--yes") == Status.STOPPED
    office.desk = whole
    if after and not (done and after == WRITES - 1):
        assert office.member().anonymising
        assert office.types("return", NUMBER, "--yes") == 1
    assert runs(office, "--yes") == 0
    assert office.member().anonymised
    left = left_of(office)
    assert [one for one in PERSONAL if one in left] == []
    actions = [row["action"] for row in office.audited() if "anonymis" in str(row["action"])]
    assert sorted(map(str, actions)) == ["member_anonymised", "member_anonymising"]


def test_all_writes_are_those(office: Office) -> None:
    office.desk = replace(office.desk, database=Dying(office, WRITES, done=False))
    assert runs(office, "--yes") == 0


def test_money_that_came_in_between_is_waited_for(office: Office) -> None:
    whole = office.desk
    office.desk = replace(whole, database=Dying(office, 2, done=False))
    runs(office, "--yes")
    office.desk = whole
    odd_money(office)
    assert runs(office, "--yes") == Status.PARTLY
    assert office.member().anonymising
    assert office.member().standing == Standing(membership=Membership.WITHDRAWN, since=LEFT)


# Days


@pytest.mark.parametrize(
    ("day", "before"),
    [(date(2026, 11, 22), date(2019, 11, 22)), (date(2024, 2, 29), date(2017, 2, 28))],
)
def test_years_are_counted_by_the_calendar(day: date, before: date) -> None:
    assert years_before(day, 7) == before
