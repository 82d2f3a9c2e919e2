"""Starting and stopping programs."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local import processes

# Starts a child of its own that would outlive it, writes the child's id, and waits.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def test_a_program_that_fails_is_told_with_the_end_of_its_output(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(3)"]

    with pytest.raises(processes.Failed, match=r"ended with 3:\nthe reason"):
        processes.run(command, env=os.environ, log=tmp_path / "log", cwd=tmp_path)


def test_stopping_ends_the_whole_process_group(tmp_path: Path) -> None:
    log = tmp_path / "log"

    command = [sys.executable, "-c", PARENT]
    with processes.running(command, env=os.environ, log=log, cwd=tmp_path) as parent:
        grandchild = int(_first_line(log))

    assert parent.returncode == -signal.SIGTERM
    _await_gone(grandchild)


def test_an_error_in_the_body_stops_the_program_too(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT]

    with (
        pytest.raises(KeyError),
        processes.running(command, env=os.environ, log=tmp_path / "log", cwd=tmp_path) as parent,
    ):
        raise KeyError

    assert parent.poll() is not None


def test_a_program_that_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", DEAF]

    with processes.running(
        command, env=os.environ, log=log, cwd=tmp_path, stop=signal.SIGINT, grace=0.2
    ) as deaf:
        _first_line(log)

    assert deaf.returncode == -signal.SIGKILL


def test_what_a_killed_run_left_behind_is_ended_by_the_next(tmp_path: Path) -> None:
    """After kill -9 of `make run` MiniStack goes on; typing `make run` again has to work."""
    log = tmp_path / "portal.log"
    command = [sys.executable, "-c", PARENT]
    with log.open("wb") as output:
        orphan = subprocess.Popen(command, stdout=output, start_new_session=True)
    # Somebody has to collect it, as init does with a real orphan.
    threading.Thread(target=orphan.wait, daemon=True).start()
    note = f"{orphan.pid} {signal.SIGTERM.value} {sys.executable}"
    (tmp_path / "portal.pid").write_text(note, encoding="utf-8")
    grandchild = int(_first_line(log))

    processes.end_leftovers(tmp_path)

    _await_gone(orphan.pid)
    _await_gone(grandchild)
    assert not (tmp_path / "portal.pid").exists()


def test_another_program_with_the_number_of_an_old_one_is_left_alone(tmp_path: Path) -> None:
    note = f"{os.getpid()} {signal.SIGKILL.value} /no/such/program"
    (tmp_path / "portal.pid").write_text(note, encoding="utf-8")

    processes.end_leftovers(tmp_path)

    assert not (tmp_path / "portal.pid").exists()


def _first_line(log: Path) -> str:
    for _ in range(500):
        lines = log.read_text(encoding="utf-8").splitlines()
        if lines:
            return lines[0]
        time.sleep(0.02)
    raise AssertionError("the program wrote nothing")


def _await_gone(pid: int) -> None:
    for _ in range(500):
        if _gone(pid):
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    # An orphan that nobody has collected yet is as good as gone.
    return stat.exists() and stat.read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z"


def test_a_program_that_ends_at_its_start_is_told_with_its_words(tmp_path: Path) -> None:
    log = tmp_path / "portal.log"
    command = [sys.executable, "-c", "print('port taken')"]

    with (
        processes.running(command, env=os.environ, log=log, cwd=tmp_path) as child,
        pytest.raises(processes.Failed, match=r"portal did not start:\nport taken"),
    ):
        processes.await_ready(child, lambda: False, log=log)


def test_waiting_for_a_program_ends_when_it_answers(tmp_path: Path) -> None:
    log = tmp_path / "portal.log"
    command = [sys.executable, "-c", PARENT]

    with processes.running(command, env=os.environ, log=log, cwd=tmp_path) as child:
        processes.await_ready(child, lambda: bool(log.read_text().strip()), log=log)

        assert child.poll() is None
