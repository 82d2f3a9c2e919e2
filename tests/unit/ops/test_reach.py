"""From a stage's name to a desk: with whose rights, and when not at all."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops import reach
from ops.cli import Options, main
from ops.exits import Status
from ops.failures import Failure
from ops.output import Output
from ops.roles import Role

SETTINGS = {
    "STAGE": "production",
    "PUBLIC_BASE_URL": "https://member.example",
    "PEPPER_SECRET_ARN": "arn:pepper",
    "MASK_SECRET_ARN": "arn:mask",
    "GMO_SECRET_ARN": "arn:gmo",
    "GMO_API_BASE": "https://gmo.example",
    "GMO_SHOP_ID": "shop",
    "GMO_CONFIG_ID": "001",
    "MAIL_CONFIGURATION_SET": "mails",
    "BCRYPT_COST": "12",
    **{
        f"{name}_TABLE": name.lower()
        for name in (
            "CREDENTIALS", "SESSIONS", "THROTTLE", "MEMBERS", "BILLING", "INBOX", "OUTBOX", "AUDIT",
        )
    },
}  # fmt: skip
USER = "arn:aws:iam::123456789012:user/office/yamada"
GIVEN = {"AccessKeyId": "id", "SecretAccessKey": "key", "SessionToken": "token"}
TAKEN = {"aws_access_key_id": "id", "aws_secret_access_key": "key", "aws_session_token": "token"}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "Operation")


class Account:
    """An AWS account with one stack. *arn* is who asks, *faults* what a call is answered with."""

    def __init__(self, arn: str = USER, settings: Mapping[str, str] = SETTINGS) -> None:
        self.arn = arn
        self.settings = settings
        self.faults: dict[str, Exception] = {}
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.keys: Mapping[str, str] = {}
        self.resources = [("OtherFunction", "fn-other"), ("LoginFunction", "fn-login")]

    def client(self, _service: str) -> "Account":
        return self

    def with_keys(self, credentials: Mapping[str, str]) -> "Account":
        self.keys = credentials
        return self

    def get_paginator(self, _operation: str) -> "Account":
        return self

    def paginate(self, **asked: str) -> list[dict[str, Any]]:
        self._answer("list_stack_resources", asked)
        names = ("LogicalResourceId", "PhysicalResourceId")
        found = [dict(zip(names, one, strict=True)) for one in self.resources]
        return [{"StackResourceSummaries": [one]} for one in found]

    def get_caller_identity(self) -> dict[str, str]:
        self._answer("get_caller_identity", {})
        return {"Arn": self.arn, "Account": "123456789012"}

    def assume_role(self, **asked: object) -> dict[str, Any]:
        self._answer("assume_role", asked)
        return {"Credentials": GIVEN}

    def get_function_configuration(self, **asked: str) -> dict[str, Any]:
        self._answer("get_function_configuration", asked)
        return {"Environment": {"Variables": self.settings}}

    def get_secret_value(self, **asked: str) -> dict[str, str]:
        self._answer("get_secret_value", asked)
        return {"SecretString": '{"current": "p1", "p1": "pepper"}'}

    def _answer(self, operation: str, asked: Mapping[str, object]) -> None:
        self.asked.append((operation, asked))
        if operation in self.faults:
            raise self.faults[operation]

    def of(self, operation: str) -> list[Mapping[str, Any]]:
        return [asked for name, asked in self.asked if name == operation]


def reached(account: Account, role: Role | None = None) -> Any:
    options = Options("production", role)
    return reach.reach(options, Output(), lambda _: account)


def typed(account: Account) -> int:
    """Type a command at the account and return its exit status."""
    words = ["--stage", "production", "discrepancies", "list"]
    return main(words, lambda options, out: reach.reach(options, out, lambda _: account))


def failed(call: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as raised:
        call()
    return raised.value


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (USER, "yamada"),
        ("arn:aws:sts::123456789012:assumed-role/office/sato@jgets.jp", "sato@jgets.jp"),
        ("arn:aws:sts::123456789012:federated-user/suzuki", "suzuki"),
        ("arn:aws:iam::123456789012:root", ""),
    ],
)
def test_the_audit_is_told_the_name_that_aws_has_for_a_person(arn: str, name: str) -> None:
    assert reached(Account(arn)).caller == name


def test_without_a_role_the_persons_own_rights_are_used() -> None:
    account = Account()

    reached(account)

    assert not account.of("assume_role")
    assert account.keys == {}


def test_a_role_is_taken_on_under_the_persons_name_for_an_hour() -> None:
    account = Account()

    desk = reached(account, Role.CLERK)

    assert account.of("assume_role") == [
        {
            "RoleArn": "arn:aws:iam::123456789012:role/member-portal-production-office-clerk",
            "RoleSessionName": "yamada",
            "DurationSeconds": 3600,
        }
    ]
    assert account.keys == TAKEN
    assert desk.caller == "yamada"


def test_the_root_of_an_account_takes_a_role_on_as_such_and_has_no_name() -> None:
    account = Account("arn:aws:iam::123456789012:root")

    assert reached(account, Role.VIEWER).caller == ""
    assert account.of("assume_role")[0]["RoleSessionName"] == "root"


def test_the_stack_is_looked_for_with_the_rights_of_the_role() -> None:
    """So that a person needs no right but that to take the role on."""
    account = Account()

    reached(account, Role.VIEWER)

    names = [name for name, _ in account.asked]
    assert names.index("assume_role") < names.index("list_stack_resources")


def test_a_role_that_is_not_given_is_named() -> None:
    account = Account()
    account.faults["assume_role"] = refusal("AccessDenied")

    failure = failed(lambda: reached(account, Role.ACCOUNTANT))

    assert failure.status is Status.DENIED
    assert "member-portal-production-office-accountant" in failure.text
    assert "MFA" in failure.text


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_whom_aws_does_not_know_is_told_to_sign_in(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account()
    account.faults["get_caller_identity"] = refusal(code)

    assert typed(account) == Status.DENIED
    assert "サインイン" in capsys.readouterr().err


def test_who_may_not_even_find_the_stack_is_told_the_role(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account()
    account.faults["list_stack_resources"] = refusal("AccessDenied")

    assert typed(account) == Status.DENIED
    assert "discrepancies list に必要な役割: viewer" in capsys.readouterr().err


@pytest.mark.parametrize(
    "operation", ["get_caller_identity", "list_stack_resources", "get_function_configuration"]
)
def test_without_an_answer_nothing_was_done_and_that_is_said(operation: str) -> None:
    account = Account()
    account.faults[operation] = EndpointConnectionError(endpoint_url="https://aws.example")

    failure = failed(lambda: reached(account))

    assert failure.status is Status.REFUSED
    assert "何も実行していません" in failure.text


def test_a_stage_that_is_not_deployed_is_told() -> None:
    account = Account()
    account.faults["list_stack_resources"] = refusal("ValidationError")

    failure = failed(lambda: reached(account))

    assert (failure.status, failure.text) == (
        Status.REFUSED,
        "production はデプロイされていません。",
    )


def test_a_stack_without_the_function_that_has_the_settings_is_not_deployed() -> None:
    account = Account()
    account.resources = [("OtherFunction", "fn-other")]

    assert "デプロイされていません" in failed(lambda: reached(account)).text


def test_the_settings_are_read_of_one_function_whatever_comes_first() -> None:
    account = Account()

    desk = reached(account)

    assert account.of("get_function_configuration") == [{"FunctionName": "fn-login"}]
    assert desk.tables.audit == "audit"
    assert desk.login_url == "https://member.example/member/login"


def test_a_setting_that_is_missing_is_named() -> None:
    account = Account(settings={**SETTINGS, "AUDIT_TABLE": ""})

    assert "AUDIT_TABLE" in failed(lambda: reached(account)).text


def test_no_secret_is_fetched_before_it_is_needed() -> None:
    account = Account()

    desk = reached(account)
    assert not account.of("get_secret_value")

    desk.mask_secret()
    assert account.of("get_secret_value") == [{"SecretId": "arn:mask"}]


def test_a_fault_of_this_program_is_not_hidden() -> None:
    account = Account()
    account.faults["get_caller_identity"] = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError):
        reached(account)


# Where a stage is looked for


@pytest.mark.parametrize("stage", ["staging", "production"])
@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])
def test_a_stage_on_aws_is_not_looked_for_on_this_machine(stage: str, name: str) -> None:
    environ = {name: "http://127.0.0.1:4566"}

    failure = failed(lambda: reach.clients(stage, environ))

    assert failure.status is Status.REFUSED
    assert name in failure.text


def test_the_local_stack_is_looked_for_where_make_run_says_it_is(tmp_path: Path) -> None:
    told = {"connect": "127.0.0.1:14566"}
    (tmp_path / "demo.json").write_text(json.dumps(told), encoding="utf-8")
    environ = {"DATA_DIR": str(tmp_path), "AWS_ENDPOINT_URL": "https://aws.example"}

    client = reach.clients("local", environ).client("sts")

    assert client.meta.endpoint_url == "http://127.0.0.1:14566"


@pytest.mark.parametrize("told", ["", "{}", "[]", "not json", '{"connect": ""}'])
def test_without_a_local_stack_one_is_told_how_to_start_it(tmp_path: Path, told: str) -> None:
    (tmp_path / "demo.json").write_text(told, encoding="utf-8")

    failure = failed(lambda: reach.clients("local", {"DATA_DIR": str(tmp_path)}))

    assert failure.status is Status.REFUSED


def test_a_local_stack_on_another_machine_is_refused(tmp_path: Path) -> None:
    told = {"connect": "aws.example:443"}
    (tmp_path / "demo.json").write_text(json.dumps(told), encoding="utf-8")

    failure = failed(lambda: reach.clients("local", {"DATA_DIR": str(tmp_path)}))

    assert "aws.example" in failure.text


def test_a_folder_without_a_stack_is_told(tmp_path: Path) -> None:
    failure = failed(lambda: reach.clients("local", {"DATA_DIR": str(tmp_path)}))

    assert "make run" in failure.text
