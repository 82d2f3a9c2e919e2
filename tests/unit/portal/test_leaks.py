"""The search for secrets sees each kind of them, and no more than that (tests/leaks.py)."""

import pytest

from portal.accounts.sessions import SessionStore
from portal.ids import digest, new_member_id, new_token
from portal.web.csrf import signed_in_token
from tests.fakes import MemoryDatabase
from tests.leaks import SHAPES, shapes_in, unescaped, words_in
from tests.unit.members.desk import NOON, TABLES


def cookie() -> str:
    sessions = SessionStore(MemoryDatabase(), TABLES)
    made, _ = sessions.create(
        new_member_id(), "001234", now=NOON, must_change=False, network="", device=""
    )
    return made


SECRETS = {
    "a session cookie, or a link's owner and token": cookie(),
    "a token of 256 bits": new_token(),
    "a form token or the hash of a token": signed_in_token(digest("x")[:32]),
    "a password's hash": "$2b$12$" + "u" * 53,
    "a mail address": "hanako@example.jp",
    "a cookie's name": "__Host-session",
    "a password of the tests": "Midori77#",
}


def test_every_shape_has_its_case() -> None:
    assert set(SECRETS) == set(SHAPES)


@pytest.mark.parametrize("what", sorted(SECRETS))
@pytest.mark.parametrize("line", ['{"why":"%s"}', "%s", '{"path":"/x/%s","n":1}', "a=%s&b=1"])
def test_a_secret_is_seen_wherever_it_stands_in_a_line(what: str, line: str) -> None:
    assert what in shapes_in(line % SECRETS[what])


@pytest.mark.parametrize(
    "line",
    [
        '{"level":"INFO","message":"request","request_id":"0f1e2d3c-0000-4000-8000-000000000000"}',
        '{"resource":"/member/password/reset/{token}","member":"4ae1c2d3","milliseconds":1.5}',
        "START RequestId: b89b5479-8abb-41ca-90a4-76e4b68805b6 Version: 1",
        '{"order":"D26-0123456789ABCDEF","codes":["EZ2278010"],"network":"2001:db8:0:1::/64"}',
        "XRAY TraceId: 1-5759e988-bd862e3fe1be46a994272793 SegmentId: 557abcec3ee5a047",
    ],
)
def test_what_a_log_has_to_say_is_none(line: str) -> None:
    assert shapes_in(line) == set()


def test_a_name_is_seen_however_it_was_written() -> None:
    assert words_in(unescaped('{"why":"\\u5c71\\u7530"}'), {"山田", "花子"}) == {"山田"}


def test_a_number_is_seen_alone_and_not_inside_another() -> None:
    assert words_in('"number":"001234"', {"001234"}) == {"001234"}
    assert words_in('"Timestamp":1700123456', {"001234"}) == set()


@pytest.mark.parametrize(
    "text",
    [
        '"at":"2026-11-23T04:10:12.001234Z"',
        "RequestId: 3f001234-5b1c-4e0a-9c1d-0123456789ab Version: $LATEST",
        "RequestId: 3fa85f64-5b1c-4e0a-9c1d-a001234b56ef",
        "Root=1-6a001234-5b1c4e0a9c1d0123456789ab",
        '"why":"e001234a9b8c7d6e"',
        '"reference":"A001234F"',
        '"member":"001234ab"',
    ],
    ids=[
        "a moment",
        "a request",
        "a request's end",
        "a trace",
        "a digest",
        "a reference",
        "a mask",
    ],
)
def test_digits_of_a_moment_or_of_a_random_id_are_nobodys_number(text: str) -> None:
    assert words_in(text, {"001234"}) == set()


@pytest.mark.parametrize(
    "text",
    ["会員001234は", "pk=K#001234#203.0.113", "001234.", "member 001234", "REF001234", "x001234y"],
    ids=str,
)
def test_a_number_is_found_whatever_else_stands_beside_it(text: str) -> None:
    assert words_in(text, {"001234"}) == {"001234"}
