"""The process's own clients, each in a fresh interpreter with nothing but a region and keys."""

import os
import subprocess
import sys
from pathlib import Path

import portal

LAYER = Path(portal.__file__).parents[1]
ROOT = LAYER.parents[1]

ENVIRON = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": f"{LAYER}{os.pathsep}{ROOT}",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRON,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_secret_is_fetched_once_and_for_each_name() -> None:
    program = """
from moto import mock_aws
from portal.aws import client, secret
with mock_aws():
    secrets = client("secretsmanager")
    one, two = (
        secrets.create_secret(Name=name, SecretString=text)["ARN"]
        for name, text in (("pepper", '{"current": "p1"}'), ("gmo", "shop pass"))
    )
    before = secret(one)
    secrets.put_secret_value(SecretId=one, SecretString="rotated")
    print(before, secret(one), secret(two), sep="|")
"""
    assert run(program) == '{"current": "p1"}|{"current": "p1"}|shop pass'


def test_the_peppers_that_the_template_generates_can_be_read() -> None:
    program = """
import json
from moto import mock_aws
from portal.accounts.hashing import Peppers
from portal.aws import client, secret
from tests.unit.template.loading import load
made = load()["Resources"]["PepperSecret"]["Properties"]["GenerateSecretString"]
with mock_aws():
    secrets = client("secretsmanager")
    password = secrets.get_random_password(
        PasswordLength=made["PasswordLength"], ExcludePunctuation=made["ExcludePunctuation"]
    )["RandomPassword"]
    fields = json.loads(made["SecretStringTemplate"]) | {made["GenerateStringKey"]: password}
    text = json.dumps(fields)
    arn = secrets.create_secret(Name="pepper", SecretString=text)["ARN"]
    peppers = Peppers.from_secret(secret(arn))
    print(peppers.current, len(peppers.keys[peppers.current]))
"""
    assert run(program) == "p1 64"


def test_the_database_of_the_deployment_speaks_dynamodb() -> None:
    program = """
from moto import mock_aws
from portal.aws import client, dynamo
from portal.database import Put
with mock_aws():
    client("dynamodb").create_table(
        TableName="inbox",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    database = dynamo()
    database.commit(Put("inbox", {"pk": "x", "body": b"y"}))
    print(database.get("inbox", {"pk": "x"}))
"""
    assert run(program) == "{'pk': 'x', 'body': b'y'}"


def test_clients_give_up_before_their_function_does_and_mails_are_tried_once() -> None:
    program = """
from portal.aws import client
for made in (client("dynamodb"), client("sesv2", attempts=1)):
    config = made.meta.config
    print(config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"])
print(client("dynamodb") is client("dynamodb"))
"""
    assert run(program).splitlines() == ["2 8 3", "2 8 1", "True"]
