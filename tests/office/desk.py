"""A desk of the office: ``portal-ops`` typed as a process of its own, in a folder of its own."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.environment import cleaned
from local.settings import ROOT
from portal.database import Item
from portal.expressions import plain
from tests.stackfixture import LocalStack

PROGRAM = ROOT / "portal-ops"
SECONDS = 120
"""What a command may take at most."""


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    output: str
    errors: str

    @property
    def text(self) -> str:
        """All that a person sees."""
        return self.output + self.errors


@dataclass(frozen=True)
class OfficeDesk:
    """Where somebody types. *data_dir* says which local stack, *folder* is where files lie."""

    stack: LocalStack
    data_dir: Path
    folder: Path

    def types(self, *words: str) -> Answer:
        """Type a command and wait for its end."""
        done = subprocess.run(
            self._command(words),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def facts(self, *words: str) -> dict[str, Any]:
        """Type a command with ``--json`` and return its data."""
        done = self.types("--json", *words)
        assert done.status == 0, done.text
        data: dict[str, Any] = json.loads(done.output)["data"]
        return data

    @contextmanager
    def begins(self, *words: str, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """Type a command that goes on during the body; what it says goes into *log*."""
        with log.open("wb") as out:
            child = subprocess.Popen(
                self._command(words),
                cwd=self.folder,
                env=self._environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            try:
                yield child
            finally:
                child.kill()
                child.wait()

    def rows(self, table: str, **beginning: str) -> Iterator[Item]:
        """Yield the rows of a table by its logical id, those whose key (pk or sk) begins so."""
        for page in self._pages(table, beginning):
            yield from map(plain, page["Items"])

    def count(self, table: str, **beginning: str) -> int:
        """Count rows without carrying them over."""
        return sum(page["Count"] for page in self._pages(table, beginning, Select="COUNT"))

    def _pages(self, table: str, beginning: dict[str, str], **more: str) -> Iterator[Any]:
        parameters: dict[str, Any] = {"TableName": self.stack.resources[f"{table}Table"], **more}
        for key, begin in beginning.items():
            parameters |= {
                "FilterExpression": "begins_with(#key, :begin)",
                "ExpressionAttributeNames": {"#key": key},
                "ExpressionAttributeValues": {":begin": {"S": begin}},
            }
        yield from self.stack.aws.client("dynamodb").get_paginator("scan").paginate(**parameters)

    @property
    def _environment(self) -> dict[str, str]:
        return cleaned(os.environ) | {"DATA_DIR": str(self.data_dir)}

    def _command(self, words: Sequence[str]) -> list[str]:
        return [str(PROGRAM), "--stage", "local", *words]
