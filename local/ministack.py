"""MiniStack, the AWS of this machine: start line, health, stop, and what a restart needs."""

import http.client
import json
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local import environment, processes
from local.settings import HOST, ROOT, Settings

SERVICES = (
    "cloudformation,s3,iam,sts,lambda,apigateway,dynamodb,dynamodbstreams,ses,sqs,sns,events,"
    "scheduler,logs,cloudwatch,secretsmanager,ssm,kms,wafv2,acm"
)

_POSITIONS = '"dynamodb_stream_positions": '


@contextmanager
def running(
    program: Path, settings: Settings, environ: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Keep MiniStack listening on 127.0.0.1 during the body; its state is kept in the data dir."""
    state = settings.data_dir / "ministack"
    state.mkdir(parents=True, exist_ok=True)
    forget_stream_positions(state / "lambda.json")
    log = settings.logs / "ministack.log"
    with _workspace(settings.data_dir) as workspace:
        env = start_line(settings, state, workspace, environ)
        # SIGINT is the signal after which it writes its state to disk.
        with processes.running(
            [str(program)], env=env, log=log, cwd=ROOT, stop=signal.SIGINT
        ) as child:
            processes.await_ready(child, lambda: _healthy(settings), log=log)
            yield child


def start_line(
    settings: Settings, state: Path, workspace: Path, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return MiniStack's environment: loopback only, IAM enforced, functions as processes."""
    return environment.cleaned(environ) | {
        "GATEWAY_PORT": str(settings.port),
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": environment.REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LAMBDA_EXECUTOR": "local",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "SERVICES": SERVICES,
        "TMPDIR": str(workspace),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        # A socket that is not there: no container engine is asked for anything.
        "DOCKER_HOST": f"unix://{workspace}/no-docker.sock",
    }


def forget_stream_positions(file: Path) -> None:
    """Set the stream positions back: MiniStack keeps them over a restart, but not the records.

    Left alone, a consumer would skip the first records written after the restart.
    """
    if not file.exists():
        return
    # The file holds the layers too, so only the part in question is parsed.
    text = file.read_text(encoding="utf-8")
    start = text.rfind(_POSITIONS)
    if start < 0:
        return
    start += len(_POSITIONS)
    positions, end = json.JSONDecoder().raw_decode(text, start)
    if positions.get("data"):
        emptied = json.dumps(positions | {"data": {}})
        file.write_text(text[:start] + emptied + text[end:], encoding="utf-8")


@contextmanager
def _workspace(data_dir: Path) -> Iterator[Path]:
    """A folder of its own in memory where there is one: each worker unpacks the layer there."""
    note = data_dir / "workspace"
    if note.exists():
        # An earlier run was killed before it could tidy up.
        shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
    memory = Path("/dev/shm")  # noqa: S108 - a folder of a random name is made in it.
    parent = memory if memory.is_dir() else None
    path = Path(tempfile.mkdtemp(prefix="member-portal-", dir=parent))
    note.write_text(str(path), encoding="utf-8")
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        note.unlink()


def _healthy(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(HOST, settings.port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
