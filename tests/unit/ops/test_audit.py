"""The office asks who did what to whom: of one member, or of everybody."""

from datetime import UTC, datetime

import pytest

from ops.exits import Status
from portal import audit
from portal.clock import JST
from portal.database import Item
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, OTHER_ID, TABLES
from tests.unit.ops.reading import Reader

MAY = datetime(2026, 5, 10, 3, tzinfo=UTC)


class Audit(Reader):
    """A reader of an audit that holds what a test wrote."""

    def wrote(
        self,
        action: str = "invoice.waived",
        actor: str = "office:山田 (arn:aws:iam::1:user/yamada)",
        at: datetime = MAY,
        subject: str = MEMBER_ID,
        **facts: Item | str,
    ) -> None:
        """Let one act be written."""
        before, after = facts.get("before"), facts.get("after")
        self.database.commit(
            audit.entry(
                TABLES.audit,
                actor=actor,
                action=action,
                subject=subject,
                at=at,
                source="192.0.2.1",
                before=before if isinstance(before, dict) else None,
                after=after if isinstance(after, dict) else None,
                note=str(facts.get("note", "災害")),
            )
        )

    def finds(self, *words: str) -> list[str]:
        """Return the rows of the table that is shown."""
        assert self.types("audit", "find", *words) == Status.DONE, self.text
        return self.said[1:-1]


@pytest.fixture
def office() -> Audit:
    return Audit()


def test_who_changed_this_members_address(office: Audit) -> None:
    saved: Item = {"city": "中野区", "street": "1-1"}
    office.wrote("profile_saved", MEMBER_ID, before=saved, after={"city": "杉並区"}, note="")
    office.wrote("profile_saved", MEMBER_ID, subject=OTHER_ID)
    (row,) = office.finds("--member", MEMBER_NO)
    assert "本人" in row
    assert "会員情報の変更" in row
    assert "市区町村: 中野区 → 杉並区" in row
    assert "2026-05-10 12:00" in row


def test_what_one_person_did_last_week(office: Audit) -> None:
    office.wrote()
    office.wrote(actor="office:佐藤")
    office.wrote("sign_in", MEMBER_ID)
    (row,) = office.finds("--by", "山田", "--since", "2026-05-04", "--until", "2026-05-10")
    assert "山田 (arn:aws:iam::1:user/yamada)" in row
    assert "会費の免除" in row
    assert MEMBER_NO in row
    assert "災害" in row


@pytest.mark.parametrize(
    ("action", "subject", "words"),
    [
        ("dues.amounts_noted", "dues", "年度の会費"),
        ("letters_completed", "letters", "初期パスワードの手紙"),
        ("labels_printed", "members", "会員の名簿"),
        ("reminders.run", "reminders", "督促"),
    ],
)
def test_what_is_about_nobody_alone_is_named_in_words(
    office: Audit, action: str, subject: str, words: str
) -> None:
    office.wrote(action, subject=subject)
    (row,) = office.finds("--action", action)
    assert f" {words} " in row
    assert subject not in row.split()


@pytest.mark.parametrize("action", ["免除", "invoice.waived"])
def test_who_waived_in_may(office: Audit, action: str) -> None:
    office.wrote(at=datetime(2026, 4, 30, 23, 59, tzinfo=JST), note="前日")
    office.wrote(at=datetime(2026, 5, 1, 0, 0, tzinfo=JST), note="初日")
    office.wrote(at=datetime(2026, 5, 31, 23, 59, tzinfo=JST), note="末日")
    office.wrote(at=datetime(2026, 6, 1, 0, 0, tzinfo=JST), note="翌日")
    office.wrote("invoice.cancelled", note="取消")
    rows = office.finds("--action", action, "--since", "2026-05-01", "--until", "2026-05-31")
    assert ["末日" in rows[0], "初日" in rows[1]] == [True, True]
    assert len(rows) == 2


def test_the_days_of_one_member_are_japans_too(office: Audit) -> None:
    office.wrote(at=datetime(2026, 4, 30, 15, tzinfo=UTC))
    office.wrote(at=datetime(2026, 4, 30, 14, 59, tzinfo=UTC))
    one = ("--member", MEMBER_NO)
    assert len(office.finds(*one, "--since", "2026-05-01")) == 1
    assert len(office.finds(*one, "--until", "2026-04-30")) == 1
    assert len(office.finds(*one)) == 2


def test_only_so_many_are_shown_the_newest_first_and_all_are_counted(office: Audit) -> None:
    for minute in range(5):
        office.wrote(at=MAY.replace(minute=minute), note=f"{minute}分")
    rows = office.finds("--limit", "2")
    assert ["4分" in rows[0], "3分" in rows[1]] == [True, True]
    assert "5件（新しい 2件を表示" in office.text


def test_others_than_members_and_the_office_are_named(office: Audit) -> None:
    office.wrote("payment.paid", "gmo", after={"state": "paid", "amount": 12_000})
    office.wrote("sign_in_failed", "unknown", subject="sign-in:12345678", note="")
    office.wrote("unlocked", MEMBER_ID, subject=OTHER_ID)
    failed, paid, other = sorted(office.finds(), key=lambda row: "入金" in row or "会員" in row)
    assert "（不明）" in failed
    assert "sign-in:12345678" in failed
    assert f"会員 {MEMBER_NO}" in other + paid
    assert office.finds("--by", "GMO")[0].endswith("状態: 支払済、金額: 12,000")


def test_words_of_payments_are_the_offices_and_what_is_empty_is_left_out(office: Audit) -> None:
    before: Item = {"state": "linked", "order_id": "D26-1"}
    office.wrote("payment.paid", "gmo", before=before, after={"state": "paid", "receipt": ""})
    (row,) = office.finds()
    assert row.endswith("状態: 決済ページを表示中 → 支払済、注文番号: D26-1")
    office.wrote("invoice.method_released", before={"method": "cvs"}, note="希望")
    assert office.finds("--action", "解除")[0].endswith("支払方法: コンビニ →")


def test_flags_and_addressees_are_in_the_offices_words(office: Audit) -> None:
    """Seen red on a stack: disabled: false, addressee: self → workplace."""
    office.wrote("password_reissued", before={"disabled": False}, after={"disabled": True})
    (row,) = office.finds()
    assert row.endswith("ログイン停止: いいえ → はい")
    before: Item = {"addressee": "self"}
    office.wrote("receipt.replaced", before=before, after={"addressee": "workplace"})
    assert office.finds("--action", "宛名の変更")[0].endswith("宛名: 本人 → 勤務先")


def test_an_act_of_a_later_version_is_shown_as_it_is_written(office: Audit) -> None:
    office.wrote("member.cloned")
    assert "member.cloned" in office.finds()[0]


def test_a_program_gets_all_of_an_entry(office: Audit) -> None:
    office.wrote(before={"state": "unpaid"}, after={"state": "waived", "more": {"n": [1]}})
    data = office.data("audit", "find")
    assert data["found"] == 1
    assert data["entries"] == [
        {
            "at": "2026-05-10T03:00:00.000000Z",
            "subject": MEMBER_ID,
            "member_no": MEMBER_NO,
            "actor": "office:山田 (arn:aws:iam::1:user/yamada)",
            "action": "invoice.waived",
            "source": "192.0.2.1",
            "note": "災害",
            "before": {"state": "unpaid"},
            "after": {"state": "waived", "more": {"n": [1]}},
        }
    ]


def test_of_a_member_nothing_but_the_number_is_shown(office: Audit) -> None:
    office.wrote()
    office.types("audit", "find")
    for text in ("花子", "example.jp", "090"):
        assert text not in office.text


def test_an_unknown_act_is_refused_with_the_words_that_there_are(office: Audit) -> None:
    assert office.types("audit", "find", "--action", "ない言葉") == Status.REFUSED
    assert "会費の免除" in office.text


def test_a_number_that_is_nobodys_is_told(office: Audit) -> None:
    assert office.types("audit", "find", "--member", "999999") == Status.REFUSED
    assert "登録されていません" in office.text


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "昨日"),
        ("--limit", "0"),
        # The first moment of the one in UTC, and the day after the other, are in no calendar.
        ("--since", "0001-01-01"),
        ("--until", "9999-12-31"),
    ],
)
def test_what_is_no_day_or_number_is_no_command(office: Audit, words: tuple[str, str]) -> None:
    assert office.types("audit", "find", *words) == Status.USAGE


def test_an_empty_audit_says_so_and_nothing_is_written_by_looking(office: Audit) -> None:
    assert office.types("audit", "find") == Status.DONE
    assert office.text == "0件"
    assert office.database.rows(TABLES.audit) == []


def test_reading_everything_tells_how_far_it_is(
    office: Audit, capsys: pytest.CaptureFixture[str]
) -> None:
    office.wrote()
    office.slow = 3.0
    office.types("audit", "find")
    assert "件を読みました" in capsys.readouterr().err
