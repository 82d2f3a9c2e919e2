"""The office frees a method that was fixed by 決定."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ops.__main__ import parser
from ops.desk import DONE, REFUSED
from ops.release_method import Wish, release
from portal.accounts.model import Credential
from portal.accounts.store import CredentialStore
from portal.billing.model import Invoice, InvoiceState, Method
from portal.billing.store import BillingStore
from portal.config import Tables
from portal.database import Contended, Rejected
from tests.fakes import FixedClock, MemoryDatabase

TABLES = Tables(
    credentials="credentials",
    sessions="sessions",
    throttle="throttle",
    members="members",
    billing="billing",
    inbox="inbox",
    outbox="outbox",
    audit="audit",
)
MEMBER = "m" * 26
INVOICE = Invoice(
    member_id=MEMBER,
    member_no="001234",
    invoice_id="i" * 16,
    title="2026年度 年会費",
    fiscal_year=2026,
    amount=8000,
    due_on=date(2026, 12, 31),
    closes_on=date(2027, 3, 31),
    method=Method.CVS,
)


class Office:
    """An office worker at the command line, with one member's invoice in the tables."""

    def __init__(self, invoice: Invoice) -> None:
        self.database = MemoryDatabase()
        self.said: list[str] = []
        self.store = BillingStore(self.database, TABLES.billing)
        self.database.commit(*self.store.new_invoice(invoice))
        self.database.commit(
            CredentialStore(self.database, TABLES.credentials).create(_credential())
        )

    def types(self, **changed: object) -> int:
        wish = Wish("001234", INVOICE.invoice_id, "本人から電話", "山田", yes=True)
        wanted = replace(wish, **changed)  # type: ignore[arg-type]
        return release(wanted, self.database, TABLES, FixedClock(), self.said.append)

    @property
    def method(self) -> Method | None:
        found = self.store.invoice(MEMBER, INVOICE.invoice_id)
        assert found is not None
        return found.method


def _credential() -> Credential:
    from portal.accounts.hashing import Hasher, Peppers
    from portal.accounts.model import first_credential
    from portal.accounts.policy import PasswordPolicy

    peppers = Peppers.from_secret('{"current": "p1", "p1": "pepper"}')
    password = Hasher(lambda: peppers, 4).hash("Abcdefg1", datetime(2026, 1, 1, tzinfo=UTC))
    return first_credential("001234", MEMBER, password, PasswordPolicy())


def test_an_unknown_number_is_told_and_nothing_is_written() -> None:
    office = Office(INVOICE)
    assert office.types(member_no="1234") == REFUSED
    assert office.method is Method.CVS


def test_without_yes_nothing_is_written() -> None:
    office = Office(INVOICE)
    assert office.types(yes=False) == DONE
    assert office.method is Method.CVS


def test_without_an_invoice_the_members_invoices_are_listed() -> None:
    office = Office(INVOICE)
    assert office.types(invoice_id="") == REFUSED
    assert any("2026年度 年会費" in said for said in office.said)


@pytest.mark.parametrize(
    "invoice",
    [
        replace(INVOICE, live_order="D26-0000000000000000"),
        replace(INVOICE, state=InvoiceState.PAID),
        replace(INVOICE, method=None),
    ],
    ids=["live payment", "paid", "nothing fixed"],
)
def test_a_method_in_use_is_not_released(invoice: Invoice) -> None:
    office = Office(invoice)
    assert office.types() == REFUSED
    assert office.method is invoice.method
    assert office.database.rows(TABLES.audit) == []
    assert office.types(yes=False) == REFUSED


@pytest.mark.parametrize("error", [Contended(), Rejected(frozenset({0}))], ids=repr)
def test_an_invoice_that_somebody_else_writes_at_the_same_moment_is_left_alone(
    error: Exception,
) -> None:
    """Seen red by the command's traceback: the office had to guess whether it was done."""
    office = Office(INVOICE)
    office.database.fail_next = [("write", error)]
    assert office.types() == REFUSED
    assert "もう一度確かめてください" in office.said[-1]
    assert office.method is Method.CVS


@pytest.mark.parametrize("blank", ["--by", "--reason"])
def test_nothing_is_released_unsigned(blank: str) -> None:
    words = ["--stage", "production", "release-method", "--member-no", "001234"]
    with pytest.raises(SystemExit):
        parser().parse_args([*words, "--by", "山田", "--reason", "電話", blank, " "])


def test_a_released_method_is_free_and_the_act_is_audited() -> None:
    office = Office(INVOICE)
    assert office.types() == DONE
    assert office.method is None
    (told,) = office.database.rows(TABLES.audit)
    assert told["actor"] == "office:山田"
    assert told["note"] == "本人から電話"


def test_the_command_line_takes_the_runbooks_words() -> None:
    typed = parser().parse_args(
        [
            "--stage",
            "production",
            "release-method",
            "--member-no",
            "001234",
            "--reason",
            "電話",
            "--by",
            "山田",
        ]
    )
    assert (typed.command, typed.member_no, typed.yes) == ("release-method", "001234", False)
