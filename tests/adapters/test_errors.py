"""How DynamoDB's refusals and its silence are told apart, on the wire with botocore's client."""

import socket
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.aws import DynamoDatabase
from portal.database import (
    Contended,
    DatabaseError,
    Delete,
    Equals,
    Get,
    Put,
    Query,
    Rejected,
    Unreachable,
    Update,
)
from tests.adapters.house import Dynamo, make_client
from tests.adapters.wire import Wire, wire

SECRET = "hanako@example.jp"
ROW = Put("members", {"pk": "one", "sk": "PROFILE", "email": SECRET})
OTHER = Delete("sessions", {"pk": "one", "sk": "S#1"})


@pytest.fixture
def line() -> Iterator[Wire]:
    with wire() as made:
        yield made


def database(line: Wire, attempts: int = 1) -> DynamoDatabase:
    return DynamoDatabase(lambda: make_client("dynamodb", line.endpoint, attempts))


def patient(line: Wire, pauses: list[float]) -> DynamoDatabase:
    """Return a database whose pauses are written down and take no time."""
    return DynamoDatabase(lambda: make_client("dynamodb", line.endpoint, 1), pauses.append)


def cancelled(line: Wire, *codes: str) -> None:
    reasons = [
        {"Code": code, "Item": {"email": {"S": SECRET}}, "Message": SECRET} for code in codes
    ]
    line.refuse("TransactionCanceledException", CancellationReasons=reasons, Message=SECRET)


@pytest.mark.parametrize(
    ("codes", "failed"),
    [
        (("ConditionalCheckFailed", "None"), {0}),
        (("None", "ConditionalCheckFailed"), {1}),
        (("ConditionalCheckFailed", "ConditionalCheckFailed"), {0, 1}),
        (("TransactionConflict", "ConditionalCheckFailed"), {1}),
    ],
)
def test_a_failed_condition_is_told_with_its_place(
    line: Wire, codes: tuple[str, ...], failed: set[int]
) -> None:
    cancelled(line, *codes)
    with pytest.raises(Rejected) as rejected:
        database(line).commit(ROW, OTHER)
    assert rejected.value.failed == failed


@pytest.mark.parametrize(
    "codes",
    [
        ("TransactionConflict", "None"),
        ("None", "ThrottlingError"),
        ("ProvisionedThroughputExceeded", "TransactionConflict"),
    ],
)
def test_rows_that_others_hold_are_contended(line: Wire, codes: tuple[str, ...]) -> None:
    cancelled(line, *codes)
    with pytest.raises(Contended):
        database(line).commit(ROW, OTHER)


@pytest.mark.parametrize(
    "code",
    [
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    ],
)
def test_a_single_write_may_be_contended_too(line: Wire, code: str) -> None:
    line.refuse(code, Message=SECRET)
    with pytest.raises(Contended):
        database(line).commit(ROW)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ValidationException", 400),
        ("AccessDeniedException", 400),
        ("ResourceNotFoundException", 400),
        ("ItemCollectionSizeLimitExceededException", 400),
        ("UnrecognizedClientException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_any_other_refusal_is_nobodys_condition(line: Wire, code: str, status: int) -> None:
    line.refuse(code, status=status, Message=SECRET)
    with pytest.raises(Unreachable, match=code):
        database(line).commit(ROW)


def test_a_transaction_refused_for_its_form_is_not_called_rejected(line: Wire) -> None:
    cancelled(line, "None", "ValidationError")
    with pytest.raises(DatabaseError) as error:
        database(line).commit(ROW, OTHER)
    assert not isinstance(error.value, Rejected)


CALLS: dict[str, Callable[[DynamoDatabase], Any]] = {
    "get": lambda database: database.get("members", {"pk": SECRET, "sk": "PROFILE"}),
    "read": lambda database: database.read(
        [Get("inbox", {"pk": SECRET}), Get("inbox", {"pk": "x"}), Query("members", SECRET)]
    ),
    "query": lambda database: database.query(Query("members", SECRET)),
    "due": lambda database: database.due(
        "inbox", "pending", {"pending": SECRET}, {"due_at": "z"}, 1
    ),
    "commit": lambda database: database.commit(ROW),
    "transaction": lambda database: database.commit(ROW, OTHER),
    "update": lambda database: database.update(
        Update("members", ROW.key, set={"email": SECRET}, when=(Equals("email", SECRET),))
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_closed_door_is_unreachable(call: Callable[[DynamoDatabase], Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = make_client("dynamodb", f"http://127.0.0.1:{port}")
    with pytest.raises(Unreachable, match="EndpointConnectionError"):
        call(DynamoDatabase(lambda: nobody))


def test_silence_is_unreachable(line: Wire) -> None:
    line.answer({}, after=0.5)
    with pytest.raises(Unreachable, match="ReadTimeoutError"):
        database(line).commit(ROW)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_no_error_tells_what_was_in_the_rows(
    line: Wire, call: Callable[[DynamoDatabase], Any]
) -> None:
    """DynamoDB's own messages quote keys and values, and errors end in the log."""
    for _ in range(2):
        line.refuse("ValidationException", Message=f"not valid: {SECRET}")
    with pytest.raises(Unreachable) as error:
        call(database(line))
    assert SECRET not in f"{error.value!s}{error.value!r}{error.value.__cause__!r}"
    assert SECRET not in "".join(traceback.format_exception_only(error.value))


def test_a_failed_condition_does_not_tell_the_row_it_found(line: Wire) -> None:
    cancelled(line, "ConditionalCheckFailed", "TransactionConflict")
    with pytest.raises(Rejected) as error:
        database(line).commit(ROW, OTHER)
    assert SECRET not in f"{error.value!s}{error.value!r}"


def test_a_transaction_tried_again_by_the_client_carries_the_same_token(line: Wire) -> None:
    """So DynamoDB applies it once even when it was the answer that got lost."""
    line.refuse("InternalServerError", status=500)
    line.answer({})
    database(line, attempts=2).commit(ROW, OTHER)
    first, second = (asked["ClientRequestToken"] for asked in line.asked)
    assert first == second
    assert len(first) <= 36


def test_each_transaction_has_a_token_of_its_own(line: Wire) -> None:
    for _ in range(2):
        line.answer({})
        database(line).commit(ROW, OTHER)
    assert len({asked["ClientRequestToken"] for asked in line.asked}) == 2


def test_keys_left_over_from_a_batch_are_asked_for_again(line: Wire) -> None:
    x, y = {"pk": {"S": "x"}}, {"pk": {"S": "y"}}
    left = {"inbox": {"Keys": [y], "ConsistentRead": True}}
    line.answer({"Responses": {"inbox": [x]}, "UnprocessedKeys": left})
    line.answer({"Responses": {"inbox": [y]}, "UnprocessedKeys": {}})
    pauses: list[float] = []
    found = patient(line, pauses).read([Get("inbox", {"pk": "x"}), Get("inbox", {"pk": "y"})])
    assert found == [{"pk": "x"}, {"pk": "y"}]
    assert len(pauses) == 1
    assert line.asked[1]["RequestItems"] == left


def test_a_batch_that_never_ends_is_contended(line: Wire) -> None:
    left = {"inbox": {"Keys": [{"pk": {"S": "x"}}], "ConsistentRead": True}}
    for _ in range(9):
        line.answer({"Responses": {}, "UnprocessedKeys": left})
    with pytest.raises(Contended):
        patient(line, []).read([Get("inbox", {"pk": "x"}), Get("inbox", {"pk": "y"})])
    assert len(line.asked) == 4


def test_the_pauses_between_the_tries_of_a_batch_grow_are_short_and_differ(line: Wire) -> None:
    """Seen red with a constant pause, and with one after the last try."""
    left = {"inbox": {"Keys": [{"pk": {"S": "x"}}], "ConsistentRead": True}}
    runs = []
    for _ in range(6):
        pauses: list[float] = []
        for _ in range(4):
            line.answer({"Responses": {}, "UnprocessedKeys": left})
        with pytest.raises(Contended):
            patient(line, pauses).read([Get("inbox", {"pk": "x"}), Get("inbox", {"pk": "y"})])
        runs.append(tuple(pauses))
    for first, second, third in runs:
        assert 0.025 <= first <= 0.05 <= second <= 0.1 <= third <= 0.2
    assert len(set(runs)) > 1


def test_a_batch_that_is_answered_at_once_waits_for_nothing(line: Wire) -> None:
    line.answer({"Responses": {"inbox": []}, "UnprocessedKeys": {}})
    pauses: list[float] = []
    patient(line, pauses).read([Get("inbox", {"pk": "x"}), Get("inbox", {"pk": "y"})])
    assert pauses == []


@pytest.mark.parametrize("name", ["get", "read", "query"])
def test_a_read_on_a_members_way_is_strongly_consistent(line: Wire, name: str) -> None:
    empty: dict[str, Any] = {"Items": [], "Responses": {}, "UnprocessedKeys": {}}
    line.answer(empty)
    line.answer(empty)
    CALLS[name](database(line))
    consistent = [
        asked.get("ConsistentRead") or asked["RequestItems"]["inbox"]["ConsistentRead"]
        for asked in line.asked
    ]
    assert all(consistent)


def test_a_table_that_is_not_there_is_unreachable(aws: Dynamo) -> None:
    with pytest.raises(Unreachable, match="ResourceNotFoundException"):
        aws.database.get("nowhere", {"pk": "x"})


def test_one_bad_read_beside_others_fails_them_all(aws: Dynamo) -> None:
    with pytest.raises(Unreachable):
        aws.database.read([Get("inbox", {"pk": "x"}), Query("nowhere", "x")])
