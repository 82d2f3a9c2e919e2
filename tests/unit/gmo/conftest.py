"""What the tests of GMO's protocol share: a client on a fake transport, and requests."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from portal.gmo.client import Gmo, Reply
from portal.gmo.link import LinkRequest, Payer, SlipTerms
from portal.gmo.model import PayType
from tests.unit.gmo.doubles import (
    CARD_ORDER,
    CVS_ORDER,
    FIXTURES,
    SHOP,
    Answering,
    Captured,
    FakeTransport,
)


@pytest.fixture
def transport() -> FakeTransport:
    return FakeTransport()


@pytest.fixture
def gmo(transport: FakeTransport) -> Gmo:
    return Gmo(transport, "https://gmo.example.com/", SHOP)


@pytest.fixture
def answering(transport: FakeTransport, gmo: Gmo) -> Answering:
    """A client that will get this body, HTTP status and content type as its next answer."""

    def prepare(body: bytes, status: int = 200, content_type: str = "") -> Gmo:
        transport.answers.append(Reply(status, content_type, body))
        return gmo

    return prepare


@pytest.fixture
def captured() -> Captured:
    """Reads a file of tests/fixtures/gmo as it stands on the wire."""
    return lambda name: (FIXTURES / name).read_bytes()


@pytest.fixture
def card_request() -> LinkRequest:
    return LinkRequest(
        order_id=CARD_ORDER,
        pay_type=PayType.CARD,
        amount=8000,
        return_url="https://portal.example.com/member/billing/return",
        expires=datetime(2026, 11, 23, 14, 59, tzinfo=UTC),
        client_fields=("2026-annual", "4k8m2r6t0v3x5z7b9d1f2g4h6j", "local"),
        payer=Payer(
            name="会員　太郎",
            kana="カイイン　タロウ",
            phone="03-0000-0000",
            mail="m@example.com",
        ),
    )


@pytest.fixture
def slip_terms() -> SlipTerms:
    return SlipTerms(days=14, contact="会費係", phone="03-0000-0000", hours="09:00-17:00")


@pytest.fixture
def slip_request(card_request: LinkRequest, slip_terms: SlipTerms) -> LinkRequest:
    return replace(card_request, order_id=CVS_ORDER, pay_type=PayType.CVS, slip=slip_terms)
