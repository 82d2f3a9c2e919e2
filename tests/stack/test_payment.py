"""Paying on the deployed stack: 決定, GMO's page, notification, settlement, mail, receipt."""

import re
from collections.abc import Iterator

import pytest

from tests.stack.paying import CARD, SLIP, Gmo, Payer
from tests.stackfixture import LocalStack


@pytest.fixture
def gmo(local_stack: LocalStack) -> Iterator[Gmo]:
    """The stand-in, well-behaved again afterwards."""
    standin = Gmo(local_stack)
    yield standin
    standin.faults(notifications="normal", search="normal", link="normal", **{"return": "normal"})


def test_a_card_payment_ends_in_a_receipt(local_stack: LocalStack, gmo: Gmo) -> None:
    """The manual, section 4: the statement says 支払済 and the receipt can be downloaded."""
    payer = Payer.signed_in(local_stack)

    paid = gmo.fill_in(payer.chosen("card"), CARD)
    back = payer.come_back(paid)

    assert (back.status, back.location) == (303, payer.path)
    payer.await_text("支払済")
    assert payer.client.get(f"{payer.path}/receipt.pdf").body.startswith(b"%PDF")


def test_a_slip_is_paid_at_the_store(local_stack: LocalStack, gmo: Gmo) -> None:
    payer = Payer.signed_in(local_stack)
    link = payer.chosen("cvs")

    gmo.fill_in(link, SLIP)
    waiting = payer.await_text("コンビニ支払い待ち")
    assert "支払番号を表示" in waiting
    gmo.deposit(gmo.order_of(link)["order_id"])

    payer.await_text("支払済")


def test_a_return_that_comes_before_the_notification_is_enough(
    local_stack: LocalStack, gmo: Gmo
) -> None:
    """Each word of GMO is a hint and its answer the truth, so one hint is as good as another."""
    payer = Payer.signed_in(local_stack)
    link = payer.chosen("card")
    gmo.faults(notifications="drop")

    payer.come_back(gmo.fill_in(link, CARD))

    payer.await_text("支払済")


def test_without_a_return_the_notification_is_enough(local_stack: LocalStack, gmo: Gmo) -> None:
    payer = Payer.signed_in(local_stack)
    link = payer.chosen("card")
    gmo.faults(notifications="duplicate")

    gmo.fill_in(link, CARD)

    statement = payer.await_text("支払済")
    assert statement.count("支払済") == 1


def test_a_forged_return_changes_nothing(local_stack: LocalStack, gmo: Gmo) -> None:
    payer = Payer.signed_in(local_stack)
    link = payer.chosen("card")
    gmo.faults(notifications="drop")
    shown = gmo.fill_in(link, CARD)
    form = shown.form(action=f"{local_stack.portal}/member/billing/return")
    form.fields["result"] = re.sub(r"[0-9a-f]{8}$", "00000000", form.fields["result"])

    answer = payer.client.post("/member/billing/return", form.fields)

    assert (answer.status, answer.location) == (303, "/member/billing")
    assert "お支払い手続き中" in payer.client.get("/member/billing").text


def test_another_members_invoice_does_not_exist(local_stack: LocalStack) -> None:
    mine, other = Payer.signed_in(local_stack), Payer.signed_in(local_stack)

    for path in (other.path, f"{other.path}/start", f"{other.path}/payment"):
        assert mine.client.get(path).status == 404
    assert mine.client.get(f"{other.path}/receipt.pdf").status == 404
