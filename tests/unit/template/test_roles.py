"""Least privilege, read from the template; tests/stack proves the same with IAM enforced."""

import pytest

from tests.unit.template.loading import Template, as_list, functions, load, of_type, statements

TEMPLATE = load()
ROLES = sorted(of_type(TEMPLATE, "AWS::IAM::Role"))
OFFICE = [role for role in ROLES if role.startswith("Office")]
"""The roles of people; test_office_roles.py looks at what is theirs alone."""
FUNCTIONS = sorted(functions(TEMPLATE))


NO_RESOURCE = {"ses:DeleteSuppressedDestination"}
"""Actions for which IAM knows no resource, so that their statements must say ``*``."""


STACK_ID = "stack/${AWS::StackName}/*"
"""The random end of the stack's own ARN."""


def reach(role: str) -> dict[str, set[str]]:
    """Return what a role may do with each table, index, secret or queue."""
    found: dict[str, set[str]] = {}
    for statement in statements(TEMPLATE, role):
        for resource in as_list(statement["Resource"]):
            actions = {one.split(":")[1] for one in as_list(statement["Action"])}
            found.setdefault(_name(resource), set()).update(actions)
    return found


def _name(resource: Template | str) -> str:
    if isinstance(resource, str):
        return "any"
    if "Fn::GetAtt" in resource:
        return ".".join(resource["Fn::GetAtt"])
    return str(resource.get("Fn::Sub") or resource["Ref"])


def _holders(suffix: str) -> set[str]:
    return {name for name in FUNCTIONS if any(one == suffix for one in reach(f"{name}Role"))}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_role_of_its_own(name: str) -> None:
    role = functions(TEMPLATE)[name]["Role"]
    assert role == {"Fn::GetAtt": [f"{name}Role", "Arn"]}


def test_sam_adds_no_role_or_policy(translated: Template) -> None:
    assert sorted(of_type(translated, "AWS::IAM::Role")) == ROLES
    assert not of_type(translated, "AWS::IAM::Policy")


@pytest.mark.parametrize("role", ROLES)
def test_no_statement_has_a_star_or_lets_scan(role: str) -> None:
    for statement in statements(TEMPLATE, role):
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            assert "*" not in action
            assert action != "dynamodb:Scan" or role in OFFICE
            assert action != "dynamodb:BatchWriteItem"
            assert not action.startswith("dynamodb:PartiQL")
        if set(as_list(statement["Action"])) <= NO_RESOURCE:
            continue
        for resource in as_list(statement["Resource"]):
            assert "*" not in str(resource).replace(STACK_ID, "")


@pytest.mark.parametrize("role", ROLES)
def test_managed_policies_are_only_those_of_traces_and_access_logs(role: str) -> None:
    managed = TEMPLATE["Resources"][role]["Properties"].get("ManagedPolicyArns", [])
    names = {one["Fn::Sub"].rpartition("/")[2] for one in managed if "Fn::Sub" in one}
    allowed = {
        "ApiGatewayLogRole": {"AmazonAPIGatewayPushToCloudWatchLogs"},
        "SchedulerRole": set(),
        **{role: set[str]() for role in OFFICE},
    }
    assert names == allowed.get(role, {"AWSXRayDaemonWriteAccess"})


def test_the_door_for_notifications_can_put_into_the_inbox_and_nothing_else() -> None:
    assert reach("GmoWebhookRole") == {
        "GmoWebhookLogGroup.Arn": {"CreateLogStream", "PutLogEvents"},
        "InboxTable.Arn": {"PutItem"},
    }


def test_password_hashes_are_written_by_signing_in_and_password_pages_only() -> None:
    assert _holders("CredentialsTable.Arn") == {"Login", "Password", "Mailer"}
    assert reach("MailerRole")["CredentialsTable.Arn"] == {"GetItem"}


def test_the_password_pages_read_a_members_names_and_change_no_record() -> None:
    assert reach("PasswordRole")["MembersTable.Arn"] == {"GetItem", "BatchGetItem"}


def test_secrets_are_read_by_those_who_need_them() -> None:
    assert _holders("PepperSecret.Id") == {"Login", "Password"}
    assert _holders("MaskSecret.Id") == {"Login"}
    assert _holders("GmoShopSecret.Id") == {"Billing", "Settlement"}


def test_the_audit_log_can_only_grow() -> None:
    for name in _holders("AuditTable.Arn"):
        assert reach(f"{name}Role")["AuditTable.Arn"] == {"PutItem"}


def test_only_sessions_and_counters_are_ever_deleted_by_functions() -> None:
    deleted = {
        resource
        for role in set(ROLES) - set(OFFICE)
        for resource, actions in reach(role).items()
        if "DeleteItem" in actions
    }
    assert deleted == {"SessionsTable.Arn", "ThrottleTable.Arn"}


def test_payments_are_changed_by_billing_and_settlement_only() -> None:
    writers = {n for n in FUNCTIONS if "PutItem" in reach(f"{n}Role").get("BillingTable.Arn", ())}
    assert writers == {"Billing", "Settlement"}


def test_settlement_reads_single_members_and_changes_none() -> None:
    assert reach("SettlementRole")["MembersTable.Arn"] == {"GetItem"}


def test_the_mailer_reads_single_rows_of_billing_and_changes_none() -> None:
    assert reach("MailerRole")["BillingTable.Arn"] == {"GetItem"}


def test_mail_is_sent_by_the_mailer_alone_and_under_the_societys_address() -> None:
    senders = {
        role: statement
        for role in ROLES
        for statement in statements(TEMPLATE, role)
        if "ses:SendEmail" in as_list(statement["Action"])
    }
    assert set(senders) == {"MailerRole"}
    condition = senders["MailerRole"]["Condition"]
    assert condition == {"StringEquals": {"ses:FromAddress": {"Ref": "SenderAddress"}}}


def test_what_ses_tells_is_noted_in_log_and_record_and_nowhere_else() -> None:
    assert reach("MailEventsRole") == {
        "MailEventsLogGroup.Arn": {"CreateLogStream", "PutLogEvents"},
        "OutboxTable.Arn": {"UpdateItem"},
        "MembersTable.Arn": {"GetItem", "UpdateItem"},
        "FailureQueue.Arn": {"SendMessage"},
    }


def test_each_function_writes_its_own_log() -> None:
    for name in FUNCTIONS:
        logs = {one for one in reach(f"{name}Role") if one.endswith("LogGroup.Arn")}
        assert logs == {f"{name}LogGroup.Arn"}
