"""Nothing that is secret or personal is shown by a repr or an exception, nor by its traceback."""

import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.gmo.client import Gmo, Shop
from portal.gmo.errors import GmoError, UnknownOutcome
from portal.gmo.link import LinkRequest, fit
from portal.gmo.model import PayType
from tests.unit.gmo.doubles import (
    CARD_ORDER,
    CVS_ORDER,
    SHOP,
    Answering,
    Captured,
    FakeTransport,
)

ACCESS_PASS = "c07d3e5f18a249b6d5e0f7182c3a4b96"
SECRETS = ("tpass00000", ACCESS_PASS, "会員", "カイイン", "0300000000", "m@example.com", "checkout")

BODIES = [
    b"",
    b"<html>tpass00000 m@example.com</html>",
    b'[{"errCode":"EZ1","errInfo":"tpass00000 m@example.com"}]',
    b"ErrCode=M01&ErrInfo=m@example.com",
    b'{"OrderID":"m@example.com","LinkUrl":"javascript:checkout"}',
    b"Status=tpass00000&AccessID=c07d3e5f18a249b6d5e0f7182c3a4b96&Amount=m@example.com",
    b'{"LinkUrl":{"checkout":"m@example.com"}}',
]


def shown(error: BaseException) -> str:
    """All that a log could write of an error, with what it was raised from."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)


def calls(gmo: Gmo, request: LinkRequest) -> list[Callable[[], object]]:
    return [
        lambda: gmo.issue_link(request),
        lambda: gmo.reject_link(CARD_ORDER),
        lambda: gmo.search(CARD_ORDER, PayType.CARD),
        lambda: gmo.cancel_slip(CVS_ORDER, "1", ACCESS_PASS),
    ]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_no_exception_shows_a_secret_even_when_gmo_repeats_it(
    answering: Answering, card_request: LinkRequest, body: bytes, status: int
) -> None:
    for number in range(4):
        call = calls(answering(body, status), card_request)[number]
        with pytest.raises(GmoError) as raised:
            call()
        assert not [secret for secret in SECRETS if secret in shown(raised.value)]


def test_an_unsendable_request_shows_nothing_of_itself(gmo: Gmo, card_request: LinkRequest) -> None:
    wrong = replace(card_request, client_fields=(SECRETS[2], SECRETS[5], ""))
    with pytest.raises(GmoError) as raised:
        gmo.issue_link(wrong)
    assert not [secret for secret in SECRETS if secret in shown(raised.value)]
    assert raised.value.__context__ is None


def test_no_answer_shows_nothing(
    transport: FakeTransport, gmo: Gmo, card_request: LinkRequest
) -> None:
    transport.answers.append(UnknownOutcome("timeout"))
    with pytest.raises(UnknownOutcome) as raised:
        gmo.issue_link(card_request)
    assert not [secret for secret in SECRETS if secret in shown(raised.value)]


def test_no_repr_shows_a_secret(
    answering: Answering, captured: Captured, card_request: LinkRequest
) -> None:
    link = answering(captured("link_success.json")).issue_link(card_request)
    gmo = answering(captured("search_multi_card_success.txt"))
    found = gmo.search(CARD_ORDER, PayType.CARD)
    assert found.access_pass == ACCESS_PASS
    visible = repr([link, found, gmo, SHOP, card_request, fit(card_request.payer)])
    assert not [secret for secret in SECRETS if secret in visible]
    assert not [secret for secret in SECRETS if secret in str(Shop("s", "tpass00000", "c"))]
