"""The runbook's year, from an empty stack to closed books: docs/office.md typed line by line.

The page's year and days are moved to the year that is open at the time of the test.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from ops.exits import Status
from ops.roles import NEEDED
from portal.clock import jst_date, utc_now
from tests.office import members as people
from tests.office.desk import Answer, OfficeDesk
from tests.office.letters import passwords_in
from tests.office.members import Members
from tests.office.runbook import RUNBOOK, Played, Seen, Typed, missing, parts
from tests.office.years import year_of
from tests.stack.backstage import Backstage
from tests.stack.paying import Gmo, until

EXAMPLE_YEAR = 2026
EXAMPLE_DAYS = ("2026-07-10", "2027-03-15")
EXAMPLE_ORDER = "D26-0123456789ABCDEF"
OPEN_FOR = timedelta(days=60)
"""The year that is played is open for so long at least: a slip lives two weeks."""

DUE_IN = timedelta(days=30)

REFUSED_ROWS = ("members", "import", "会員.csv")
"""Takes all rows but one."""


@dataclass
class Play:
    """The year as it is played. *others* act by name; *words* stand for the page's examples."""

    desk: OfficeDesk
    members: Members
    backstage: Backstage
    today: date = field(default_factory=lambda: jst_date(utc_now()))
    words: dict[str, str] = field(default_factory=dict)
    last: Answer = field(default_factory=lambda: Answer(0, "", ""))

    def __post_init__(self) -> None:
        self.year = year_of(self.today + OPEN_FOR)
        # Days first: the year stands in them, too.
        self.words |= dict.fromkeys(EXAMPLE_DAYS, self.today.isoformat())
        self.words |= {str(EXAMPLE_YEAR): str(self.year)}

    def types(self, typed: Typed) -> None:
        """Type one command of the page in the role it needs; it has to succeed."""
        words = [self._said(word) for word in typed.words]
        words += self._more(typed.words)
        self.last = self.desk.types("--role", NEEDED[" ".join(words[:2])], *words)
        expected = {Status.DONE}
        if tuple(words[:3]) == REFUSED_ROWS:
            expected = {Status.PARTLY}
        assert self.last.status in expected, (words, self.last.text)

    def _more(self, words: tuple[str, ...]) -> list[str]:
        """Return what the page leaves to AWS and to the time of the year."""
        more = ["--by", "山田"] if "--reason" in words else []
        # The rule's due day may be over by now; the office would then name another.
        billed = words[:2] == ("dues", "issue")
        return [*more, "--due", (self.today + DUE_IN).isoformat()] if billed else more

    def sees(self, seen: Seen) -> None:
        """Look for what the page says is seen."""
        told = Seen(tuple(self._said(line) for line in seen.lines))
        assert missing(told, self.last.text) == "", self.last.text

    def others(self, name: str) -> None:
        """Let members and the world do something."""
        OTHERS[name](self)

    def _said(self, word: str) -> str:
        for example, real in self.words.items():
            word = word.replace(example, real)
        return word


# What others do, by the page's words


def saves_the_list(play: Play) -> None:
    people.write(play.desk.folder / "会員.csv")


def puts_the_row_right(play: Play) -> None:
    file = play.desk.folder / "会員_エラー.csv"
    text = file.read_text(encoding="utf-8-sig")
    assert "﨑" in text
    file.write_text(text.replace("﨑", "崎"), encoding="utf-8-sig")


def signs_everybody_in(play: Play) -> None:
    (letters,) = (play.desk.folder / "手紙").glob("*.pdf")
    play.members.passwords = passwords_in(letters)
    assert len(play.members.passwords) == 11
    for number in ("000101", "000102", "000103", "000109", "000110"):
        play.members.sign_in(number)


def mistypes(play: Play) -> None:
    play.members.mistype("000102", 7)


def mail_comes_back(play: Play) -> None:
    address = people.address("000104")
    play.members.sign_in("000104")
    play.backstage.quiet()
    play.backstage.became(address, "bounced")
    until(lambda: play.desk.types("mail", "bounces").text, lambda text: "000104" in text)


def members_pay(play: Play) -> None:
    play.members.pays_by_card("000101")
    play.members.takes_a_slip("000102")
    play.members.pays_at_the_store("000102")
    play.members.takes_a_slip("000109")
    until(lambda: play.members.statement("000102"), lambda text: "支払済" in text)


def pays_twice(play: Play) -> None:
    order = play.members.orders["000109"]
    play.members.pays_at_the_store("000109")
    play.words[EXAMPLE_ORDER] = order
    until(lambda: play.desk.types("discrepancies", "list").text, lambda text: order in text)


def file_arrives(play: Play) -> None:
    file = play.desk.folder / "入金明細.csv"
    with file.open("w", encoding="cp932", newline="") as opened:
        sheet = csv.writer(opened)
        sheet.writerow(("オーダーID", "取引金額", "決済方法", "入金日"))
        card, store = "クレジットカード", "コンビニ"
        for number, method in (("000101", card), ("000102", store), ("000109", store)):
            order = play.members.orders[number]
            sheet.writerow((order, 12_000, method, play.today.isoformat()))


def slip_runs_out(play: Play) -> None:
    play.members.takes_a_slip("000110")
    order = play.members.orders["000110"]
    play.members.gmo.expire(order)
    play.backstage.ask(order)
    until(lambda: play.backstage.state_of(order), lambda state: state == "expired")


def closes(play: Play) -> None:
    """Nothing is open, and what was billed is what came, was waived or was taken back."""
    books = play.desk.facts("report", "overview", "--year", str(play.year))["overview"]
    number = {name: row["number"] for name, row in books.items()}
    ends = ("paid", "waived", "cancelled", "refunded", "unpaid")
    assert [number[f"invoices_{end}"] for end in ends] == [7, 1, 1, 0, 0]
    assert number["invoices"] == 9
    assert (books["received"]["yen"], number["astray"], number["discrepancies"]) == (84_000, 0, 0)


OTHERS: Mapping[str, Callable[[Play], None]] = {
    "the office saves its list of members": saves_the_list,
    "the refused row is put right": puts_the_row_right,
    "members sign in with their letters": signs_everybody_in,
    "member 000102 mistypes the password again and again": mistypes,
    "a mail to 000104 comes back": mail_comes_back,
    "members pay": members_pay,
    "member 000109 pays at the store as well": pays_twice,
    "GMO's settlement file arrives": file_arrives,
    "member 000110 chooses the store and lets the slip run out": slip_runs_out,
    "the books are closed": closes,
}


@pytest.mark.timeout(900)
def test_the_office_runs_a_year_by_its_runbook(desk: OfficeDesk) -> None:
    gmo = Gmo(desk.stack)
    play = Play(desk, Members(desk.stack, gmo), Backstage(desk.stack))
    for part in parts(RUNBOOK.read_text(encoding="utf-8")):
        match part:
            case Typed():
                play.types(part)
            case Seen():
                play.sees(part)
            case Played(name):
                play.others(name)
