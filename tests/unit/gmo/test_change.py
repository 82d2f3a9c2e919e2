"""Stopping slips."""

from urllib.parse import parse_qs

import pytest

from portal.gmo.client import Gmo
from portal.gmo.errors import Meaning, Refused, UnknownOutcome, Unsendable
from tests.unit.gmo.doubles import CVS_ORDER, FIXTURES, Answering, Captured, FakeTransport

ACCESS = ("5a1b7c90d24e63f8a05c1e7b94d2f683", "c07d3e5f18a249b6d5e0f7182c3a4b96")


@pytest.mark.parametrize("access", [("", ""), ("1", ""), ("", "1"), ("1", "*" * 32)])
def test_the_asterisks_of_a_notification_are_never_sent(
    gmo: Gmo, transport: FakeTransport, access: tuple[str, str]
) -> None:
    with pytest.raises(Unsendable):
        gmo.cancel_slip(CVS_ORDER, *access)
    assert transport.sent == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"Status=PAYSUCCESS",
        b"OrderID=D26-3ZP5RW8E1JG6N0YS",
        b"OrderID=D26-0000000000000000&Status=CANCEL",
        b"ErrCode=E91&ErrInfo=E91020001",
    ],
)
def test_a_slip_counts_as_stopped_only_when_gmo_says_so(answering: Answering, body: bytes) -> None:
    with pytest.raises(UnknownOutcome):
        answering(body).cancel_slip(CVS_ORDER, *ACCESS)


def test_a_slip_that_may_be_paid_is_a_refusal_that_says_ask(
    answering: Answering, captured: Captured
) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured("cvs_cancel_refused.txt")).cancel_slip(CVS_ORDER, *ACCESS)
    assert raised.value.means(Meaning.STATE)


def test_a_slip_is_stopped(
    answering: Answering, captured: Captured, transport: FakeTransport
) -> None:
    answering(captured("cvs_cancel.txt")).cancel_slip(CVS_ORDER, *ACCESS)
    assert transport.sent[0].url.endswith("/payment/CvsCancel.idPass")
    assert parse_qs(transport.sent[0].body.decode()) == {
        "ShopID": ["tshop00000000"],
        "ShopPass": ["tpass00000"],
        "AccessID": [ACCESS[0]],
        "AccessPass": [ACCESS[1]],
        "OrderID": [CVS_ORDER],
    }


def test_unusable_ids_are_refused(answering: Answering, captured: Captured) -> None:
    with pytest.raises(Refused) as raised:
        answering(captured("alter_errors.txt")).cancel_slip(CVS_ORDER, *ACCESS)
    assert [info for _, info in raised.value.codes] == ["E01090008", "E01100008", "E01110002"]


def test_every_captured_answer_is_used_by_a_test() -> None:
    """A line that no test names would be a line that nobody reads."""
    tests = [path.read_text("utf-8") for path in FIXTURES.parents[1].glob("unit/gmo*/test_*.py")]
    lines = [path for path in FIXTURES.iterdir() if path.suffix in {".txt", ".json"}]
    stems = {path.stem for path in lines if not path.stem.startswith("notification_")}
    assert {stem for stem in stems if not any(stem in test for test in tests)} == set()
