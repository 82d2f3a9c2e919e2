"""What the office does about signing in, and the list of devices, on DynamoDB itself."""

import pytest

from ops.stack import rows_beginning
from portal.accounts.closing import CloseAccess, OpenAccess
from portal.accounts.end_sessions import Actor, EndSessions
from portal.accounts.office import ReissuePassword, Unlock
from portal.accounts.reset import issue, unconditional_end
from portal.accounts.sign_in import Refused, SignedIn
from portal.accounts.throttle import everywhere_key
from portal.config import load_society
from tests.adapters.house import TABLES, Dynamo
from tests.adapters.test_ways_of_members import INITIAL, MEMBER_ID, NUMBER, Accounts

BY = Actor("office:山田", reason="本人から電話")


@pytest.fixture
def desk(aws: Dynamo) -> Accounts:
    made = Accounts(aws)
    made.enrol()
    return made


def reissued(desk: Accounts) -> str:
    act = ReissuePassword(
        database=desk.aws.database,
        credentials=desk.credentials,
        sessions=desk.sessions,
        throttle=desk.throttle,
        hasher=desk.hasher,
        policy=desk.policy,
        words=lambda: load_society().password_words,
        sessions_table=TABLES.sessions,
        outbox_table=TABLES.outbox,
        audit_table=TABLES.audit,
    )
    issued = act(NUMBER, BY, desk.clock())
    assert issued is not None
    assert "password=" not in repr(issued)
    return issued.password


def test_a_new_initial_password_replaces_the_old_one(desk: Accounts) -> None:
    assert isinstance(desk.attempt(INITIAL), SignedIn)
    password = reissued(desk)
    assert desk.sessions.all(MEMBER_ID, desk.clock()) == []
    assert desk.attempt(INITIAL) == Refused()
    outcome = desk.attempt(password)
    assert isinstance(outcome, SignedIn)
    assert outcome.must_change


def test_a_locked_number_is_opened_and_its_counters_are_found_by_looking(desk: Accounts) -> None:
    for _ in range(2):
        desk.attempt("Wrong1234")
    desk.aws.database.commit(desk.credentials.disable(NUMBER))
    found = rows_beginning(TABLES.throttle, "pk", everywhere_key(NUMBER), desk.aws.client)
    keys = [str(row["pk"]) for row in found]
    assert len(keys) == 2
    credential = desk.credentials.find(NUMBER)
    assert credential is not None
    act = Unlock(desk.aws.database, desk.credentials, desk.throttle, TABLES.audit)
    act(credential, keys, BY, desk.clock())
    after = desk.credentials.find(NUMBER)
    assert after is not None
    assert not after.disabled
    assert list(rows_beginning(TABLES.throttle, "pk", "U#", desk.aws.client)) == []


def test_a_way_in_is_closed_with_its_sessions_and_links_and_opened_again(desk: Accounts) -> None:
    assert isinstance(desk.attempt(INITIAL), SignedIn)
    _, link = issue(TABLES.sessions, member_id=MEMBER_ID, member_no=NUMBER, now=desk.clock())
    desk.aws.database.commit(link)
    close = CloseAccess(
        desk.aws.database,
        desk.credentials,
        desk.sessions,
        lambda member_id: [unconditional_end(TABLES.sessions, member_id)],
        TABLES.audit,
    )
    assert close(NUMBER, BY, desk.clock()) == 1
    assert list(rows_beginning(TABLES.sessions, "sk", "", desk.aws.client)) == []
    assert desk.attempt(INITIAL) == Refused()
    credential = desk.credentials.find(NUMBER)
    assert credential is not None
    assert credential.closed
    reopen = OpenAccess(desk.aws.database, desk.credentials, TABLES.audit)
    assert reopen(credential, BY, desk.clock())
    assert not reopen(credential, BY, desk.clock())
    assert isinstance(desk.attempt(INITIAL), SignedIn)


def test_sessions_are_listed_beside_one_and_ended(desk: Accounts) -> None:
    for _ in range(3):
        assert isinstance(desk.attempt(INITIAL), SignedIn)
    (rows,) = desk.aws.database.read([desk.sessions.read_all(MEMBER_ID)])
    assert isinstance(rows, list)
    here, *others = desk.sessions.parse_all(rows, desk.clock())
    end = EndSessions(desk.aws.database, TABLES.audit)
    end(MEMBER_ID, [desk.sessions.delete(one) for one in others], BY, desk.clock())
    assert desk.sessions.all(MEMBER_ID, desk.clock()) == [here]
