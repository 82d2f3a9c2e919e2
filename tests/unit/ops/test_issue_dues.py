"""``dues issue``: whom a year is billed to, and that nobody is billed twice whatever happens."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ops.exits import Status
from portal.accounts.store import CredentialStore
from portal.billing.model import InvoiceState
from portal.config import MemberKind
from portal.members.standing import Membership, Standing
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES
from tests.unit.ops.counter import SIGNED, Counter
from tests.unit.ops.issuing import ISSUE, InApril, Troubled, add, billed, member_id, over


@pytest.fixture
def counter() -> InApril:
    return InApril()


# What is no command, and what is refused


@pytest.mark.parametrize(
    "wrong",
    [
        ("--reason", "x", "--by", "山田"),
        ("--year", "来年", *SIGNED),
        ("--year", "27", *SIGNED),
        ("--year", "2027", "--by", "山田"),
        ("--year", "2027", "--reason", " "),
        (*ISSUE[2:], "--due", "6/30"),
        (*ISSUE[2:], "--closes", "2027-02-30"),
        (*ISSUE[2:], "001234"),
        # Of a variable that was never set; all members would be billed.
        (*ISSUE[2:], "--member", ""),
        (*ISSUE[2:], "--member", " "),
        (*ISSUE[2:], "--kind", ""),
    ],
    ids=str,
)
def test_what_is_not_said_rightly_is_no_command(counter: Counter, wrong: tuple[str, ...]) -> None:
    assert counter.types("dues", "issue", *wrong, "--yes") == Status.USAGE
    assert billed(counter) == {}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--year", "2029"), "早すぎます"),
        (("--year", "2026"), "支払期日が過ぎています"),
        (("--due", "2027-04-04"), "支払期日が過ぎています"),
        (("--closes", "2027-06-29"), "最終日が支払期日より前"),
        (("--kind", "名誉会員"), "正会員、賛助会員"),
        (("--member", "999999"), "999999 は登録されていません"),
        (("--member", "佐藤"), "佐藤 は登録されていません"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    counter: Counter, more: tuple[str, ...], said: str
) -> None:
    before = counter.rows()
    assert counter.types(*ISSUE, *more, "--yes") == Status.REFUSED
    assert said in counter.text
    assert counter.rows() == before


def test_a_member_whose_kind_the_society_does_not_have_is_listed_and_not_billed(
    counter: Counter,
) -> None:
    add(counter, 1, Standing(kind="特別会員"))
    assert counter.types(*ISSUE) == Status.PARTLY
    assert counter.types(*ISSUE, "--yes") == Status.PARTLY
    assert billed(counter) == {MEMBER_NO: 12_000}
    assert "種別が society.toml にない" in counter.text
    facts = counter.data(*ISSUE)
    assert facts["unknown_kind"] == [
        {"member_no": "000001", "name": "山田 花子", "kind": "特別会員"}
    ]


# Looking first


def test_a_dry_run_counts_by_amount_and_by_why_not_and_writes_nothing(counter: Counter) -> None:
    for number in range(1, 8):
        add(counter, number)
    add(counter, 10, Standing(kind="賛助会員"))
    add(counter, 11, Standing(kind="賛助会員", membership=Membership.ON_LEAVE))
    add(counter, 12, Standing(membership=Membership.ON_LEAVE))
    add(counter, 13, Standing(membership=Membership.WITHDRAWN))
    add(counter, 14, Standing(exempt="名誉会員"))
    before = counter.rows()
    assert counter.types(*ISSUE) == Status.DONE
    assert counter.rows() == before
    said = [line.split() for line in counter.said]
    assert said[0] == ["2027年度", "年会費", "支払期日", "2027-06-30", "受付の最終日", "2028-03-31"]
    assert said[1] == ["8", "件", "請求する", "12,000円"]
    named = "、".join(f"00000{number} 山田 花子" for number in range(1, 6))
    assert said[2] == f"{named} …".split()
    assert ["1", "件", "請求する", "2,500円"] in said
    assert ["1", "件", "退会"] in said
    assert said[-2] == ["請求する合計", "10", "件", "103,500円"]
    assert "--yes" in counter.said[-1]


def test_a_program_is_told_the_same(counter: Counter) -> None:
    add(counter, 1, Standing(exempt="災害"))
    assert counter.data(*ISSUE) == {
        "dues": {
            "year": 2027,
            "title": "2027年度 年会費",
            "due_on": "2027-06-30",
            "closes_on": "2028-03-31",
        },
        "done": False,
        "billed": {"12000": 1},
        "total": 12_000,
        "left": {"exempt": 1},
        "first": {"12000": [MEMBER_NO], "exempt": ["000001"]},
        "billed_before": [],
    }
    assert counter.data(*ISSUE, "--yes")["done"] is True
    assert counter.data(*ISSUE, "--year", "2031", "--yes") == {"done": False}


def test_who_forfeits_the_qualification_is_listed_with_the_years(counter: Counter) -> None:
    one = add(counter, 1)
    for year in (2024, 2025):
        counter.house.bill(year, member_id=one)
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert billed(counter) == {MEMBER_NO: 12_000}
    assert "資格喪失の見込み" in counter.text
    assert counter.data(*ISSUE)["forfeiting"] == [
        {
            "member_no": "000001",
            "name": "山田 花子",
            "years": "2024、2025",
            "amount": 24_000,
        }
    ]


def test_more_than_two_hundred_are_counted_and_not_listed(counter: Counter) -> None:
    for number in range(1, 204):
        add(counter, number, Standing(kind="特別会員"))
    counter.types(*ISSUE)
    assert "（ほかに 3 件）" in counter.text


def test_how_far_it_is_is_told(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    counter.slow = 1.0
    for number in range(1, 6):
        add(counter, number)
    counter.types(*ISSUE)
    assert "/ 6 人（" in capsys.readouterr().err


# Billing


def test_each_is_billed_in_one_transaction_with_who_and_why(counter: Counter) -> None:
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    (invoice,) = counter.house.account().invoices
    assert (invoice.title, invoice.amount) == ("2027年度 年会費", 12_000)
    assert (invoice.due_on, invoice.closes_on) == (date(2027, 6, 30), date(2028, 3, 31))
    assert invoice.state is InvoiceState.UNPAID
    writes = counter.house.database.commits[-1]
    assert [write.table for write in writes] == ["billing", "billing", "audit", "members"]
    rows = counter.house.database.rows(TABLES.audit)
    (told,) = [row for row in rows if row["pk"] == MEMBER_ID]
    assert (told["actor"], told["note"]) == ("office:山田", "電話で確認")
    assert told["action"] == "invoice.issued"
    assert "請求した合計  1 件  12,000円" in counter.text


def test_it_is_reminded_of_before_its_due_day(counter: Counter) -> None:
    counter.types(*ISSUE, "--yes")
    counter.house.clock.now = datetime(2027, 5, 31, 1, 0, tzinfo=UTC)
    assert counter.data("dues", "remind", *SIGNED)["counts"] == {"dues_reminder 30": 1}


def test_running_it_again_bills_nobody(counter: Counter) -> None:
    add(counter, 1)
    counter.types(*ISSUE, "--yes")
    before = counter.rows()
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert "2 件  請求済" in counter.text
    assert counter.rows() == before


def test_what_an_earlier_run_billed_is_told_by_amount_and_due_day(counter: InApril) -> None:
    """A run by a mistaken amount or day, stopped in the middle, is seen by the next one."""
    for number in range(1, 4):
        add(counter, number)
    mistaken = Troubled(counter, lambda write: KeyboardInterrupt() if write == 4 else None)
    over(counter, mistaken, *ISSUE, "--due", "2027-07-31", "--yes")
    society = replace(counter.desk.society, dues_kinds=(MemberKind("正会員", 13_000, 0),))
    counter.desk = replace(counter.desk, society=society)
    told = [{"amount": 12_000, "due_on": "2027-07-31", "count": 2}]
    year = ("--amounts", "year")
    assert counter.data(*ISSUE, *year)["billed_before"] == told
    counter.types(*ISSUE, "--amounts", "file", "--yes")
    assert "12,000  2027-07-31  2" in counter.text
    assert counter.data(*ISSUE)["billed_before"] == [
        *told,
        {"amount": 13_000, "due_on": "2027-06-30", "count": 2},
    ]


@pytest.mark.parametrize("state", ["waive", "cancel"])
def test_what_was_ended_is_not_billed_by_the_next_run(counter: Counter, state: str) -> None:
    counter.types(*ISSUE, "--yes")
    counter.types("dues", state, MEMBER_NO, "--year", "2027", *SIGNED, "--yes")
    assert counter.types(*ISSUE, "--yes") == Status.DONE
    assert "1 件  請求済" in counter.text
    assert "内訳" not in counter.text


def test_one_who_joined_later_is_billed_alone_with_days_of_their_own(counter: Counter) -> None:
    add(counter, 1)
    counter.types(*ISSUE, "--yes")
    add(counter, 2)
    add(counter, 3)
    credentials = CredentialStore(counter.house.database, TABLES.credentials)
    known = credentials.find(MEMBER_NO)
    assert known is not None
    joined = replace(known, member_no="000002", member_id=member_id(2))
    counter.house.database.commit(credentials.create(joined))
    counter.house.clock.now = datetime(2027, 12, 1, 1, 0, tzinfo=UTC)
    late = (*ISSUE, "--member", "０００００2", "--due", "2028-01-31", "--yes")
    assert counter.types(*late) == Status.DONE
    assert billed(counter).keys() == {MEMBER_NO, "000001", "000002"}
    (invoice,) = counter.house.account(member_id(2)).invoices
    assert (invoice.due_on, invoice.closes_on) == (date(2028, 1, 31), date(2028, 3, 31))


def test_one_kind_is_billed_alone(counter: Counter) -> None:
    add(counter, 1, Standing(kind="正会員"))
    add(counter, 2, Standing(kind="賛助会員"))
    add(counter, 3, Standing(kind="特別会員"))
    assert counter.types(*ISSUE, "--kind", "賛助会員", "--yes") == Status.DONE
    assert billed(counter) == {"000002": 5_000}
    assert counter.types(*ISSUE, "--kind", "正会員", "--yes") == Status.DONE
    assert billed(counter) == {"000002": 5_000, "000001": 12_000, MEMBER_NO: 12_000}


def test_accounts_are_read_together_and_never_too_many(counter: Counter) -> None:
    for number in range(1, 250):
        add(counter, number)
    counter.house.database.calls.clear()
    counter.types(*ISSUE)
    # One for the amounts of the year, three for the accounts.
    assert counter.house.database.calls == {"read": 4}
