"""The way to paying: S22, 決定, and お支払い手続きをやり直す."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.billing.model import Invoice, Method, PaymentState
from portal.database import Contended, Unreachable
from tests.fake_gmo import Fault
from tests.unit.billing.house import CLOSES
from tests.unit.pages.billing_desk import BASE, ONE, PAYMENT, START, TODAY, BillingDesk

YESTERDAY = TODAY - timedelta(days=1)
GMO_TEXT = "GMO お支払い手続きページ"
AGAIN_TEXT = "お支払い手続きをやり直す"


def path(invoice: Invoice, rest: str = "") -> str:
    return f"{BASE}/{invoice.invoice_id}{rest}"


def edit(invoice: Invoice) -> str:
    return f"/member/profile/edit?invoice={invoice.invoice_id}"


# What must not happen


@pytest.mark.parametrize("method", ["", "cash", "CARD", "card ", "paypay", "カード", "card\r\ncvs"])
def test_a_method_that_is_none_is_asked_for_and_stored_nowhere(method: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    page = desk.decide(invoice, method)
    assert page.status == 422
    assert "お支払方法を選択してください。" in page.text
    assert "<title>エラー：" in page.text
    assert desk.house.payments() == []
    assert desk.house.gmo.calls == []


def test_no_method_at_all_is_asked_for() -> None:
    desk = BillingDesk()
    page = desk.decide(desk.house.bill())
    assert page.status == 422
    assert '<a href="#method">' in page.text
    assert 'id="method"' in page.text
    assert desk.house.payments() == []


def test_a_method_sent_twice_is_a_bad_request() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    body = f"csrf={desk.browser.token}&method=card&method=cvs".encode()
    assert desk.browser.post_raw(PAYMENT, body, invoice_id=invoice.invoice_id).status == 400
    assert desk.house.payments() == []


def test_without_the_forms_token_nothing_is_decided() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    page = desk.browser.post(
        PAYMENT, {"method": "card"}, token=False, invoice_id=invoice.invoice_id
    )
    assert page.status == 403
    assert desk.house.payments() == []


def test_from_a_foreign_page_nothing_is_decided() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.browser.headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert desk.decide(invoice, "card").status == 403
    assert desk.house.payments() == []


def test_another_method_after_the_choice_is_told_which_one_stands() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.decide(invoice, "card")
    page = desk.decide(invoice, "cvs")
    assert page.status == 422
    assert "「クレジットカード(一括払)」に決定済みです" in page.text
    assert 'id="method"' in page.text
    assert len(desk.house.gmo.orders) == 1
    assert desk.house.invoice(invoice).method is Method.CARD


def test_an_amount_sent_along_is_not_looked_at() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    form = {"method": "card", "amount": "1", "invoice_id": "x", "order_id": "D26-1"}
    desk.browser.post(PAYMENT, form, invoice_id=invoice.invoice_id)
    (order,) = desk.house.gmo.orders.values()
    assert order.request.amount == invoice.amount


@pytest.mark.parametrize("error", [Contended(), Unreachable("down")])
def test_a_database_without_an_answer_shows_a_page_and_asks_gmo_nothing(error: Exception) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.database.fail_next = [("write", error)] * 5
    assert desk.decide(invoice, "card").status == 503
    assert desk.house.gmo.calls == []


def test_a_paid_invoice_is_not_paid_again() -> None:
    desk = BillingDesk()
    invoice = desk.paid()
    for page in (desk.decide(invoice, "card"), desk.decide(invoice), desk.get(PAYMENT, invoice)):
        assert (page.status, page.location) == (303, path(invoice))
    assert desk.get(START, invoice).location == path(invoice)
    assert len(desk.house.gmo.orders) == 1


# S22: the record confirmed today


@pytest.mark.parametrize("confirmed_on", [None, date(2026, 4, 1), YESTERDAY])
def test_a_record_not_confirmed_today_is_shown_first(confirmed_on: date | None) -> None:
    desk = BillingDesk(confirmed_on)
    invoice = desk.house.bill()
    for resource in (START, PAYMENT):
        page = desk.get(resource, invoice)
        assert (page.status, page.location) == (303, edit(invoice))


def test_a_record_confirmed_today_leads_to_the_payment_page() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    page = desk.get(START, invoice)
    assert (page.status, page.location) == (303, path(invoice, "/payment"))
    assert desk.get(PAYMENT, invoice).status == 200


@pytest.mark.parametrize(
    ("moment", "leads"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), "/payment"),
        (datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC), "edit"),
    ],
)
def test_today_ends_at_midnight_in_japan(moment: datetime, leads: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.later(seconds=(moment - desk.clock()).total_seconds())
    expected = edit(invoice) if leads == "edit" else path(invoice, leads)
    assert desk.get(START, invoice).location == expected


@pytest.mark.parametrize(
    ("moment", "accepted"),
    [
        (datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 14, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 15, 0, 0, tzinfo=UTC), False),
    ],
)
def test_the_choice_may_be_made_until_the_end_of_the_next_day(
    moment: datetime, accepted: bool
) -> None:
    """Who opened the page before midnight and pressed after it is not sent back."""
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.later(seconds=(moment - desk.clock()).total_seconds())
    page = desk.decide(invoice, "card")
    assert page.location == (path(invoice, "/payment") if accepted else edit(invoice))
    assert len(desk.house.gmo.orders) == int(accepted)


def test_choosing_does_not_count_as_confirming() -> None:
    desk = BillingDesk(YESTERDAY)
    invoice = desk.house.bill()
    assert desk.decide(invoice, "card").status == 303
    other = desk.house.bill(2027)
    assert desk.get(START, other).location == edit(other)


@pytest.mark.parametrize("method", Method)
def test_with_a_live_payment_the_start_leads_to_the_invoice(method: Method) -> None:
    desk = BillingDesk(None)
    invoice = desk.house.bill()
    if method is Method.CVS:
        desk.house.slip(invoice)
    else:
        desk.house.card(invoice)
    assert desk.get(START, invoice).location == path(invoice)


# The choice


def test_the_choice_shows_both_methods_and_the_manuals_note() -> None:
    desk = BillingDesk()
    text = desk.get(PAYMENT, desk.house.bill()).text
    assert 'name="method" value="card" required> <span>クレジットカード(一括払)</span>' in text
    assert 'name="method" value="cvs" required> <span>コンビニ決済</span>' in text
    assert "<button" in text
    assert ">決定</button>" in text
    assert "［決定］をクリックした後は変更できません" in text
    assert "12,000円" in text


def test_near_the_closing_date_only_the_card_is_offered_and_the_page_says_why() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill(closes_on=date(2026, 11, 30))
    text = desk.get(PAYMENT, invoice).text
    assert 'value="card"' in text
    assert 'value="cvs"' not in text
    assert "コンビニ決済はお選びいただけません" in text
    page = desk.decide(invoice, "cvs")
    assert page.status == 422
    assert "お支払い期限が近いため" in page.text
    assert closes_far(desk)


def closes_far(desk: BillingDesk) -> bool:
    return 'value="cvs"' in desk.get(PAYMENT, desk.house.bill(2027, closes_on=CLOSES)).text


@pytest.mark.parametrize("method", ["card", "cvs"])
def test_the_choice_leads_by_303_to_a_page_with_gmos_link(method: str) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    page = desk.decide(invoice, method)
    assert (page.status, page.location) == (303, path(invoice, "/payment"))
    text = desk.get(PAYMENT, invoice).text
    link = desk.house.last(invoice).link_url
    assert f'href="{link}" rel="noreferrer">{GMO_TEXT}</a>' in text
    assert "（決定済み）" in text
    assert ">決定</button>" not in text
    assert AGAIN_TEXT not in text


def test_pressing_twice_shows_the_same_page_and_makes_one_order() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    locations = {desk.decide(invoice, "card").location for _ in range(3)}
    assert locations == {path(invoice, "/payment")}
    assert len(desk.house.gmo.orders) == 1


def test_gmo_is_told_the_name_the_reading_and_the_mobile_number() -> None:
    desk = BillingDesk()
    desk.decide(desk.house.bill(), "cvs")
    (order,) = desk.house.gmo.orders.values()
    payer = order.request.payer
    assert (payer.name, payer.kana) == ("山田 花子", "ヤマダハナコ")
    assert (payer.phone, payer.mail) == ("09012345678", "hanako@example.jp")


def test_a_slip_is_shown_again_instead_of_the_payment_page() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.house.slip(invoice)
    assert desk.get(PAYMENT, invoice).location == path(invoice)


# When it goes wrong


def test_refused_by_gmo_the_form_is_there_again() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.house.gmo.fail("issue_link", Fault.REFUSED)
    page = desk.decide(invoice, "card")
    assert page.status == 503
    assert "お支払い手続きを始められませんでした" in page.text
    assert 'value="cvs"' in page.text
    assert "P503-" in page.text
    assert desk.decide(invoice, "cvs").status == 303


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.TIMEOUT, Fault.BUSY])
def test_without_gmos_answer_the_next_press_opens_a_new_order(fault: Fault) -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.house.gmo.fail("issue_link", fault)
    assert desk.decide(invoice, "cvs").status == 303
    text = desk.get(PAYMENT, invoice).text
    assert "お支払いはまだ行われていません" in text
    assert AGAIN_TEXT in text
    assert GMO_TEXT not in text
    desk.clock.tick(seconds=30)
    assert desk.decide(invoice).status == 303
    assert GMO_TEXT in desk.get(PAYMENT, invoice).text
    assert desk.house.last(invoice).method is Method.CVS
    assert [one.state for one in desk.house.payments()].count(PaymentState.ABANDONED) == 1


def test_a_healthy_link_is_kept_although_again_is_posted() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.decide(invoice, "card")
    before = desk.house.last(invoice)
    assert desk.decide(invoice).status == 303
    assert desk.house.last(invoice) == before
    assert len(desk.house.gmo.orders) == 1


def test_an_ended_link_offers_the_way_on_by_the_same_method() -> None:
    desk = BillingDesk()
    invoice = desk.ended()
    old = desk.house.last(invoice)
    assert desk.get(START, invoice).location == path(invoice, "/payment")
    text = desk.get(PAYMENT, invoice).text
    assert AGAIN_TEXT in text
    assert old.link_url not in text
    assert 'name="method"' not in text
    assert desk.decide(invoice).location == path(invoice, "/payment")
    fresh = desk.house.last(invoice)
    assert (fresh.attempt, fresh.method) == (2, Method.CARD)
    assert fresh.link_url in desk.get(PAYMENT, invoice).text


def test_a_link_that_may_still_be_paid_is_told_and_no_second_one_made() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    payment = desk.house.card(invoice)
    desk.house.gmo.decline_card(payment.order_id)
    desk.later(hours=25)
    desk.confirm(TODAY + timedelta(days=1))
    page = desk.decide(invoice)
    assert page.status == 409
    assert "二重のお支払いを防ぐため" in page.text
    assert len(desk.house.payments()) == 1


def test_a_declined_card_offers_the_old_page_and_a_new_one() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.decide(invoice, "card")
    desk.house.come_back(desk.house.last(invoice), "ERROR", "42G020000")
    text = desk.get(PAYMENT, invoice).text
    assert AGAIN_TEXT in text
    assert desk.house.last(invoice).link_url in text


def test_going_back_from_gmo_keeps_the_same_link() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    desk.decide(invoice, "card")
    desk.house.come_back(desk.house.last(invoice), "PAYSTART")
    text = desk.get(PAYMENT, invoice).text
    assert desk.house.last(invoice).link_url in text
    assert AGAIN_TEXT not in text
    assert "失敗" not in desk.get(ONE, invoice).text


def test_starting_again_while_gmo_is_silent_says_so_and_opens_nothing() -> None:
    desk = BillingDesk()
    invoice = desk.ended()
    desk.house.gmo.down.add("search")
    assert desk.decide(invoice).status == 503
    assert len(desk.house.gmo.orders) == 1


def test_an_expired_slip_has_a_way_on() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    slip = desk.house.slip(invoice)
    desk.house.gmo.expire_slip(slip.order_id)
    desk.house.settle(slip)
    assert "やり直すことができます" in desk.get(ONE, invoice).text
    assert AGAIN_TEXT in desk.get(PAYMENT, invoice).text
    desk.decide(invoice)
    assert desk.house.last(invoice).attempt == 2


def test_once_the_office_has_freed_the_method_the_choice_is_there_again() -> None:
    desk = BillingDesk()
    invoice = desk.house.bill()
    slip = desk.house.slip(invoice)
    desk.house.gmo.expire_slip(slip.order_id)
    desk.house.settle(slip)
    desk.house.releasing.release(
        invoice.member_id,
        invoice.invoice_id,
        actor="office:sato",
        reason="電話",
        now=desk.clock(),
    )
    assert 'value="card"' in desk.get(PAYMENT, invoice).text
    assert desk.decide(invoice, "card").status == 303
    assert desk.house.invoice(invoice).method is Method.CARD
