"""What the office does about signing in, and the list of devices, on DynamoDB itself."""

import pytest

from ops.desk import Signature
from ops.letters.batches import COMPLETE, VOID, Batch, Batches, Ended
from ops.stack import rows_beginning
from portal.accounts.closing import CloseAccess, OpenAccess
from portal.accounts.end_sessions import Actor, EndSessions
from portal.accounts.office import ReissuePassword, Unlock
from portal.accounts.reset import issue, unconditional_end
from portal.accounts.sign_in import Refused, SignedIn
from portal.accounts.throttle import everywhere_key
from portal.config import load_society
from portal.database import Rejected
from tests.adapters.house import TABLES, Dynamo
from tests.adapters.test_ways_of_members import INITIAL, MEMBER_ID, NUMBER, THIRD, Accounts

BY = Actor("office:山田", reason="本人から電話")


@pytest.fixture
def desk(aws: Dynamo) -> Accounts:
    made = Accounts(aws)
    made.enrol()
    return made


def acting(desk: Accounts) -> ReissuePassword:
    return ReissuePassword(
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


def reissued(desk: Accounts) -> str:
    issued = acting(desk)(NUMBER, BY, desk.clock())
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


def test_a_letters_password_bears_its_batch_until_the_next_one(desk: Accounts) -> None:
    act, credential = acting(desk), desk.credentials.find(NUMBER)
    assert credential is not None
    stored = desk.hasher.hash(THIRD, desk.clock())
    act.write(credential, stored, BY, desk.clock(), letters="20261122-120000-001-ABCDEF")
    assert isinstance(desk.attempt(THIRD), SignedIn)
    of_letter = desk.credentials.find(NUMBER)
    assert of_letter is not None
    assert of_letter.letters == "20261122-120000-001-ABCDEF"
    with pytest.raises(Rejected):
        act.write(credential, stored, BY, desk.clock(), letters="20261122-120000-002-ABCDEF")
    reissued(desk)
    after = desk.credentials.find(NUMBER)
    assert after is not None
    assert after.letters == ""


def test_a_batch_of_letters_ends_once(desk: Accounts) -> None:
    batches = Batches(desk.aws.database, TABLES.audit)
    batch, by = Batch.begun(desk.clock()), Signature("山田", "発送")
    assert batches.ended() == {}
    assert batches.end(batch, COMPLETE, by, desk.clock(), {"letters": 2, "folder": "手紙"})
    assert not batches.end(batch, VOID, by, desk.clock(), {})
    assert batches.ended() == {batch.name: Ended(complete=True, placed=False, folder="手紙")}
    batches.place(batch, by, desk.clock())
    assert batches.ended()[batch.name].placed


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
