"""From the name of a stage to a desk over its tables, with the rights of whoever types.

Who that is, AWS tells: its name for the person goes into the audit beside the typed one. To be
asked that needs no right at all, so when AWS does not answer it, or knows nobody, the command would
fail as well, only later and perhaps halfway. It is therefore not begun.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ops.cli import Options, Stage
from ops.deploy import leading_here
from ops.desk import Desk
from ops.exits import Status
from ops.failures import Failure, failure_of
from ops.output import Output
from portal.accounts.hashing import Hasher, Peppers
from portal.clock import utc_now
from portal.config import Config, MissingSetting

if TYPE_CHECKING:
    from ops.aws import Clients

SESSION_SECONDS = 3600
"""How long a role is taken on: MaxSessionDuration of the office's roles in template.yaml."""


def reach(options: Options, out: Output, own: Callable[[str], "Clients"] | None = None) -> Desk:
    """Return the desk of a stage. Raises Failure, or what AWS denies; nothing was changed then.

    *own* makes the clients that act as the person at the keyboard.
    """
    try:
        return desk_of(options, (own or clients)(options.stage), out)
    except Exception as error:
        failure = failure_of(error)
        if failure is None or failure.status is not Status.UNKNOWN:
            # Who is denied is told by the command, which knows what role it needs.
            raise
        # There is no doubt whether something was done: nothing was.
        text = f"{options.stage} に接続できません。何も実行していません。"
        raise Failure(f"{text}ネットワークを確かめてください。", Status.REFUSED) from error


def clients(stage: str, environ: Mapping[str, str] = os.environ) -> "Clients":
    """Return the clients of a stage with the person's own rights. Raises Failure.

    A stage on AWS is never looked for on this machine, and the local one nowhere else.
    """
    if stage == Stage.LOCAL:
        return _local(environ)
    for setting in leading_here(environ):
        text = f"{setting} はこの端末を指しています。{stage} に接続するには"
        raise Failure(f"{text}、この設定を外してください。", Status.REFUSED)
    from ops.aws import Aws

    return Aws()


def _local(environ: Mapping[str, str]) -> "Clients":
    from local.aws import LocalAws
    from local.environment import NotLoopback
    from local.settings import BadSetting, Settings

    try:
        file = Settings.from_env(environ).demo_file
        connect = json.loads(file.read_text(encoding="utf-8"))["connect"]
        return LocalAws(f"http://{connect}")
    except (BadSetting, OSError, ValueError, LookupError, TypeError):
        text = "ローカルの環境が見つかりません。make run で起動してください"
        raise Failure(
            f"{text}（DATA_DIR を変えたときは同じ値を指定します）。", Status.REFUSED
        ) from None
    except NotLoopback:
        raise Failure(f"{connect} はこの端末ではありません。", Status.REFUSED) from None


def desk_of(options: Options, own: "Clients", out: Output) -> Desk:
    """Return the desk of a stage. *own* acts as the person. Raises Failure, botocore's errors."""
    from ops.scan import rows_of
    from ops.stack import payment_rows, role_name, rows_beginning
    from portal.aws import DynamoDatabase

    identity = own.client("sts").get_caller_identity()
    caller = name_of(str(identity["Arn"]))
    aws = own
    if options.role is not None:
        role = role_name(options.stage, options.role)
        aws = taken_on(role, own, str(identity["Account"]), caller)
    config = _config(options.stage, aws)
    dynamo = aws.client("dynamodb")
    return Desk(
        DynamoDatabase(lambda: dynamo),
        config.tables,
        config.society,
        utc_now,
        out,
        caller=caller,
        payments=partial(payment_rows, client=dynamo),
        scan=partial(rows_beginning, client=dynamo),
        sweep=partial(rows_of, client=dynamo),
        hasher=lambda: Hasher(cache(partial(_peppers, aws, config)), config.bcrypt_cost),
        mask_secret=lambda: _secret(aws, config.mask_secret),
        login_url=f"{config.public_base_url}/member/login",
    )


def name_of(arn: str) -> str:
    """Return AWS's short name of a person: of a user or of a role's session; none of the root."""
    _, slash, name = arn.rpartition("/")
    return name if slash else ""


def taken_on(role: str, own: "Clients", account: str, caller: str) -> "Clients":
    """Return what acts in a role. Raises Failure where the person may not.

    The session bears AWS's name of the person, not a typed one, so that CloudTrail and the audit
    name the same.
    """
    try:
        given: Mapping[str, Any] = own.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{role}",
            RoleSessionName=caller or "root",
            DurationSeconds=SESSION_SECONDS,
        )["Credentials"]
    except Exception as error:
        failure = failure_of(error)
        if failure is None or failure.status is not Status.DENIED:
            raise
        text = f"役割 {role} になれません。MFA でサインインしているか確かめるか、"
        raise Failure(f"{text}管理者に頼んでください。", Status.DENIED) from None
    return own.with_keys(
        {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
    )


def _config(stage: str, aws: "Clients") -> Config:
    from ops.stack import NotDeployedError, config_of

    try:
        return config_of(stage, aws)
    except NotDeployedError:
        raise Failure(f"{stage} はデプロイされていません。", Status.REFUSED) from None
    except MissingSetting as missing:
        text = f"{stage} の設定 {missing.name} がありません。デプロイし直してください。"
        raise Failure(text, Status.REFUSED) from None


def _peppers(aws: "Clients", config: Config) -> Peppers:
    return Peppers.from_secret(_secret(aws, config.pepper_secret))


def _secret(aws: "Clients", arn: str) -> str:
    answer = aws.client("secretsmanager").get_secret_value(SecretId=arn)
    return str(answer["SecretString"])
