"""``make run`` stopped by Ctrl-C and typed again: a stack of its own, as a person starts it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.environment import cleaned
from local.settings import ROOT, free_ports, in_use
from tests.stack.client import Client

START_SECONDS = 240
READY = re.compile(r"The portal is at \S+")


@pytest.mark.timeout(600)
def test_a_second_start_keeps_what_members_did_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port, gmo_port, mail_port = free_ports(3)
    ports = {"PORT": str(port), "GMO_PORT": str(gmo_port), "MAIL_PORT": str(mail_port)}
    env = (
        cleaned(os.environ)
        | ports
        | {
            "DATA_DIR": str(tmp_path),
            "PYTHONPATH": str(ROOT / "layers/common"),
        }
    )
    # An exported profile must lead nowhere.
    env["AWS_PROFILE"] = "no-such-profile"

    with make_run(env, tmp_path / "first.log"):
        member_no = changed_record(tmp_path)
    assert not any(in_use(one) for one in (port, gmo_port, mail_port))
    assert workspaces_of(port) == []

    started = time.monotonic()
    with make_run(env, tmp_path / "second.log"):
        took = time.monotonic() - started
        assert "秋葉" in record_of(tmp_path, member_no)

    log = (tmp_path / "second.log").read_text(encoding="utf-8")
    assert "sam build: nothing changed" in log
    assert "sam deploy: nothing changed" in log
    assert took < START_SECONDS / 4


def changed_record(data_dir: Path) -> str:
    """Let a demo member save another family name; return the member number."""
    client, member_no = signed_in(data_dir)
    page = client.get("/member/profile/edit")
    answer = client.submit(
        page, {"family_name": "秋葉"}, action="/member/profile/edit", button="保存"
    )
    assert answer.status == 303, answer.text[:300]
    return member_no


def record_of(data_dir: Path, member_no: str) -> str:
    """Return the record as the member sees it."""
    client, _ = signed_in(data_dir, member_no)
    return client.get("/member/profile").text


def signed_in(data_dir: Path, member_no: str = "") -> tuple[Client, str]:
    """Sign a member in who has nothing to do first."""
    demo = json.loads((data_dir / "demo.json").read_text(encoding="utf-8"))
    member = next(
        one
        for one in demo["members"]
        if one["state"] == "unpaid" and member_no in ("", one["member_no"])
    )
    client = Client(demo["connect"], demo["portal"])
    assert client.sign_in(member["member_no"], member["password"]).status == 303
    return client, member["member_no"]


def workspaces_of(port: int) -> list[Path]:
    """Return what MiniStack's workers of that port left in memory."""
    memory = Path("/dev/shm")  # noqa: S108 - only looked into.
    return list(memory.glob(f"member-portal-*/ministack-{port}.pid"))


@contextmanager
def make_run(env: dict[str, str], log: Path) -> Iterator[None]:
    """Start what ``make run`` starts, wait for the address, press Ctrl-C at the end."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "local.run"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        await_ready(child, log)
        yield
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
        assert child.wait(60) == 0, log.read_text(encoding="utf-8")


def await_ready(child: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for the line with the address."""
    deadline = time.monotonic() + START_SECONDS
    while not READY.search(log.read_text(encoding="utf-8")):
        assert child.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.3)
