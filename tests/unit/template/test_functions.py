from collections.abc import Iterator, Mapping

import pytest

from portal.config import Config
from tests.unit.template.loading import (
    ROOT,
    Template,
    events,
    functions,
    load,
    of_type,
    translate,
)

TEMPLATE = load()
FUNCTIONS = functions(TEMPLATE)
GLOBALS = TEMPLATE["Globals"]["Function"]
GATEWAY_SECONDS = 29
ON_FAILURE = {"Type": "SQS", "Destination": {"Fn::GetAtt": ["FailureQueue", "Arn"]}}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_handler_exists(name: str) -> None:
    module, _, attribute = FUNCTIONS[name]["Handler"].rpartition(".")
    assert attribute == "handler"
    assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file()


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_page_answers_before_the_gateway_gives_up(name: str) -> None:
    if events(FUNCTIONS[name], "Api"):
        assert FUNCTIONS[name].get("Timeout", GLOBALS["Timeout"]) < GATEWAY_SECONDS


@pytest.mark.parametrize("name", ["Login", "Password"])
def test_where_passwords_are_hashed_there_is_a_whole_processor(name: str) -> None:
    assert FUNCTIONS[name]["MemorySize"] == 1769


RESERVED = {
    name: one["ReservedConcurrentExecutions"]["Fn::If"][1]
    for name, one in FUNCTIONS.items()
    if "ReservedConcurrentExecutions" in one
}
QUOTA, LEFT_FREE = 1000, 100
"""Lambda's concurrency that docs/deploy.md asks for, and what an account must leave unreserved."""


def test_heavy_functions_are_bounded_and_money_and_mail_have_their_share() -> None:
    """ASVS V15.2.2: however many hashes or receipts are asked for, notifications are taken in."""
    assert {"Login", "Password", "Receipt"} <= set(RESERVED)
    assert {"GmoWebhook", "Settlement", "Mailer"} <= set(RESERVED)
    assert max(RESERVED.values()) == RESERVED["Login"]


def test_what_is_reserved_leaves_the_pages_most_of_the_accounts_quota() -> None:
    assert QUOTA - sum(RESERVED.values()) >= QUOTA / 2 + LEFT_FREE


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_logs_into_a_group_with_retention(name: str) -> None:
    group = TEMPLATE["Resources"][f"{name}LogGroup"]
    assert FUNCTIONS[name]["LoggingConfig"] == {"LogGroup": {"Ref": f"{name}LogGroup"}}
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}
    assert group["DeletionPolicy"] == "Retain"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_errors_of_a_function_ring_an_alarm(name: str) -> None:
    alarm = TEMPLATE["Resources"][f"{name}ErrorsAlarm"]["Properties"]
    assert alarm["MetricName"] == "Errors"
    assert alarm["Dimensions"][0]["Value"] == {"Ref": f"{name}Function"}


class _Recorder(Mapping[str, str]):
    """Has every variable and remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return "1"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_the_environment_is_what_the_settings_read() -> None:
    """Every name that Config reads is given, and no other but the receipt's font."""
    recorder = _Recorder()
    Config.from_env(recorder)
    assert set(GLOBALS["Environment"]["Variables"]) == recorder.asked | {"RECEIPT_FONT_DIR"}


def test_no_secret_stands_in_an_environment_variable() -> None:
    for properties in (GLOBALS, *FUNCTIONS.values()):
        for value in properties.get("Environment", {}).get("Variables", {}).values():
            assert value != {"Ref": "GmoShopPassword"}
            assert "{{resolve:" not in str(value)


def test_every_function_is_behind_the_alias_and_traced(translated: Template) -> None:
    assert GLOBALS["AutoPublishAlias"] == "live"
    assert GLOBALS["Tracing"] == "Active"
    assert len(of_type(translated, "AWS::Lambda::Alias")) == len(FUNCTIONS)


def test_a_change_of_the_layer_alone_publishes_new_versions(translated: Template) -> None:
    """Without the two publish properties it would deploy green and change nothing."""
    before = set(of_type(translated, "AWS::Lambda::Version"))
    after = set(of_type(translate(TEMPLATE, layer="common-2"), "AWS::Lambda::Version"))
    assert len(before) == len(after) == len(FUNCTIONS)
    assert before.isdisjoint(after)


def test_old_layers_outlive_the_versions_that_use_them() -> None:
    for layer in of_type(TEMPLATE, "AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["RetentionPolicy"] == "Retain"


def test_only_the_receipt_carries_the_typesetter() -> None:
    users = {name for name, one in FUNCTIONS.items() if {"Ref": "ReceiptLayer"} in layers(one)}
    assert users == {"Receipt"}


def layers(properties: Template) -> list[Template]:
    found: list[Template] = [*GLOBALS["Layers"], *properties.get("Layers", [])]
    return found


@pytest.mark.parametrize(
    ("name", "table"), [("Settlement", "InboxTable"), ("Mailer", "OutboxTable")]
)
def test_a_stream_saves_time_and_loses_nothing_silently(name: str, table: str) -> None:
    (stream,) = events(FUNCTIONS[name], "DynamoDB")
    assert stream["Stream"] == {"Fn::GetAtt": [table, "StreamArn"]}
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["FilterCriteria"] == {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["MaximumRetryAttempts"] > 0
    assert 0 < stream["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert stream["DestinationConfig"] == {"OnFailure": ON_FAILURE}


@pytest.mark.parametrize(
    ("name", "rate", "task"),
    [
        ("Settlement", "rate(1 minute)", "ask"),
        ("Settlement", "rate(5 minutes)", "sweep"),
        ("Mailer", "rate(5 minutes)", "sweep"),
    ],
)
def test_schedules_are_the_guarantee(name: str, rate: str, task: str) -> None:
    schedules = events(FUNCTIONS[name], "ScheduleV2")
    (found,) = [one for one in schedules if one["Input"] == f'{{"task":"{task}"}}']
    assert found["ScheduleExpression"] == rate
    assert found["RoleArn"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}


def test_reminders_are_told_by_day_in_japan() -> None:
    schedules = events(FUNCTIONS["Settlement"], "ScheduleV2")
    (found,) = [one for one in schedules if one["Input"] == '{"task":"remind"}']
    assert found["ScheduleExpression"] == "cron(0/10 9-17 * * ? *)"
    assert found["ScheduleExpressionTimezone"] == "Asia/Tokyo"
    assert found["RoleArn"] == {"Fn::GetAtt": ["SchedulerRole", "Arn"]}


@pytest.mark.parametrize("name", ["Settlement", "Mailer", "MailEvents"])
def test_what_a_background_function_gives_up_on_is_kept(name: str) -> None:
    assert FUNCTIONS[name]["EventInvokeConfig"]["DestinationConfig"] == {"OnFailure": ON_FAILURE}
