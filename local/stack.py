"""The whole local stack, brought up in order and taken down in the opposite one."""

import fcntl
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local import demo, mailbox, ministack, processes, warmup
from local.aws import LocalAws, StackMissing
from local.deploy import Deployment, template_parameters
from local.environment import NotLoopback, cleaned
from local.programs import NotInstalled, Programs
from local.progress import Progress
from local.settings import (
    PORTAL_HOST,
    ROOT,
    BadSetting,
    Settings,
    in_use,
)


class AlreadyRunning(Exception):
    """A port is taken or the data dir is in use; the text says which and what to do."""


class Ended(Exception):
    """A part ended by itself while the stack was serving; the text holds the end of its log."""


PROBLEMS = (
    BadSetting,
    NotInstalled,
    NotLoopback,
    StackMissing,
    processes.Failed,
    AlreadyRunning,
    Ended,
    warmup.BrokenFunctions,
)
"""What a person can do something about: told in its own words, without a traceback."""


@dataclass(frozen=True)
class Parts:
    """The programs that are running, by name, and where their logs are."""

    children: Mapping[str, "subprocess.Popen[bytes]"]
    logs: Path

    def wait(self) -> None:
        """Wait for a signal. Raises Ended when a part ends by itself."""
        while True:
            time.sleep(0.5)
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise Ended(f"{name} ended:\n{processes.tail(self.logs / f'{name}.log')}")


@contextmanager
def running(
    settings: Settings, programs: Programs, environ: Mapping[str, str], progress: Progress
) -> Iterator[Parts]:
    """Serve portal, stand-in and mailbox during the body; DATA_DIR/demo.json tells where."""
    settings.logs.mkdir(parents=True, exist_ok=True)
    env = programs.first_on_path(cleaned(environ))
    with ExitStack() as parts:
        parts.enter_context(_alone(settings.data_dir))
        processes.end_leftovers(settings.logs)
        _refuse_taken_ports(settings)
        with progress.step("MiniStack"):
            aws_child = parts.enter_context(ministack.running(programs.ministack, settings, env))
        with progress.step("GMO's stand-in"):
            gmo_child = parts.enter_context(_stand_in(settings, programs, env))
        Deployment(programs.sam, settings, env, progress).bring()
        aws = LocalAws(settings.endpoint)
        with progress.step("functions started"):
            warmup.warm(aws)
        with progress.step("demo members"):
            demo.load(settings, aws)
        parts.enter_context(mailbox.serving(settings))
        yield Parts({"ministack": aws_child, "gmo": gmo_child}, settings.logs)


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Refuse a second run on the same data: both would write their state over the other's."""
    with (data_dir / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"another run uses {data_dir}: stop it, or choose another DATA_DIR"
            ) from None
        yield


def _refuse_taken_ports(settings: Settings) -> None:
    named = {"PORT": settings.port, "GMO_PORT": settings.gmo_port, "MAIL_PORT": settings.mail_port}
    for name, port in named.items():
        if in_use(port):
            raise AlreadyRunning(
                f"something already listens on port {port}: stop it, or choose another {name}"
            )


@contextmanager
def _stand_in(
    settings: Settings, programs: Programs, env: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    command = [str(programs.python), "-m", "local.gmo"]
    command += ["--port", str(settings.gmo_port), "--data-dir", str(settings.data_dir / "gmo")]
    shop = template_parameters(settings)
    command += ["--shop-id", shop["GmoShopId"], "--shop-pass", shop["GmoShopPassword"]]
    command += ["--public-url", settings.gmo]
    command += ["--notify-url", f"{settings.endpoint}/gmo/notification"]
    command += ["--notify-host-header", PORTAL_HOST]
    log = settings.logs / "gmo.log"
    with processes.running(command, env=env, log=log, cwd=ROOT, stop=signal.SIGINT) as child:
        processes.await_ready(child, lambda: in_use(settings.gmo_port), log=log)
        yield child
