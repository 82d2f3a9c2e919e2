"""届いていますか, and the banner that leads there: each state, and whose mail it is."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from functions.mail_events.work import MailEvents
from local import mail_events
from portal.database import Item, Update
from portal.mail.outbox import Outbox
from portal.members import mail_test, store
from portal.members.model import MailFault
from tests.unit.members.desk import NEW_ADDRESS, NOON, TABLES, TEXTS, Desk, a_member

PATH = "/member/mail-test"
BANNER = "登録のメールアドレスに、お知らせメールが届いていません。"
SEE = "結果を見る"


class Mailed:
    """A member at the page, and the mailer and SES behind it."""

    def __init__(self, desk: Desk | None = None) -> None:
        self.desk = desk or Desk()
        self.browser = self.desk.browser
        self.outbox = Outbox(self.desk.database, TABLES.outbox)

    def marked(self) -> "Mailed":
        """Mark the address as one that mail does not reach."""
        fault = MailFault(TEXTS["email"], "Permanent/NoEmail", NOON)
        member_id = self.desk.member.member_id
        self.desk.database.commit(store.mail_failed(TABLES.members, member_id, fault))
        return self

    def press(self) -> str:
        """Press テストメールを送る and return where it leads."""
        self.browser.get(PATH)
        page = self.browser.post(PATH)
        assert page.status == 303
        return page.location

    def look(self, location: str) -> str:
        """Return the page with the answer."""
        slot = location.partition("test=")[2]
        page = self.browser.get(f"{PATH}?{urlencode({'test': slot})}")
        assert page.status == 200
        return page.text

    @property
    def mail(self) -> Item:
        """The newest mail of the outbox."""
        return self.desk.mails[-1]

    def sent(self) -> None:
        """Have SES take the newest mail."""
        row = self.outbox.claim(str(self.mail["pk"]), self.desk.clock())
        assert row is not None
        assert self.outbox.sent(row, "message", self.desk.clock())

    def told(self, way: str) -> None:
        """Have SES tell what became of it."""
        told = mail_events.event(
            mail_events.WAYS[way],
            mail_id=str(self.mail["pk"]),
            message_id="message",
            to=TEXTS["email"],
            sent_at=NOON,
            now=self.desk.clock.tick(minutes=1),
        )
        MailEvents(self.desk.database, TABLES)(told)


# The banner


@pytest.mark.parametrize("path", ["/member", "/member/", "/member/profile"])
def test_the_banner_stands_on_menu_and_record_with_both_ways_out(path: str) -> None:
    page = Mailed().marked().browser.get(path)
    assert page.status == 200
    banner = page.text.partition(BANNER)[2].partition("</div>")[0]
    assert 'href="/member/profile/edit"' in banner
    assert f'href="{PATH}"' in banner


@pytest.mark.parametrize("path", ["/member", "/member/profile", PATH])
def test_without_trouble_there_is_no_banner(path: str) -> None:
    assert BANNER not in Mailed().browser.get(path).text


def test_the_banner_goes_with_the_address() -> None:
    mailed = Mailed().marked()
    mailed.desk.change_elsewhere(email=NEW_ADDRESS)
    assert BANNER not in mailed.browser.get("/member").text


def test_a_menu_without_a_record_is_still_a_menu() -> None:
    mailed = Mailed()
    mailed.desk.database.tables[TABLES.members].clear()
    assert mailed.browser.get("/member").status == 200


def test_the_menu_costs_one_round_trip() -> None:
    mailed = Mailed()
    mailed.browser.get("/member")
    assert mailed.desk.database.calls == {"read": 1}


def test_the_record_leads_to_the_page() -> None:
    assert f'href="{PATH}"' in Mailed().browser.get("/member/profile").text


# The page


def test_before_a_test_the_page_says_where_the_mail_will_go() -> None:
    page = Mailed().browser.get(PATH)
    assert TEXTS["email"] in page.text
    assert "@jgets.jp" in page.text
    assert SEE not in page.text


def test_a_marked_address_is_told_with_its_reason() -> None:
    text = Mailed().marked().browser.get(PATH).text
    assert BANNER in text
    assert "このメールアドレスは存在しない" in text


def test_the_button_queues_one_mail_to_the_members_own_address() -> None:
    mailed = Mailed()
    mailed.desk.database.calls.clear()
    location = mailed.press()
    assert location == f"{PATH}?test=2026112203-1"
    (mail,) = mailed.desk.mails
    assert (mail["kind"], mail["data"]) == ("mail_test", {"to": TEXTS["email"]})
    assert mail["member_id"] == mailed.desk.member.member_id


def test_the_address_of_the_answer_tells_nothing_about_the_member() -> None:
    mailed = Mailed()
    location = mailed.press()
    assert mailed.desk.member.member_id not in location
    assert mailed.desk.member.member_no not in location


def test_while_it_is_on_its_way_the_page_says_so_and_has_a_link_to_look_again() -> None:
    mailed = Mailed()
    location = mailed.press()
    text = mailed.look(location)
    assert "送信中" in text
    assert f'href="{location}"' in text
    mailed.sent()
    text = mailed.look(location)
    assert "送信しました" in text
    assert f'href="{location}"' in text


def test_an_arrived_mail_is_told_with_advice_and_ends_the_mark() -> None:
    mailed = Mailed().marked()
    location = mailed.press()
    mailed.sent()
    mailed.told("delivered")
    text = mailed.look(location)
    assert "テストメールが届きました。" in text
    assert "迷惑メールフォルダ" in text
    assert "@jgets.jp" in text
    assert SEE not in text
    assert BANNER not in text
    assert BANNER not in mailed.browser.get("/member").text


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("bounced", "このメールアドレスは存在しない"),
        ("full", "メールボックスの容量がいっぱい"),
        ("complained", "迷惑メールとして報告"),
    ],
)
def test_a_mail_that_did_not_arrive_is_told_with_its_reason(way: str, reason: str) -> None:
    mailed = Mailed()
    location = mailed.press()
    mailed.sent()
    mailed.told(way)
    text = mailed.look(location)
    assert "テストメールは届きませんでした。" in text
    assert reason in text
    assert 'href="/member/profile/edit"' in text
    # The same words would stand twice if the banner was shown beside them.
    assert BANNER not in text


def test_bad_news_after_good_news_is_what_counts() -> None:
    mailed = Mailed()
    location = mailed.press()
    mailed.sent()
    mailed.told("delivered")
    mailed.told("bounced")
    assert "届きませんでした" in mailed.look(location)


def test_a_mail_that_could_not_be_sent_is_told() -> None:
    mailed = Mailed()
    location = mailed.press()
    row = mailed.outbox.claim(str(mailed.mail["pk"]), mailed.desk.clock())
    assert row is not None
    mailed.outbox.failed(row, "MessageRejected")
    text = mailed.look(location)
    assert "送れませんでした" in text
    assert "MessageRejected" not in text


def test_no_more_than_three_an_hour() -> None:
    mailed = Mailed()
    assert len({mailed.press() for _ in range(3)}) == 3
    mailed.browser.get(PATH)
    page = mailed.browser.post(PATH)
    assert page.status == 429
    assert len(mailed.desk.mails) == 3
    mailed.desk.clock.tick(hours=1)
    mailed.desk.browser = mailed.browser = mailed.desk.sign_in()
    mailed.press()
    assert len(mailed.desk.mails) == 4


def test_a_member_without_an_address_is_led_to_the_edit_page() -> None:
    mailed = Mailed(Desk(a_member(email="")))
    page = mailed.browser.get(PATH)
    assert "メールアドレスが登録されていません" in page.text
    assert mailed.browser.post(PATH).location == PATH
    assert mailed.desk.mails == []


# Bad input


@pytest.mark.parametrize(
    "slot", ["x", "", "2026112203-1#", "../x", "2" * 5_000, "２０２６112203-1"]
)
def test_a_slot_that_is_none_shows_the_page_without_an_answer(slot: str) -> None:
    mailed = Mailed()
    mailed.press()
    page = mailed.browser.get(f"{PATH}?{urlencode({'test': slot})}")
    assert page.status == 200
    assert "確認の結果" not in page.text


def test_another_members_test_is_not_shown() -> None:
    mailed = Mailed()
    location = mailed.press()
    slot = location.partition("test=")[2]
    key = f"{mail_test.KIND}#{mailed.desk.member.member_id}#{slot}"
    mailed.desk.database.tables[TABLES.outbox].clear()
    other = mail_test.mail(TABLES.outbox, a_member(), slot, NOON)
    other.item["pk"] = key.replace("0123", "9876")
    mailed.desk.database.commit(other)
    assert "確認の結果" not in mailed.look(location)


def test_a_field_that_the_page_does_not_have_is_refused() -> None:
    mailed = Mailed()
    mailed.browser.get(PATH)
    assert mailed.browser.post(PATH, {"email": "thief@example.com"}).status == 400
    assert mailed.desk.mails == []


def test_a_form_without_its_token_sends_nothing() -> None:
    mailed = Mailed()
    mailed.browser.get(PATH)
    assert mailed.browser.post_raw(PATH, b"csrf=x").status == 403
    assert mailed.desk.mails == []


def test_an_old_test_keeps_its_answer() -> None:
    mailed = Mailed()
    location = mailed.press()
    mailed.sent()
    mailed.desk.clock.now += timedelta(hours=14)
    mailed.told("full")
    mailed.browser = mailed.desk.sign_in()
    assert "容量がいっぱい" in mailed.look(location)


def test_the_page_costs_one_round_trip_and_the_button_two() -> None:
    mailed = Mailed()
    location = mailed.press()
    mailed.desk.database.calls.clear()
    mailed.look(location)
    assert mailed.desk.database.calls == {"read": 1}
    mailed.desk.database.calls.clear()
    # The first slot of this hour is taken.
    mailed.browser.post(PATH)
    assert mailed.desk.database.calls == {"read": 1, "write": 2}


def test_nothing_but_the_mark_is_needed_to_show_the_banner() -> None:
    """A mark whose other attributes a restored row lacks would be no reason to fail the menu."""
    mailed = Mailed().marked()
    key = store.key(mailed.desk.member.member_id)
    bare = Update(TABLES.members, key, remove=("mail_fails_to", "mail_fails_why"))
    mailed.desk.database.commit(bare)
    assert mailed.browser.get("/member").status == 200
