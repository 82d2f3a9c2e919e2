"""One whole local stack for all tests that need one, on free ports with data of its own.

``tests/run.py`` starts it once and tells every pytest process by the variable STACK_FILE where it
is; a pytest started by hand starts one for itself.
"""

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import stack
from local.aws import LocalAws
from local.demo import Loader
from local.demo_people import Person, person
from local.programs import Programs
from local.progress import Progress
from local.settings import Settings, free_ports

STACK_FILE = "PORTAL_TEST_STACK"
"""Names the variable that holds the path of a running stack's demo.json."""


@dataclass(frozen=True, eq=False)
class LocalStack:
    """A running stack: its addresses, its AWS, and members of one's own."""

    portal: str
    connect: str
    gmo: str
    mailbox: str
    aws: LocalAws
    loader: Loader
    demo: Mapping[str, Any]
    """demo.json as it was read."""
    resources: Mapping[str, str]
    """Physical names by the template's logical ids."""

    def new_member(self, state: str) -> Person:
        """Add a member nobody else uses, in one of the demo's states."""
        # Random, so that several processes and a stack that lasts never meet the same number.
        serial = secrets.randbelow(1_000_000)
        made = person(state, 0, serial, member_no=f"09{serial:06d}")
        self.loader.add([made])
        return made


@contextmanager
def fresh_stack(environ: Mapping[str, str], *, demo: bool = True) -> Iterator[Path]:
    """Keep a new stack running during the body; yield the path of its demo.json.

    Without *demo* it has no member, as an office begins.
    """
    port, gmo_port, mail_port = free_ports(3)
    with tempfile.TemporaryDirectory(prefix="portal-test-") as folder:
        settings = Settings(port, gmo_port, mail_port, Path(folder), demo)
        with stack.running(settings, Programs.installed(), environ, Progress()):
            yield settings.demo_file


def opened(demo_file: Path) -> LocalStack:
    """Return the running stack that a demo.json tells of."""
    demo: dict[str, Any] = json.loads(demo_file.read_text(encoding="utf-8"))
    aws = LocalAws(f"http://{demo['connect']}")
    return LocalStack(
        portal=demo["portal"],
        connect=demo["connect"],
        gmo=demo["gmo"],
        mailbox=demo["mailbox"],
        aws=aws,
        loader=Loader(aws),
        demo=demo,
        resources=aws.resources(),
    )


@pytest.fixture(scope="session")
def local_stack() -> Iterator[LocalStack]:
    """The stack of this test run."""
    told = os.environ.get(STACK_FILE)
    if told:
        yield opened(Path(told))
        return
    with fresh_stack(os.environ) as demo_file:
        yield opened(demo_file)
