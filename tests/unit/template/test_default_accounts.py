"""What a deployment brings of accounts: none (ASVS V6.3.2), and what a password costs (V11.4.2)."""

from tests.unit.template.loading import functions, load, of_type
from tests.unit.template.test_roles import reach

TEMPLATE = load()
ALLOWED = {"GetItem", "BatchGetItem", "UpdateItem"}
"""Each update of a credential has a condition that only an existing row fulfils, see store.py."""


def test_no_function_may_put_a_credential() -> None:
    """Seen red with PutItem in the role of login."""
    for name in functions(TEMPLATE):
        assert reach(f"{name}Role").get("CredentialsTable.Arn", set()) <= ALLOWED


def test_no_resource_fills_a_table_at_deployment() -> None:
    kinds = {resource["Type"] for resource in TEMPLATE["Resources"].values()}
    assert [one for one in kinds if one.startswith("Custom::") or "CustomResource" in one] == []
    for table in of_type(TEMPLATE, "AWS::DynamoDB::Table"):
        assert "ImportSourceSpecification" not in TEMPLATE["Resources"][table]["Properties"]


def test_a_password_costs_twelve_unless_a_stage_says_otherwise_and_never_less_than_ten() -> None:
    """tests/unit/template/test_samconfig.py holds that no stage on AWS says otherwise."""
    cost = TEMPLATE["Parameters"]["BcryptCost"]
    assert (cost["Default"], cost["MinValue"]) == (12, 10)
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["BCRYPT_COST"] == {"Ref": "BcryptCost"}
