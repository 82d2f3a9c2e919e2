import pytest

from tests.unit.template.loading import Template, load, of_type

TABLES = of_type(load(), "AWS::DynamoDB::Table")
KEPT_FOR_A_TIME = {"SessionsTable", "ThrottleTable", "InboxTable", "OutboxTable"}


def test_the_tables_are_those_of_the_data_model() -> None:
    names = {"Credentials", "Sessions", "Throttle", "Members", "Billing", "Inbox", "Outbox"}
    assert set(TABLES) == {f"{name}Table" for name in names | {"Audit"}}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_outlives_a_mistake_in_the_template(name: str) -> None:
    table = TABLES[name]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_can_be_restored_to_any_second_of_35_days(name: str) -> None:
    recovery = TABLES[name]["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_is_encrypted_and_has_no_name_of_its_own(name: str) -> None:
    properties = TABLES[name]["Properties"]
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert "TableName" not in properties


def test_deletion_protection_is_on_unless_said_otherwise(template: Template) -> None:
    assert template["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_only_what_may_vanish_has_a_time_to_live() -> None:
    given = {n: t["Properties"].get("TimeToLiveSpecification") for n, t in TABLES.items()}
    expected = {"AttributeName": "ttl", "Enabled": True}
    assert {name for name, ttl in given.items() if ttl == expected} == KEPT_FOR_A_TIME
    assert {name for name, ttl in given.items() if ttl} == KEPT_FOR_A_TIME


def test_sparse_indexes_serve_the_sweeps() -> None:
    found = {
        (name, index["IndexName"]): (
            *(key["AttributeName"] for key in index["KeySchema"]),
            index["Projection"]["ProjectionType"],
        )
        for name, table in TABLES.items()
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
    }
    assert found == {
        ("BillingTable", "asks"): ("ask_shard", "next_ask_at", "KEYS_ONLY"),
        ("BillingTable", "reminders"): ("remind_shard", "next_remind_at", "KEYS_ONLY"),
        ("BillingTable", "discrepancies"): ("open", "found_at", "ALL"),
        ("InboxTable", "pending"): ("pending", "due_at", "KEYS_ONLY"),
        ("OutboxTable", "pending"): ("pending", "due_at", "KEYS_ONLY"),
        ("OutboxTable", "member"): ("member_id", "created_at", "INCLUDE"),
        ("MembersTable", "mail_fails"): ("mail_fails", "mail_fails_at", "INCLUDE"),
    }
