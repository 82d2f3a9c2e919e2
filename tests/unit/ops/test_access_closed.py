"""The office closes a member's way in and opens it again."""

from portal.accounts.new_password import Changed
from portal.accounts.reset import LinkEnded
from portal.accounts.sign_in import Refused, SignedIn
from portal.members import confirm_email
from portal.members.confirm_email import LinkEnded as EmailLinkEnded
from portal.members.confirm_email import confirm_email as confirm
from tests.unit.accounts.desk import AWAY, HOME, MEMBER_ID, NUMBER, OTHER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops.test_access import Office, others_session


def closed_office() -> Office:
    office = Office()
    office.portal.signed_in(address=HOME)
    assert office.types("close-access", NUMBER, "--yes") == 0
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
    assert office.types("close-access", NUMBER, "--yes") == 0
    assert "ログイン中の端末 2台" in office.text
    assert [row["member_no"] for row in office.portal.rows(TABLES.sessions)] == ["009876"]
    assert office.portal.session(theirs) is not None
    assert office.portal.reset(link, OTHER, office.portal.origin()) == LinkEnded()
    now, database = office.portal.clock(), office.portal.database
    assert confirm(database, TABLES, address, now=now, source="") == EmailLinkEnded()


def test_the_password_opens_nothing_until_the_way_in_is_opened_again() -> None:
    office = closed_office()
    assert office.portal.try_in(PASSWORD, HOME) == Refused()
    assert office.types("open-access", NUMBER, "--yes") == 0
    assert isinstance(office.portal.try_in(PASSWORD, HOME), SignedIn)
    link = office.portal.link()
    assert isinstance(office.portal.reset(link, OTHER, office.portal.origin()), Changed)


def test_a_dry_run_of_opening_leaves_it_closed() -> None:
    office = closed_office()
    before = office.stored()
    assert office.types("open-access", NUMBER) == 0
    assert "--yes" in office.text
    assert office.stored() == before


def test_closing_twice_and_opening_what_is_open_write_nothing() -> None:
    office = closed_office()
    before = office.stored()
    assert office.types("close-access", NUMBER, "--yes") == 0
    assert "2026-11-22 12:00 から止まっています" in office.text
    assert office.stored() == before
    office.types("open-access", NUMBER, "--yes")
    before = office.stored()
    assert office.types("open-access", NUMBER, "--yes") == 0
    assert "止まっていません" in office.text
    assert office.stored() == before


def test_what_would_help_nobody_while_it_is_closed_is_refused() -> None:
    office = closed_office()
    before = office.stored()
    for command in ("unlock", "reissue-password"):
        assert office.types(command, NUMBER, "--yes") == 1
        assert "open-access" in office.text
    assert office.stored() == before
    assert office.screen.getvalue() == ""


def test_a_new_initial_password_may_follow_the_opening() -> None:
    office = closed_office()
    office.types("open-access", NUMBER, "--yes")
    assert office.types("reissue-password", NUMBER, "--yes") == 0
    assert isinstance(office.portal.try_in(office.password, HOME), SignedIn)


def test_each_act_is_audited_with_who_and_why_and_mails_nobody() -> None:
    office = closed_office()
    office.types("open-access", NUMBER, "--yes")
    for action in ("access_closed", "access_opened"):
        (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == action]
        assert (entry["pk"], entry["actor"], entry["note"]) == (
            MEMBER_ID,
            "office:山田",
            "本人から電話",
        )
    assert office.portal.rows(TABLES.outbox) == []
