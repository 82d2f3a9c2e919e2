"""An office worker at the command line, over a deployment in memory."""

import json
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from ops.cli import main
from ops.desk import Desk
from ops.output import Output
from portal.accounts.hashing import Hasher, Peppers
from portal.accounts.model import Credential, first_credential
from portal.accounts.policy import PasswordPolicy
from portal.accounts.store import CredentialStore
from portal.database import Item
from portal.members import store as members
from tests.unit.billing.house import MEMBER_ID, MEMBER_NO, TABLES, House
from tests.unit.members.desk import a_member
from tests.unit.ops.rights import under_role
from tests.unit.ops.sweeping import sweep

SIGNED = ("--by", "山田", "--reason", "電話で確認")


class Counter:
    """A counter of the office. ``said`` has what was printed since the last command began."""

    def __init__(self) -> None:
        self.house = House()
        self.said: list[str] = []
        self.seconds = 0.0
        self.slow = 0.0
        credentials = CredentialStore(self.house.database, TABLES.credentials)
        self.house.database.commit(credentials.create(_credential()))
        member = replace(a_member(), member_id=MEMBER_ID, member_no=MEMBER_NO)
        self.house.database.commit(members.new(TABLES.members, member))
        self.desk = Desk(
            self.house.database,
            TABLES,
            self.house.society,
            self.house.clock,
            Output(self.said.append),
            timer=self._timer,
            scan=self._scan,
            sweep=lambda scan, seen: sweep(self.house.database, scan, seen),
        )

    def types(self, *arguments: str) -> int:
        """Type a command and return its exit status."""
        self.said.clear()
        return main(
            ["--stage", "production", *arguments],
            lambda _, out: replace(under_role(self.desk, arguments), out=out),
            lambda: self.desk.out,
        )

    def data(self, *arguments: str) -> dict[str, Any]:
        """Type a command as a program does and return the facts of its answer."""
        with redirect_stdout(StringIO()) as written:
            self.types("--json", *arguments)
        facts: dict[str, Any] = json.loads(written.getvalue())["data"]
        return facts

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(self.said)

    def rows(self) -> list[object]:
        """Return all that a command could have changed."""
        kept = (TABLES.billing, TABLES.audit, TABLES.outbox, TABLES.inbox)
        return [self.house.database.rows(table) for table in kept]

    def _scan(self, table: str, key: str, begin: str) -> list[Item]:
        rows = self.house.database.rows(table)
        return [row for row in rows if str(row[key]).startswith(begin)]

    def _timer(self) -> float:
        self.seconds += self.slow
        return self.seconds


def _credential() -> Credential:
    peppers = Peppers.from_secret('{"current": "p1", "p1": "pepper"}')
    password = Hasher(lambda: peppers, 4).hash("Abcdefg1", datetime(2026, 1, 1, tzinfo=UTC))
    return first_credential(MEMBER_NO, MEMBER_ID, password, PasswordPolicy())
