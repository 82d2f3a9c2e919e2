"""Who may do what, as MiniStack's IAM decides it for the deployed roles.

The tests take on each function's own role (MiniStack lets its root take on any) and call AWS with
it. That the functions can do their work is shown by the other tests here, under the same roles.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.environment import ACCOUNT, REGION
from tests.stackfixture import LocalStack

TABLES = (
    "Credentials", "Sessions", "Throttle", "Members", "Billing", "Inbox", "Outbox", "Audit",
)  # fmt: skip

READS = {
    "Login": {"Credentials", "Throttle", "Sessions"},
    "Password": {"Credentials", "Throttle", "Sessions"},
    "Member": {"Sessions", "Members"},
    "Billing": {"Sessions", "Members", "Billing"},
    "Receipt": {"Sessions", "Billing"},
    "GmoWebhook": set(),
    "Settlement": {"Inbox", "Billing"},
    "Mailer": {"Outbox", "Members", "Credentials"},
}
"""Tables of which a function may see rows."""

ADDS = {
    "Login": {"Sessions", "Audit"},
    "Password": {"Sessions", "Outbox", "Audit"},
    "Member": {"Outbox", "Audit"},
    "Billing": {"Billing", "Inbox", "Outbox", "Audit"},
    "Receipt": set(),
    "GmoWebhook": {"Inbox"},
    "Settlement": {"Billing", "Outbox", "Audit"},
    "Mailer": {"Sessions"},
}
"""Tables into which a function may put a row."""

SECRETS = {
    "Login": {"Pepper"},
    "Password": {"Pepper"},
    "Billing": {"GmoShop"},
    "Settlement": {"GmoShop"},
}

FUNCTIONS = tuple(READS)


class Role:
    """One function's role, taken on."""

    def __init__(self, stack: LocalStack, function: str) -> None:
        self._stack = stack
        name = stack.resources[f"{function}Role"]
        answer = stack.aws.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="rights"
        )
        keys = answer["Credentials"]
        self._session = boto3.session.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=REGION,
        )

    # boto3's clients have no types to name.
    def client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=f"http://{self._stack.connect}")

    def table(self, table: str) -> str:
        return self._stack.resources[f"{table}Table"]

    def key(self, table: str) -> dict[str, dict[str, str]]:
        """Return the key of a row that is not there."""
        described = self._stack.aws.client("dynamodb").describe_table(TableName=self.table(table))
        schema = described["Table"]["KeySchema"]
        return {part["AttributeName"]: {"S": "no-such-row"} for part in schema}

    def may_read(self, table: str) -> bool:
        database, key = self.client("dynamodb"), self.key(table)
        return allowed(lambda: database.get_item(TableName=self.table(table), Key=key))

    def may_add(self, table: str) -> bool:
        database, key = self.client("dynamodb"), self.key(table)
        # The condition never holds, so that nothing is written where it is allowed.
        return allowed(
            lambda: database.put_item(
                TableName=self.table(table), Item=key, ConditionExpression="attribute_exists(pk)"
            )
        )

    def may_scan(self, table: str) -> bool:
        database = self.client("dynamodb")
        return allowed(lambda: database.scan(TableName=self.table(table), Limit=1))

    def may_know(self, secret: str) -> bool:
        secrets, arn = self.client("secretsmanager"), self._stack.resources[f"{secret}Secret"]
        return allowed(lambda: secrets.get_secret_value(SecretId=arn))

    def may_send_mail(self) -> bool:
        ses = self.client("sesv2")
        # Mail from a domain that is not ours is refused, but only after IAM let it pass.
        return allowed(
            lambda: ses.send_email(
                FromEmailAddress="info@nobody.example",
                Destination={"ToAddresses": ["member@example.jp"]},
                Content={"Simple": {"Subject": {"Data": "-"}, "Body": {"Text": {"Data": "-"}}}},
            )
        )


def allowed(call: Callable[[], object]) -> bool:
    """Tell whether IAM lets a call pass, whatever the service then says of it."""
    try:
        call()
    except ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True


@cache
def role_of(stack: LocalStack, function: str) -> Role:
    return Role(stack, function)


@pytest.fixture(params=FUNCTIONS)
def function(request: pytest.FixtureRequest) -> str:
    """Each function in turn."""
    return str(request.param)


@pytest.fixture
def role(local_stack: LocalStack, function: str) -> Role:
    """The role of that function."""
    return role_of(local_stack, function)


def test_a_function_sees_rows_of_its_own_tables_only(role: Role, function: str) -> None:
    """For instance gmo_webhook, which anybody can call, reads neither credentials nor sessions."""
    assert {table for table in TABLES if role.may_read(table)} == READS[function]


def test_a_function_adds_rows_to_its_own_tables_only(role: Role, function: str) -> None:
    assert {table for table in TABLES if role.may_add(table)} == ADDS[function]


def test_no_function_may_scan_a_table(role: Role) -> None:
    assert not [table for table in TABLES if role.may_scan(table)]


def test_a_secret_is_known_to_those_who_use_it(role: Role, function: str) -> None:
    known = {secret for secret in ("Pepper", "GmoShop") if role.may_know(secret)}

    assert known == SECRETS.get(function, set())


def test_only_the_mailer_sends_mail(role: Role, function: str) -> None:
    assert role.may_send_mail() == (function == "Mailer")
