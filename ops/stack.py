"""Finds the tables of a deployed stack, so that the office's commands name none of them."""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from portal.aws import DynamoDatabase, plain
from portal.config import Config
from portal.database import Database, Item


class NotDeployedError(Exception):
    """There is no such stack, or it has no functions."""


def stack_name(stage: str) -> str:
    """Return the name under which a stage is deployed (samconfig.toml)."""
    return f"member-portal-{stage}"


def config_of(stage: str) -> Config:
    """Read the settings that the stage's functions were deployed with. Raises NotDeployedError."""
    cloudformation = boto3.client("cloudformation")
    pages = cloudformation.get_paginator("list_stack_resources").paginate(
        StackName=stack_name(stage)
    )
    try:
        functions = [
            resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == "AWS::Lambda::Function"
        ]
    except ClientError as error:
        # CloudFormation's word for a stack that does not exist.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise NotDeployedError(stage) from None
    if not functions:
        raise NotDeployedError(stage)
    answer = boto3.client("lambda").get_function_configuration(FunctionName=functions[0])
    variables: dict[str, str] = answer["Environment"]["Variables"]
    return Config.from_env(variables)


def payment_rows(table: str, client: Any = None) -> Iterator[Item]:
    """Yield all payments of a billing table."""
    yield from rows_beginning(table, "sk", "PAY#", client)


def rows_beginning(table: str, key: str, begin: str, client: Any = None) -> Iterator[Item]:
    """Yield the rows of a table whose *key* (``pk`` or ``sk``) begins so, by reading all of it.

    No function may do that; the office's commands may.
    """
    made = client or boto3.client("dynamodb")
    pages = made.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(#key, :begin)",
        ExpressionAttributeNames={"#key": key},
        ExpressionAttributeValues={":begin": {"S": begin}},
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(plain, page["Items"])


def database() -> Database:
    """Return the database with the rights of whoever types the command."""
    client: Any = boto3.client("dynamodb")
    return DynamoDatabase(lambda: client)
