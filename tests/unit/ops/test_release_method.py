"""The office frees a method that was fixed by 決定."""

from dataclasses import replace

import pytest

from ops.exits import Status
from portal.billing.model import Invoice, InvoiceState, Method
from portal.database import Contended, Rejected
from tests.unit.billing.house import MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter


def counter_with(**changed: object) -> tuple[Counter, Invoice]:
    """Return a counter with an invoice whose method is fixed and whose link is over."""
    counter = Counter()
    billed = counter.house.bill()
    invoice = replace(billed, method=Method.CVS, **changed)  # type: ignore[arg-type]
    counter.house.database.commit(counter.house.store.changed_invoice(billed, invoice))
    return counter, invoice


def release(counter: Counter, invoice: Invoice, *more: str) -> int:
    typed = ("dues", "release-method", MEMBER_NO, "--invoice", invoice.invoice_id)
    return counter.types(*typed, *SIGNED, *more)


def method(counter: Counter, invoice: Invoice) -> Method | None:
    return counter.house.invoice(invoice).method


def audited(counter: Counter) -> list[object]:
    rows = counter.house.database.rows(TABLES.audit)
    return [row["action"] for row in rows if row["action"] != "invoice.issued"]


def test_without_yes_whose_it_is_is_told_and_nothing_is_written() -> None:
    counter, invoice = counter_with()
    before = counter.rows()
    assert release(counter, invoice) == Status.DONE
    assert f"会員 {MEMBER_NO}  山田 花子" in counter.text
    assert "--yes" in counter.text
    assert counter.rows() == before


@pytest.mark.parametrize(
    "changed",
    [{"live_order": "D26-0000000000000000"}, {"state": InvoiceState.PAID}, {"method": None}],
    ids=["live payment", "paid", "nothing fixed"],
)
@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["dry run", "yes"])
def test_a_method_in_use_is_not_released(changed: dict[str, object], yes: tuple[str, ...]) -> None:
    counter, invoice = counter_with()
    used = replace(invoice, **changed)  # type: ignore[arg-type]
    stored = counter.house.invoice(invoice)
    counter.house.database.commit(counter.house.store.changed_invoice(stored, used))
    assert release(counter, invoice, *yes) == Status.REFUSED
    assert method(counter, invoice) is used.method
    assert audited(counter) == []


@pytest.mark.parametrize("error", [Contended(), Rejected(frozenset({0}))], ids=repr)
def test_an_invoice_that_somebody_else_writes_at_the_same_moment_is_left_alone(
    error: Exception,
) -> None:
    """Seen red by the command's traceback: the office had to guess whether it was done."""
    counter, invoice = counter_with()
    counter.house.database.fail_next = [("write", error)]
    assert release(counter, invoice, "--yes") == Status.REFUSED
    assert "もう一度確かめてください" in counter.said[-1]
    assert method(counter, invoice) is Method.CVS


def test_a_released_method_is_free_and_the_act_is_audited() -> None:
    counter, invoice = counter_with()
    assert release(counter, invoice, "--yes") == Status.DONE
    assert method(counter, invoice) is None
    (told,) = [
        row
        for row in counter.house.database.rows(TABLES.audit)
        if row["action"] == "invoice.method_released"
    ]
    assert (told["actor"], told["note"]) == ("office:山田", "電話で確認")


def test_a_program_is_told_whether_it_was_done() -> None:
    counter, _ = counter_with()
    typed = ("dues", "release-method", MEMBER_NO, "--year", "2026", *SIGNED)
    assert counter.data(*typed)["done"] is False
    assert counter.data(*typed, "--yes")["done"] is True
    assert counter.data(*typed, "--yes")["done"] is False
