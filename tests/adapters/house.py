"""DynamoDB in process (moto) with the very tables of template.yaml.

The tables are created from the template, so a key or an index that the code counts on and the
template lacks fails here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config as ClientConfig
from moto import mock_aws

from portal.aws import DynamoDatabase
from portal.config import Tables
from tests.unit.template.loading import Template, load, of_type

REGION = "ap-northeast-1"


def table_name(logical_id: str) -> str:
    """Return the name a table of the template has here, which is its name in portal.config."""
    return logical_id.removesuffix("Table").lower()


TEMPLATE: dict[str, Template] = {
    table_name(logical_id): resource["Properties"]
    for logical_id, resource in of_type(load(), "AWS::DynamoDB::Table").items()
}
TABLES = Tables(**{name: name for name in TEMPLATE})

_COPIED = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")


@dataclass(frozen=True)
class Dynamo:
    """The database under test and the client beneath it."""

    client: Any
    database: DynamoDatabase


@contextmanager
def dynamo() -> Iterator[Dynamo]:
    """Give an empty DynamoDB with all tables."""
    with mock_aws():
        client = make_client("dynamodb")
        for name, properties in TEMPLATE.items():
            _create(client, name, properties)
        yield Dynamo(client, DynamoDatabase(lambda: client))


def names(aws: Dynamo, table: str) -> list[str]:
    """Return the keys of all rows of a table."""
    return [row["pk"]["S"] for row in aws.client.scan(TableName=table)["Items"]]


@cache
def make_client(service: str, endpoint: str | None = None, attempts: int = 1) -> Any:
    """Return a client made as portal.aws makes it, but with keys of nobody and little patience."""
    return botocore.session.get_session().create_client(
        service,
        region_name=REGION,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
        endpoint_url=endpoint,
        config=ClientConfig(
            connect_timeout=0.2,
            read_timeout=0.2,
            parameter_validation=False,
            retries={"mode": "standard", "total_max_attempts": attempts},
        ),
    )


def _create(client: Any, name: str, properties: Template) -> None:
    wanted = {part: properties[part] for part in _COPIED if part in properties}
    if "StreamSpecification" in properties:
        wanted["StreamSpecification"] = {
            "StreamEnabled": True,
            **properties["StreamSpecification"],
        }
    client.create_table(TableName=name, **wanted)
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"]
        )
