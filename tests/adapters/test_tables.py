"""The tables as DynamoDB understood the template: what the code counts on is there."""

import pytest

from portal.config import Tables
from tests.adapters.house import TABLES, TEMPLATE, Dynamo


def test_the_template_has_exactly_the_tables_of_the_configuration() -> None:
    assert set(TEMPLATE) == set(Tables.__dataclass_fields__)


@pytest.mark.parametrize("name", sorted(TEMPLATE))
def test_a_tables_keys_are_pk_and_where_there_are_many_rows_sk(aws: Dynamo, name: str) -> None:
    with_sort = {TABLES.sessions, TABLES.members, TABLES.billing, TABLES.audit}
    described = aws.client.describe_table(TableName=name)["Table"]
    keys = {key["KeyType"]: key["AttributeName"] for key in described["KeySchema"]}
    assert keys == {"HASH": "pk", **({"RANGE": "sk"} if name in with_sort else {})}
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", sorted(TEMPLATE))
def test_every_key_is_a_text_and_nothing_else_is_declared(name: str) -> None:
    table = TEMPLATE[name]
    keyed = [table["KeySchema"], *(i["KeySchema"] for i in table.get("GlobalSecondaryIndexes", []))]
    used = {key["AttributeName"] for schema in keyed for key in schema}
    declared = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    assert declared == dict.fromkeys(used, "S")


@pytest.mark.parametrize("name", ["inbox", "outbox"])
def test_what_comes_in_and_goes_out_is_streamed_with_the_whole_new_row(
    aws: Dynamo, name: str
) -> None:
    described = aws.client.describe_table(TableName=name)["Table"]
    assert described["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_IMAGE",
    }


def test_no_other_table_is_streamed() -> None:
    assert {n for n, t in TEMPLATE.items() if "StreamSpecification" in t} == {"inbox", "outbox"}


@pytest.mark.parametrize("name", ["sessions", "throttle", "inbox", "outbox"])
def test_rows_end_by_the_attribute_ttl(aws: Dynamo, name: str) -> None:
    described = aws.client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
