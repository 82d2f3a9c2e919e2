"""The members of the runbook's year, and what they do while the office works."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

from local.demo_people import Person
from tests.office.people import HEADER
from tests.stack.client import Client
from tests.stack.paying import CARD, SLIP, Gmo, Payer
from tests.stackfixture import LocalStack

COLUMNS = (*HEADER, "会員状態", "会費免除")
OWN = "Kaede2026yama"
"""The password that every member chooses at the first sign-in."""

# Number, family name, given name, their readings, 会員状態, 会費免除.
_PEOPLE = (
    ("000101", "佐藤", "花子", "サトウ", "ハナコ", "在籍", ""),
    ("000102", "鈴木", "太郎", "スズキ", "タロウ", "在籍", ""),
    ("000103", "高橋", "美咲", "タカハシ", "ミサキ", "在籍", ""),
    ("000104", "田中", "翔", "タナカ", "ショウ", "在籍", ""),
    ("000105", "伊藤", "葵", "イトウ", "アオイ", "休会", ""),
    ("000106", "渡辺", "実", "ワタナベ", "ミノル", "在籍", "名誉会員"),
    ("000107", "山本", "恵", "ヤマモト", "メグミ", "在籍", ""),
    ("000108", "中村", "誠", "ナカムラ", "マコト", "在籍", ""),
    ("000109", "小林", "愛", "コバヤシ", "アイ", "在籍", ""),
    ("000110", "加藤", "健", "カトウ", "ケン", "在籍", ""),
    ("000111", "山﨑", "直子", "ヤマサキ", "ナオコ", "在籍", ""),
)
WITHOUT_MAIL = "000107"


def address(number: str) -> str:
    """Return a member's mail address."""
    return "" if number == WITHOUT_MAIL else f"m{number}@example.jp"


def write(path: Path) -> None:
    """Write the office's file, as Excel in Japan saves it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(COLUMNS)
        for number, family, given, family_kana, given_kana, state, exempt in _PEOPLE:
            name = (family, given, family_kana, given_kana)
            place = ("1000001", "東京都", "千代田区", f"千代田{int(number) % 100}")
            contact = (f"0312{number}", address(number), "架空病院")
            sheet.writerow((number, *name, *place, *contact, state, exempt))


@dataclass
class Members:
    """What the members do. *passwords* are those of the letters, by number."""

    stack: LocalStack
    gmo: Gmo
    passwords: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    """The last order of each member who went to pay."""

    def sign_in(self, number: str) -> None:
        """Sign in with the letter and choose a password, as the manual's section 2 has it."""
        client = Client(self.stack.connect, self.stack.portal)
        client.sign_in(number, self.passwords[number])
        page = client.get("/member/password")
        chosen = {"new_password": OWN, "confirm_password": OWN}
        answer = client.follow(client.submit(page, chosen, button="変更"))
        assert "会員編集" in answer.text, answer.text
        self.clients[number] = client

    def mistype(self, number: str, times: int) -> None:
        """Type a wrong password so many times."""
        client = Client(self.stack.connect, self.stack.portal, source_ip="198.51.100.7")
        for _ in range(times):
            client.sign_in(number, "Chigau2026!")

    def pays_by_card(self, number: str) -> None:
        """Pay by card, and come back."""
        payer = self._payer(number)
        link = self._link(payer, "card")
        payer.come_back(self.gmo.fill_in(link, CARD))
        payer.await_text("支払済")

    def takes_a_slip(self, number: str) -> None:
        """Choose the convenience store and get its number."""
        payer = self._payer(number)
        self.gmo.fill_in(self._link(payer, "cvs"), SLIP)
        payer.await_text("コンビニ支払い待ち")

    def pays_at_the_store(self, number: str) -> None:
        """Let the money of the slip arrive."""
        self.gmo.deposit(self.orders[number])

    def statement(self, number: str) -> str:
        """Return what the member reads in 会費支払明細."""
        return self.clients[number].get("/member/billing").text

    def _link(self, payer: Payer, method: str) -> str:
        link = payer.chosen(method)
        self.orders[payer.person.member_no] = self.gmo.order_of(link)["order_id"]
        return link

    def _payer(self, number: str) -> Payer:
        client = self._signed_in(number)
        found = re.search(r"/member/billing/([a-z0-9]{16})\b", client.get("/member/billing").html)
        assert found
        person = Person(number, OWN, "unpaid", {"email": address(number)})
        return Payer(self.stack, client, found[1], person)

    def _signed_in(self, number: str) -> Client:
        client = Client(self.stack.connect, self.stack.portal)
        assert client.sign_in(number, OWN).status == 303
        self.clients[number] = client
        return client
