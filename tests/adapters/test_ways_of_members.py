"""What members do, once each from end to end on DynamoDB.

This proves that no transaction has two actions on one item and that DynamoDB takes every
expression; what the use cases decide is tested in memory.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.password.nearby import RecordNearby
from portal.accounts.change_password import ChangePassword, WrongCurrent
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import first_credential
from portal.accounts.new_password import Changed, Origin, PasswordSetter
from portal.accounts.policy import PasswordPolicy
from portal.accounts.request_reset import RequestReset
from portal.accounts.reset import LinkEnded, ResetPassword, issue
from portal.accounts.sessions import Session, SessionStore, split_cookie
from portal.accounts.sign_in import (
    Attempt,
    Disabled,
    InitialEnded,
    Outcome,
    Refused,
    SignedIn,
    SignIn,
    Wait,
)
from portal.accounts.spray import Spray
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import (
    Throttle,
    WaitingRules,
    everywhere_key,
    known_key,
    unknown_key,
)
from portal.config import load_society
from portal.database import Database, Found, Get, Item, Put, Read
from portal.log import Masks
from portal.members import confirm_email
from portal.members import store as members
from portal.members.confirm_profile import confirm_profile
from portal.members.save_profile import Conflict, Saved, save_profile
from tests.adapters.house import TABLES, Dynamo, names
from tests.fakes import FixedClock
from tests.unit.members.desk import a_member

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NUMBER = "001234"
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
HOME, AWAY = "203.0.113.0/24", "198.51.100.0/24"
INITIAL, SECOND, THIRD = "Hajime55", "Midori77#", "Akaneko8!"


class Accounts:
    """Accounts on DynamoDB with one member who holds an initial password."""

    def __init__(self, aws: Dynamo, *, cost: int = 4) -> None:
        self.aws, self.clock = aws, FixedClock(NOON)
        database = aws.database
        self.sessions = SessionStore(database, TABLES)
        self.credentials = CredentialStore(database, TABLES.credentials)
        self.throttle = Throttle(TABLES.throttle, WaitingRules())
        self.hasher = Hasher(lambda: Peppers("p1", {"p1": b"invented"}), cost)
        self.policy = PasswordPolicy()
        self.sign_in = SignIn(
            database=database,
            credentials=self.credentials,
            sessions=self.sessions,
            throttle=self.throttle,
            spray=Spray(TABLES.throttle, WaitingRules()),
            hasher=self.hasher,
            policy=self.policy,
            audit_table=TABLES.audit,
            mask=Masks(lambda: "invented"),
        )
        setter = PasswordSetter(
            database=database,
            credentials=self.credentials,
            sessions=self.sessions,
            throttle=self.throttle,
            hasher=self.hasher,
            policy=self.policy,
            nearby=RecordNearby(TABLES.members, load_society),
            outbox_table=TABLES.outbox,
            audit_table=TABLES.audit,
        )
        self.change = ChangePassword(setter, TABLES.sessions)
        self.reset = ResetPassword(setter, TABLES.sessions)
        self.request_reset = RequestReset(database, self.throttle, TABLES.outbox)

    def enrol(self) -> None:
        initial = self.hasher.hash(INITIAL, self.clock())
        credential = first_credential(NUMBER, MEMBER_ID, initial, self.policy)
        self.aws.database.commit(self.credentials.create(credential))

    def attempt(
        self, password: str, network: str = HOME, number: str = NUMBER, cookie: str = ""
    ) -> Outcome:
        now = self.clock.tick(seconds=1)
        return self.sign_in(Attempt(number, password, network, "203.0.113.7", "x", cookie, now))

    def signed_in(self, password: str, cookie: str = "") -> str:
        outcome = self.attempt(password, cookie=cookie)
        assert isinstance(outcome, SignedIn)
        return outcome.cookie

    def session(self, cookie: str) -> Session | None:
        parts = split_cookie(cookie)
        assert parts is not None
        read = self.sessions.read_key(*parts)
        return self.sessions.parse(self.aws.database.get(read.table, read.key), self.clock())

    def origin(self) -> Origin:
        return Origin(HOME, "203.0.113.7", "x", self.clock.tick(seconds=1))


@pytest.fixture
def accounts(aws: Dynamo) -> Accounts:
    made = Accounts(aws)
    made.enrol()
    return made


def changed(accounts: Accounts, cookie: str, current: str, new: str) -> str:
    session = accounts.session(cookie)
    assert session is not None
    outcome = accounts.change(session, current, new, accounts.origin())
    assert isinstance(outcome, Changed)
    return outcome.cookie


def test_from_the_letter_to_the_second_password(aws: Dynamo, accounts: Accounts) -> None:
    first = accounts.signed_in(INITIAL)
    own = changed(accounts, first, "", SECOND)
    assert accounts.session(first) is None
    elsewhere = accounts.signed_in(SECOND)
    newest = changed(accounts, own, SECOND, THIRD)
    assert accounts.session(elsewhere) is None
    session = accounts.session(newest)
    assert session is not None
    assert not session.must_change
    assert isinstance(accounts.attempt(SECOND), Refused)
    assert len(names(aws, TABLES.outbox)) == 2


def test_signing_in_again_ends_the_session_the_browser_had(accounts: Accounts) -> None:
    before = accounts.signed_in(INITIAL)
    after = accounts.signed_in(INITIAL, cookie=before)
    assert accounts.session(before) is None
    assert accounts.session(after) is not None


@pytest.mark.parametrize("number", [NUMBER, "999999"])
def test_failures_are_counted_and_lead_to_a_wait(accounts: Accounts, number: str) -> None:
    outcomes = [accounts.attempt("Wrong123", AWAY, number) for _ in range(7)]
    assert [type(one) for one in outcomes] == [Refused] * 6 + [Wait]


class LookedBefore:
    """A database in which a try's first look was made before any other try was counted."""

    def __init__(self, database: Database, first: list[Found]) -> None:
        self.database, self.first = database, [first]

    def read(self, reads: Sequence[Read]) -> list[Found]:
        return self.first.pop() if self.first else self.database.read(reads)

    def __getattr__(self, name: str) -> object:
        return getattr(self.database, name)


@pytest.mark.parametrize("number", [NUMBER, "999999"])
def test_of_fifty_tries_that_read_the_same_counters_six_are_evaluated(
    accounts: Accounts, number: str
) -> None:
    """DynamoDB's own conditions; seen red by raising a counter without one."""
    attempt = Attempt(number, "Wrong123", AWAY, "198.51.100.7", "x", "", accounts.clock())
    keys = (known_key(number, AWAY), unknown_key(number, AWAY), everywhere_key(number))
    reads = [Get(TABLES.throttle, {"pk": key}) for key in keys]
    credential = accounts.credentials.read_key(number)
    spray = Get(TABLES.throttle, {"pk": "NET#nothing"})
    before = accounts.aws.database.read([credential, *reads, spray])
    outcomes = []
    for _ in range(50):
        stale: Any = LookedBefore(accounts.aws.database, before)
        outcomes.append(replace(accounts.sign_in, database=stale)(attempt))
    assert [type(one) for one in outcomes] == [Refused] * 6 + [Wait] * 44


def test_a_success_from_elsewhere_forgets_the_failures(aws: Dynamo, accounts: Accounts) -> None:
    accounts.attempt("Wrong123", AWAY)
    accounts.attempt(INITIAL, AWAY)
    (left,) = names(aws, TABLES.throttle)
    assert left.startswith(f"NET#{AWAY}#")


def test_a_hundred_failures_disable_and_a_reset_by_mail_enables(
    aws: Dynamo, accounts: Accounts
) -> None:
    row: Item = {
        "pk": everywhere_key(NUMBER),
        "failures": 99,
        "recent": 0,
        "wait_until": "2026-11-22T00:00:00.000000Z",
        "quiet_at": "2026-11-22T00:00:00.000000Z",
        "forget_at": "2027-11-22T00:00:00.000000Z",
    }
    aws.database.commit(Put(TABLES.throttle, row))
    assert isinstance(accounts.attempt("Wrong123", AWAY), Refused)
    assert isinstance(accounts.attempt(INITIAL, AWAY), Disabled)
    assert accounts.request_reset(NUMBER, "h@example.jp", AWAY, accounts.clock()) is None
    token, link = issue(
        TABLES.sessions, member_id=MEMBER_ID, member_no=NUMBER, now=accounts.clock()
    )
    aws.database.commit(link)
    assert isinstance(accounts.reset(token, SECOND, accounts.origin()), Changed)
    assert isinstance(accounts.reset(token, THIRD, accounts.origin()), LinkEnded)
    assert isinstance(accounts.attempt(SECOND, AWAY), SignedIn)


def test_an_initial_password_after_its_life_is_told_so(accounts: Accounts) -> None:
    accounts.clock.tick(days=181)
    assert isinstance(accounts.attempt(INITIAL), InitialEnded)


def test_a_sign_in_renews_a_hash_of_another_cost(aws: Dynamo, accounts: Accounts) -> None:
    Accounts(aws, cost=5).signed_in(INITIAL)
    found = accounts.credentials.find(NUMBER)
    assert found is not None
    assert (found.password.cost, found.history[0].cost) == (5, 5)


def test_a_wrong_present_password_is_counted_and_audited(aws: Dynamo, accounts: Accounts) -> None:
    cookie = changed(accounts, accounts.signed_in(INITIAL), "", SECOND)
    session = accounts.session(cookie)
    assert session is not None
    outcome = accounts.change(session, "Wrong123", THIRD, accounts.origin())
    assert isinstance(outcome, WrongCurrent)
    assert f"C#{NUMBER}" in names(aws, TABLES.throttle)


def test_a_change_ends_more_sessions_than_one_transaction_takes(
    aws: Dynamo, accounts: Accounts
) -> None:
    cookie = accounts.signed_in(INITIAL)
    for _ in range(95):
        _, put = accounts.sessions.create(
            MEMBER_ID, NUMBER, now=NOON, must_change=True, network=HOME, device="x"
        )
        aws.database.commit(put)
    changed(accounts, cookie, "", SECOND)
    assert len(accounts.sessions.all(MEMBER_ID, accounts.clock())) == 1


# The record


def test_a_record_is_saved_with_mails_to_both_addresses_and_confirmed(aws: Dynamo) -> None:
    member = a_member()
    aws.database.commit(members.new(TABLES.members, member))
    wanted = replace(member.record, email="new@example.jp", building="")

    def save() -> Saved | Conflict:
        return save_profile(
            aws.database,
            TABLES,
            current=member,
            wanted=wanted,
            based_on=member.version,
            now=NOON,
            source="192.0.2.1",
        )

    saved = save()
    assert isinstance(saved, Saved)
    assert isinstance(save(), Conflict)
    assert len(names(aws, TABLES.outbox)) == 2
    confirmed = confirm_profile(
        aws.database,
        TABLES,
        current=saved.member,
        seen=saved.member.version,
        now=NOON + timedelta(days=1),
        source="192.0.2.1",
    )
    assert isinstance(confirmed, Saved)
    assert confirmed.member.confirmed_on == date(2026, 11, 23)


def test_a_changed_address_is_confirmed_once_by_the_newest_link(aws: Dynamo) -> None:
    member = replace(a_member(email="new@example.jp"), confirmed_email="hanako@example.jp")
    aws.database.commit(members.new(TABLES.members, member))
    tokens = []
    for _ in range(2):
        token, row = confirm_email.issue(
            TABLES.sessions, member_id=member.member_id, email=member.record.email, now=NOON
        )
        aws.database.commit(row)
        tokens.append(token)

    def confirm(token: str) -> bool:
        outcome = confirm_email.confirm_email(
            aws.database, TABLES, token, now=NOON + timedelta(days=6), source="192.0.2.1"
        )
        return isinstance(outcome, confirm_email.Confirmed)

    assert [confirm(token) for token in tokens] == [False, True]
    assert not confirm(tokens[1])
    row_now = aws.database.get(TABLES.members, members.key(member.member_id))
    assert row_now is not None
    assert members.parse(row_now) == replace(member, confirmed_email="new@example.jp")


def test_a_confirmation_mail_is_queued_three_times_an_hour(aws: Dynamo) -> None:
    member = replace(a_member(), confirmed_email="")
    sent = [confirm_email.resend(aws.database, TABLES, member, NOON) for _ in range(4)]
    assert sent == [True, True, True, False]
    assert len(names(aws, TABLES.outbox)) == 3
