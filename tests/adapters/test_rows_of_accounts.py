"""Rows of accounts, members and audit survive DynamoDB; their conditions do what they promise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal import audit
from portal.accounts import reset
from portal.accounts.hashing import StoredPassword
from portal.accounts.model import Credential, first_credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.sessions import Session, SessionStore, split_cookie
from portal.accounts.spray import Crowd, Spray
from portal.accounts.store import CredentialStore
from portal.accounts.throttle import Counter, Throttle, WaitingRules, unknown_key
from portal.clock import epoch, iso
from portal.database import Query, Rejected
from portal.members import store as members
from tests.adapters.house import TABLES, Dynamo
from tests.unit.members.desk import a_member

NOW = datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC)
NUMBER = "001234"
MEMBER_ID = "0123456789abcdefghjkmnpqrs"
NETWORK = "192.0.2.0/24"
POLICY = PasswordPolicy()
RULES = WaitingRules()


def hashed(text: str, at: datetime = NOW) -> StoredPassword:
    return StoredPassword(f"$2b$04${text}", "p1", 4, at)


def credential() -> Credential:
    return first_credential(NUMBER, MEMBER_ID, hashed("first"), POLICY)


# Credentials


@pytest.fixture
def credentials(aws: Dynamo) -> CredentialStore:
    store = CredentialStore(aws.database, TABLES.credentials)
    aws.database.commit(store.create(credential()))
    return store


def found(store: CredentialStore) -> Credential:
    one = store.find(NUMBER)
    assert one is not None
    return one


def test_a_credential_comes_back_as_it_was(aws: Dynamo) -> None:
    store = CredentialStore(aws.database, TABLES.credentials)
    whole = replace(
        credential(),
        history=(hashed("c"), hashed("b"), hashed("a")),
        initial_until=None,
        disabled=True,
        closed_at=NOW - timedelta(days=1),
        networks={NETWORK: NOW, "2001:db8::/64": NOW - timedelta(days=9)},
        version=7,
    )
    aws.database.commit(store.create(whole))
    assert found(store) == whole
    assert store.find("999999") is None


def test_a_number_has_one_credential(aws: Dynamo, credentials: CredentialStore) -> None:
    with pytest.raises(Rejected):
        aws.database.commit(credentials.create(credential()))


def test_a_sign_in_notes_the_network_and_may_renew_the_hash(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    before = found(credentials)
    aws.database.commit(credentials.signed_in(before, NETWORK, NOW, hashed("renewed")))
    after = found(credentials)
    assert after.networks == {NETWORK: NOW}
    assert after.password == after.history[0] == hashed("renewed")
    assert after.version == before.version + 1


def test_a_sign_in_by_a_password_that_was_changed_meanwhile_is_rejected(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    """The condition looks into the map, at the hash that was compared."""
    stale = found(credentials)
    aws.database.commit(credentials.changed(stale, hashed("new"), POLICY, NETWORK))
    with pytest.raises(Rejected):
        aws.database.commit(credentials.signed_in(stale, NETWORK, NOW))


def test_a_sign_in_by_a_way_that_was_closed_meanwhile_is_rejected(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    seen = found(credentials)
    aws.database.commit(credentials.close(seen, NOW))
    for write in (credentials.signed_in(seen, NETWORK, NOW), credentials.close(seen, NOW)):
        with pytest.raises(Rejected):
            aws.database.commit(write)
    aws.database.commit(credentials.open(NUMBER))
    aws.database.commit(credentials.signed_in(seen, NETWORK, NOW))
    assert found(credentials).version == seen.version + 3


def test_a_sign_in_beside_another_is_not_rejected(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    seen = found(credentials)
    aws.database.commit(credentials.signed_in(seen, NETWORK, NOW))
    aws.database.commit(credentials.signed_in(seen, "198.51.100.0/24", NOW))
    assert found(credentials).version == seen.version + 2


def test_a_change_keeps_three_passwords_and_lifts_what_stood_in_the_way(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    aws.database.commit(credentials.disable(NUMBER))
    for text in ("second", "third", "fourth"):
        aws.database.commit(credentials.changed(found(credentials), hashed(text), POLICY, NETWORK))
    after = found(credentials)
    assert [one.bcrypt[7:] for one in after.history] == ["fourth", "third", "second"]
    assert (after.must_change, after.disabled, after.initial_until) == (False, False, None)
    assert after.changed_on == date(2026, 11, 22)


def test_a_change_is_rejected_when_anything_happened_since(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    stale = found(credentials)
    aws.database.commit(credentials.signed_in(stale, NETWORK, NOW))
    with pytest.raises(Rejected):
        aws.database.commit(credentials.changed(stale, hashed("new"), POLICY, NETWORK))


def test_an_unknown_number_is_not_disabled_into_being(
    aws: Dynamo, credentials: CredentialStore
) -> None:
    with pytest.raises(Rejected):
        aws.database.commit(credentials.disable("999999"))
    assert credentials.find("999999") is None


# Sessions and reset links


@pytest.fixture
def sessions(aws: Dynamo) -> SessionStore:
    return SessionStore(aws.database, TABLES)


def opened(aws: Dynamo, sessions: SessionStore, now: datetime = NOW) -> tuple[str, Session]:
    cookie, put = sessions.create(
        MEMBER_ID, NUMBER, now=now, must_change=False, network=NETWORK, device="携帯"
    )
    aws.database.commit(put)
    return cookie, read(aws, sessions, cookie, now)


def read(aws: Dynamo, sessions: SessionStore, cookie: str, now: datetime) -> Session:
    parts = split_cookie(cookie)
    assert parts is not None
    key = sessions.read_key(*parts)
    session = sessions.parse(aws.database.get(key.table, key.key), now)
    assert session is not None
    return session


def test_a_session_comes_back_and_ends_by_ttl_when_it_ends(
    aws: Dynamo, sessions: SessionStore
) -> None:
    _, session = opened(aws, sessions)
    (row,) = aws.database.query(Query(TABLES.sessions, MEMBER_ID))
    assert row["ttl"] == epoch(session.ends_at)
    assert (session.network, session.device, session.created_at) == (NETWORK, "携帯", NOW)


def test_the_idle_time_is_written_once_for_two_pages_at_a_time(
    aws: Dynamo, sessions: SessionStore
) -> None:
    cookie, session = opened(aws, sessions)
    later = NOW + timedelta(minutes=6)
    touch = sessions.touch(session, later)
    assert touch is not None
    aws.database.commit(touch)
    assert read(aws, sessions, cookie, later).seen_at == later
    with pytest.raises(Rejected):
        aws.database.commit(touch)


def test_a_session_that_ended_stays_ended(aws: Dynamo, sessions: SessionStore) -> None:
    _, session = opened(aws, sessions)
    touch = sessions.touch(session, NOW + timedelta(minutes=6))
    assert touch is not None
    aws.database.commit(sessions.delete(session))
    with pytest.raises(Rejected):
        aws.database.commit(touch)
    assert sessions.all(MEMBER_ID, NOW) == []


def test_a_members_sessions_are_listed_and_ended_but_for_the_present_one(
    aws: Dynamo, sessions: SessionStore
) -> None:
    opened(aws, sessions)
    _, newest = opened(aws, sessions, NOW + timedelta(seconds=1))
    _, link = reset.issue(TABLES.sessions, member_id=MEMBER_ID, member_no=NUMBER, now=NOW)
    aws.database.commit(link)
    assert sessions.all(MEMBER_ID, NOW)[0] == newest
    aws.database.commit(*sessions.delete_all(MEMBER_ID, keep=newest))
    assert sessions.all(MEMBER_ID, NOW) == [newest]


def test_only_the_newest_reset_link_is_good(aws: Dynamo) -> None:
    issue = {"member_id": MEMBER_ID, "member_no": NUMBER, "now": NOW}
    older, put = reset.issue(TABLES.sessions, **issue)  # type: ignore[arg-type]
    aws.database.commit(put)
    newer, put = reset.issue(TABLES.sessions, **issue)  # type: ignore[arg-type]
    aws.database.commit(put)
    assert reset.find(aws.database, TABLES.sessions, older, NOW) is None
    good = reset.find(aws.database, TABLES.sessions, newer, NOW)
    assert good is not None
    assert good.member_no == NUMBER


# Counters


def counter(aws: Dynamo, throttle: Throttle, key: str, now: datetime) -> Counter:
    get = throttle.read_key(key)
    return throttle.parse(key, aws.database.get(get.table, get.key), now)


def test_of_tries_sent_at_once_one_is_counted_and_the_others_look_again(aws: Dynamo) -> None:
    throttle, key = Throttle(TABLES.throttle, RULES), unknown_key(NUMBER, NETWORK)
    for failures in (1, 2):
        seen = counter(aws, throttle, key, NOW)
        aws.database.commit(throttle.raised(seen, NOW))
        with pytest.raises(Rejected):
            aws.database.commit(throttle.raised(seen, NOW))
        assert counter(aws, throttle, key, NOW).failures == failures


def test_a_counter_starts_its_wait_and_is_forgotten(aws: Dynamo) -> None:
    throttle, key = Throttle(TABLES.throttle, RULES), unknown_key(NUMBER, NETWORK)
    for _ in range(RULES.free + 1):
        aws.database.commit(throttle.raised(counter(aws, throttle, key, NOW), NOW))
    assert counter(aws, throttle, key, NOW).wait(NOW) == RULES.first_wait
    (row,) = aws.client.scan(TableName=TABLES.throttle)["Items"]
    assert int(row["ttl"]["N"]) == epoch(NOW + RULES.remembered)
    aws.database.commit(*throttle.forgotten([key]))
    assert counter(aws, throttle, key, NOW) == Counter(key)


def test_reset_mails_of_a_network_are_counted_by_the_hour(aws: Dynamo) -> None:
    throttle = Throttle(TABLES.throttle, RULES)
    counts = [aws.database.update(throttle.forgot_asked(NETWORK, NOW))["failures"] for _ in "123"]
    next_hour = aws.database.update(throttle.forgot_asked(NETWORK, NOW + timedelta(hours=1)))
    assert (counts, next_hour["failures"]) == ([1, 2, 3], 1)


def crowd(aws: Dynamo, spray: Spray) -> Crowd:
    key = spray.key(NETWORK, NOW)
    return spray.parse(key, aws.database.get(TABLES.throttle, {"pk": key}))


def test_numbers_of_a_network_that_fail_at_once_are_each_counted(aws: Dynamo) -> None:
    """The count is DynamoDB's, not ours: what was read before does not matter."""
    spray = Spray(TABLES.throttle, RULES)
    seen = crowd(aws, spray)
    counts = [
        spray.numbers(aws.database.update(spray.number_failed(seen, NOW))) for _ in range(120)
    ]
    assert counts == [*range(1, 121)]
    (row,) = aws.client.scan(TableName=TABLES.throttle)["Items"]
    assert int(row["ttl"]["N"]) == epoch(datetime(2026, 11, 22, 5, tzinfo=UTC))


def test_of_tries_at_once_in_a_slowed_network_one_gets_the_turn(aws: Dynamo) -> None:
    spray = Spray(TABLES.throttle, RULES)
    for _ in range(RULES.network_free):
        aws.database.commit(spray.number_failed(crowd(aws, spray), NOW))
    for at in (NOW, NOW + RULES.network_wait):
        seen = crowd(aws, spray)
        aws.database.commit(*spray.turn(seen, at))
        with pytest.raises(Rejected):
            aws.database.commit(*spray.turn(seen, at))
        assert spray.wait(crowd(aws, spray), at) == RULES.network_wait


# Members and audit


def test_a_member_comes_back_with_every_character(aws: Dynamo) -> None:
    member = a_member(street="﨑𠮷①", building="")
    aws.database.commit(members.new(TABLES.members, member))
    row = aws.database.get(TABLES.members, members.key(member.member_id))
    assert row is not None
    assert members.parse(row) == member


def test_of_two_changes_of_one_version_the_second_is_rejected(aws: Dynamo) -> None:
    member = a_member()
    aws.database.commit(members.new(TABLES.members, member))
    with pytest.raises(Rejected):
        aws.database.commit(members.new(TABLES.members, member))
    after = member.changed(replace(member.record, city="杉並区"), date(2026, 11, 22), NOW)
    aws.database.commit(members.change(TABLES.members, member, after))
    with pytest.raises(Rejected):
        aws.database.commit(members.change(TABLES.members, member, after))
    with pytest.raises(Rejected):
        aws.database.commit(members.confirm(TABLES.members, member, date(2026, 11, 22)))
    row = aws.database.get(TABLES.members, members.key(member.member_id))
    assert row is not None
    assert members.parse(row) == after


def test_a_confirmation_makes_no_member_of_a_stranger(aws: Dynamo) -> None:
    with pytest.raises(Rejected):
        aws.database.commit(members.confirm(TABLES.members, a_member(), date(2026, 11, 22)))
    assert aws.database.get(TABLES.members, members.key(MEMBER_ID)) is None


def test_audit_entries_of_one_moment_stand_beside_each_other_in_order(aws: Dynamo) -> None:
    for action, at in (("third", NOW), ("first", NOW - timedelta(days=1)), ("third", NOW)):
        aws.database.commit(
            audit.entry(
                TABLES.audit,
                actor="office:test",
                action=action,
                subject=MEMBER_ID,
                at=at,
                before={"city": "中野区", "n": 1},
                after={},
            )
        )
    rows = aws.database.query(Query(TABLES.audit, MEMBER_ID))
    assert [row["action"] for row in rows] == ["first", "third", "third"]
    assert rows[0]["before"] == {"city": "中野区", "n": 1}
    assert rows[0]["after"] == {}
    assert str(rows[1]["sk"]).startswith(iso(NOW))
