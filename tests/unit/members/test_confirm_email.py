"""Confirming an address by the mailed link: once, in time, and only the address it was sent to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.database import Contended, Put, Unreachable, Write
from portal.ids import digest
from portal.members import store
from portal.members.confirm_email import (
    LIFE,
    Confirmed,
    LinkEnded,
    confirm_email,
    find,
    issue,
    resend,
)
from portal.members.model import Record
from tests.fakes import MemoryDatabase
from tests.unit.members.desk import (
    LONG_AGO,
    NEW_ADDRESS,
    TABLES,
    TEXTS,
    Desk,
    a_member,
    a_moved_member,
)

OLD, NEW = TEXTS["email"], NEW_ADDRESS


class Meanwhile(MemoryDatabase):
    """The desk's tables, with something that happens between a read and the write after it."""

    def __init__(self, desk: Desk, act: Callable[[], object]) -> None:
        super().__init__()
        self.tables = desk.database.tables
        self._act = act

    def commit(self, *writes: Write) -> None:
        self._act()
        super().commit(*writes)


def moved() -> Desk:
    return Desk(a_moved_member())


def confirm(desk: Desk, token: str) -> Confirmed | LinkEnded:
    return confirm_email(desk.database, TABLES, token, now=desk.clock(), source="192.0.2.10")


def refused(desk: Desk, token: str) -> None:
    before = desk.stored
    assert find(desk.database, TABLES, token, desk.clock()) is None
    assert confirm(desk, token) == LinkEnded()
    assert desk.stored == before
    assert desk.audited == []


@pytest.mark.parametrize("token", ["", "x", "confirmed", ".", "a.b", "é" * 70, "0" * 26 + "." * 44])
def test_what_is_no_token_reads_nothing(token: str) -> None:
    desk = moved()
    desk.link()
    refused(desk, token)
    assert desk.database.calls == {}


def test_a_token_that_nobody_was_sent_opens_nothing() -> None:
    desk = moved()
    desk.link()
    refused(desk, f"{desk.member.member_id}.{'A' * 43}")


def test_a_token_opens_nothing_under_another_member() -> None:
    desk = moved()
    secret = desk.link().partition(".")[2]
    refused(desk, f"{'z' * 26}.{secret}")


def test_a_link_ends_after_seven_days() -> None:
    desk = moved()
    token = desk.link()
    desk.clock.tick(days=7)
    refused(desk, token)
    assert timedelta(days=7) == LIFE


def test_a_newer_link_is_the_only_good_one() -> None:
    desk = moved()
    older = desk.link()
    newer = desk.link()
    refused(desk, older)
    assert isinstance(confirm(desk, newer), Confirmed)


def test_a_link_works_once() -> None:
    desk = moved()
    token = desk.link()
    assert isinstance(confirm(desk, token), Confirmed)
    assert confirm(desk, token) == LinkEnded()
    assert len(desk.audited) == 1


def test_a_link_confirms_no_other_address_than_the_one_it_was_sent_to() -> None:
    desk = moved()
    token = desk.link()
    desk.change_elsewhere(email="newer@example.jp")
    refused(desk, token)


def test_an_address_that_changes_while_the_button_is_pressed_is_not_confirmed() -> None:
    desk = moved()
    token = desk.link()
    busy = Meanwhile(desk, lambda: desk.change_elsewhere(email="newer@example.jp"))
    outcome = confirm_email(busy, TABLES, token, now=desk.clock(), source="")
    assert outcome == LinkEnded()
    assert not desk.stored.email_confirmed
    assert desk.stored.confirmed_email == OLD
    assert desk.audited == []


def test_a_link_of_a_member_who_is_gone_opens_nothing() -> None:
    desk = moved()
    token = desk.link()
    desk.database.tables[TABLES.members].clear()
    assert confirm(desk, token) == LinkEnded()


@pytest.mark.parametrize("trouble", [Contended(), Unreachable("silence")])
def test_trouble_of_the_database_leaves_the_link_good(trouble: Exception) -> None:
    desk = moved()
    token = desk.link()
    desk.database.fail_next.append(("write", trouble))
    with pytest.raises(type(trouble)):
        confirm(desk, token)
    assert isinstance(confirm(desk, token), Confirmed)


def test_a_good_link_confirms_the_address_in_one_read_and_one_write() -> None:
    desk = moved()
    token = desk.link()
    assert isinstance(confirm(desk, token), Confirmed)
    assert desk.database.calls == {"read": 1, "write": 1}
    assert desk.stored.email_confirmed
    assert desk.stored.confirmed_email == NEW


def test_confirming_an_address_is_no_change_of_the_record() -> None:
    """The version stays, so a form that is open in another window can still be saved."""
    desk = moved()
    confirm(desk, desk.link())
    assert desk.stored == replace(desk.member, confirmed_email=NEW)
    assert desk.stored.confirmed_on == LONG_AGO


def test_a_record_saved_from_an_older_page_does_not_undo_the_confirmation() -> None:
    desk = moved()
    read_before = desk.stored
    confirm(desk, desk.link())
    record = Record.of({**read_before.record.values(), "city": "港区"})
    after = read_before.changed(record, LONG_AGO, desk.clock())
    desk.database.commit(store.change(TABLES.members, read_before, after))
    assert desk.stored.email_confirmed


def test_looking_at_a_link_uses_nothing_up() -> None:
    desk = moved()
    token = desk.link()
    before = desk.database.rows(TABLES.sessions)
    assert find(desk.database, TABLES, token, desk.clock()) is not None
    assert desk.database.rows(TABLES.sessions) == before


def test_the_audit_tells_which_address_was_confirmed() -> None:
    desk = moved()
    confirm(desk, desk.link())
    (entry,) = desk.audited
    assert (entry["action"], entry["actor"]) == ("email_confirmed", desk.member.member_id)
    assert (entry["before"], entry["after"]) == ({"confirmed_email": OLD}, {"confirmed_email": NEW})
    assert entry["source"] == "192.0.2.10"


def test_of_a_token_only_its_hash_and_of_the_address_only_a_digest_is_kept() -> None:
    token, row = issue(TABLES.sessions, member_id="0" * 26, email=NEW, now=Desk().clock())
    secret = token.partition(".")[2]
    assert isinstance(row, Put)
    assert digest(secret) in row.item.values()
    assert secret not in str(row)
    assert NEW not in str(row)


def test_the_way_back_to_the_confirmed_address_needs_no_link() -> None:
    desk = moved()
    assert not desk.stored.email_confirmed
    desk.change_elsewhere(email=OLD)
    assert desk.stored.email_confirmed


def test_no_address_is_no_confirmed_one() -> None:
    assert not replace(a_member(email=""), confirmed_email="").email_confirmed


# Sending the mail again


def test_a_mail_can_be_asked_for_again_three_times_an_hour() -> None:
    desk = moved()
    sent = [resend(desk.database, TABLES, desk.stored, desk.clock()) for _ in range(5)]
    assert sent == [True, True, True, False, False]
    assert [mail["kind"] for mail in desk.mails] == ["email_confirmation"] * 3
    assert {str(mail["data"]) for mail in desk.mails} == {str({"to": NEW, "confirm": True})}


def test_another_address_has_no_further_three() -> None:
    """Else somebody could have mails sent to any number of strangers."""
    desk = moved()
    for _ in range(3):
        resend(desk.database, TABLES, desk.stored, desk.clock())
    desk.change_elsewhere(email="newer@example.jp")
    assert not resend(desk.database, TABLES, desk.stored, desk.clock())


def test_the_next_hour_has_three_more() -> None:
    desk = moved()
    for _ in range(3):
        resend(desk.database, TABLES, desk.stored, desk.clock())
    desk.clock.tick(hours=1)
    assert resend(desk.database, TABLES, desk.stored, desk.clock())
