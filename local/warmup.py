"""Starts one worker of each function, so that the first page of the first person is not slow."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.aws import LocalAws

# An event that every function answers without reading or writing a table: a stream batch of
# nothing for the consumers, a body that is not the promised base64 for those behind the gateway.
NOTHING_TO_DO: dict[str, Any] = {
    "Records": [],
    "httpMethod": "OPTIONS",
    "path": "/",
    "resource": "/",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "requestContext": {"requestId": "warm-up", "identity": {"sourceIp": "127.0.0.1"}},
    "body": "!",
    "isBase64Encoded": True,
}


class BrokenFunctions(Exception):
    """Functions that could not even be started; the text holds each one's own words."""


def warm(aws: LocalAws) -> None:
    """Call each function once, side by side. Raises BrokenFunctions when one cannot be imported."""
    functions = aws.functions()
    with ThreadPoolExecutor(max_workers=4) as pool:
        outcomes = pool.map(lambda name: _failure(aws, name), functions.values())
    failures = [
        f"  {logical}: {failure}"
        for logical, failure in zip(functions, outcomes, strict=True)
        if failure
    ]
    if failures:
        raise BrokenFunctions("\n".join(["these functions do not start:", *failures]))


def _failure(aws: LocalAws, function: str) -> str:
    answer = aws.client("lambda").invoke(
        FunctionName=f"{function}:{_qualifier(aws, function)}",
        Payload=json.dumps(NOTHING_TO_DO).encode(),
    )
    said = answer["Payload"].read().decode()
    return said if "FunctionError" in answer else ""


def _qualifier(aws: LocalAws, function: str) -> str:
    """Return the alias through which the gateway calls: its workers are not those of $LATEST."""
    return next(_aliases(aws, function), "$LATEST")


def _aliases(aws: LocalAws, function: str) -> Iterator[str]:
    answer = aws.client("lambda").list_aliases(FunctionName=function)
    yield from (alias["Name"] for alias in answer["Aliases"])
