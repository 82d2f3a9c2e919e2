"""Takes a deployed role on and tries every action on every table, secret, queue and mail.

Credentials come from sts:AssumeRole, as those of a running function do, and MiniStack evaluates
them (local/ministack.py starts it with IAM enforced).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.environment import REGION
from tests.stackfixture import LocalStack

Grants = dict[str, set[str]]
"""Actions by what they are done to."""

TABLES = (
    "Credentials", "Sessions", "Throttle", "Members", "Billing", "Inbox", "Outbox", "Audit",
)  # fmt: skip
INDEXES = (
    "Billing/asks", "Billing/reminders", "Billing/discrepancies", "Inbox/pending", "Outbox/pending",
    "Outbox/member", "Members/mail_fails",
)  # fmt: skip

_BOTO = boto3.session.Session()
"""One for all, since it keeps the service models it has read; each client has its credentials."""


@dataclass(frozen=True)
class Session:
    """Somebody's credentials at one MiniStack; without any the account's own."""

    connect: str
    credentials: Mapping[str, str]

    @classmethod
    def of(cls, stack: LocalStack, role: str) -> "Session":
        """Take on a deployed role.

        MiniStack lets the account's key do so wherever a service is trusted; it gives the workers
        of the functions their credentials in the same way.
        """
        found = stack.aws.client("iam").get_role(RoleName=stack.resources[f"{role}Role"])
        given = stack.aws.client("sts").assume_role(
            RoleArn=found["Role"]["Arn"], RoleSessionName="test-iam"
        )["Credentials"]
        session = cls(
            stack.connect,
            {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            },
        )
        who = session.client("sts").get_caller_identity()["Arn"]
        assert f":assumed-role/{stack.resources[f'{role}Role']}/" in who
        return session

    def client(self, service: str) -> Any:
        """A client that tries once."""
        account = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return _BOTO.client(
            service,
            endpoint_url=f"http://{self.connect}",
            region_name=REGION,
            config=Config(proxies={}, retries={"total_max_attempts": 1}),
            **(self.credentials or account),
        )


def allowed(call: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
    """Tell whether a call got past IAM; what it then failed for does not matter here."""
    try:
        call(*args, **kwargs)
    except ClientError as error:
        return error.response["Error"]["Code"] not in {"AccessDenied", "AccessDeniedException"}
    return True


# The probes. None leaves a trace where it is allowed: writes have a condition that never holds,
# the queue is sent nothing, the mail has a sender that SES refuses.

_NEVER: Mapping[str, object] = {"ConditionExpression": "attribute_exists(nobody_has_this)"}


def _transact(client: Any, kind: str, **what: object) -> object:
    return client.transact_write_items(TransactItems=[{kind: {**what, **_NEVER}}])


Probe = Callable[[Any, str, Mapping[str, Any]], object]

TABLE_PROBES: Mapping[str, Probe] = {
    "GetItem": lambda db, table, key: db.get_item(TableName=table, Key=key),
    "BatchGetItem": lambda db, table, key: db.batch_get_item(RequestItems={table: {"Keys": [key]}}),
    "Query": lambda db, table, key: db.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": key["pk"]},
    ),
    "Scan": lambda db, table, _: db.scan(TableName=table, Limit=1),
    "PutItem": lambda db, table, key: db.put_item(TableName=table, Item=key, **_NEVER),
    "UpdateItem": lambda db, table, key: db.update_item(
        TableName=table, Key=key, UpdateExpression="REMOVE nothing_here", **_NEVER
    ),
    "DeleteItem": lambda db, table, key: db.delete_item(TableName=table, Key=key, **_NEVER),
    "ConditionCheckItem": lambda db, table, key: _transact(
        db, "ConditionCheck", TableName=table, Key=key
    ),
    "BatchWriteItem": lambda db, table, key: db.batch_write_item(
        RequestItems={table: [{"DeleteRequest": {"Key": key}}]}
    ),
    "DescribeTable": lambda db, table, _: db.describe_table(TableName=table),
}


def probed(stack: LocalStack, session: Session) -> Grants:
    """Return what the deployed policies let *session* do."""
    found = dict(_probed(stack, session))
    return {name: actions for name, actions in found.items() if actions}


def _probed(stack: LocalStack, session: Session) -> Iterator[tuple[str, set[str]]]:
    database = session.client("dynamodb")
    for table in TABLES:
        name, key = stack.resources[f"{table}Table"], _nobody(table)
        probes = TABLE_PROBES.items()
        yield table, {action for action, probe in probes if allowed(probe, database, name, key)}
    for index in INDEXES:
        table, _, name = index.partition("/")
        asked = {"TableName": stack.resources[f"{table}Table"], "IndexName": name}
        yield index, _index_actions(database, asked, _HASH_KEYS[index])
    yield from _probed_elsewhere(stack, session)


def _probed_elsewhere(stack: LocalStack, session: Session) -> Iterator[tuple[str, set[str]]]:
    secrets, queues, mail = (session.client(name) for name in ("secretsmanager", "sqs", "sesv2"))
    for secret in ("PepperSecret", "MaskSecret", "GmoShopSecret"):
        opened = allowed(secrets.get_secret_value, SecretId=_secret_arn(stack, secret))
        yield secret, {"GetSecretValue"} if opened else set()
    queue = stack.resources["FailureQueue"]
    queued = allowed(queues.send_message, QueueUrl=queue, MessageBody="")
    yield "FailureQueue", {"SendMessage"} if queued else set()
    unlist = {"EmailAddress": "nobody@nowhere.invalid"}
    asked = {
        "SendEmail": allowed(_send_nothing, mail),
        "DeleteSuppressedDestination": allowed(mail.delete_suppressed_destination, **unlist),
    }
    yield "Mail", {action for action, may in asked.items() if may}


_HASH_KEYS = {
    "Billing/asks": "ask_shard",
    "Billing/reminders": "remind_shard",
    "Billing/discrepancies": "open",
    "Inbox/pending": "pending",
    "Outbox/pending": "pending",
    "Outbox/member": "member_id",
    "Members/mail_fails": "mail_fails",
}


def _index_actions(database: Any, asked: Mapping[str, str], hash_key: str) -> set[str]:
    condition = {
        "KeyConditionExpression": "#h = :h",
        "ExpressionAttributeNames": {"#h": hash_key},
        "ExpressionAttributeValues": {":h": {"S": "nobody"}},
    }
    queried = allowed(database.query, **asked, **condition)
    scanned = allowed(database.scan, **asked, Limit=1)
    return {action for action, may in (("Query", queried), ("Scan", scanned)) if may}


def _nobody(table: str) -> dict[str, dict[str, str]]:
    one_part = table in {"Credentials", "Throttle", "Inbox", "Outbox"}
    return {"pk": {"S": "nobody"}} | ({} if one_part else {"sk": {"S": "nobody"}})


def _secret_arn(stack: LocalStack, secret: str) -> str:
    found = stack.aws.client("secretsmanager").describe_secret(SecretId=stack.resources[secret])
    arn: str = found["ARN"]
    return arn


def _send_nothing(mail: Any) -> object:
    return mail.send_email(
        FromEmailAddress="nobody@nowhere.invalid",
        Destination={"ToAddresses": ["nobody@nowhere.invalid"]},
        Content={"Simple": {"Subject": {"Data": "-"}, "Body": {"Text": {"Data": "-"}}}},
    )
