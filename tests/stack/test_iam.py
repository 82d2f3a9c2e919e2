"""Who may do what: each deployed role takes every action on every table, secret, queue and mail.

tests.stack.probing takes the roles on. What is allowed is written down here by hand;
the template and the deployed stack are both held against it, so that a wider policy fails twice.
"""

from collections.abc import Mapping

import pytest

from tests.stack.probing import INDEXES, TABLE_PROBES, TABLES, Grants, Session, probed
from tests.stackfixture import LocalStack
from tests.unit.template.loading import Template, as_list, load, of_type, statements

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
