"""docs/payments.md says what the code does: its tables are read and compared."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from portal.billing import asking, hints, model
from portal.billing.discrepancies import KINDS
from portal.billing.dues import Why
from portal.billing.judge import ODD, Fact
from portal.billing.model import DEAD, LIVE, RANK, InvoiceState, PaymentState, may_become

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs" / "payments.md").read_text(encoding="utf-8")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}


def table(heading: str) -> list[list[str]]:
    """Return the body rows of the first table below a heading."""
    _, found, below = DOC.partition(f"\n{heading}\n")
    assert found, heading
    rows = re.search(r"(?:^\|.*\|$\n)+", below, re.MULTILINE)
    assert rows is not None
    lines = rows.group().splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", cell)


def test_why_somebody_is_not_billed_is_told_in_the_order_of_the_rules() -> None:
    told = [name for row in table("## Who is billed") for name in named(row[1])]
    assert told == [one.value for one in Why]


def test_states_ranks_and_kinds_are_those_of_the_code() -> None:
    kinds = {"live": LIVE, "dead": DEAD}
    told = {named(row[0])[0]: (int(row[1]), row[2]) for row in table("## States of a payment")}
    final = set(PaymentState) - LIVE - DEAD
    assert told == {
        state.value: (RANK[state], kind)
        for kind, states in (kinds | {"final": frozenset(final)}).items()
        for state in states
    }


def test_transitions_are_exactly_those_the_code_allows() -> None:
    told = {
        (PaymentState(before), PaymentState(named(row[0])[0]))
        for row in table("### Transitions")
        for before in named(row[1])
    }
    allowed = {
        (before, then)
        for before in PaymentState
        for then in PaymentState
        if may_become(before, then)
    }
    assert told == allowed


def test_no_state_has_two_rows() -> None:
    targets = [named(row[0])[0] for row in table("### Transitions")]
    assert len(targets) == len(set(targets))


def test_the_states_of_an_invoice_are_those_of_the_code() -> None:
    assert [named(row[0])[0] for row in table("## States of an invoice")] == list(InvoiceState)


def test_numbers_are_those_of_the_code() -> None:
    constants: dict[str, object] = {
        "FIRST_ASKS": model.FIRST_ASKS,
        "AFTER_PAID": model.AFTER_PAID,
        "LATE_DAYS": timedelta(days=model.LATE_DAYS),
        "UNISSUED_AFTER": model.UNISSUED_AFTER,
        "STOP_EVERY": model.STOP_EVERY,
        "OVERRUN": model.OVERRUN,
        "CLAIM_HOLDS": model.CLAIM_HOLDS,
        "UNCONFIRMED": hints.UNCONFIRMED,
        "SILENT_FOR": asking.SILENT_FOR,
    }
    told = {row[0].strip("`"): _durations(row[1]) for row in table("## Numbers")}
    assert told == {
        name: value if isinstance(value, tuple) else (value,) for name, value in constants.items()
    }


def _durations(cell: str) -> tuple[timedelta, ...]:
    numbers, unit = cell.rsplit(" ", 1)
    return tuple(timedelta(seconds=int(n) * UNITS[unit]) for n in numbers.split(","))


def test_every_kind_of_discrepancy_is_explained() -> None:
    sources = (ROOT / "layers/common/portal/billing").glob("*.py")
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    written = set(re.findall(r"discrepancy\(\s*\"(\w+)\"", code))
    told = {named(row[0])[0] for row in table("## Reading a discrepancy")}
    assert told == set(KINDS)
    assert written | {fact.value for fact in ODD} <= told


def test_the_doubts_about_money_that_was_booked_stand_in_the_table_of_money() -> None:
    doubts = {Fact.UNPAID_AT_GMO.value, Fact.AMOUNT_CHANGED.value}
    told = {kind for row in table("### Money that comes") for kind in named(row[3])}
    assert told & set(KINDS) == doubts


def test_there_are_twelve_rules() -> None:
    _, _, rules = DOC.partition("\n## The twelve rules\n")
    numbers = re.findall(r"^(\d+)\. \*\*", rules.partition("\n### ")[0], re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize("link", re.findall(r"\]\(([\w.-]+\.md)\)", DOC))
def test_links_lead_to_pages_that_exist(link: str) -> None:
    assert (ROOT / "docs" / link).exists()
