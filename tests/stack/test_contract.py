"""The portal's contract with those who use it from outside: routes, field names, texts, headers.

Members have the texts in their hands (the manual), other programs rely on names and shapes.
"""

import base64
import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.stack.client import Answer
from tests.stack.paying import SAVE_AND_PAY, Payer
from tests.stack.world import World
from tests.stackfixture import LocalStack
from tests.unit.template.loading import events, functions, load

LIGHT = 14 * 1024
"""Bytes of a page as it is sent."""

RECORD = {
    "family_name": "姓",
    "given_name": "名",
    "family_name_kana": "セイ",
    "given_name_kana": "メイ",
    "postal_code": "郵便番号",
    "prefecture": "都道府県",
    "city": "市区町村",
    "street": "町名・番地",
    "building": "建物名",
    "phone": "電話番号",
    "mobile": "携帯電話番号",
    "email": "メールアドレス",
    "workplace": "勤務先",
    "department": "所属部署",
}
OPTIONAL = {"building", "mobile", "workplace", "department"}
NEW_PASSWORD = {"new_password": "新しいパスワード", "confirm_password": "確認パスワード"}


@dataclass(frozen=True)
class Page:
    """What a page must have: heading, a button, the labels of that button's form, texts."""

    path: str
    heading: str
    button: str = ""
    labels: Mapping[str, str] | None = None
    texts: tuple[str, ...] = ()


GUEST_PAGES = (
    Page(
        "/member/login",
        "ログイン",
        "ログイン",
        {"member_no": "会員番号", "password": "パスワード"},
        (
            "ログイン ID が 0（ゼロ）から始まる方は、0（ゼロ）も忘れずに付けて入力してください。",
            "大文字は大文字、小文字は小文字で入力してください。",
            "【パスワードの読み】も確認して入力してください。",
            "日本語入力が ON になった状態ではうまく入力できないことがあります。",
            "スマートフォンご利用の方はこちら",
        ),
    ),
    Page("/member/help", "ログインできない方へ"),
    Page(
        "/member/contact",
        "お問い合わせ",
        texts=(
            "https://web.gogo.jp/jgets/form/contact",
            "info@jgets.jp",
            "@jgets.jp",
            "できるだけ具体的に、また日本語の文章にして記載してください。",
            "画面のハードコピー",
        ),
    ),
    Page(
        "/member/password/forgot",
        "パスワード再設定",
        "再設定メールを送る",
        {"member_no": "会員番号", "email": "登録メールアドレス"},
    ),
    Page("/member/password/reset/{token}", "パスワード再設定", "変更", NEW_PASSWORD),
    Page("/member/email/{token}", "メールアドレスの確認", "このメールアドレスを確認する"),
)

MEMBER_PAGES = (
    Page(
        "/member",
        "メニュー",
        texts=("会員詳細", "会費支払明細", "パスワード変更", "お問い合わせ"),
    ),
    Page("/member/profile", "会員詳細", texts=tuple(RECORD.values())),
    Page("/member/profile/edit", "会員編集", "保存", RECORD, ("@jgets.jpからのメール",)),
    Page("/member/profile/edit?invoice={invoice_id}", "会員編集", SAVE_AND_PAY, RECORD),
    Page("/member/profile/history", "変更履歴"),
    Page("/member/mail-test", "届いていますか", "テストメールを送る", texts=("@jgets.jp",)),
    Page("/member/sessions", "ログイン中の端末", texts=("この端末",)),
    Page(
        "/member/password",
        "パスワード変更",
        "変更",
        {"current_password": "現在のパスワード", **NEW_PASSWORD},
        (
            "パスワードは8~20文字以内に設定してください",
            "パスワードには1文字以上の数字を含めてください",
            "パスワードには1文字以上の大文字を含めてください",
            "過去3回以内に使用していたパスワードと同一のものは利用できません",
            "パスワードの有効期間は120日です。",
        ),
    ),
    Page(
        "/member/password/expired",
        "パスワード変更のお願い",
        texts=("パスワードを変更する", "変更せずに先に進む"),
    ),
    Page("/member/billing", "会費支払明細", texts=("会員情報確認 支払手続き",)),
    Page("/member/billing/{invoice_id}", "年度 年会費", texts=("未払い",)),
    Page(
        "/member/billing/{invoice_id}/payment",
        "お支払い方法",
        "決定",
        texts=(
            "お支払方法を選択してください",
            "クレジットカード(一括払)",
            "コンビニ決済",
            "各支払いにおいては［決定］をクリックした後は変更できませんのでご注意ください。",
        ),
    ),
)
PAGES = [(signed_in, page) for signed_in in (False, True) for page in GUEST_PAGES] + [
    (True, page) for page in MEMBER_PAGES
]
PAGES = [(signed_in, page) for signed_in, page in PAGES if not (signed_in and "login" in page.path)]

_ASSET = re.compile(r'(?:src=|url\(|<link rel="(?!icon))')


def shown(world: World, page: Page, *, signed_in: bool) -> Answer:
    client = world.payer.client if signed_in else world.guest
    return client.get(world.filled(page.path))


def name(value: object) -> str | None:
    return value.path if isinstance(value, Page) else None


@pytest.mark.parametrize(("signed_in", "page"), PAGES, ids=name)
def test_a_page_has_its_fields_and_texts_to_the_letter(
    world: World, page: Page, signed_in: bool
) -> None:
    answer = shown(world, page, signed_in=signed_in)

    assert answer.status == 200
    [heading] = re.findall(r"<h1>([^<]*)</h1>", answer.html)
    assert heading.endswith(page.heading)
    for text in page.texts:
        assert text in answer.text
    if page.button:
        form = answer.form(button=page.button)
        assert form.method == "post"
        assert {"csrf", *(page.labels or {})} <= set(form.fields)
    for field, label in (page.labels or {}).items():
        found = re.search(rf'<label for="{field}">([^<]*)', answer.html)
        assert found, field
        assert found.group(1).strip() == label


@pytest.mark.parametrize(("signed_in", "page"), PAGES, ids=name)
def test_a_page_is_light_and_one_request(world: World, page: Page, signed_in: bool) -> None:
    """Style and script travel in the page, pictures are drawn in it."""
    answer = shown(world, page, signed_in=signed_in)

    # MiniStack's gateway does not compress; the one on AWS does, see the next test.
    assert len(gzip.compress(answer.body, 6)) <= LIGHT
    assert not _ASSET.search(answer.html)


def test_the_gateway_is_told_to_compress(local_stack: LocalStack) -> None:
    api = local_stack.aws.client("apigateway")

    deployed = api.get_rest_api(restApiId=local_stack.resources["Api"])

    assert deployed["minimumCompressionSize"] <= 1024
    assert deployed["binaryMediaTypes"] == ["*/*"]


@pytest.mark.parametrize(("signed_in", "page"), PAGES, ids=name)
def test_a_page_carries_the_headers_and_only_what_they_allow(
    world: World, page: Page, signed_in: bool
) -> None:
    answer = shown(world, page, signed_in=signed_in)

    assert_guarded(answer)
    policy = answer.header("content-security-policy")
    [style] = re.findall(r"<style>(.*?)</style>", answer.html, re.DOTALL)
    [script] = re.findall(r"<script>(.*?)</script>", answer.html, re.DOTALL)
    assert f"style-src {source_hash(style)}" in policy
    assert f"script-src {source_hash(script)}" in policy
    assert not re.search(r"<[a-z]+[^>]*\s(?:style|on[a-z]+)=", answer.html)


def source_hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def assert_guarded(answer: Answer) -> None:
    policy = dict(
        part.strip().partition(" ")[::2]
        for part in answer.header("content-security-policy").split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.header("content-security-policy")
    assert int(re.findall(r"max-age=(\d+)", answer.header("strict-transport-security"))[0]) > 1e7
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("referrer-policy") == "same-origin"


def test_other_answers_carry_the_headers_too(world: World) -> None:
    """A redirect, an unknown page, a refused form, a PDF."""
    paid = world.paid
    answers = [
        world.guest.get("/"),
        world.guest.get("/nowhere"),
        world.guest.post("/member/login", {}),
        paid.receipt(),
    ]

    assert [answer.status for answer in answers] == [303, 404, 403, 200]
    for answer in answers:
        assert_guarded(answer)


def test_every_page_of_the_template_stands_in_the_contract() -> None:
    listed = {page.path.partition("?")[0] for _, page in PAGES}
    others = {
        "/",
        "/{proxy+}",
        "/member/billing/{invoice_id}/start",
        "/member/billing/{invoice_id}/receipt.pdf",
    }
    routes = {
        event["Path"]
        for properties in functions(load()).values()
        for event in events(properties, "Api")
        if event["Method"] == "get"
    }
    assert routes == listed | others


# What leads where


def test_the_bare_address_leads_to_the_menu_and_that_to_the_door(world: World) -> None:
    assert world.guest.get("/").location == "/member"
    assert world.guest.get("/member").location == "/member/login"
    # A trailing slash is served, not redirected.
    assert world.payer.client.get("/member/").status == 200


def test_the_menu_leads_to_its_four_pages(world: World) -> None:
    menu = world.payer.client.get("/member")

    assert menu.link("会員詳細") == "/member/profile"
    assert menu.link("会費支払明細") == "/member/billing"
    assert menu.link("パスワード変更") == "/member/password"
    assert menu.link("お問い合わせ") == "/member/contact"


def test_the_sign_in_page_has_a_link_and_a_code_for_smartphones(world: World) -> None:
    page = world.guest.get("/member/login")

    address = f"{world.stack.portal}/member/login"
    assert (address, address) in page.links
    assert '<svg viewBox="' in page.html


def test_the_message_after_120_days_has_two_plain_links(world: World) -> None:
    page = world.payer.client.get("/member/password/expired")

    assert page.link("パスワードを変更する") == "/member/password"
    assert page.link("変更せずに先に進む") == "/member"


def test_required_fields_are_marked_and_optional_ones_too(world: World) -> None:
    html = world.payer.client.get("/member/profile/edit").html

    for field, label in RECORD.items():
        mark = "※任意" if field in OPTIONAL else "※必須"
        assert re.search(rf'<label for="{field}">{label} <span[^>]*>{mark}</span>', html), field


def test_the_methods_are_card_and_convenience_store(world: World) -> None:
    html = world.payer.client.get(f"{world.payer.path}/payment").html

    found = re.findall(r'name="method" value="([a-z]+)"[^>]*> <span>([^<]*)</span>', html)
    assert found == [("card", "クレジットカード(一括払)"), ("cvs", "コンビニ決済")]


@pytest.mark.parametrize("action", ["postcode", "use:family_name", "use:street"])
def test_other_buttons_of_the_edit_page_store_nothing(world: World, action: str) -> None:
    client = world.payer.client
    before = client.get("/member/profile").text
    form = client.get("/member/profile/edit").form(action="/member/profile/edit")

    answer = client.post(form.action, {**form.fields, "family_name": "﨑山", "action": action})

    assert answer.status == 200
    kept = answer.form(action="/member/profile/edit").fields["family_name"]
    assert kept == ("崎山" if action == "use:family_name" else "﨑山")
    assert client.get("/member/profile").text == before


def test_no_change_confirms_and_leads_on_to_paying(local_stack: LocalStack) -> None:
    payer = Payer.signed_in(local_stack)

    edit = payer.client.follow(payer.client.get(f"{payer.path}/start"))
    answer = payer.client.submit(edit, {}, button="変更なし")

    assert answer.location == f"{payer.path}/payment"
    assert edit.form(button="変更なし").action == "/member/profile/confirm"
    assert edit.form(button="変更なし").fields.keys() == {"csrf", "version", "invoice"}


def test_a_paid_year_has_its_receipt_made_out_once(world: World, local_stack: LocalStack) -> None:
    payer = Payer.signed_in(local_stack, "paid")
    statement = payer.client.get("/member/billing")
    assert statement.link("領収書") == f"{payer.path}/receipt.pdf"
    page = payer.client.get(payer.path)
    choice = page.form(action=f"{payer.path}/receipt")
    assert re.findall(r'name="addressee" value="([a-z]+)"', page.html)[0] == "self"

    first = payer.client.post(choice.action, {**choice.fields, "addressee": "self"})
    second = payer.client.post(choice.action, {**choice.fields, "addressee": "workplace"})

    assert first.location == second.location == payer.path
    family, given = payer.person.record["family_name"], payer.person.record["given_name"]
    shown = payer.client.get(payer.path).text
    assert f"{family} {given} 様" in shown.replace("\u3000", " ")
    pdf = payer.receipt()
    assert pdf.header("content-type") == "application/pdf"
    assert pdf.header("content-disposition").startswith("attachment; filename=")
    assert pdf.body == payer.receipt().body
    assert world.payer.client.get(f"{payer.path}/receipt.pdf").status == 404


def test_every_page_after_sign_in_has_the_way_out(world: World) -> None:
    for page in MEMBER_PAGES:
        form = shown(world, page, signed_in=True).form(button="ログアウト")
        assert (form.action, form.method) == ("/member/logout", "post")
