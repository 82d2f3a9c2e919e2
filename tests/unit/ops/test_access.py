"""The office unlocks a number, ends sessions and issues a new initial password."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ops.__main__ import parser
from ops.desk import Desk, no_hasher
from ops.terminal import terminal
from portal.accounts.initial_password import ALPHABET, LENGTH
from portal.accounts.sign_in import Disabled, InitialEnded, Refused, SignedIn, Wait
from portal.accounts.throttle import network_of
from portal.config import load_society
from portal.database import Contended, Item, Query, Unreachable
from tests.unit.accounts.desk import AWAY, HOME, INITIAL, MEMBER_ID, NUMBER, OTHER, PASSWORD, Portal
from tests.unit.members.desk import TABLES

SIGNED = ("--by", "山田", "--reason", "本人から電話")
OTHER_ID = "zyxwvtsrqpnmkjhgfedcba9876"


class Screen(io.StringIO):
    """A terminal whose text can be read after it was closed."""

    shown = ""

    def close(self) -> None:
        """Keep what was written."""
        self.shown = self.getvalue()
        super().close()


class Office:
    """An office worker's command line over the portal in memory."""

    def __init__(self) -> None:
        self.portal = Portal()
        self.screen = Screen()
        self.said: list[str] = []
        self.desk = Desk(
            self.portal.database,
            TABLES,
            load_society(),
            self.portal.clock,
            self.said.append,
            scan=self._scan,
            terminal=lambda: self.screen,
            hasher=lambda: self.portal.hasher,
        )

    def types(self, *arguments: str, desk: Desk | None = None) -> int:
        """Type a command, signed, and return its exit status."""
        self.said.clear()
        typed = parser().parse_args(["--stage", "production", *arguments, *SIGNED])
        return int(typed.act(typed, desk or self.desk))

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(self.said)

    @property
    def password(self) -> str:
        """The password that the screen showed."""
        return self.screen.shown.split()[-1]

    def stored(self) -> str:
        """Return all rows of all tables as one text."""
        return repr(self.portal.database.tables)

    def _scan(self, table: str, key: str, begin: str) -> Iterable[Item]:
        return [row for row in self.portal.rows(table) if str(row[key]).startswith(begin)]


# Refused ----------------------------------------


COMMANDS = ("unlock", "end-sessions", "reissue-password", "close-access", "open-access")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", ["999999", "1234", "x", "-1", "００１２３４５"])
def test_an_unknown_number_is_refused_and_nothing_written(command: str, number: str) -> None:
    office = Office()
    before = office.stored()
    arguments = [command, "--yes", *SIGNED, "--", number]
    typed = parser().parse_args(["--stage", "production", *arguments])
    assert typed.act(typed, office.desk) == 1
    assert "登録されていません" in office.text
    assert office.stored() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_without_who_and_why_nothing_is_done(command: str) -> None:
    for signed in (["--by", "山田"], ["--reason", "電話"], ["--by", " ", "--reason", "電話"]):
        with pytest.raises(SystemExit):
            parser().parse_args(["--stage", "production", command, NUMBER, "--yes", *signed])


@pytest.mark.parametrize("command", COMMANDS[:4])
def test_without_yes_nothing_is_written_and_no_password_made(command: str) -> None:
    office = Office()
    office.portal.fail(7)
    office.portal.signed_in()
    before = office.stored()
    assert office.types(command, NUMBER) == 0
    assert "--yes" in office.text
    assert office.stored() == before
    assert office.screen.getvalue() == ""


@pytest.mark.parametrize("arguments", [[], [NUMBER, "--all"]])
def test_one_member_or_all_has_to_be_said(arguments: list[str]) -> None:
    office = Office()
    office.portal.signed_in()
    assert office.types("end-sessions", *arguments, "--yes") == 1
    assert office.portal.live_sessions() == 1


def test_without_a_terminal_no_password_is_issued() -> None:
    office = Office()
    before = office.stored()
    desk = Desk(
        office.portal.database,
        TABLES,
        load_society(),
        office.portal.clock,
        office.said.append,
        terminal=lambda: None,
        hasher=lambda: office.portal.hasher,
    )
    assert office.types("reissue-password", NUMBER, "--yes", desk=desk) == 1
    assert "端末から直接" in office.text
    assert office.stored() == before


def test_a_desk_without_a_pepper_cannot_issue() -> None:
    with pytest.raises(LookupError):
        no_hasher()


def test_where_there_is_no_terminal_none_is_opened(tmp_path: Path) -> None:
    assert terminal(tmp_path / "no" / "tty") is None


def test_what_is_written_to_the_terminal_is_there(tmp_path: Path) -> None:
    screen = tmp_path / "tty"
    opened = terminal(screen)
    assert opened is not None
    with opened:
        opened.write("初期パスワード")
    assert screen.read_text(encoding="utf-8") == "初期パスワード"


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


# reissue-password ----------------------------------------


def test_the_new_password_opens_the_change_page_and_the_old_one_nothing() -> None:
    office = Office()
    assert office.types("reissue-password", NUMBER, "--yes") == 0
    assert len(office.password) == LENGTH
    assert set(office.password) <= set(ALPHABET)
    assert office.portal.try_in(PASSWORD) == Refused()
    outcome = office.portal.try_in(office.password)
    assert isinstance(outcome, SignedIn)
    assert outcome.must_change


def test_it_is_shown_on_the_terminal_once_and_is_nowhere_else() -> None:
    office = Office()
    office.types("reissue-password", NUMBER, "--yes")
    assert office.screen.shown.count(office.password) == 1
    assert office.password not in office.text
    assert office.password not in office.stored()


def test_an_initial_password_before_it_dies_too() -> None:
    office = Office()
    office.portal.enrol(INITIAL, first=True)
    office.types("reissue-password", NUMBER, "--yes")
    assert office.portal.try_in(INITIAL) == Refused()


def test_it_lives_180_days() -> None:
    office = Office()
    office.types("reissue-password", NUMBER, "--yes")
    assert "（180日間）" in office.text
    office.portal.clock.tick(days=180, seconds=-1)
    assert isinstance(office.portal.try_in(office.password, HOME), SignedIn)
    office.portal.clock.tick(seconds=1)
    assert office.portal.try_in(office.password, HOME) == InitialEnded()


def test_all_sessions_and_mailed_links_end() -> None:
    office = Office()
    office.portal.signed_in(address=HOME)
    office.portal.signed_in(address=AWAY)
    office.portal.link()
    office.types("reissue-password", NUMBER, "--yes")
    assert office.portal.rows(TABLES.sessions) == []
    assert "ログアウトした端末: 2台" in office.text


def test_a_disabled_number_opens_with_the_new_password_from_anywhere() -> None:
    office = Office()
    office.portal.fail(100)
    office.types("reissue-password", NUMBER, "--yes")
    assert isinstance(office.portal.try_in(office.password, "192.0.2.77"), SignedIn)


def test_the_history_counts_it_and_the_ones_before() -> None:
    office = Office()
    before = office.portal.credential.password
    office.types("reissue-password", NUMBER, "--yes")
    credential = office.portal.credential
    assert credential.history == (credential.password, before)
    assert credential.knows(network_of(HOME), office.portal.clock()) is False


def test_the_member_is_told_without_the_password() -> None:
    office = Office()
    office.types("reissue-password", NUMBER, "--yes")
    (mail,) = office.portal.rows(TABLES.outbox)
    assert (mail["kind"], mail["member_id"], mail["data"]) == ("password_reissued", MEMBER_ID, {})
    assert office.password not in repr(mail)


def test_it_is_audited_with_who_and_why_and_without_the_password() -> None:
    office = Office()
    office.types("reissue-password", NUMBER, "--yes")
    (entry,) = [r for r in office.portal.rows(TABLES.audit) if r["action"] == "password_reissued"]
    assert (entry["actor"], entry["note"]) == ("office:山田", "本人から電話")
    assert office.password not in repr(entry)


def test_a_sign_in_at_the_same_moment_does_not_survive() -> None:
    """Someone with the old password signs in after the sessions were listed."""
    office = Office()
    real = office.portal.database

    class SignInMeanwhile:
        times = 1

        def query(self, query: Query) -> list[Item]:
            found = real.query(query)
            if self.times:
                self.times -= 1
                office.portal.signed_in()
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    desk = replace(office.desk, database=SignInMeanwhile())  # type: ignore[arg-type]
    assert office.types("reissue-password", NUMBER, "--yes", desk=desk) == 0
    assert office.portal.live_sessions() == 0
    assert office.portal.try_in(PASSWORD) == Refused()


def test_when_the_transaction_fails_the_old_password_stays_and_none_is_shown() -> None:
    office = Office()
    before = office.portal.credential
    office.portal.database.fail_next.append(("write", Unreachable()))
    with pytest.raises(Unreachable):
        office.types("reissue-password", NUMBER, "--yes")
    assert office.portal.credential == before
    assert office.screen.shown == ""


def test_every_row_is_written_together() -> None:
    office = Office()
    office.portal.database.calls.clear()
    office.types("reissue-password", NUMBER, "--yes")
    assert office.portal.database.calls["write"] == 1


def test_a_row_that_stays_busy_is_an_error_to_be_tried_again() -> None:
    office = Office()
    office.portal.database.fail_next += [("write", Contended())] * 3
    with pytest.raises(Contended):
        office.types("reissue-password", NUMBER, "--yes")


def test_the_number_may_be_typed_in_full_width() -> None:
    office = Office()
    assert office.types("reissue-password", "００１２３４", "--yes") == 0
