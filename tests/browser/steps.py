"""Parts of the manual that more than one walk goes through."""

import re
from pathlib import Path

from playwright.sync_api import expect

from local.demo_people import Person
from tests.browser.pdftext import pdf_text
from tests.browser.visitor import PATIENCE, Visitor

CARD = "クレジットカード(一括払)"
STORE = "コンビニ決済"
TO_GMO = "GMO お支払い手続きページ"
PAY = "会員情報確認 支払手続き"
SAVE_AND_PAY = "変更してお支払い手続きへ"

GOOD_CARD = "4111111111111111"
CARD_WITH_3DS = "4100000000005000"
CARD_WITHOUT_FUNDS = "4999000000000002"

NEW_PASSWORD = "Hanami26!x"

_DUES = re.compile("年会費")
_DONE = "お支払いが完了しました"


def sign_in(visitor: Visitor, member_no: str, password: str) -> None:
    """Manual, section 1: type number and password, press ログイン."""
    visitor.open("/member/login")
    type_and_sign_in(visitor, member_no, password)


def type_and_sign_in(visitor: Visitor, member_no: str, password: str) -> None:
    """The same on the page that is already open."""
    visitor.fill(member_no=member_no, password=password)
    visitor.press("ログイン")


def signed_in(visitor: Visitor, person: Person) -> None:
    """Sign in as a member who has a password of their own, up to the menu."""
    sign_in(visitor, person.member_no, person.password)
    visitor.at("メニュー", "会費支払明細")


def set_password(visitor: Visitor, password: str, picture: str = "") -> None:
    """Type a new password twice and press 変更, which opens 会員編集 every time."""
    visitor.fill(new_password=password, confirm_password=password)
    visitor.press("変更")
    visitor.at("会員編集", "登録情報をご確認ください", picture=picture)


def statement(visitor: Visitor, *texts: str, picture: str = "") -> None:
    """Manual, section 4: open 会費支払明細 from the menu."""
    visitor.follow("会費支払明細")
    visitor.at("会費支払明細", *texts, picture=picture)


def to_payment_page(visitor: Visitor) -> None:
    """Manual, section 4, ① and ②, on a day the record was not confirmed yet."""
    statement(visitor, "未払い")
    visitor.follow(PAY)
    visitor.at("会員編集", SAVE_AND_PAY)
    visitor.press(SAVE_AND_PAY)
    visitor.at("お支払い方法", "お支払方法を選択してください")


def decide(visitor: Visitor, method: str, picture: str = "") -> str:
    """Manual, section 4, ③: choose a method, press 決定; return the address of GMO's page."""
    visitor.choose(method)
    visitor.press("決定")
    visitor.at("お支払い方法", f"{method}（決定済み）", TO_GMO, picture=picture)
    return visitor.link(TO_GMO).get_attribute("href") or ""


def type_card(visitor: Visitor, number: str) -> None:
    """On GMO's page: type a card and press 支払う."""
    visitor.fill(card_number=number, expire="12/35", cvc="123")
    visitor.press("支払う")


def pay_at_gmo(visitor: Visitor, number: str = GOOD_CARD) -> None:
    """Go to GMO's page, pay by a card that needs no 3-D Secure, and come back."""
    visitor.follow(TO_GMO)
    visitor.at("クレジットカードでのお支払い")
    type_card(visitor, number)
    visitor.at("お支払い完了")
    visitor.press("サイトに戻る")


def apply_for_slip(visitor: Visitor, chain: str, picture: str = "") -> list[tuple[str, str]]:
    """On GMO's page: choose a store and press 申し込む; return the numbers GMO shows."""
    visitor.at("コンビニエンスストアでのお支払い", picture=picture and f"{picture}-form")
    visitor.choose(chain)
    visitor.press("申し込む")
    visitor.at("お申し込み完了", chain, picture=picture and f"{picture}-done")
    return visitor.numbers()


def paid(visitor: Visitor, picture: str = "") -> None:
    """Wait on the invoice's page until it says 完了, as its reader would."""
    expect(visitor.page.locator("h1")).to_have_text(_DUES, timeout=PATIENCE)
    if visitor.script:
        visitor.reads(_DONE)
    else:
        visitor.reloads_until(_DONE)
    visitor.reads("完了")
    visitor.look(picture)


def receipt_says(visitor: Visitor, folder: Path, *texts: str) -> None:
    """Manual, section 4, ⑥ ※: download 領収書 from the statement and read it."""
    file = visitor.download("領収書")
    assert file.suggested_filename.endswith(".pdf")
    path = folder / "receipt.pdf"
    file.save_as(path)
    printed = pdf_text(path)
    for text in texts:
        assert text in printed
