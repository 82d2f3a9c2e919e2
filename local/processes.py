"""Programs started here, each in a process group of its own: stopping one leaves nothing."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

GRACE_SECONDS = 15.0
"""Time for a clean end; MiniStack writes its state to disk in it."""


START_SECONDS = 60.0


class Failed(Exception):
    """A program ended with an error; the text holds the end of what it wrote."""


def run(command: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path) -> None:
    """Run *command* to its end with its output in *log*. Raises Failed when it did not succeed."""
    with log.open("ab") as output:
        child = _start(command, env=env, output=output.fileno(), cwd=cwd)
        try:
            code = child.wait()
        except BaseException:
            _end_group(child, signal.SIGINT)
            raise
    if code != 0:
        raise Failed(f"{Path(command[0]).name} ended with {code}:\n{tail(log)}\n(whole log: {log})")


@contextmanager
def running(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    stop: signal.Signals = signal.SIGTERM,
    grace: float = GRACE_SECONDS,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Keep *command* running during the body; its whole process group ends with the body.

    A file ``.pid`` beside *log* tells :func:`end_leftovers` of it, should we be killed ourselves.
    """
    with log.open("ab") as output:
        child = _start(command, env=env, output=output.fileno(), cwd=cwd)
    pid_file = log.with_suffix(".pid")
    pid_file.write_text(f"{child.pid} {stop.value} {command[0]}", encoding="utf-8")
    try:
        yield child
    finally:
        _end_group(child, stop, grace)
        pid_file.unlink()


def end_leftovers(logs: Path) -> None:
    """End what an earlier run left running in *logs*' stack because it was killed."""
    for pid_file in logs.glob("*.pid"):
        pid, stop, program = pid_file.read_text(encoding="utf-8").split(" ", 2)
        # The number may meanwhile be another program's.
        if program in _command_line(int(pid)):
            _signal_group(int(pid), signal.Signals(int(stop)))
            _await_end(int(pid), GRACE_SECONDS)
            _end_rest_of_group(int(pid))
        pid_file.unlink()


def _command_line(pid: int) -> str:
    """Return how a process was started, or nothing when there is none of that number."""
    if not Path("/proc/self/cmdline").exists():
        asked = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _await_end(pid: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _command_line(pid) and time.monotonic() < deadline:
        time.sleep(0.1)


def await_ready(
    child: "subprocess.Popen[bytes]",
    ready: Callable[[], bool],
    *,
    log: Path,
    seconds: float = START_SECONDS,
) -> None:
    """Wait until *child* answers. Raises Failed when it ended or took longer than *seconds*."""
    deadline = time.monotonic() + seconds
    while not ready():
        if child.poll() is not None or time.monotonic() > deadline:
            raise Failed(f"{log.stem} did not start:\n{tail(log)}\n(whole log: {log})")
        time.sleep(0.05)


def tail(log: Path, lines: int = 40) -> str:
    """Return the last *lines* of *log*."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _start(
    command: Sequence[str], *, env: Mapping[str, str], output: int, cwd: Path
) -> "subprocess.Popen[bytes]":
    # A session of its own keeps the terminal's Ctrl-C from reaching it before we decide the order.
    return subprocess.Popen(
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end_group(
    child: "subprocess.Popen[bytes]", stop: signal.Signals, grace: float = GRACE_SECONDS
) -> None:
    if child.poll() is None:
        child.send_signal(stop)
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    _end_rest_of_group(child.pid)


def _end_rest_of_group(group: int) -> None:
    """End what the child left behind: first asked, then forced."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for _ in range(20):
            if not _signal_group(group, number):
                return
            time.sleep(0.05)


def _signal_group(group: int, number: signal.Signals) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        # Gone, or (on macOS) only zombies are left, which is as good.
        return False
    return True
