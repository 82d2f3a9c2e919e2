"""Finds the tables of a deployed stack, so that the office's commands name none of them."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from ops.aws import Clients
from portal.config import Config
from portal.database import Item
from portal.expressions import plain

SETTINGS_OF = "LoginFunction"
"""The function whose settings are read, by its logical id: it is given those of all functions, and
the office's roles may read the settings of no other (template.yaml)."""


class NotDeployedError(Exception):
    """There is no such stack, or it has no functions."""


def stack_name(stage: str) -> str:
    """Return the name under which a stage is deployed (samconfig.toml)."""
    return f"member-portal-{stage}"


def role_name(stage: str, role: str) -> str:
    """Return the name of one of the office's roles (template.yaml)."""
    return f"{stack_name(stage)}-office-{role}"


def config_of(stage: str, aws: Clients) -> Config:
    """Read the settings that the stage's functions were deployed with. Raises NotDeployedError."""
    function = _physical(SETTINGS_OF, stage, aws)
    answer = aws.client("lambda").get_function_configuration(FunctionName=function)
    variables: dict[str, str] = answer["Environment"]["Variables"]
    return Config.from_env(variables)


def _physical(logical: str, stage: str, aws: Clients) -> str:
    pages = aws.client("cloudformation").get_paginator("list_stack_resources")
    try:
        for page in pages.paginate(StackName=stack_name(stage)):
            for resource in page["StackResourceSummaries"]:
                if resource["LogicalResourceId"] == logical:
                    return str(resource["PhysicalResourceId"])
    except ClientError as error:
        # CloudFormation's word for a stack that does not exist.
        if error.response["Error"]["Code"] != "ValidationError":
            raise
    raise NotDeployedError(stage)


def payment_rows(table: str, client: Any) -> Iterator[Item]:
    """Yield all payments of a billing table."""
    yield from rows_beginning(table, "sk", "PAY#", client)


def rows_beginning(table: str, key: str, begin: str, client: Any) -> Iterator[Item]:
    """Yield the rows of a table whose *key* (``pk`` or ``sk``) begins so, by reading all of it.

    No function may do that; the office's commands may.
    """
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(#key, :begin)",
        ExpressionAttributeNames={"#key": key},
        ExpressionAttributeValues={":begin": {"S": begin}},
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(plain, page["Items"])
