"""Who may do what: each deployed role takes every action on every table, secret, queue and mail.

Credentials come from sts:AssumeRole, as those of a running function do, and MiniStack evaluates
them (local/ministack.py starts it with IAM enforced). What is allowed is written down here by hand;
the template and the deployed stack are both held against it, so that a wider policy fails twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.environment import REGION
from tests.stackfixture import LocalStack
from tests.unit.template.loading import Template, as_list, load, of_type, statements

Grants = dict[str, set[str]]

TABLES = (
    "Credentials", "Sessions", "Throttle", "Members", "Billing", "Inbox", "Outbox", "Audit",
)  # fmt: skip
INDEXES = (
    "Billing/asks", "Billing/reminders", "Billing/discrepancies", "Inbox/pending", "Outbox/pending",
    "Outbox/member", "Members/mail_fails",
)  # fmt: skip

READ, WRITE = "GetItem BatchGetItem", "PutItem UpdateItem"

_LOOK_UP = f"{READ} Query Scan"
_LOOKS_UP: Mapping[str, str] = {
    "Credentials": _LOOK_UP,
    "Sessions": "Query",
    "Throttle": _LOOK_UP,
    "Members": _LOOK_UP,
    "Members/mail_fails": "Query",
    "Billing": _LOOK_UP,
    "Billing/discrepancies": "Query",
    "Inbox": _LOOK_UP,
    "Inbox/pending": "Query",
    "Outbox": _LOOK_UP,
    "Outbox/member": "Query",
    "Audit": _LOOK_UP,
}
_CHANGES_MEMBERS: Mapping[str, str] = {
    "Credentials": WRITE,
    "Throttle": "DeleteItem",
    "Members": WRITE,
    "Sessions": "DeleteItem",
    "Outbox": "PutItem",
    "Audit": "PutItem",
    "PepperSecret": "GetSecretValue",
}
_CHANGES_MONEY: Mapping[str, str] = {
    "Members": "ConditionCheckItem",
    "Billing": f"{WRITE} ConditionCheckItem",
    "Billing/reminders": "Query",
    "Inbox": "UpdateItem",
    "Outbox": "PutItem",
    "Audit": "PutItem",
}
_ENDS: Mapping[str, str] = {
    "Members": "DeleteItem",
    "Sessions": "Scan",
    "Outbox": "DeleteItem",
    "MaskSecret": "GetSecretValue",
}


def _both(*rights: Mapping[str, str]) -> Mapping[str, str]:
    """Return rights of several kinds as those of one role."""
    places = {place for one in rights for place in one}
    return {place: " ".join(one[place] for one in rights if place in one) for place in places}


OFFICE: Mapping[str, Mapping[str, str]] = {
    "OfficeViewer": _LOOKS_UP,
    "OfficeClerk": _both(_LOOKS_UP, _CHANGES_MEMBERS),
    "OfficeAccountant": _both(_LOOKS_UP, _CHANGES_MONEY),
    "OfficeAdministrator": _both(_LOOKS_UP, _CHANGES_MEMBERS, _CHANGES_MONEY, _ENDS),
}

MAY: Mapping[str, Mapping[str, str]] = {
    **OFFICE,
    "Login": {
        "Credentials": f"{READ} UpdateItem",
        "Throttle": f"{READ} UpdateItem DeleteItem",
        "Sessions": f"{READ} {WRITE} DeleteItem",
        "Audit": "PutItem",
        "PepperSecret": "GetSecretValue",
        "MaskSecret": "GetSecretValue",
    },
    "Password": {
        "Credentials": f"{READ} UpdateItem",
        "Throttle": f"{READ} UpdateItem DeleteItem",
        "Sessions": f"{READ} Query {WRITE} DeleteItem",
        "Members": READ,
        "Outbox": "PutItem",
        "Audit": "PutItem",
        "PepperSecret": "GetSecretValue",
    },
    "Member": {
        "Sessions": f"{READ} UpdateItem DeleteItem",
        "Members": f"{READ} Query UpdateItem",
        "Outbox": f"{READ} PutItem",
        "Audit": "PutItem",
    },
    "Billing": {
        "Sessions": f"{READ} UpdateItem",
        "Members": READ,
        "Billing": f"{READ} Query {WRITE}",
        "Inbox": "PutItem",
        "Outbox": "PutItem",
        "Audit": "PutItem",
        "GmoShopSecret": "GetSecretValue",
    },
    "Receipt": {
        "Sessions": f"{READ} UpdateItem",
        "Billing": f"{READ} UpdateItem",
    },
    "GmoWebhook": {
        "Inbox": "PutItem",
    },
    "Settlement": {
        "Billing": f"{READ} Query {WRITE}",
        "Billing/asks": "Query",
        "Billing/reminders": "Query",
        "Members": "GetItem",
        "Inbox": "GetItem UpdateItem",
        "Inbox/pending": "Query",
        "Outbox": "PutItem",
        "Audit": "PutItem",
        "GmoShopSecret": "GetSecretValue",
        "FailureQueue": "SendMessage",
    },
    "Mailer": {
        "Outbox": "GetItem UpdateItem",
        "Outbox/pending": "Query",
        "Members": "GetItem",
        "Billing": "GetItem",
        "Credentials": "GetItem",
        "Sessions": "PutItem",
        "FailureQueue": "SendMessage",
        "Mail": "SendEmail DeleteSuppressedDestination",
    },
    "MailEvents": {
        "Outbox": "UpdateItem",
        "Members": "GetItem UpdateItem",
        "FailureQueue": "SendMessage",
    },
    "Scheduler": {
        "FailureQueue": "SendMessage",
    },
}
"""By role and resource, the whole of what may be done with data, secrets, queue and mail."""

_NOT_DATA = frozenset({"logs", "lambda", "cloudformation"})
"""Services that the matrix leaves out; tests/unit/template looks at their statements."""
_STREAM = ".StreamArn"

_BOTO = boto3.session.Session()
"""One for all, since it keeps the service models it has read; each client has its credentials."""


def expected(role: str) -> Grants:
    return {resource: set(actions.split()) for resource, actions in MAY[role].items()}


@pytest.mark.parametrize("role", sorted(MAY))
def test_a_deployed_role_may_do_this_and_nothing_else(local_stack: LocalStack, role: str) -> None:
    """Some 80 calls a role; each ends in AccessDenied or, where it is allowed, without a trace."""
    session = Session.of(local_stack, role)

    assert probed(local_stack, session) == expected(role)


@pytest.mark.parametrize("role", sorted(MAY))
def test_the_template_grants_what_the_table_here_says(role: str) -> None:
    assert granted(load(), role) == expected(role)


def test_every_role_of_the_template_stands_in_the_table() -> None:
    roles = {name.removesuffix("Role") for name in of_type(load(), "AWS::IAM::Role")}

    # The gateway's role writes access logs and touches nothing else.
    assert roles - {"ApiGatewayLog"} == set(MAY)


@pytest.mark.parametrize("role", sorted(set(MAY) - {"Scheduler", *OFFICE}))
def test_a_function_runs_under_its_own_role(local_stack: LocalStack, role: str) -> None:
    """So what the other tests of this folder see working works with these rights."""
    functions = local_stack.aws.client("lambda")

    deployed = functions.get_function_configuration(
        FunctionName=f"{local_stack.resources[f'{role}Function']}:live"
    )

    assert deployed["Role"].endswith(f":role/{local_stack.resources[f'{role}Role']}")


def test_no_function_may_scan_and_nobody_write_in_bulk() -> None:
    for role in MAY:
        for actions in expected(role).values():
            assert not actions & {"BatchWriteItem", "DeleteTable"}
            assert "Scan" not in actions or role in OFFICE


def test_the_probe_sees_what_is_open(local_stack: LocalStack) -> None:
    """The account's own key may do everything; so a denial above is IAM's and no broken call."""
    found = probed(local_stack, Session(local_stack.connect, {}))

    assert set(found) == {
        *TABLES,
        *INDEXES,
        "PepperSecret",
        "MaskSecret",
        "GmoShopSecret",
        "FailureQueue",
        "Mail",
    }
    assert all(found[table] == set(TABLE_PROBES) for table in TABLES)


# Acting as a role


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


# What the template says


def granted(template: Template, role: str) -> Grants:
    """Return what a role's statements grant, by the names of the table above."""
    found: Grants = {}
    for statement in statements(template, f"{role}Role"):
        for resource in as_list(statement["Resource"]):
            for action in as_list(statement["Action"]):
                service, _, name = action.partition(":")
                if service not in _NOT_DATA and not _is_stream(resource):
                    found.setdefault(_named(service, resource), set()).add(name)
    return found


def _is_stream(resource: Template | str) -> bool:
    if isinstance(resource, str):
        return False
    return ".".join(as_list(resource.get("Fn::GetAtt", ""))).endswith(_STREAM)


def _named(service: str, resource: Template | str) -> str:
    if service == "ses" or isinstance(resource, str):
        return "Mail"
    if "Fn::Sub" in resource:
        table, _, index = str(resource["Fn::Sub"]).partition("/index/")
        return f"{table.removeprefix('${').removesuffix('Table.Arn}')}/{index}"
    return str(resource["Fn::GetAtt"][0]).removesuffix("Table")
