"""The office unlocks a number and ends sessions."""

from datetime import timedelta
from pathlib import Path

import pytest

from ops.exits import Status
from portal.accounts.sign_in import Disabled, SignedIn, Wait
from tests.unit.accounts.desk import AWAY, HOME, MEMBER_ID, NUMBER, OTHER, PASSWORD
from tests.unit.members.desk import TABLES
from tests.unit.ops import members_office

SIGNED = ("--by", "山田", "--reason", "本人から電話")
OTHER_ID = "zyxwvtsrqpnmkjhgfedcba9876"


class Office(members_office.Office):
    """An office worker's command line over the portal in memory."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))

    def types(self, *arguments: str) -> int:
        """Type a command of the group, signed, and return its exit status."""
        return self.types_bare(*arguments, *SIGNED)

    def types_bare(self, *arguments: str) -> int:
        """Type a command as it stands."""
        return super().types(*arguments)


# Refused ----------------------------------------


COMMANDS = ("unlock", "end-sessions", "withdraw", "return")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", ["999999", "1234", "x", "-1", "００１２３４５"])
def test_an_unknown_number_is_refused_and_nothing_written(command: str, number: str) -> None:
    office = Office()
    before = office.stored()
    assert office.types_bare(command, "--yes", *SIGNED, "--", number) == 1
    assert "登録されていません" in office.text
    assert office.stored() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_without_who_and_why_nothing_is_done(command: str) -> None:
    office = Office()
    before = office.stored()
    for signed in (["--by", "山田"], ["--reason", "電話"], ["--by", " ", "--reason", "電話"]):
        assert office.types_bare(command, NUMBER, "--yes", *signed) == Status.USAGE
    assert office.stored() == before


@pytest.mark.parametrize("command", COMMANDS[:3])
def test_without_yes_nothing_is_written(command: str) -> None:
    office = Office()
    office.portal.fail(7)
    office.portal.signed_in()
    before = office.stored()
    assert office.types(command, NUMBER) == 0
    assert "--yes" in office.text
    assert office.stored() == before


@pytest.mark.parametrize(
    "words",
    [
        ["unlock", NUMBER],
        ["end-sessions", NUMBER],
        ["withdraw", NUMBER],
        ["return", NUMBER],
        ["edit", NUMBER, "--set", "勤務先=港病院"],
    ],
    ids=lambda words: words[0],
)
def test_who_is_meant_is_told_by_name_since_a_number_is_soon_mistyped(words: list[str]) -> None:
    office = Office()
    assert office.types(*words) == 0
    assert "山田 花子" in office.text


@pytest.mark.parametrize("arguments", [[], [NUMBER, "--all"]])
def test_one_member_or_all_has_to_be_said(arguments: list[str]) -> None:
    office = Office()
    office.portal.signed_in()
    assert office.types("end-sessions", *arguments, "--yes") == Status.USAGE
    assert office.portal.live_sessions() == 1


# unlock ----------------------------------------


def test_after_unlocking_the_member_signs_in_at_once() -> None:
    office = Office()
    for _ in range(6):
        office.portal.try_in("Wrong1234", AWAY)
    assert isinstance(office.portal.try_in(PASSWORD, AWAY), Wait)
    assert office.types("unlock", NUMBER, "--yes") == 0
    assert isinstance(office.portal.try_in(PASSWORD, AWAY), SignedIn)


def test_a_disabled_password_is_enabled_and_its_failures_are_forgotten() -> None:
    office = Office()
    office.portal.fail(100)
    assert office.portal.credential.disabled
    assert office.portal.try_in(PASSWORD, AWAY) == Disabled()
    assert office.types("unlock", NUMBER, "--yes") == 0
    assert not office.portal.credential.disabled
    assert isinstance(office.portal.try_in(PASSWORD, AWAY), SignedIn)


def test_the_wait_of_a_known_network_and_of_the_change_page_end_too() -> None:
    office = Office()
    session = office.portal.signed_in(address=HOME)
    for _ in range(7):
        office.portal.try_in("Wrong1234", HOME)
        office.portal.change(session, "Wrong1234", OTHER, office.portal.origin())
    assert isinstance(office.portal.try_in(PASSWORD, HOME), Wait)
    office.types("unlock", NUMBER, "--yes")
    assert isinstance(office.portal.try_in(PASSWORD, HOME), SignedIn)
    assert office.portal.rows(TABLES.throttle) == []


def test_another_numbers_waits_stay() -> None:
    office = Office()
    for number in (f"{NUMBER}5", "00123", "1234"):
        office.portal.fail(6, number=number)
    before = office.portal.rows(TABLES.throttle)
    office.portal.fail(6)
    office.types("unlock", NUMBER, "--yes")
    kept = [row for row in office.portal.rows(TABLES.throttle) if "NET#" not in str(row["pk"])]
    assert kept == [row for row in before if "NET#" not in str(row["pk"])]


def test_hundreds_of_counters_are_forgotten() -> None:
    office = Office()
    for last in range(250):
        office.portal.try_in("Wrong1234", f"10.0.{last}.1")
        office.portal.clock.tick(hours=2)
    assert office.types("unlock", NUMBER, "--yes") == 0
    assert isinstance(office.portal.try_in(PASSWORD, "10.0.7.1"), SignedIn)


def test_unlocking_says_who_did_it_and_why() -> None:
    office = Office()
    office.portal.fail(100)
    office.types("unlock", NUMBER, "--yes")
    (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == "unlocked"]
    assert (entry["actor"], entry["pk"]) == ("office:山田", MEMBER_ID)
    assert entry["note"] == "本人から電話"
    before = entry["before"]
    assert isinstance(before, dict)
    assert before["disabled"] is True


def test_where_nothing_is_locked_nothing_is_written() -> None:
    office = Office()
    before = office.stored()
    assert office.types("unlock", NUMBER, "--yes") == 0
    assert "解除するものはありません" in office.text
    assert office.stored() == before


def test_unlocking_neither_changes_the_password_nor_ends_a_session() -> None:
    office = Office()
    office.portal.signed_in()
    office.portal.fail(6)
    password = office.portal.credential.password
    office.portal.clock.now -= timedelta(hours=6)
    office.types("unlock", NUMBER, "--yes")
    assert office.portal.credential.password == password
    assert len(office.portal.rows(TABLES.sessions)) == 1


# end-sessions ----------------------------------------


def others_session(office: Office) -> str:
    cookie, row = office.portal.sessions.create(
        OTHER_ID, "009876", now=office.portal.clock(), must_change=False, network="", device="Mac"
    )
    office.portal.database.commit(row)
    return cookie


def test_all_sessions_of_one_member_end_and_nobody_elses() -> None:
    office = Office()
    office.portal.signed_in(address=HOME)
    office.portal.signed_in(address=AWAY)
    theirs = others_session(office)
    assert office.types("end-sessions", NUMBER, "--yes") == 0
    assert office.portal.live_sessions() == 0
    assert office.portal.session(theirs) is not None
    (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == "sessions_ended"]
    assert (entry["pk"], entry["actor"], entry["note"]) == (
        MEMBER_ID,
        "office:山田",
        "本人から電話",
    )
    assert entry["after"] == {"ended": 2}


def test_everybodys_sessions_end_and_links_of_mails_stay() -> None:
    office = Office()
    office.portal.signed_in()
    theirs = others_session(office)
    link = office.portal.link()
    assert office.types("end-sessions", "--all", "--yes") == 0
    assert office.portal.live_sessions() == 0
    assert office.portal.session(theirs) is None
    assert "2人の 2台" in office.text
    assert office.portal.reset(link, OTHER, office.portal.origin()) is not None
    audited = [r for r in office.portal.rows(TABLES.audit) if r["action"] == "sessions_ended"]
    assert {str(row["pk"]) for row in audited} == {MEMBER_ID, OTHER_ID}


def test_more_sessions_than_fit_one_transaction_end() -> None:
    office = Office()
    for _ in range(205):
        others_session(office)
    assert office.types("end-sessions", "--all", "--yes") == 0
    assert office.portal.rows(TABLES.sessions) == []
