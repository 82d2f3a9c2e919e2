"""An office worker who issues passwords, over the portal in memory."""

import io
from dataclasses import replace

from ops.cli import main
from ops.desk import Desk
from ops.output import Output
from portal.config import load_society
from portal.database import Item
from tests.unit.accounts.desk import Portal
from tests.unit.members.desk import TABLES
from tests.unit.ops.rights import under_role

SIGNED = ("--by", "山田", "--reason", "本人から電話")


class Screen(io.StringIO):
    """A terminal whose text can be read after it was closed."""

    shown = ""

    def close(self) -> None:
        """Keep what was written."""
        self.shown = self.getvalue()
        super().close()


class Office:
    """The member 001234 is there already. ``said`` has what was printed since the last command."""

    def __init__(self) -> None:
        self.portal = Portal()
        self.screen = Screen()
        self.said: list[str] = []
        self.desk = Desk(
            self.portal.database,
            TABLES,
            load_society(),
            self.portal.clock,
            Output(self.said.append),
            scan=self._scan,
            terminal=lambda: self.screen,
            hasher=lambda: self.portal.hasher,
            pause=lambda _: None,
        )

    def types(self, *arguments: str, desk: Desk | None = None) -> int:
        """Type a command of the group, signed, and return its exit status."""
        return self.types_bare(*arguments, *SIGNED, desk=desk)

    def types_bare(self, *arguments: str, desk: Desk | None = None, json: bool = False) -> int:
        """Type a command as it stands."""
        self.said.clear()
        at = desk or self.desk
        return main(
            ["--stage", "production", *(["--json"] if json else []), "passwords", *arguments],
            lambda _, out: replace(under_role(at, ("passwords", *arguments)), out=out),
            lambda: at.out,
        )

    @property
    def text(self) -> str:
        """All that was printed."""
        return "\n".join(self.said)

    @property
    def password(self) -> str:
        """The password that the screen showed."""
        return self.screen.shown.split()[-1]

    def stored(self) -> str:
        """Return all rows of all tables as one text."""
        return repr({name: rows for name, rows in self.portal.database.tables.items() if rows})

    def _scan(self, table: str, key: str, begin: str) -> list[Item]:
        return [row for row in self.portal.rows(table) if str(row[key]).startswith(begin)]
