"""What the mails say."""

import re
from pathlib import Path

import pytest
from jinja2 import ModuleLoader

from portal.database import Value
from portal.mail import messages
from portal.mail.chains import BY_CODE
from portal.mail.messages import KINDS, MessageError, compose
from tests.unit.mail.doubles import BASE_URL, PAID, SLIP, society

TOKEN = "0123456789abcdefghjkmnpqrs." + "T" * 43
YEARS: list[Value] = [
    {"title": "2025年度 年会費", "amount": 10_000, "due_on": "2026-03-31"},
    {"title": "2026年度 年会費", "amount": 12_000, "due_on": "2027-03-31"},
]
OWED: dict[str, Value] = {"due_on": "2026-12-31", "today": "2026-12-01", "years": YEARS}
FACTS: dict[str, Value] = {**SLIP, **OWED, "token": TOKEN}


def text(kind: str, **facts: Value) -> str:
    given = {**FACTS, **facts}
    return compose(kind, given, society=society(), base_url=BASE_URL).text


@pytest.mark.parametrize("kind", KINDS)
def test_every_subject_begins_with_the_society_and_holds_no_figures(kind: str) -> None:
    """Amounts, numbers and tokens would be read on a locked phone's screen."""
    subject = compose(kind, FACTS, society=society(), base_url=BASE_URL).subject
    assert subject.startswith("【日本消化器内視鏡技師会】")
    assert not re.search(r"[0-9]", subject)


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_tells_where_to_ask(kind: str) -> None:
    written = text(kind)
    assert "info@jgets.jp" in written
    assert "https://web.gogo.jp/jgets/form/contact" in written
    assert "https://jgets-member.net/member/login" in written


@pytest.mark.parametrize("kind", KINDS)
def test_links_lead_to_the_portal_and_the_inquiry_form_only(kind: str) -> None:
    links = set(re.findall(r"https?://[^/\s]+", text(kind)))
    assert links <= {BASE_URL, "https://web.gogo.jp"}


@pytest.mark.parametrize("kind", KINDS)
def test_lines_are_short_enough_to_be_read_on_a_phone_and_quoted(kind: str) -> None:
    """No line comes near the 998 bytes a mail server may cut at (RFC 5322, 2.1.1)."""
    assert max(len(line.encode()) for line in text(kind).splitlines()) < 300


@pytest.mark.parametrize("kind", KINDS)
def test_no_mail_has_two_empty_lines_in_a_row_or_a_trailing_blank(kind: str) -> None:
    """Traces of template tags would show in plain text."""
    written = text(kind)
    assert "\n\n\n" not in written
    assert not re.search(r"[ \t]\n", written)


def test_the_card_mail_tells_what_was_paid_and_where_the_receipt_is() -> None:
    written = text("card_paid")
    for part in (
        "お支払いが完了しました",
        "2026年度 年会費",
        "10,000円",
        "2026年11月22日（日）",
        "クレジットカード（一括払）",
        "「会費支払明細」から、領収書（PDF）をダウンロード",
        f"{BASE_URL}/member/billing",
    ):
        assert part in written


def test_the_deposit_mail_warns_of_two_receipts_for_one_payment() -> None:
    written = text("deposit_paid")
    assert "ご入金を確認しました" in written
    assert "二枚をお使いにならない" in written


@pytest.mark.parametrize(
    ("code", "name", "first", "second"),
    [
        ("10001", "ローソン", ("お客様番号", "12345678901"), ("確認番号", "2345")),
        ("10005", "ミニストップ", ("お客様番号", "12345678901"), ("確認番号", "2345")),
        (
            "10002",
            "ファミリーマート",
            ("第1番号（企業コード）", "2345"),
            ("第2番号（注文番号）", "12345678901"),
        ),
        ("10008", "セイコーマート", ("受付番号", "12345678901"), ("申込番号", "2345")),
    ],
)
def test_each_chain_has_its_own_names_and_order_of_the_two_numbers(
    code: str, name: str, first: tuple[str, str], second: tuple[str, str]
) -> None:
    """FamilyMart's machine asks for them the other way round."""
    written = text("slip_issued", cvs_code=code)
    rows = re.findall(r"^(\S+?)[　 ]+(\d+)$", written, re.MULTILINE)
    assert rows == [first, second]
    assert f"お支払いの手順（{name}）" in written


def test_seven_eleven_has_one_number_and_a_printable_slip() -> None:
    url = "https://link.example/slip"
    written = text("slip_issued", cvs_code="00007", conf_no="", receipt_url=url)
    assert re.search(r"^払込票番号[　 ]+12345678901$", written, re.MULTILINE)
    assert "確認番号" not in written
    assert f"表示・印刷できます。\n{url}" in written


@pytest.mark.parametrize("code", BY_CODE)
def test_the_slip_mail_tells_the_deadline_and_that_only_cash_is_taken(code: str) -> None:
    written = text("slip_issued", cvs_code=code)
    assert "2026年12月6日（日）23時59分まで" in written
    assert "お支払いは現金のみです" in written


def test_a_chain_not_known_yet_still_gets_its_numbers() -> None:
    written = text("slip_issued", cvs_code="10099")
    assert "12345678901" in written
    assert "2345" in written


def test_a_slip_without_a_term_sends_the_member_to_the_page_instead_of_guessing() -> None:
    assert "お支払い期限　　会員ページの「会費支払明細」でご確認ください" in text(
        "slip_issued", term=""
    )


def test_a_reminder_before_the_due_date_asks_politely_and_names_the_day() -> None:
    written = text("dues_reminder")
    assert "期限が近づいて" in written
    assert "過ぎて" not in written
    assert re.search(r"^お支払い期限[　 ]+2026年12月31日（木）$", written, re.MULTILINE)
    assert "10,000円" in written


@pytest.mark.parametrize(("today", "late"), [("2026-12-31", False), ("2027-01-01", True)])
def test_a_reminder_speaks_of_a_missed_date_only_after_that_day(today: str, late: bool) -> None:
    assert ("期限を過ぎて" in text("dues_reminder", today=today)) is late


@pytest.mark.parametrize("kind", ["dues_reminder", "qualification_warning", "slip_reminder"])
def test_a_reminder_that_crossed_with_the_money_asks_nobody_to_pay_twice(kind: str) -> None:
    written = text(kind)
    assert "すでにお支払いがお済みの方へ" in written
    assert "もう一度お支払いに" in written


def test_the_warning_names_each_unpaid_year_with_its_date_and_what_is_at_stake() -> None:
    written = text("qualification_warning")
    pattern = r"^件名[　 ]+(.+)\n金額[　 ]+(.+)\nお支払い期限[　 ]+(.+)$"
    rows = re.findall(pattern, written, re.MULTILINE)
    assert rows == [
        ("2025年度 年会費", "10,000円", "2026年3月31日（火）"),
        ("2026年度 年会費", "12,000円", "2027年3月31日（水）"),
    ]
    assert "次の2年度分" in written
    assert "資格を失う" in written


def test_the_slip_reminder_has_the_numbers_again_and_the_last_moment() -> None:
    written = text("slip_reminder", cvs_code="10002")
    assert "2026年12月6日（日）23時59分まで" in written
    rows = re.findall(r"^(第\S+?)[　 ]+(\d+)$", written, re.MULTILINE)
    assert [number for _, number in rows] == ["2345", "12345678901"]


def test_the_reset_mail_has_the_link_and_its_life() -> None:
    written = text("reset_request")
    assert f"{BASE_URL}/member/password/reset/{TOKEN}\n" in written
    assert "30分以内" in written


@pytest.mark.parametrize(
    ("token", "subject"),
    [("", "登録メールアドレスが変更されました"), ("secret", "メールアドレスの確認のお願い")],
)
def test_a_mail_with_a_link_to_press_asks_in_its_subject(token: str, subject: str) -> None:
    message = compose("email_changed", {"token": token}, society=society(), base_url=BASE_URL)
    assert message.subject.endswith(f"】{subject}")


@pytest.mark.parametrize("kind", ["email_changed", "email_confirmation"])
def test_a_mail_that_asks_an_address_to_confirm_itself_has_the_link_and_its_life(kind: str) -> None:
    written = text(kind)
    assert f"{BASE_URL}/member/email/{TOKEN}\n" in written
    assert "「このメールアドレスを確認する」" in written
    assert "7日間" in written


def test_the_old_address_is_told_what_to_do_if_it_was_somebody_else_and_has_no_link() -> None:
    written = text("email_changed", token="")
    assert "お心当たりのない場合" in written
    assert f"{BASE_URL}/member/password\n" in written
    assert "/member/email/" not in written


def test_the_password_mail_tells_what_to_do_if_it_was_somebody_else() -> None:
    written = text("password_changed")
    assert "お心当たりのない場合" in written
    assert f"{BASE_URL}/member/password/forgot" in written


def test_values_stand_as_they_are_in_a_plain_text() -> None:
    assert "A&B <会費> {{ 1 }}" in text("card_paid", title="A&B <会費> {{ 1 }}")


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("no_such_kind", {}),
        ("card_paid", {}),
        ("card_paid", {**PAID, "amount": "10000"}),
        ("card_paid", {**PAID, "paid_on": "heute"}),
        ("slip_issued", {**SLIP, "term": "20261206"}),
        ("slip_issued", {**SLIP, "conf_no": "", "receipt_no": ""}),
        ("reset_request", {}),
        ("email_confirmation", {}),
        ("dues_reminder", {**PAID, "due_on": "2026-12-31"}),
        ("slip_reminder", {**SLIP, "term": ""}),
        ("qualification_warning", {"today": "2026-12-01", "years": []}),
        ("qualification_warning", {"today": "2026-12-01", "years": [{"title": "x"}]}),
    ],
)
def test_a_row_that_cannot_be_told_is_one_kind_of_error(kind: str, facts: dict[str, Value]) -> None:
    with pytest.raises(MessageError):
        compose(kind, facts, society=society(), base_url=BASE_URL)


def test_the_error_of_a_row_quotes_none_of_its_facts() -> None:
    with pytest.raises(MessageError) as caught:
        compose("card_paid", {**PAID, "paid_on": "secret"}, society=society(), base_url=BASE_URL)
    assert "secret" not in str(caught.value)


def test_compiled_templates_say_the_same_as_their_sources(tmp_path: Path) -> None:
    """The layer ships the compiled ones only."""
    sources = messages.environment(messages.loader())
    sources.compile_templates(tmp_path, zip=None, ignore_errors=False)
    built = messages.environment(ModuleLoader(tmp_path))
    for kind in KINDS.values():
        words = {**kind.words(FACTS), "society": society(), "base_url": BASE_URL}
        expected = sources.get_template(kind.template).render(words)
        assert built.get_template(kind.template).render(words) == expected
