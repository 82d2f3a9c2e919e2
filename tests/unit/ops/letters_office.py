"""An office that sends letters with initial passwords, over the portal in memory."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ops.desk import Desk, Signature
from ops.exits import Status
from ops.letters.letter import Letter
from ops.passwords.issue import Request, issued
from portal.accounts.model import Credential, first_credential
from portal.accounts.no_password import no_password
from portal.database import Item
from portal.members import store
from portal.members.model import Member
from tests.unit.accounts.desk import NUMBER
from tests.unit.members.desk import TABLES, a_member
from tests.unit.ops.passwords_office import Office
from tests.unit.ops.sweeping import sweep

BY = Signature("山田", "会員になった人への発送")
LOGIN_URL = "https://jgets-member.net/member/login"


class PlainPrinter:
    """Prints letters as JSON, so that a test can read them and typst need not start."""

    def pdf(self, letters: Sequence[Letter], mark: str, at: datetime) -> bytes:
        """Return the letters' numbers and passwords."""
        assert at.tzinfo is not None
        return json.dumps([mark, {one.member_no: one.password for one in letters}]).encode()


class LetterOffice(Office):
    """*new* members without a password, 020001 and on; 001234 has set one."""

    def __init__(self, folder: Path, new: int = 3) -> None:
        super().__init__()
        self.folder = folder / "手紙"
        self.database = self.portal.database
        self.database.commit(store.new(TABLES.members, a_member()))
        self.none = no_password(self.portal.hasher, self.portal.clock())
        self.numbers = [f"{20001 + place:06}" for place in range(new)]
        for number in self.numbers:
            self.joins(number)
        self.desk = replace(
            self.desk,
            login_url=LOGIN_URL,
            sweep=lambda scan, seen: sweep(self.database, scan, seen),
        )

    def joins(self, number: str, **changes: str) -> str:
        """Import a member without a password and return the id."""
        member_id = f"{number}{'0' * 20}"
        member = replace(
            a_member(**{"email": f"m{number}@example.jp", **changes}),
            member_id=member_id,
            member_no=number,
        )
        credential = first_credential(number, member_id, self.none, self.portal.policy)
        self.database.commit(
            self.portal.credentials.create(credential), store.new(TABLES.members, member)
        )
        return member_id

    def issue(
        self,
        *numbers: str,
        desk: Desk | None = None,
        folder: Path | None = None,
        at_once: int = 2,
        again: str = "",
        yes: bool = True,
    ) -> Status:
        """Issue with a printer that needs no typst."""
        self.said.clear()
        request = Request(folder or self.folder, numbers, again, at_once)
        return issued(request, BY, desk or self.desk, yes=yes, printer=PlainPrinter())

    def letters(self, *folders: Path) -> list[tuple[str, str]]:
        """Return number and password of each letter that may be posted."""
        files = [file for one in folders or (self.folder,) for file in sorted(one.glob("*.pdf"))]
        return [pair for file in files for pair in json.loads(file.read_bytes())[1].items()]

    def parts(self) -> list[str]:
        """Return the names of files that are no letters yet."""
        return sorted(one.name for one in self.folder.glob("*.part"))

    def works(self, number: str, password: str) -> bool:
        """Tell whether a password is the present one of a number."""
        credential = self.found(number)
        return self.portal.hasher.verify(password, credential.password)

    def found(self, number: str = NUMBER) -> Credential:
        """Return a credential as stored."""
        credential = self.portal.credentials.find(number)
        assert credential is not None
        return credential

    def changes_standing(self, number: str, membership: str) -> None:
        """Change whether a member belongs to the society."""
        for (pk, sk), row in list(self.database.tables[TABLES.members].items()):
            if row.get("member_no") == number:
                self.database.tables[TABLES.members][pk, sk] = {**row, "membership": membership}

    def member(self, number: str) -> Member:
        """Return a member as stored."""
        return next(one for one in self.members() if one.member_no == number)

    def members(self) -> Iterable[Member]:
        """Return all members."""
        return map(store.parse, self.database.rows(TABLES.members, store.PROFILE))

    def audited(self, action: str) -> list[Item]:
        """Return the entries of one act."""
        return [row for row in self.database.rows(TABLES.audit) if row["action"] == action]


def password_in(text: str) -> str:
    """Return the password that a page has in its table, under the twelve places."""
    row = text.split("12文字目", 1)[1]
    kinds = ("大文字", "小文字", "数字")
    while row.startswith(kinds):
        row = row.removeprefix("大文字").removeprefix("小文字").removeprefix("数字")
    return row[:12]
