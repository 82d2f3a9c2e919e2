"""Bad input at the two doors that others post to: GMO's notification and the browser's way back."""

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import FORM, Client
from tests.stack.forms import BAD, MARKUP
from tests.stack.paying import CARD, Gmo, Payer
from tests.stack.world import stranger
from tests.stackfixture import LocalStack


@pytest.fixture
def linked(local_stack: LocalStack) -> tuple[Payer, str]:
    """A member who chose the card, with the link to GMO's page."""
    payer = Payer.signed_in(local_stack)
    return payer, payer.chosen("card")


def _notification(shop_id: str, order_id: str, **changed: str) -> bytes:
    fields = {
        "ShopID": shop_id,
        "OrderID": order_id,
        "Status": "CAPTURE",
        "JobCd": "CAPTURE",
        "Amount": "10000",
        "Tax": "0",
        "Currency": "JPN",
        "PayType": "0",
        "ErrCode": "",
        "ErrInfo": "",
    }
    return "&".join(f"{name}={value}" for name, value in (fields | changed).items()).encode()


def test_a_delivery_of_any_kind_is_taken_in_and_changes_nothing(
    linked: tuple[Payer, str],
    gmo: Gmo,
    backstage: Backstage,
    client: Client,
    local_stack: LocalStack,
) -> None:
    """GMO stops sending at `0`; whatever it was, it is kept and only GMO's own answer counts."""
    payer, link = linked
    order_id = gmo.order_of(link)["order_id"]
    other = gmo.order_of(Payer.signed_in(local_stack).chosen("card"))["order_id"]
    shop_id = local_stack.aws.settings_of_functions()["GMO_SHOP_ID"]

    def said(order: str = order_id, **changed: str) -> bytes:
        return _notification(shop_id, order, **changed)

    before = payer.statement(), payer.invoice()
    deliveries = [
        (b"", FORM),
        (b"x" * 1_000_000, FORM),
        (said() + b"&Filler=" + b"a" * 1_000_000, FORM),
        (said("注文").decode().encode("cp932"), FORM),
        ("Status=CAPTURE&名前=髙﨑".encode("cp932"), f"{FORM};charset=Windows-31J"),
        (said("D26-0000000000000000"), FORM),
        (said(other), FORM),
        (said(Amount="1"), FORM),
        (said(Amount="-10000", Tax="x"), FORM),
        (said(Tax="999"), FORM),
        (said(ShopID="tshop99999999"), FORM),
        (said(PayType="3", Status="PAYSUCCESS"), FORM),
        (said(PayType="45"), FORM),
        (said(Currency="USD"), FORM),
        (said(AccessID="f" * 32), FORM),
        (said(TranDate="20160401120000"), FORM),
        (said(Status="RETURN"), FORM),
        (said() + said(), FORM),
        (b'{"OrderID": "x"}', "application/json"),
        (b"\x00\xff\xfe\x80" * 100, "application/octet-stream"),
    ]

    for body, kind in deliveries:
        answer = client.request("POST", "/gmo/notification", body, {"Content-Type": kind})
        assert (answer.status, answer.body) == (200, b"0"), body[:60]
        assert answer.header("content-type").startswith("text/plain")

    assert client.get("/gmo/notification").status == 404
    backstage.quiet()
    assert (payer.statement(), payer.invoice()) == before
    assert backstage.mails(payer.address) == []
    gmo.fill_in(link, CARD)
    payer.await_text("支払済")


def test_a_return_that_is_not_signed_leads_to_the_statement(
    linked: tuple[Payer, str], gmo: Gmo, backstage: Backstage
) -> None:
    payer, link = linked
    gmo.faults(notifications="drop")
    result = payer.result(gmo.fill_in(link, CARD))
    content, _, signature = result.rpartition(".")
    before = payer.statement()
    forged = [
        "",
        content,
        f"{content}.{'0' * 64}",
        f"{content}x.{signature}",
        f".{signature}",
        result + "\n",
        result * 200,
        BAD["emoji"],
        MARKUP,
    ]

    for one in forged:
        answer = payer.bring_back(one)
        assert (answer.status, answer.location) == (303, "/member/billing"), one[:60]
    backstage.quiet()
    assert payer.statement() == before


def test_a_return_told_again_changes_nothing(
    linked: tuple[Payer, str], gmo: Gmo, backstage: Backstage
) -> None:
    payer, link = linked
    early = payer.result(gmo.open(link))
    late = payer.result(gmo.fill_in(link, CARD))
    assert payer.bring_back(late).location == payer.path
    payer.await_text("支払済")
    before = payer.statement(), payer.invoice()

    for result in (early, late, late):
        answer = payer.bring_back(result)
        assert (answer.status, answer.location) == (303, payer.path)
    backstage.quiet()

    assert (payer.statement(), payer.invoice()) == before
    assert len(backstage.mails(payer.address)) == 1


def test_a_return_does_not_show_an_invoice_to_somebody_else(
    linked: tuple[Payer, str], gmo: Gmo, local_stack: LocalStack
) -> None:
    """The signature tells of an order, not of who is calling: the page asks for the session."""
    payer, link = linked
    back = payer.bring_back(payer.result(gmo.open(link)))

    assert stranger(local_stack).follow(back).location == "/member/login"
    assert Payer.signed_in(local_stack).client.follow(back).status == 404
