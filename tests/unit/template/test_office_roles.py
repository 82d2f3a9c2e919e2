"""What the office's roles may do, read from the template; tests/stack proves it deployed."""

from collections.abc import Mapping

import pytest

from ops import aws, stack
from ops.reach import SESSION_SECONDS
from ops.roles import Role
from tests.unit.template.loading import load, of_type, statements
from tests.unit.template.test_roles import OFFICE, reach
from tests.unit.template.test_samconfig import CONFIG, STAGES

TEMPLATE = load()
FINDS = {"ListStackResources", "GetFunctionConfiguration"}
READS = {"GetItem", "BatchGetItem", "Query", "Scan"}


def template_name(role: Role) -> str:
    return f"Office{role.capitalize()}Role"


def properties(role: str) -> Mapping[str, object]:
    found: Mapping[str, object] = TEMPLATE["Resources"][role]["Properties"]
    return found


def test_each_of_the_offices_roles_is_in_the_template_and_no_other() -> None:
    assert sorted(OFFICE) == sorted(map(template_name, Role))


@pytest.mark.parametrize("role", Role)
def test_a_role_has_the_name_under_which_it_is_taken_on(role: Role) -> None:
    named = properties(template_name(role))["RoleName"]
    stage = "production"

    assert isinstance(named, dict)
    assert named["Fn::Sub"].replace("${AWS::StackName}", stack.stack_name(stage)) == (
        stack.role_name(stage, role)
    )


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_reached_where_it_is_deployed(stage: str) -> None:
    assert CONFIG[stage]["global"]["parameters"]["region"] == aws.REGION
    assert CONFIG[stage]["global"]["parameters"]["stack_name"] == stack.stack_name(stage)
    # The office's roles have names.
    assert CONFIG[stage]["deploy"]["parameters"]["capabilities"] == "CAPABILITY_NAMED_IAM"


@pytest.mark.parametrize("role", OFFICE)
def test_a_role_is_taken_on_with_mfa_under_ones_own_name_for_an_hour(role: str) -> None:
    assert properties(role)["MaxSessionDuration"] == SESSION_SECONDS
    trust = properties(role)["AssumeRolePolicyDocument"]
    assert isinstance(trust, dict)
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {
        "AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    }
    condition, with_mfa, without = statement["Condition"]["Fn::If"]
    assert condition == "AsksOfficeForMfa"
    assert with_mfa == {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"sts:RoleSessionName": "${aws:username}"},
    }
    assert without == {"Ref": "AWS::NoValue"}


def test_mfa_is_asked_for_unless_a_stage_says_otherwise() -> None:
    assert TEMPLATE["Parameters"]["OfficeMfa"]["Default"] == "true"
    for stage in ("staging", "production"):
        pairs = CONFIG[stage]["deploy"]["parameters"]["parameter_overrides"]
        assert not any(one.startswith("OfficeMfa=") for one in pairs)


def test_a_viewer_changes_nothing_and_reads_no_secret() -> None:
    assert set().union(*reach("OfficeViewerRole").values()) == READS | FINDS


@pytest.mark.parametrize("role", OFFICE)
def test_every_role_reads_what_a_viewer_reads(role: str) -> None:
    mine = reach(role)
    assert all(actions <= mine[where] for where, actions in reach("OfficeViewerRole").items())


@pytest.mark.parametrize("role", OFFICE)
def test_nobody_of_the_office_changes_or_deletes_an_audit_row(role: str) -> None:
    assert reach(role)["AuditTable.Arn"] <= READS | {"PutItem"}


@pytest.mark.parametrize("role", OFFICE)
def test_nobody_of_the_office_reads_the_shops_password(role: str) -> None:
    assert "GmoShopSecret.Id" not in reach(role)


def test_only_who_issues_passwords_reads_the_pepper() -> None:
    assert _holders("PepperSecret.Id") == {"OfficeClerkRole", "OfficeAdministratorRole"}


def test_only_an_administrator_tells_whom_a_mask_stands_for() -> None:
    assert _holders("MaskSecret.Id") == {"OfficeAdministratorRole"}


def test_a_clerk_changes_nothing_about_money() -> None:
    assert reach("OfficeClerkRole")["BillingTable.Arn"] <= READS
    assert reach("OfficeClerkRole")["InboxTable.Arn"] <= READS


@pytest.mark.parametrize("table", ["Credentials", "Members", "Throttle"])
def test_an_accountant_changes_no_member_and_no_way_in(table: str) -> None:
    # A condition is not a change: a bill holds that the member still stands as it says.
    assert reach("OfficeAccountantRole")[f"{table}Table.Arn"] <= READS | {"ConditionCheckItem"}
    # How many devices one member has signed in is seen by all; nobody's session is ended by it.
    assert reach("OfficeAccountantRole")["SessionsTable.Arn"] == {"Query"}


def test_only_an_administrator_deletes_what_names_a_member() -> None:
    for role in OFFICE:
        deleted = {where for where, actions in reach(role).items() if "DeleteItem" in actions}
        if role != "OfficeAdministratorRole":
            assert deleted <= {"SessionsTable.Arn", "ThrottleTable.Arn"}


@pytest.mark.parametrize("role", OFFICE)
def test_sessions_and_counters_are_ended_and_never_made(role: str) -> None:
    # An update makes the row that is not there: a session of any member, without a password.
    for table in ("SessionsTable.Arn", "ThrottleTable.Arn"):
        assert reach(role)[table] <= READS | {"DeleteItem"}


def test_no_way_in_is_ever_deleted() -> None:
    # The next import would take the number for a new member's.
    assert not any("DeleteItem" in reach(role)["CredentialsTable.Arn"] for role in OFFICE)


def test_no_invoice_or_payment_is_ever_deleted() -> None:
    assert not any("DeleteItem" in reach(role)["BillingTable.Arn"] for role in OFFICE)


def test_the_settings_that_are_read_are_of_one_function_only() -> None:
    for role in OFFICE:
        assert {
            where for where, actions in reach(role).items() if "GetFunctionConfiguration" in actions
        } == {f"{stack.SETTINGS_OF}.Arn"}


def test_that_function_is_given_what_all_are_given() -> None:
    own = TEMPLATE["Resources"][stack.SETTINGS_OF]["Properties"]
    assert "Environment" not in own, "Globals alone say it"


def test_no_right_is_written_twice() -> None:
    """Each policy adds to those before it, and a role is a list of policies."""
    for role in OFFICE:
        assert "Policies" not in properties(role)
    policies = of_type(TEMPLATE, "AWS::IAM::ManagedPolicy")
    ids = [one["Sid"] for one in statements(TEMPLATE, "OfficeAdministratorRole")]
    attached = properties("OfficeAdministratorRole")["ManagedPolicyArns"]
    assert attached == [{"Ref": name} for name in policies]
    assert len(ids) == sum(
        len(one["Properties"]["PolicyDocument"]["Statement"]) for one in policies.values()
    )


def _holders(suffix: str) -> set[str]:
    return {role for role in OFFICE if suffix in reach(role)}
