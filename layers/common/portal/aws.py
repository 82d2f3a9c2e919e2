"""The one module that makes AWS clients, and the Database port on DynamoDB.

boto3 itself is not imported here: botocore makes the same clients and starts faster
(docs/decisions/0002-botocore-clients.md).
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from portal.database import (
    Check,
    Contended,
    Database,
    DatabaseError,
    Found,
    Get,
    Item,
    Key,
    Query,
    Read,
    Rejected,
    Unreachable,
    Update,
    Write,
)
from portal.expressions import Expression, plain, request_of, typed
from portal.ids import crockford

if TYPE_CHECKING:
    from concurrent.futures import Executor

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
        answer = self._call("get_item", TableName=table, Key=typed(dict(key)), ConsistentRead=True)
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
        expression = Expression()
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
        expression = Expression()
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
            key = typed(dict(one.key))
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
