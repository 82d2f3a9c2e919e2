"""Paying at a convenience store on the deployed stack, by HTTP alone."""

import re
from dataclasses import dataclass

import pytest

from tests.stack.backstage import Backstage
from tests.stack.paying import AGAIN, CARD, SLIP, TO_GMO, Gmo, Payer, until
from tests.stackfixture import LocalStack

SLIP_MAIL = "【日本消化器内視鏡技師会】コンビニエンスストアのお支払い番号のお知らせ"
PAID_MAIL = "【日本消化器内視鏡技師会】会費のご入金を確認しました"
EXPIRED_MAIL = "【日本消化器内視鏡技師会】コンビニエンスストアのお支払い期限が過ぎました"

_NUMBERS = re.compile(r'<dt>([^<]+)</dt><dd class="number">([0-9-]+)</dd>')


@dataclass
class Slip:
    """A member who holds a payment number."""

    payer: Payer
    link: str
    order_id: str
    numbers: list[tuple[str, str]]
    """(label, number) as the portal shows them."""


@pytest.fixture
def payer(local_stack: LocalStack) -> Payer:
    """A member with this year's dues to pay."""
    return Payer.signed_in(local_stack)


@pytest.fixture
def slip(payer: Payer, gmo: Gmo) -> Slip:
    """A slip of セブン-イレブン."""
    return issued(payer, gmo, payer.chosen("cvs"))


def issued(payer: Payer, gmo: Gmo, link: str, store: str = SLIP["cvs"]) -> Slip:
    """Fill in GMO's page and wait until the portal shows the numbers."""
    gmo.fill_in(link, SLIP | {"cvs": store})
    payer.await_text("コンビニ支払い待ち")
    numbers = _NUMBERS.findall(payer.client.get(payer.path).html)
    return Slip(payer, link, gmo.order_of(link)["order_id"], numbers)


@pytest.mark.parametrize(
    ("store", "name", "labels"),
    [
        ("00007", "セブン-イレブン", ["払込票番号"]),
        ("10001", "ローソン", ["お客様番号", "確認番号"]),
        ("10002", "ファミリーマート", ["第1番号（企業コード）", "第2番号（注文番号）"]),
        ("10005", "ミニストップ", ["お客様番号", "確認番号"]),
        ("10008", "セイコーマート", ["受付番号", "申込番号"]),
    ],
)
def test_the_numbers_stand_on_the_page_and_in_the_mail(
    payer: Payer, gmo: Gmo, backstage: Backstage, *, store: str, name: str, labels: list[str]
) -> None:
    """The manual, section 4 ⑥: コンビニの支払い番号をお知らせするメールが届きます."""
    link = payer.chosen("cvs")

    slip = issued(payer, gmo, link, store)

    assert [label for label, _ in slip.numbers] == labels
    assert f"{name}でのお支払い" in payer.invoice()
    hosted = gmo.open(link).text
    [mail] = backstage.mails(payer.address)
    assert mail["subject"] == SLIP_MAIL
    for _, number in slip.numbers:
        assert number in mail["text"]
        assert number in hosted
    deadline = re.search(r"期限(\d+年\d+月\d+日)）", payer.statement())
    assert deadline
    assert deadline.group(1) in mail["text"]


def test_the_money_at_the_store_is_booked_once_and_told_once(
    slip: Slip, gmo: Gmo, backstage: Backstage
) -> None:
    gmo.deposit(slip.order_id)

    statement = slip.payer.await_text("支払済")
    assert statement.count("支払済") == 1
    assert backstage.subjects(slip.payer.address) == [SLIP_MAIL, PAID_MAIL]
    assert slip.payer.receipt().body.startswith(b"%PDF")
    assert len(gmo.new_orders()) == 1


def test_gmos_page_offers_the_chosen_method_only(payer: Payer, gmo: Gmo) -> None:
    hosted = gmo.open(payer.chosen("cvs"))

    assert "cvs" in hosted.html
    assert "card_number" not in hosted.html


def test_a_live_slip_is_shown_again_instead_of_a_second_one(slip: Slip, gmo: Gmo) -> None:
    payer = slip.payer
    statement = payer.client.get("/member/billing")

    assert statement.link("支払番号を表示") == payer.path
    for page in ("start", "payment"):
        answer = payer.client.get(f"{payer.path}/{page}")
        assert (answer.status, answer.location) == (303, payer.path)
    assert slip.numbers == _NUMBERS.findall(payer.client.get(payer.path).html)
    assert len(gmo.new_orders()) == 1


def test_pressing_an_old_page_while_the_slip_lives_makes_no_second_one(
    payer: Payer, gmo: Gmo
) -> None:
    choice = payer.choice()
    link = payer.link(payer.client.follow(payer.press(choice, "cvs")))
    slip = issued(payer, gmo, link)

    answer = payer.press(choice, "cvs")

    assert answer.status == 303
    assert slip.numbers == _NUMBERS.findall(payer.client.get(payer.path).html)
    assert len(gmo.new_orders()) == 1


def test_another_method_is_refused_while_the_slip_lives(payer: Payer, gmo: Gmo) -> None:
    choice = payer.choice()
    issued(payer, gmo, payer.link(payer.client.follow(payer.press(choice, "cvs"))))

    refused = payer.press(choice, "card")

    assert refused.status == 422
    assert "「コンビニ決済」に決定済みです" in refused.text
    assert TO_GMO not in refused.text
    assert len(gmo.new_orders()) == 1


def test_an_expired_slip_has_a_way_on_by_the_same_method(
    slip: Slip, gmo: Gmo, backstage: Backstage
) -> None:
    payer = slip.payer
    gmo.expire(slip.order_id)
    payer.await_text("未払い")
    assert backstage.subjects(payer.address) == [SLIP_MAIL, EXPIRED_MAIL]

    page = payer.client.follow(payer.client.get(f"{payer.path}/start"))
    assert "コンビニ決済（決定済み）" in page.text
    assert page.form(button=AGAIN).fields.keys() == {"csrf"}
    second = issued(payer, gmo, payer.link(payer.client.follow(payer.again())))

    assert second.order_id != slip.order_id
    assert second.numbers != slip.numbers
    gmo.deposit(second.order_id)
    payer.await_text("支払済")
    assert backstage.subjects(payer.address)[2:] == [SLIP_MAIL, PAID_MAIL]


def test_starting_again_twice_makes_one_new_order(slip: Slip, gmo: Gmo) -> None:
    payer = slip.payer
    gmo.expire(slip.order_id)
    payer.await_text("未払い")
    page = payer.client.get(f"{payer.path}/payment")

    first, second = (payer.client.submit(page, {}, button=AGAIN) for _ in range(2))

    assert payer.link(payer.client.follow(first)) == payer.link(payer.client.follow(second))
    assert len(gmo.new_orders()) == 2


def test_money_that_comes_after_the_slip_ran_out_is_accepted(
    slip: Slip, gmo: Gmo, backstage: Backstage
) -> None:
    payer = slip.payer
    gmo.expire(slip.order_id)
    payer.await_text("未払い")

    gmo.deposit(slip.order_id)

    payer.await_text("支払済")
    assert backstage.subjects(payer.address) == [SLIP_MAIL, EXPIRED_MAIL, PAID_MAIL]
    assert payer.receipt().body.startswith(b"%PDF")


def test_late_money_stops_the_payment_that_was_begun_meanwhile(
    slip: Slip, gmo: Gmo, backstage: Backstage
) -> None:
    """Nobody shall pay twice: the second slip is cancelled at GMO by the schedule."""
    payer = slip.payer
    gmo.expire(slip.order_id)
    payer.await_text("未払い")
    second = issued(payer, gmo, payer.link(payer.client.follow(payer.again())))

    gmo.deposit(slip.order_id)
    payer.await_text("支払済")
    backstage.ask(second.order_id)

    statuses = {order["order_id"]: order["status"] for order in gmo.new_orders()}
    assert statuses == {slip.order_id: "PAYSUCCESS", second.order_id: "CANCEL"}


def test_a_lost_deposit_notification_is_healed_by_the_schedule(
    slip: Slip, gmo: Gmo, backstage: Backstage
) -> None:
    gmo.faults(notifications="drop")
    gmo.deposit(slip.order_id)
    backstage.quiet()
    assert "コンビニ支払い待ち" in slip.payer.statement()

    backstage.ask(slip.order_id)

    slip.payer.await_text("支払済")
    assert backstage.subjects(slip.payer.address) == [SLIP_MAIL, PAID_MAIL]


@pytest.mark.parametrize("word", ["duplicate", "reverse", "tamper"])
def test_notifications_that_go_wrong_are_booked_once(
    payer: Payer, gmo: Gmo, backstage: Backstage, word: str
) -> None:
    """Slip and deposit, told twice, last to first, or with other amounts."""
    link = payer.chosen("cvs")
    gmo.faults(notifications=word)
    gmo.fill_in(link, SLIP)
    order_id = gmo.order_of(link)["order_id"]
    gmo.deposit(order_id)
    gmo.flush()

    statement = payer.await_text("支払済")
    assert statement.count("支払済") == 1
    told = backstage.subjects(payer.address)
    assert told.count(PAID_MAIL) == 1
    assert told.count(SLIP_MAIL) <= 1
    assert len(gmo.new_orders()) == 1


def test_each_invoice_has_a_method_of_its_own(
    local_stack: LocalStack, gmo: Gmo, backstage: Backstage
) -> None:
    """The manual, section 4 ※: 支払い方法は年会費等支払いの都度変更できます."""
    payer = Payer.signed_in(local_stack, "arrears")
    issued(payer, gmo, payer.chosen("cvs"))
    [other] = re.findall(
        r"/member/billing/([a-z0-9]+)/start", payer.client.get("/member/billing").html
    )[:1]
    next_year = Payer(local_stack, payer.client, other, payer.person)

    page = payer.client.follow(payer.client.get(f"{next_year.path}/start"))
    gmo.fill_in(payer.link(payer.client.follow(next_year.press(page, "card"))), CARD)

    statement = payer.await_text("支払済")
    assert "コンビニ支払い待ち" in statement
    assert statement.count("会員情報確認 支払手続き") == 1
    until(next_year.invoice, lambda text: "完了" in text)
    assert len(backstage.mails(payer.address)) == 2
