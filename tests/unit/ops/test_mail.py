"""The office reads a member's mail log, the list of dead addresses, and sends a mail again."""

import json
from datetime import timedelta

import pytest

from ops.exits import Status
from ops.mail import NOT_AGAIN
from portal.clock import iso
from portal.database import Item, Value
from portal.mail.event import Happened, MailEvent
from portal.mail.maillog import MailLog
from portal.mail.outbox import Outbox, queued
from portal.members import store
from portal.members.model import MailFault
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES
from tests.unit.members.desk import TEXTS
from tests.unit.ops.counter import SIGNED, Counter

MAIL = "card_paid#D26-1"


class MailCounter(Counter):
    """A counter with a mail that was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.database, self.clock = self.house.database, self.house.clock
        self.queue()
        self.sent()

    def queue(self, mail_id: str = MAIL, kind: str = "card_paid", **data: Value) -> None:
        """Put a mail into the outbox."""
        self.database.commit(
            queued(
                TABLES.outbox,
                mail_id=mail_id,
                kind=kind,
                member_id=MEMBER_ID,
                data=data,
                now=self.clock(),
            )
        )

    def sent(self, mail_id: str = MAIL) -> None:
        """Have SES take it."""
        outbox = Outbox(self.database, TABLES.outbox)
        row = outbox.claim(mail_id, self.clock())
        assert row is not None
        outbox.sent(row, "message", self.clock())

    def bounced(self) -> None:
        """Have SES tell that it came back, and mark the address."""
        now = self.clock()
        why = "Permanent/NoEmail"
        told = MailEvent(Happened.BOUNCED, MAIL, "message", TEXTS["email"], now, now, why, True)
        MailLog(self.database, TABLES.outbox).heard(told)
        fault = MailFault(TEXTS["email"], why, now)
        self.database.commit(store.mail_failed(TABLES.members, MEMBER_ID, fault))

    def mails(self) -> list[Item]:
        """Return all mails of the outbox."""
        return self.database.rows(TABLES.outbox)

    @property
    def fails(self) -> bool:
        """Whether the member's address is marked."""
        row = self.database.get(TABLES.members, store.key(MEMBER_ID))
        assert row is not None
        return store.parse(row).mail_fails


@pytest.fixture
def counter() -> MailCounter:
    return MailCounter()


# log


def test_the_log_says_what_became_of_each_mail_the_newest_first(counter: MailCounter) -> None:
    counter.clock.tick(hours=1)
    counter.queue("card_paid#D26-2")
    counter.bounced()
    assert counter.types("mail", "log", MEMBER_NO) == 0
    newest, oldest = counter.said[3:5]
    assert "送信待ち" in newest
    assert "不達" in oldest
    assert "宛先不明" in oldest
    assert oldest.endswith(MAIL)
    assert "会費のお支払いが完了しました" in oldest
    assert "届いていません" in counter.said[1]


def test_a_number_that_is_nobodys_is_told(counter: MailCounter) -> None:
    for number in ("999999", "x"):
        assert counter.types("mail", "log", number) == 1
        assert "登録されていません" in counter.text


def test_a_program_gets_the_log_as_it_is(
    counter: MailCounter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert counter.types("--json", "mail", "log", MEMBER_NO) == 0
    (mail,) = json.loads(capsys.readouterr().out)["data"]["mails"]
    assert (mail["id"], mail["outcome"]) == (MAIL, "送信済み")


def test_looking_changes_nothing(counter: MailCounter) -> None:
    before = counter.rows()
    counter.types("mail", "log", MEMBER_NO)
    counter.types("mail", "bounces")
    assert counter.rows() == before


# bounces


def test_the_list_names_number_address_and_reason(counter: MailCounter) -> None:
    counter.types("mail", "bounces")
    assert counter.said == ["0人"]
    counter.bounced()
    counter.types("mail", "bounces")
    _, line, end, hint = counter.said
    assert MEMBER_NO in line
    assert f"{TEXTS['family_name']} {TEXTS['given_name']}" in line
    assert TEXTS["email"] in line
    assert "宛先不明" in line
    assert end == "1人"
    assert "passwords labels" in hint


def test_a_program_gets_the_list_by_name(
    counter: MailCounter, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.bounced()
    counter.types("--json", "mail", "bounces")
    (one,) = json.loads(capsys.readouterr().out)["data"]["bounces"]
    assert (one["member_no"], one["address"]) == (MEMBER_NO, TEXTS["email"])


# resend


def test_a_mail_is_sent_again_under_a_key_of_its_own_and_audited(counter: MailCounter) -> None:
    assert counter.types("mail", "resend", MAIL, *SIGNED, "--yes") == 0
    old, new = sorted(counter.mails(), key=lambda row: len(str(row["pk"])))
    assert old["state"] == "sent"
    assert (new["kind"], new["data"], new["member_id"]) == (
        old["kind"],
        old["data"],
        old["member_id"],
    )
    assert str(new["pk"]).startswith(f"{MAIL}#again-")
    (entry,) = [row for row in counter.database.rows(TABLES.audit) if "mail" in str(row["action"])]
    assert (entry["actor"], entry["note"]) == ("office:山田", "電話で確認")
    assert entry["after"] == {"mail": new["pk"]}


@pytest.mark.parametrize("what", [("resend", MAIL), ("clear", MEMBER_NO)])
def test_nothing_is_done_without_a_reason(counter: MailCounter, what: tuple[str, str]) -> None:
    before = counter.rows()
    assert counter.types("mail", *what, "--by", "山田", "--yes") == Status.USAGE
    assert counter.rows() == before


def test_without_yes_nothing_is_sent(counter: MailCounter) -> None:
    before = counter.rows()
    assert counter.types("mail", "resend", MAIL, *SIGNED) == 0
    assert "--yes" in counter.text
    assert counter.rows() == before


@pytest.mark.parametrize("kind", sorted(NOT_AGAIN))
def test_what_carries_a_stale_link_or_old_alarm_is_not_sent_again(
    counter: MailCounter, kind: str
) -> None:
    counter.queue("other", kind, to=TEXTS["email"])
    counter.sent("other")
    before = counter.rows()
    assert counter.types("mail", "resend", "other", *SIGNED, "--yes") == 1
    assert "再送できません" in counter.text
    assert counter.rows() == before


def test_a_mail_that_still_waits_is_not_doubled(counter: MailCounter) -> None:
    counter.queue("waiting")
    before = counter.rows()
    assert counter.types("mail", "resend", "waiting", *SIGNED, "--yes") == 1
    assert counter.rows() == before


def test_to_a_marked_address_it_says_what_to_do_first(counter: MailCounter) -> None:
    counter.bounced()
    assert counter.types("mail", "resend", MAIL, *SIGNED, "--yes") == 1
    assert "mail clear" in counter.text


def test_a_mail_that_is_not_there_is_told(counter: MailCounter) -> None:
    assert counter.types("mail", "resend", "nothing", *SIGNED, "--yes") == 1
    assert "ありません" in counter.text


# clear


def test_the_office_ends_the_mark_and_a_test_goes_out(counter: MailCounter) -> None:
    counter.bounced()
    assert counter.types("mail", "clear", MEMBER_NO, *SIGNED) == 0
    assert counter.fails
    assert counter.types("mail", "clear", MEMBER_NO, *SIGNED, "--yes") == 0
    assert not counter.fails
    (mail,) = [row for row in counter.mails() if row["kind"] == "mail_test"]
    assert mail["data"] == {"to": TEXTS["email"]}
    assert "mail_fault_ended" in [row["action"] for row in counter.database.rows(TABLES.audit)]
    assert counter.types("mail", "clear", MEMBER_NO, *SIGNED, "--yes") == 0
    assert "印はありません" in counter.text


def test_a_member_who_complained_is_to_be_asked_first(counter: MailCounter) -> None:
    at = counter.clock() + timedelta(minutes=1)
    fault = MailFault(TEXTS["email"], "complaint/abuse", at)
    counter.database.commit(store.mail_failed(TABLES.members, MEMBER_ID, fault))
    counter.types("mail", "clear", MEMBER_NO, *SIGNED)
    assert "本人に確かめて" in counter.text
    assert iso(at)[:10] in counter.text
