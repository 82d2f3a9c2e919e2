"""What other programs rely on: demo.json, the mailbox, the stand-in's controls, the way to GMO."""

import re

import pytest

from tests.stack.backstage import Backstage
from tests.stack.client import Client
from tests.stack.paying import CARD, TO_GMO, Gmo, Payer, until
from tests.stackfixture import LocalStack


@pytest.mark.parametrize(
    ("state", "leads_to"),
    [
        ("first_login", "/member/password"),
        ("unpaid", "/member"),
        ("paid", "/member"),
        ("password_expired", "/member/password/expired"),
        ("arrears", "/member"),
    ],
)
def test_an_account_of_demo_json_signs_in(
    local_stack: LocalStack, client: Client, state: str, leads_to: str
) -> None:
    """The browser tests take the first members of each state; this is one of the last."""
    member = [one for one in local_stack.demo["members"] if one["state"] == state][-1]

    assert client.sign_in(member["member_no"], member["password"]).location == leads_to


def test_demo_json_tells_where_everything_is(local_stack: LocalStack) -> None:
    demo = local_stack.demo

    assert re.fullmatch(r"http://jgets-member\.localhost:\d+", demo["portal"])
    assert re.fullmatch(r"127\.0\.0\.1:\d+", demo["connect"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", demo["gmo"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", demo["mailbox"])


def test_the_mailbox_lists_mails_newest_first(
    local_stack: LocalStack, client: Client, backstage: Backstage
) -> None:
    members = [local_stack.new_member("unpaid") for _ in range(2)]
    for member in members:
        wish = {"member_no": member.member_no, "email": member.record["email"]}
        client.submit(client.get("/member/password/forgot"), wish, button="再設定メールを送る")
        until(
            lambda to=member.record["email"]: backstage.mails(to),  # type: ignore[misc]
            lambda mails: len(mails) == 1,
        )

    mails = backstage.mailbox()

    assert all(set(mail) == {"to", "subject", "text", "sent_at"} for mail in mails)
    assert [mail["to"] for mail in mails][:2] == [one.record["email"] for one in members[::-1]]
    moments = [mail["sent_at"] for mail in mails]
    assert moments == sorted(moments, reverse=True)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one) for one in moments)


def test_the_stand_ins_orders_have_their_shape(local_stack: LocalStack, gmo: Gmo) -> None:
    first, second = (Payer.signed_in(local_stack) for _ in range(2))
    links = [first.chosen("card"), second.chosen("cvs")]
    gmo.fill_in(links[0], CARD)

    orders = gmo.new_orders()

    keys = {"order_id", "method", "status", "amount", "link", "created_at"}
    assert all(set(order) == keys for order in orders)
    assert [order["link"] for order in orders] == links[::-1]
    assert [order["method"] for order in orders] == ["cvs", "card"]
    assert [order["amount"] for order in orders] == [10_000, 10_000]


def test_the_stand_in_knows_every_fault_by_its_word(gmo: Gmo) -> None:
    for part, words in {
        "notifications": "normal drop duplicate delay reverse tamper",
        "search": "normal down slow lag",
        "link": "normal down timeout_after_commit",
        "return": "normal never before_notification",
    }.items():
        for word in words.split():
            assert gmo.told("faults", {part: word})[part] == word
    assert gmo.told("notifications/flush", {}) is not None
    assert isinstance(gmo.notifications("D26-0"), list)


def test_the_payment_page_leads_to_gmo_by_a_link(local_stack: LocalStack) -> None:
    payer = Payer.signed_in(local_stack)
    payer.chosen("card")

    page = payer.client.get(f"{payer.path}/payment")

    assert page.link(TO_GMO).startswith(f"{local_stack.gmo}/v2/plus/")
    assert "お支払い手続き中" in payer.statement()
