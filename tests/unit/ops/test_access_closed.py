"""A member leaves: where the member stands and the way in, both or none; and comes back."""

from dataclasses import replace
from datetime import date

import pytest

from ops.exits import Status
from portal.accounts.new_password import Changed
from portal.accounts.reset import LinkEnded
from portal.accounts.sign_in import Refused, SignedIn
from portal.database import Rejected, Write
from portal.members import confirm_email, office_store
from portal.members.confirm_email import LinkEnded as EmailLinkEnded
from portal.members.confirm_email import confirm_email as confirm
from portal.members.standing import Membership, Standing
from tests.fakes import MemoryDatabase
from tests.unit.accounts.desk import AWAY, HOME, MEMBER_ID, NUMBER, OTHER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops.test_access import Office, others_session


def closed_office() -> Office:
    office = Office()
    office.portal.signed_in(address=HOME)
    assert office.types("withdraw", NUMBER, "--yes") == 0
    return office


def email_link(office: Office) -> str:
    token, row = confirm_email.issue(
        TABLES.sessions, member_id=MEMBER_ID, email="new@example.jp", now=office.portal.clock()
    )
    office.portal.database.commit(row)
    return token


def test_sessions_and_both_kinds_of_links_end_and_nobody_elses() -> None:
    """Seen red without the end of each kind of link."""
    office = Office()
    office.portal.signed_in(address=HOME)
    office.portal.signed_in(address=AWAY)
    theirs = others_session(office)
    link, address = office.portal.link(), email_link(office)
    assert office.types("withdraw", NUMBER, "--yes") == 0
    assert "ログイン中の端末 2台" in office.text
    assert [row["member_no"] for row in office.portal.rows(TABLES.sessions)] == ["009876"]
    assert office.portal.session(theirs) is not None
    assert office.portal.reset(link, OTHER, office.portal.origin()) == LinkEnded()
    now, database = office.portal.clock(), office.portal.database
    assert confirm(database, TABLES, address, now=now, source="") == EmailLinkEnded()


def test_the_password_opens_nothing_until_the_way_in_is_opened_again() -> None:
    office = closed_office()
    assert office.portal.try_in(PASSWORD, HOME) == Refused()
    assert office.types("return", NUMBER, "--yes") == 0
    assert isinstance(office.portal.try_in(PASSWORD, HOME), SignedIn)
    link = office.portal.link()
    assert isinstance(office.portal.reset(link, OTHER, office.portal.origin()), Changed)


def test_a_dry_run_of_opening_leaves_it_closed() -> None:
    office = closed_office()
    before = office.stored()
    assert office.types("return", NUMBER) == 0
    assert "--yes" in office.text
    assert office.stored() == before


def test_closing_twice_and_opening_what_is_open_write_nothing() -> None:
    office = closed_office()
    before = office.stored()
    assert office.types("withdraw", NUMBER, "--yes") == 0
    assert "2026-11-22 に退会しています" in office.text
    assert office.stored() == before
    office.types("return", NUMBER, "--yes")
    before = office.stored()
    assert office.types("return", NUMBER, "--yes") == 0
    assert "退会していません" in office.text
    assert office.stored() == before


def test_what_would_help_nobody_while_it_is_closed_is_refused() -> None:
    office = closed_office()
    before = office.stored()
    assert office.types("unlock", NUMBER, "--yes") == 1
    assert "members return" in office.text
    assert office.stored() == before


def test_each_act_is_audited_with_who_and_why_and_mails_nobody() -> None:
    office = closed_office()
    office.types("return", NUMBER, "--yes")
    for action in ("member_withdrawn", "access_closed", "member_returned", "access_opened"):
        (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == action]
        assert (entry["pk"], entry["actor"], entry["note"]) == (
            MEMBER_ID,
            "office:山田",
            "本人から電話",
        )
    assert office.portal.rows(TABLES.outbox) == []


# Where the member stands


def test_leaving_writes_where_the_member_stands_and_closes_in_one_transaction() -> None:
    office = Office()
    written: list[int] = []

    class Counted(MemoryDatabase):
        def commit(self, *writes: Write) -> None:
            written.append(len(writes))
            super().commit(*writes)

    counted = Counted()
    counted.tables = office.database.tables
    office.desk = replace(office.desk, database=counted)
    assert office.types("withdraw", NUMBER, "--on", "2026-11-01", "--yes") == 0
    assert len(written) == 1
    assert office.portal.credential.closed
    standing = Standing(membership=Membership.WITHDRAWN, since=date(2026, 11, 1))
    assert office.member().standing == standing
    assert (office.member().version, office.changes()) == (3, [])


def test_a_day_to_come_is_refused() -> None:
    office = Office()
    before = office.stored()
    assert office.types("withdraw", NUMBER, "--on", "2026-11-23", "--yes") == 1
    assert office.types("withdraw", NUMBER, "--on", "soon", "--yes") == Status.USAGE
    assert office.stored() == before


def test_of_one_who_left_without_a_closed_way_in_the_rest_is_done() -> None:
    office = Office()
    change = office_store.withdrawal(TABLES.members, office.member(), date(2026, 4, 1))
    office.database.commit(change)
    assert office.types("withdraw", NUMBER, "--yes") == 0
    assert office.portal.credential.closed
    assert office.member().standing.since == date(2026, 4, 1)


def test_of_one_whose_way_in_was_closed_before_the_rest_is_done() -> None:
    office = Office()
    closed = office.portal.credentials.close(office.portal.credential, office.portal.clock())
    office.database.commit(closed)
    assert office.types("withdraw", NUMBER, "--yes") == 0
    assert office.member().standing.withdrawn
    assert office.types("return", NUMBER, "--yes") == 0
    assert not office.portal.credential.closed
    assert office.member().standing.membership is Membership.ACTIVE


def test_a_way_in_that_is_opened_at_that_moment_stays_open_to_nobody_who_left() -> None:
    office = Office()
    credentials = office.portal.credentials
    office.database.commit(credentials.close(office.portal.credential, office.portal.clock()))

    class OpenedMeanwhile(MemoryDatabase):
        opened = False

        def commit(self, *writes: Write) -> None:
            if not self.opened:
                self.opened = True
                super().commit(credentials.open(NUMBER))
            super().commit(*writes)

    racing = OpenedMeanwhile()
    racing.tables = office.database.tables
    office.desk = replace(office.desk, database=racing)
    assert office.types("withdraw", NUMBER, "--yes") == Status.REFUSED
    assert "同時にほかの操作がありました" in office.text
    assert not office.member().standing.withdrawn
    assert office.types("withdraw", NUMBER, "--yes") == Status.DONE
    assert office.portal.credential.closed


def test_open_invoices_are_listed_and_left_alone() -> None:
    office = Office()
    office.bills(2026)
    before = office.database.rows(TABLES.billing)
    assert office.types("withdraw", NUMBER, "--yes") == 0
    assert "2026年度 年会費" in office.text
    assert f"dues cancel {NUMBER} --year" in office.text
    assert office.database.rows(TABLES.billing) == before


def test_nobody_comes_back_whose_record_is_being_emptied() -> None:
    """Seen red without the condition."""
    office = closed_office()
    member = office.member()
    row = office.database.tables[TABLES.members][MEMBER_ID, "PROFILE"]
    row["anonymising"] = "2026-11-22T03:00:00.000000Z"
    before = office.stored()
    assert office.types("return", NUMBER, "--yes") == 1
    assert "匿名化" in office.text
    with pytest.raises(Rejected):
        office.database.commit(office_store.return_of(TABLES.members, member, date(2026, 11, 22)))
    assert office.stored() == before
