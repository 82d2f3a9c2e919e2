"""The one module that makes AWS clients and speaks DynamoDB's expressions.

Attribute names and values only ever travel in ExpressionAttributeNames and -Values, so nothing a
member types can become part of an expression (ASVS V1.2.4).

boto3 itself is not imported here: botocore makes the same clients and starts faster
(docs/decisions/0002-botocore-clients.md).
"""

import base64
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from portal.database import (
    AtLeast,
    AtMost,
    Check,
    Condition,
    Contended,
    Database,
    DatabaseError,
    Delete,
    Differs,
    Either,
    Equals,
    Exists,
    Found,
    Get,
    Item,
    Key,
    Missing,
    OneOf,
    Path,
    Put,
    Query,
    Read,
    Rejected,
    Unreachable,
    Update,
    Value,
    When,
    Write,
)
from portal.ids import crockford

if TYPE_CHECKING:
    from concurrent.futures import Executor

# Marshalling --------------------------------------------------------------------------------------


def marshal(value: Value) -> dict[str, Any]:
    """Turn a plain value into DynamoDB's typed form. Raises TypeError for any other value."""
    kind, typed = _TYPED.get(type(value)) or _inherited(value)
    return {kind: typed(value)}


def _inherited(value: Value) -> tuple[str, Callable[[Any], Any]]:
    """Find how a subclass is written: an enum's member is the text or number it is."""
    for base, found in _TYPED.items():
        if isinstance(value, base):
            return found
    # Named is the type alone: the value may be personal.
    raise TypeError(f"no attribute of DynamoDB: {type(value).__name__}")


_TYPED: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("NULL", lambda _: True),
    bool: ("BOOL", bool),
    int: ("N", str),
    str: ("S", str),
    bytes: ("B", bytes),
    list: ("L", lambda elements: [marshal(element) for element in elements]),
    dict: ("M", lambda entries: {name: marshal(element) for name, element in entries.items()}),
}


def unmarshal(typed: Mapping[str, Any]) -> Value:
    """Turn DynamoDB's typed form into a plain value; numbers here are whole yen and counts."""
    ((kind, value),) = typed.items()
    return _PLAIN[kind](value)


def _binary(value: bytes | str) -> bytes:
    """Return bytes; a stream's event is JSON, in which they travel as base64."""
    return base64.b64decode(value) if isinstance(value, str) else bytes(value)


_PLAIN: dict[str, Callable[[Any], Value]] = {
    "S": str,
    "N": int,
    "BOOL": bool,
    "B": _binary,
    "NULL": lambda _: None,
    "L": lambda elements: [unmarshal(element) for element in elements],
    "M": lambda entries: {name: unmarshal(element) for name, element in entries.items()},
}


def plain(item: Mapping[str, Any]) -> Item:
    """Turn a row as DynamoDB gives it into plain values; its stream writes bytes as base64."""
    return {name: unmarshal(typed) for name, typed in item.items()}


def _typed(item: Mapping[str, Value]) -> dict[str, Any]:
    return {name: marshal(value) for name, value in item.items()}


# Expressions --------------------------------------------------------------------------------------

_COMPARED: dict[type, str] = {Equals: "=", Differs: "<>", AtMost: "<=", AtLeast: ">="}


class _Expression:
    """Collects placeholders while the parts of one request are written."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def path(self, path: Path) -> str:
        parts = (path,) if isinstance(path, str) else path
        return ".".join(self._name(part) for part in parts)

    def _name(self, part: str) -> str:
        for placeholder, known in self.names.items():
            if known == part:
                return placeholder
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = part
        return placeholder

    def value(self, value: Value) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = marshal(value)
        return placeholder

    def condition(self, condition: Condition) -> str:
        match condition:
            case Missing(attr):
                return f"attribute_not_exists({self.path(attr)})"
            case Exists(attr):
                return f"attribute_exists({self.path(attr)})"
            case OneOf(attr, values):
                return f"{self.path(attr)} IN ({', '.join(self.value(one) for one in values)})"
            case Either(any=conditions):
                return f"({' OR '.join(self.condition(one) for one in conditions)})"
            case _:
                sign = _COMPARED[type(condition)]
                return f"{self.path(condition.attr)} {sign} {self.value(condition.value)}"

    def when(self, conditions: When) -> dict[str, str]:
        if not conditions:
            return {}
        return {"ConditionExpression": " AND ".join(self.condition(one) for one in conditions)}

    def change(self, update: Update) -> dict[str, str]:
        clauses = {
            "SET": [
                *(f"{self.path(name)} = {self.value(one)}" for name, one in update.set.items()),
                *(self._initial(name, one) for name, one in update.initial.items()),
            ],
            "ADD": [f"{self.path(name)} {self.value(one)}" for name, one in update.add.items()],
            "REMOVE": [self.path(name) for name in update.remove],
        }
        written = [f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts]
        return {"UpdateExpression": " ".join(written)}

    def _initial(self, name: str, value: Value) -> str:
        path = self.path(name)
        return f"{path} = if_not_exists({path}, {self.value(value)})"

    def placeholders(self) -> dict[str, Any]:
        names = {"ExpressionAttributeNames": self.names} if self.names else {}
        values = {"ExpressionAttributeValues": self.values} if self.values else {}
        return {**names, **values}


def request_of(write: Write) -> tuple[str, dict[str, Any]]:
    """Return the name of the transaction action and its parameters."""
    expression = _Expression()
    parameters: dict[str, Any] = {"TableName": write.table}
    match write:
        case Put():
            parameters |= {"Item": _typed(write.item)}
        case Update():
            parameters |= {"Key": _typed(dict(write.key)), **expression.change(write)}
        case Delete() | Check():
            parameters |= {"Key": _typed(dict(write.key))}
    parameters |= expression.when(write.when)
    parameters |= expression.placeholders()
    action = "ConditionCheck" if isinstance(write, Check) else type(write).__name__
    return action, parameters


# The adapter --------------------------------------------------------------------------------------

_BUSY = frozenset(
    {
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
        "ThrottlingError",
        "ThrottlingException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    }
)
_BATCH_WAITS = (0.05, 0.1, 0.2)
"""Seconds at most before the keys that DynamoDB left over are asked for again, try by try.

botocore waits by itself where a whole call is refused, but takes a part of it for an answer.
"""


class DynamoDatabase:
    """The Database port on DynamoDB. *client* is made at the first use; *pause* sleeps."""

    def __init__(
        self, client: Callable[[], Any], pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._pause = pause

    def get(self, table: str, key: Key) -> Item | None:
        """Return one row, strongly consistent, or None."""
        answer = self._call("get_item", TableName=table, Key=_typed(dict(key)), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def read(self, reads: Sequence[Read]) -> list[Found]:
        """Answer all reads at once: every Get in one BatchGetItem, each Query beside it."""
        gets = [read for read in reads if isinstance(read, Get)]
        queries = [read for read in reads if isinstance(read, Query)]
        if not queries:
            rows = iter(self._get_all(gets))
            return [next(rows) for _ in reads]
        self._client()  # Made here, or each of the threads below would make one of its own.
        running = [_threads().submit(self.query, query) for query in queries]
        found = iter(self._get_all(gets))
        lists = iter([one.result() for one in running])
        return [next(found) if isinstance(read, Get) else next(lists) for read in reads]

    def query(self, query: Query) -> list[Item]:
        """Return the rows of one query, all pages of them."""
        expression = _Expression()
        condition = f"{expression.path('pk')} = {expression.value(query.pk)}"
        if query.prefix:
            prefix = expression.value(query.prefix)
            condition += f" AND begins_with({expression.path('sk')}, {prefix})"
        parameters: dict[str, Any] = {
            "TableName": query.table,
            "KeyConditionExpression": condition,
            "ConsistentRead": True,
            "ScanIndexForward": not query.newest_first,
            **expression.placeholders(),
        }
        return self._pages(parameters, query.limit)

    def due(
        self,
        table: str,
        index: str,
        hash_value: Mapping[str, str],
        until: Mapping[str, str],
        limit: int,
    ) -> list[Item]:
        """Return rows of a sparse index up to a value of its sort key, lowest first (eventual)."""
        expression = _Expression()
        ((hash_name, hash_equal),) = hash_value.items()
        ((range_name, range_most),) = until.items()
        condition = (
            f"{expression.path(hash_name)} = {expression.value(hash_equal)}"
            f" AND {expression.path(range_name)} <= {expression.value(range_most)}"
        )
        parameters = {
            "TableName": table,
            "IndexName": index,
            "KeyConditionExpression": condition,
            **expression.placeholders(),
        }
        return self._pages(parameters, limit)

    def commit(self, *writes: Write) -> None:
        """Write all or nothing: one plain call for one write, else one transaction."""
        if len(writes) == 1 and not isinstance(writes[0], Check):
            action, parameters = request_of(writes[0])
            self._call(f"{action.lower()}_item", **parameters)
            return
        actions = [{action: parameters} for action, parameters in map(request_of, writes)]
        # The token makes botocore's own retries harmless: DynamoDB applies the call once.
        self._call("transact_write_items", TransactItems=actions, ClientRequestToken=crockford(26))

    def update(self, update: Update) -> Item:
        """Change one row and return it as it is afterwards."""
        _, parameters = request_of(update)
        answer = self._call("update_item", ReturnValues="ALL_NEW", **parameters)
        return plain(answer["Attributes"])

    def _get_all(self, gets: Sequence[Get]) -> list[Item | None]:
        if len(gets) < 2:
            return [self.get(one.table, one.key) for one in gets]
        asked: dict[str, Any] = {}
        for one in gets:
            table = asked.setdefault(one.table, {"Keys": [], "ConsistentRead": True})
            key = _typed(dict(one.key))
            if key not in table["Keys"]:  # DynamoDB refuses a batch that names a key twice.
                table["Keys"].append(key)
        rows = self._batch(asked)
        return [rows.get((one.table, *sorted(one.key.items()))) for one in gets]

    def _batch(self, asked: dict[str, Any]) -> dict[tuple[Any, ...], Item]:
        rows: dict[tuple[Any, ...], Item] = {}
        for wait in (*_BATCH_WAITS, None):
            answer = self._call("batch_get_item", RequestItems=asked)
            for table, items in answer["Responses"].items():
                for item in map(plain, items):
                    key = sorted(
                        (n, item[n]) for n in ("pk", "sk") if n in item and n in _keys(asked[table])
                    )
                    rows[(table, *key)] = item
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return rows
            if wait is not None:
                # Of many who are left over at once, not all may come back at once.
                self._pause(wait * (0.5 + secrets.randbelow(512) / 1024))
        raise Contended

    def _pages(self, parameters: dict[str, Any], limit: int | None) -> list[Item]:
        rows: list[Item] = []
        while True:
            bound = {"Limit": limit - len(rows)} if limit else {}
            answer = self._call("query", **parameters, **bound)
            rows += map(plain, answer["Items"])
            if "LastEvaluatedKey" not in answer or (limit and len(rows) >= limit):
                return rows
            parameters = {**parameters, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _call(self, operation: str, **parameters: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # Loaded with the client.

        try:
            return getattr(self._client(), operation)(**parameters)
        except ClientError as error:
            raise _translated(error.response) from None
        except BotoCoreError as error:
            raise Unreachable(f"{operation}: {type(error).__name__}") from None


@cache
def _threads() -> "Executor":
    """Return the process's threads for queries; only functions with a list make them."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=4, thread_name_prefix="query")


def _keys(asked: Mapping[str, Any]) -> set[str]:
    return set(asked["Keys"][0])


def _translated(response: Mapping[str, Any]) -> DatabaseError:
    code = response.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        return Rejected(frozenset({0}))
    if code == "TransactionCanceledException":
        reasons = [reason.get("Code") for reason in response.get("CancellationReasons", ())]
        failed = frozenset(n for n, why in enumerate(reasons) if why == "ConditionalCheckFailed")
        # A conflict beside a failed condition is still a failed condition: trying again is vain.
        return Rejected(failed) if failed else Contended(", ".join(map(str, reasons)))
    return Contended(code) if code in _BUSY else Unreachable(code)


# Clients ------------------------------------------------------------------------------------------


@cache
def client(service: str, attempts: int = 3) -> Any:
    """Return the process's one client of *service*, made at the first use.

    Mails are sent with one attempt: SES has no idempotency key, so a client that tries again after
    a time-out may send twice.
    """
    import botocore.session  # Pages that read nothing never pay for it.
    from botocore.config import Config as ClientConfig

    return botocore.session.get_session().create_client(
        service,
        config=ClientConfig(
            connect_timeout=2,
            read_timeout=8,
            retries={"mode": "standard", "total_max_attempts": attempts},
            parameter_validation=False,
        ),
    )


def dynamo() -> Database:
    """Return the database of the deployment this process runs in."""
    return DynamoDatabase(lambda: client("dynamodb"))


@cache
def secret(arn: str) -> str:
    """Return a secret's text, fetched once per process; a rotation is seen by new processes."""
    return str(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
